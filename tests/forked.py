"""`qqbot` in processes of its own that do not import it anew each time.

Most of the time of a short command is spent on imports. A server that has done them, `multiprocessing`'s own,
forks for each command; what a test sees is a process with its own number, streams, variables, folder and end.
What concerns the start itself is tested with `fresh=True`, as is everything on systems without `fork`.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any, TextIO, cast

PRELOADED = (
    "tests.forked",
    "aiohttp.web",
    "typer.rich_utils",
    "qqbot_cli.cli.app",
    "qqbot_cli.cli.run",
    "qqbot_cli.cli.inbox",
    "qqbot_cli.cli.simulate",
    "qqbot_cli.cli.check_token",
    "qqbot_cli.cli.gateway_info",
    "qqbot_cli.simulator.server",
    "qqbot_cli.store.sqlite",
)
CAN_FORK = sys.platform != "win32"
QQBOT = "from qqbot_cli.cli.entry import main; main()"


class _End:
    """A descriptor on its way to another process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __reduce__(self) -> tuple[Any, ...]:
        return _received, (DupFd(self._descriptor),)


def _received(end: Any) -> int:  # noqa: ANN401 - a class that multiprocessing does not name
    return cast("int", end.detach())


def _become(
    program: str,
    arguments: Sequence[str],
    folder: str,
    variables: Mapping[str, str],
    ends: Sequence[int],
    session: bool,
) -> None:
    """Be what `python -c program arguments` would be."""
    if session:
        os.setsid()
    for number, end in enumerate(ends):
        os.dup2(end, number)
        os.close(end)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    sys.path[:0] = [path for path in variables.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.stdin = sys.__stdin__ = os.fdopen(0, encoding="utf-8", closefd=False)  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", 1, "utf-8", closefd=False)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = os.fdopen(2, "w", 1, "utf-8", "backslashreplace", closefd=False)  # type: ignore[misc]
    sys.argv[:] = ["qqbot", *arguments]
    exec(compile(program, "<string>", "exec"), {"__name__": "__main__"})


class Forked:
    """As much of `subprocess.Popen` as the tests need."""

    def __init__(
        self,
        program: str,
        arguments: Sequence[str | Path],
        *,
        cwd: Path,
        env: Mapping[str, str],
        ends: tuple[int | None, int | None, int | None] = (None, None, None),
        session: bool = False,
    ) -> None:
        """Start it.

        Args:
            program: Python, run as a main program is.
            arguments: What follows the name of the command.
            cwd: Its working directory.
            env: All of its variables.
            ends: Descriptors of its standard streams; None for nothing to read, and for pipes to `stdout`
                and `stderr`.
            session: Whether it leads a session of its own.
        """
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([*PRELOADED])
        theirs: list[int] = []
        ours: list[TextIO] = []
        for number, end in enumerate(ends):
            if end is not None:
                theirs.append(os.dup(end))
            elif number == 0:
                theirs.append(os.open(os.devnull, os.O_RDONLY))
            else:
                reader, writer = os.pipe()
                theirs.append(writer)
                ours.append(os.fdopen(reader, encoding="utf-8"))
        self.stdout: TextIO | None
        self.stderr: TextIO | None
        self.stdout, self.stderr = ours or (None, None)
        self._process = context.Process(
            target=_become,
            args=(program, [*map(str, arguments)], str(cwd), dict(env), [*map(_End, theirs)], session),
        )
        self._process.start()
        for end in theirs:
            os.close(end)

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired("qqbot", timeout or 0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for the end and return the rest of both streams."""
        assert self.stdout is not None
        assert self.stderr is not None
        with self.stdout, self.stderr, ThreadPoolExecutor(2) as readers:
            printed = [readers.submit(stream.read) for stream in (self.stdout, self.stderr)]
            try:
                self.wait(timeout)
            finally:
                self.kill()
            out, err = (text.result() for text in printed)
        return out, err


def run_python(
    program: str, *arguments: str | Path, cwd: Path, env: Mapping[str, str], timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run *program* as ``python -c`` would, and return what it printed."""
    command = [sys.executable, "-c", program, *map(str, arguments)]
    if CAN_FORK:
        process = Forked(program, arguments, cwd=cwd, env=env)
        out, err = process.communicate(timeout)
        return subprocess.CompletedProcess(command, process.wait(), out, err)
    return subprocess.run(
        command, cwd=cwd, env=env, timeout=timeout, capture_output=True, encoding="utf-8", check=False
    )
