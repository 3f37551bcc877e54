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
        assert await troubles.next() == "the store cannot be written: the disk is full"
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
    assert troubles.said[-1] == "the store is not served any more (Slip: off by one)"
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


class Disk:
    """What a disk does that has a page which cannot be read, or no room."""

    def __init__(self) -> None:
        self.fails = threading.Event()
        self.fails.set()
        self.asked = 0

    def __call__(self, database: sqlite3.Connection) -> int:
        self.asked += 1
        if self.fails.is_set():
            raise self.error(sqlite3.SQLITE_IOERR)
        assert not database.in_transaction
        return self.asked

    @staticmethod
    def error(code: int) -> sqlite3.OperationalError:
        """Return what SQLite raises with this code."""
        error = sqlite3.OperationalError("of the disk")
        error.sqlite_errorcode = code
        return error


@pytest.mark.parametrize("kind", [Kind.BATCH, Kind.CHANGE, Kind.LOOK])
async def test_f78_nobody_waits_behind_a_look_that_sees_nothing(kind: Kind) -> None:
    disk, troubles = Disk(), Troubles()
    async with writing(troubles=troubles) as writer:
        looked = writer.ask(Kind.LOOK, disk)
        assert await troubles.next() == "the store cannot be read: the disk reports an error"

        for _ in range(3):
            assert await writer.ask(kind, lambda _: "answered") == "answered"

        assert not looked.done()
        disk.fails.clear()
        assert await looked > 1
        assert await troubles.next() is None


async def test_f78_a_store_that_can_be_read_in_part_is_told_after_it_can_be_written_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gate, disk, troubles = threading.Event(), Disk(), Troubles()

    def change(_: sqlite3.Connection) -> None:
        if not gate.is_set():
            raise Disk.error(sqlite3.SQLITE_FULL)

    async with writing(troubles=troubles) as writer:
        changed = writer.ask(Kind.BATCH, change)
        assert await troubles.next() == "the store cannot be written: the disk is full"
        looked = writer.ask(Kind.LOOK, disk)
        await writer.ask(Kind.LOOK, lambda _: None)
        gate.set()
        await changed
        assert await troubles.next() == "the store cannot be read: the disk reports an error"
        disk.fails.clear()
        await looked
        assert await troubles.next() is None

    assert [record.getMessage() for record in caplog.records] == [
        "the store cannot be written: the disk is full (here);"
        " events wait until it can: make room on the disk",
        "the store cannot be read: the disk reports an error (here);"
        " what comes is stored all the same: look at the disk and the system's log",
        "store here can be used again",
    ]


async def test_f78_a_look_that_sees_nothing_until_the_end_is_answered() -> None:
    disk, troubles = Disk(), Troubles()
    async with writing(troubles=troubles) as writer:
        looked = writer.ask(Kind.LOOK, disk)
        await troubles.next()

    with pytest.raises(StoreError, match="the store here was closed, but the disk reports an error"):
        await looked


async def test_f78_who_does_not_wait_any_more_is_not_looked_for_again() -> None:
    disk, troubles = Disk(), Troubles()
    async with writing(troubles=troubles) as writer:
        writer.ask(Kind.LOOK, disk).cancel()

        while await troubles.next() is not None:
            pass
        asked = disk.asked
        await asyncio.sleep(0.1)
        assert await writer.ask(Kind.CHANGE, lambda _: 1) == 1

    assert disk.asked == asked


class Room:
    """A disk that is full until it is told otherwise, and what has been stored on it."""

    def __init__(self) -> None:
        self.made = threading.Event()
        self.stored: list[str] = []

    def large(self, name: str) -> Callable[[sqlite3.Connection], None]:
        """Return work that needs room."""

        def work(_: sqlite3.Connection) -> None:
            if not self.made.is_set():
                raise Disk.error(sqlite3.SQLITE_FULL)
            self.stored.append(name)

        return work

    def small(self, name: str) -> Callable[[sqlite3.Connection], None]:
        """Return work that needs none."""
        return lambda _: self.stored.append(name)


@pytest.mark.parametrize(
    ("first", "second", "order"),
    [
        ((7,), (7, 8), [1, 2]),
        (None, (7,), [1, 2]),
        ((7,), None, [1, 2]),
        ((7,), (8,), [2, 1]),
        ((7,), (), [2, 1]),
    ],
    ids=["same row", "any row first", "any row second", "other rows", "no row"],
)
async def test_f78_a_change_overtakes_another_only_if_it_is_about_other_rows(
    first: tuple[int, ...] | None, second: tuple[int, ...] | None, order: list[int]
) -> None:
    room, troubles = Room(), Troubles()
    async with writing(troubles=troubles) as writer:
        changes = [writer.ask(Kind.CHANGE, room.large("1"), first)]
        await troubles.next()
        changes.append(writer.ask(Kind.CHANGE, room.small("2"), second))
        await asyncio.sleep(0.1)  # several attempts
        room.made.set()
        await asyncio.gather(*changes)

    assert [int(name) for name in room.stored] == order


async def test_f78_changes_that_wait_for_room_are_stored_in_their_order() -> None:
    room, troubles = Room(), Troubles()
    async with writing(troubles=troubles) as writer:
        waiting = [writer.ask(Kind.CHANGE, room.large("failed"), (7,))]
        await troubles.next()
        waiting += [
            writer.ask(Kind.CHANGE, room.small("started"), (7, 8)),
            writer.ask(Kind.CHANGE, room.small("of what waits behind it"), (8,)),
        ]
        await writer.ask(Kind.CHANGE, room.small("other"), (9,))
        room.made.set()
        await asyncio.gather(*waiting)

    assert room.stored == ["other", "failed", "started", "of what waits behind it"]


async def test_f78_what_makes_room_is_stored_also_if_it_found_none_itself_at_first() -> None:
    room, batches, troubles = Room(), Room(), Troubles()
    async with writing(troubles=troubles) as writer:
        blocked = [
            writer.ask(Kind.BATCH, batches.large("batch")),
            writer.ask(Kind.CHANGE, room.large("change")),
            writer.ask(Kind.BATCH, batches.small("next batch")),
        ]
        await troubles.next()
        await writer.ask(Kind.LOOK, lambda _: None)
        assert not any(one.done() for one in blocked)

        room.made.set()
        await blocked[1]

        assert not batches.stored
        batches.made.set()
        await asyncio.gather(*blocked)
        assert batches.stored == ["batch", "next batch"]
