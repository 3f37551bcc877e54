"""Processes that are killed, and power that fails: what was answered is there, and nothing is half there."""

from __future__ import annotations

import random
import shutil
import struct
import sys
from itertools import accumulate
from pathlib import Path

import pytest

from qqbot_cli.model.inbox import EVERY_ROW, Batch, State, Store, StoredEvent
from qqbot_cli.store.sqlite import SqliteStore
from tests.store.processes import WRITER, kill_after, program
from tests.store.stores import event, session

LOG_HEADER, FRAME_HEADER = 32, 24
"""Bytes; source: sqlite.org, "WAL-mode File Format"."""


def number_of(one: StoredEvent) -> int:
    return int(one.received.event_id.removeprefix("event-"))


def frame_ends(log: bytes) -> list[int]:
    """Return where the frames of a write-ahead log end, and where its header does."""
    (page_size,) = struct.unpack_from(">I", log, 8)
    return list(range(LOG_HEADER, len(log) + 1, FRAME_HEADER + page_size))


async def kept(store: Store) -> list[StoredEvent]:
    """Return everything that is not done."""
    events = await store.unfinished(limit=EVERY_ROW) + await store.list_events(State.DEAD, limit=EVERY_ROW)
    return sorted(events, key=lambda one: one.row)


async def check_consistency(path: Path) -> int:
    """Open the store at *path* and return the number of the newest event, which is the session's."""
    async with SqliteStore(path) as store:
        assert store.notices == []
        await store.recover(0.0)
        numbers = [number_of(one) for one in await kept(store)]
        counts = await store.counts()
        saved = [one.seq for one in await store.sessions()]
    newest = saved[0] if saved else 0
    assert len(numbers) + counts.done == newest
    assert not numbers or numbers[-1] == newest
    assert len(set(numbers)) == len(numbers)
    return newest


@pytest.mark.long
async def test_f61_power_loss_undoes_events_and_sequence_numbers_together(tmp_path: Path) -> None:
    dice = random.Random(61)
    sizes = [dice.randint(1, 6) for _ in range(30)]
    path = tmp_path / "before" / "inbox.db"
    async with SqliteStore(path) as store:
        seq = 0
        running: list[int] = []
        for size in sizes:
            events = [
                event(f"{number}", seq=number, body=b"x" * 600) for number in range(seq + 1, seq + size + 1)
            ]
            seq += size
            rows = await store.write(Batch(events, [session(seq)], done=running))
            running = [row for row in rows[:-1] if row is not None]
        shutil.copytree(path.parent, tmp_path / "left")
    log = (tmp_path / "left" / "inbox.db-wal").read_bytes()
    ends = frame_ends(log)
    assert len(ends) > 2 * len(sizes)

    found = []
    for index, end in enumerate(ends):
        copy = tmp_path / f"cut-{index}" / "inbox.db"
        copy.parent.mkdir()
        shutil.copy(tmp_path / "left" / "inbox.db", copy)
        torn = end + (0 if index % 2 else 100)  # every other time the next frame was half written
        copy.with_name("inbox.db-wal").write_bytes(log[:torn])
        found.append(await check_consistency(copy))
        shutil.rmtree(copy.parent)

    assert found == sorted(found)
    assert set(found) == {0, *accumulate(sizes)}


async def kill_many_times(path: Path, dice: random.Random, times: int) -> None:
    for _ in range(times):
        with program(WRITER, path) as process:
            lines = kill_after(process, dice.uniform(0.0, 0.1))
        answered = int(lines[-1].split()[0])
        done = {int(row) for line in lines for row in line.split()[1:]}

        copy = path.parent.with_name("copy") / path.name
        shutil.copytree(path.parent, copy.parent)
        assert await check_consistency(copy) >= answered
        async with SqliteStore(copy, tool=True) as store:
            assert not done & {one.row for one in await kept(store)}
        shutil.rmtree(copy.parent)


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be copied")
@pytest.mark.long
async def test_f60_a_killed_writer_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    await kill_many_times(tmp_path / "store" / "inbox.db", random.Random(60), 8)


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_f60_a_writer_killed_200_times_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    await kill_many_times(tmp_path / "store" / "inbox.db", random.Random(200), 200)
