"""`qqbot inbox` where something is in its way: one clear message, a way out and an exit code."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import pytest

from qqbot_cli import Simulation, Simulator
from qqbot_cli.model.inbox import Batch, DeadLetter, Received
from qqbot_cli.store.sqlite import SqliteStore
from tests.cli.test_commands import live, started
from tests.cli.test_inbox import config_of, eventually
from tests.conftest import CANARY, run_qqbot
from tests.store.processes import LOCKER, OWNER, first_line, program

LOOKS: Final[Sequence[tuple[str, ...]]] = ((), ("dead",), ("gaps",))
CHANGES: Final[Sequence[tuple[str, ...]]] = (
    ("replay", "--all"),
    ("replay", "1"),
    ("drop", "--all"),
    ("drop", "1"),
    ("compact",),
)


def nothing(path: Path) -> None:
    path.parent.rmdir()


def empty_file(path: Path) -> None:
    path.touch()


def unfinished(path: Path) -> None:
    """What is left of a bot that was killed while it made its store."""
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.close()


def garbage(path: Path) -> None:
    path.write_bytes(b"\xff\x00 no database " * 999)


def cut(path: Path) -> None:
    good(path)
    os.truncate(path, 9000)


def overwritten(path: Path) -> None:
    good(path)
    pages = bytearray(path.read_bytes())
    for begin in range(4096, len(pages), 4096):
        pages[begin : begin + 64] = b"\xff" * 64
    path.write_bytes(pages)


def folder(path: Path) -> None:
    path.mkdir()


def of_another_program(path: Path) -> None:
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE theirs (x)")
    database.close()


def newer(path: Path) -> None:
    good(path)
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()


def emptied(path: Path) -> None:
    good(path)
    os.truncate(path, 0)


def deleted(path: Path) -> None:
    good(path)
    path.unlink()


def good(path: Path) -> None:
    async def furnish() -> None:
        async with SqliteStore(path) as store:
            events = [Received(0, "C2C_MESSAGE_CREATE", f"C2C:{n}", f"k{n}", b"{}", 1.0) for n in range(99)]
            rows = await store.write(Batch(events))
            await store.write(Batch(dead=[DeadLetter(row or 0, "boom", ("echo",)) for row in rows[:50]]))

    asyncio.run(furnish())


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (nothing, "there is no store"),
        (empty_file, "there is no store"),
        (unfinished, "there is no store"),
        (emptied, "is gone or empty, though there was one"),
        (deleted, "is gone or empty, though there was one"),
        (garbage, "is damaged"),
        (cut, "is damaged"),
        (overwritten, "disk image is malformed"),
        (folder, "cannot be read: "),
        (of_another_program, "a database of another program"),
        (newer, "upgrade qqbot"),
    ],
)
def test_a_store_that_cannot_be_used_is_78_with_a_way_out(
    make: Callable[[Path], None], words: str, tmp_path: Path
) -> None:
    config = config_of(tmp_path)
    path = tmp_path / "state/102000001/inbox.sqlite3"
    path.parent.mkdir(parents=True)
    make(path)

    for number, command in enumerate((*LOOKS, *CHANGES)):
        form = ["--json"] if number % 2 else []
        done = run_qqbot("inbox", *command, "-c", config, *form, cwd=tmp_path)

        assert (done.returncode, bool(done.stdout)) == (78, bool(form)), command
        if form:
            answer = json.loads(done.stdout)
            assert words in answer["error"] + answer["help"]
            assert answer["help"]
        assert words in done.stderr
        assert str(path) in done.stderr
        assert "   = help: " in done.stderr


@pytest.mark.parametrize(
    "signature", [b"", b"no number", b"\xff" * 99, b"9" * 99, b"12 " + b"9" * 40 + b"\n"], ids=len
)
def test_a_damaged_file_of_the_owner_is_no_obstacle(signature: bytes, tmp_path: Path) -> None:
    config = config_of(tmp_path)
    path = tmp_path / "state/102000001/inbox.sqlite3"
    path.parent.mkdir(parents=True)
    good(path)
    with program(OWNER, path) as owner:
        assert first_line(owner) == "open\n"
        path.with_name("inbox.sqlite3.owner").write_bytes(signature)
        answer = run_qqbot("inbox", "-c", config, "--json", cwd=tmp_path)
        words = run_qqbot("inbox", "-c", config, cwd=tmp_path)

    assert (answer.returncode, json.loads(answer.stdout)["process"] in {0, 12}) == (0, True), answer.stderr
    assert "bot      running, process " in words.stdout


def test_f81_a_store_that_another_process_has_locked_is_75_for_who_changes_it(tmp_path: Path) -> None:
    config = config_of(tmp_path)
    path = tmp_path / "state/102000001/inbox.sqlite3"
    path.parent.mkdir(parents=True)
    good(path)
    with program(LOCKER, path) as locker:
        assert first_line(locker) == "locked\n"
        look = run_qqbot("inbox", "-c", config, cwd=tmp_path)
        change = run_qqbot("inbox", "replay", "--all", "-c", config, "--json", cwd=tmp_path)

    assert look.returncode == 0
    assert (change.returncode, json.loads(change.stdout)["exit_code"]) == (75, 75)
    assert "another process has locked it" in change.stderr
    assert "wait until that process has finished" in change.stderr


@pytest.mark.parametrize("number", ["0", "51", "9223372036854775807", "9223372036854775808", "9" * 40])
def test_a_number_that_no_event_has_is_2_and_changes_nothing(number: str, tmp_path: Path) -> None:
    config = config_of(tmp_path)
    path = tmp_path / "state/102000001/inbox.sqlite3"
    path.parent.mkdir(parents=True)
    good(path)

    for command in ("replay", "drop"):
        done = run_qqbot("inbox", command, "1", number, "-c", config, cwd=tmp_path)

        assert (done.returncode, done.stdout) == (2, "")
        assert f"no event {number} was given up" in done.stderr
        assert "qqbot inbox dead" in done.stderr
    left = run_qqbot("inbox", "-c", config, "--json", cwd=tmp_path)
    assert json.loads(left.stdout)["dead"] == 50


async def test_every_command_answers_while_the_bot_runs(tmp_path: Path) -> None:
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        config = live(simulator, tmp_path)
        with started("run", config, "--ui", "quiet", cwd=tmp_path) as bot:
            await eventually(lambda: simulator.stats.identifies)
            for command in (*LOOKS, ("replay", "--all"), ("drop", "--all"), ("compact",)):
                for form in ((), ("--json",)):
                    words = ("inbox", *command, "-c", str(config), *form)
                    done = await asyncio.to_thread(run_qqbot, *words, cwd=tmp_path)
                    assert (done.returncode, done.stderr) == (0, "")
                    if form:
                        json.loads(done.stdout)

            assert bot.poll() is None
            await simulator.say_c2c("/echo still here")
            await eventually(lambda: simulator.stats.replies)
