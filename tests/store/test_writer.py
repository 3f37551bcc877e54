"""The thread that serves a store: whatever it ends by, nobody waits for ever."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from qqbot_cli.errors import ExitCode, StoreError
from qqbot_cli.store.writer import Kind, Writer
from tests.store.stores import HASTY, Troubles


class Slip(BaseException):
    """A fault of the program, of a kind that nobody catches."""


def slip(*_: object) -> None:
    raise Slip("off by one")


@contextlib.asynccontextmanager
async def writing(
    begin: Callable[[], sqlite3.Connection] = lambda: sqlite3.connect(":memory:", isolation_level=None),
    end: Callable[[sqlite3.Connection], None] = sqlite3.Connection.close,
    troubles: Callable[[str | None], None] = lambda _: None,
) -> AsyncIterator[Writer]:
    """A writer that is open and has ten seconds for everything."""
    async with asyncio.timeout(10):
        writer = Writer("here", begin=begin, end=end, patience=HASTY, on_trouble=troubles)
        await writer.open()
        try:
            yield writer
        finally:
            await writer.close()


def full(database: sqlite3.Connection) -> None:
    """Work for which there never is room."""
    database.execute("PRAGMA max_page_count = 1")
    database.execute("CREATE TABLE large (text)")


@pytest.mark.parametrize("kind", [Kind.CHANGE, Kind.LOOK])
async def test_a_thread_that_ends_by_a_fault_leaves_nobody_waiting(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    gate = threading.Event()
    troubles = Troubles()
    async with writing(troubles=troubles) as writer:
        blocked = writer.ask(Kind.BATCH, full)
        assert await troubles.next() == "here cannot be written: the disk is full"
        writer.ask(Kind.LOOK, lambda _: gate.wait(10))
        waiting = [writer.ask(kind, slip), *(writer.ask(one, lambda _: None) for one in Kind)]
        gate.set()
        answers = await asyncio.gather(blocked, *waiting, return_exceptions=True)
        with pytest.raises(StoreError) as caught:
            writer.ask(Kind.LOOK, lambda _: None)

    fault = "the store here was ended by a fault of its thread: Slip: off by one"
    # What was asked before the fault may have been answered, what was asked after it cannot.
    assert {str(one) for one in answers if one is not None} == {fault}
    assert str(answers[0]) == str(answers[1]) == str(caught.value) == fault
    assert caught.value.exit_code is ExitCode.BUG
    assert troubles.said[-1] == "here is not served any more (Slip: off by one)"
    assert "store here: its thread ends: Slip" in caplog.text


@pytest.mark.parametrize("error", [StopIteration, SystemExit, KeyboardInterrupt])
async def test_a_store_that_opens_with_a_fault_says_so(error: type[BaseException]) -> None:
    def begin() -> sqlite3.Connection:
        raise error("early")

    with pytest.raises(StoreError, match=f"{error.__name__}: early"):
        async with writing(begin=begin):
            pass


async def test_a_fault_at_the_end_does_not_keep_anybody_waiting() -> None:
    async with writing(end=slip) as writer:
        assert await writer.ask(Kind.LOOK, lambda _: 1) == 1


async def test_what_no_future_takes_is_an_answer_all_the_same() -> None:
    def exhausted(_: sqlite3.Connection) -> None:
        raise StopIteration

    async with writing() as writer:
        with pytest.raises(StoreError, match="StopIteration"):
            await writer.ask(Kind.CHANGE, exhausted)
        assert await writer.ask(Kind.LOOK, lambda _: 1) == 1


async def test_f81_who_looks_while_another_process_locks_the_file_is_answered_when_it_has_let_go(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.db"

    def begin() -> sqlite3.Connection:
        # Without a WAL, where a lock keeps readers out as well.
        return sqlite3.connect(path, isolation_level=None, timeout=0.05)

    troubles = Troubles()
    async with writing(begin=begin, troubles=troubles) as writer:
        await writer.ask(Kind.CHANGE, lambda database: database.execute("CREATE TABLE t (x)") and None)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        looked = writer.ask(Kind.LOOK, lambda database: database.execute("SELECT * FROM t").fetchall())
        assert "another process has locked it" in (await troubles.next() or "")
        assert not looked.done()
        other.close()

        assert await looked == []
        assert await troubles.next() is None
