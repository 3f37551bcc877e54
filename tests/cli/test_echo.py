"""What is typed while the panel lives is not shown by the terminal, which has its echo back afterwards."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.test_commands import POSIX, QUIET, SWALLOWER, plugin_package, write
from tests.conftest import OUTPUT

pytestmark = [POSIX, pytest.mark.long]

CTRL_C = b"\x03"
COMMAND = [sys.executable, "-m", "qqbot_cli", "run"]
IN_THE_BACKGROUND = """
import os, subprocess, sys
done = subprocess.Popen(sys.argv[1:], process_group=0)
sys.exit(done.wait())
"""


class Session:
    """A command with a terminal of its own, in which a person types."""

    def __init__(self, command: list[str], **variables: str) -> None:
        import pty

        self.seen = b""
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm", **variables})
            os.execv(command[0], command)

    def read(self, seconds: float = 0.05) -> bool:
        """Read what is written within *seconds*; return False at the end."""
        if not select.select([self._terminal], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._terminal, 65536)
        except OSError:
            data = b""
        self.seen += data
        return bool(data)

    def until(self, condition: Callable[[], object]) -> None:
        limit = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < limit, self.seen.decode("utf-8", "replace")
            self.read()

    def shows(self, words: str, *, after: int = 0) -> None:
        self.until(lambda: words.encode() in self.seen[after:])

    def types(self, keys: bytes) -> None:
        os.write(self._terminal, keys)

    def signals(self, number: int) -> None:
        """Have the process get a signal, in the way in which it comes to one with a terminal."""
        if number == signal.SIGINT:
            self.types(CTRL_C)
        else:
            os.kill(self.pid, number)

    def echoes(self) -> bool:
        import termios

        return bool(termios.tcgetattr(self._terminal)[3] & termios.ECHO)

    def switch_on(self) -> None:
        import termios

        modes = termios.tcgetattr(self._terminal)
        modes[3] |= termios.ECHO
        termios.tcsetattr(self._terminal, termios.TCSANOW, modes)

    def ends(self) -> int:
        """Return the exit code."""
        while self.read(20):
            pass
        pid, self.pid = self.pid, 0
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def close(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        OUTPUT.append(("terminal", self.seen.decode("utf-8", "replace")))
        os.close(self._terminal)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write(tmp_path, QUIET)


@pytest.fixture
def session(config: Path) -> Iterator[Session]:
    mark = config.parent / "mark"
    variables = plugin_package(config.parent, "stubborn", SWALLOWER)
    with closing(Session([*COMMAND, str(config)], QQBOT_TEST_MARK=str(mark), **variables)) as session:
        session.until(mark.exists)
        session.shows("1/1 ready")
        yield session


def test_enter_leaves_no_row_of_the_panel_in_the_log(session: Session) -> None:
    assert not session.echoes()

    before = len(session.seen)
    session.types(b"help\r\r")
    session.shows("up 00:00:0", after=before)

    assert b"help" not in session.seen
    assert b"\r\n" not in session.seen[before : session.seen.index(b"\x1b", before)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_echo_comes_back_when_a_second_signal_ends_the_bot_at_once(session: Session, number: int) -> None:
    session.signals(number)
    session.shows("draining:")
    assert not session.echoes()
    session.signals(number)

    assert session.ends() == 130
    assert session.echoes()
    assert b"^C" not in session.seen


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_echo_comes_back_after_an_orderly_end(config: Path, number: int) -> None:
    with closing(Session([*COMMAND, str(config)])) as session:
        session.shows("1/1 ready")
        assert not session.echoes()
        session.signals(number)

        assert session.ends() == 0
        assert session.echoes()


def test_the_echo_is_switched_off_again_after_a_shell_has_given_it_back(session: Session) -> None:
    os.kill(session.pid, signal.SIGSTOP)
    session.switch_on()  # as shells do for their prompt
    os.kill(session.pid, signal.SIGCONT)

    session.until(lambda: not session.echoes())


def test_a_bot_in_the_background_leaves_the_terminal_alone_and_goes_on(config: Path) -> None:
    command = [sys.executable, "-c", IN_THE_BACKGROUND, *COMMAND, str(config), "--for", "2s"]
    with closing(Session(command)) as session:
        session.shows("1/1 ready")
        assert session.echoes()

        assert session.ends() == 0
