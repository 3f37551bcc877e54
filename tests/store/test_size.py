"""`inbox.max_size`: what the file, its log and the keys may take together, and what happens at the limit."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import ValidationError

from qqbot_cli.config.schema import InboxSection
from qqbot_cli.model.inbox import EVERY_ROW, Batch, DeadLetter, Retention
from qqbot_cli.store.sqlite import SqliteStore
from tests.bot.test_durable import READY, desk
from tests.bot.test_durable import event as frame
from tests.store.stores import HASTY, NOW, Clock, Troubles, event

BODY = b"x" * 3000


async def one_by_one(store: SqliteStore, numbers: Sequence[int], body: bytes = b"{}") -> None:
    """Have each event of *numbers* stored in a batch of its own, and done."""
    async with asyncio.timeout(50):
        for begin in range(0, len(numbers), 500):
            some = [store.write(Batch([event(f"{n}", body=body)])) for n in numbers[begin : begin + 500]]
            rows = [row for (row,) in await asyncio.gather(*some) if row is not None]
            await store.write(Batch(done=rows))


def size(path: Path) -> int:
    return sum(part.stat().st_size for part in (path, path.with_name(f"{path.name}-wal")))


@pytest.mark.long
async def test_keys_alone_do_not_fill_a_store(tmp_path: Path) -> None:
    limit = 400_000
    store = SqliteStore(tmp_path / "inbox.db", retention=Retention(max_size=limit), patience=HASTY)
    async with desk(store, look_every=0.01) as d:
        d.plugins.deaf_to = {event().name}  # it must not handle what is stored behind its back
        await one_by_one(store, range(40_000))  # 26 bytes of keys each
        d.put(READY, frame(2))
        await d.plugins.have(2)

        assert (await store.write(Batch([event("39999")]))) == [None]
        assert store.trouble is None


async def test_keys_take_a_quarter_at_most(tmp_path: Path) -> None:
    limit = 2_000_000
    store = SqliteStore(tmp_path / "inbox.db", retention=Retention(max_size=limit))
    async with store:
        await one_by_one(store, range(25_000))
        forgotten = await store.prune(0.0)
        await store.compact(0.0)
        kept = 25_000 - forgotten.keys

        assert 0.8 * limit / 4 < size(store.path) < 1.1 * limit / 4
        assert await store.write(Batch([event(f"{25_000 - kept}")])) == [None]
        assert await store.write(Batch([event(f"{25_000 - kept - 1}")])) == [25_001]


async def test_keys_that_came_together_are_counted_with_the_room_they_take(tmp_path: Path) -> None:
    limit = 2_000_000
    async with SqliteStore(tmp_path / "inbox.db", retention=Retention(max_size=limit)) as store:
        for batch in range(200):
            rows = await store.write(Batch([event(f"{batch} {index}") for index in range(256)]))
            await store.write(Batch(done=[row for row in rows if row is not None]))
        await store.compact(0.0)

        assert 0.8 * limit / 4 < size(store.path) < 1.1 * limit / 4


async def test_without_a_limit_keys_are_kept_as_configured(tmp_path: Path) -> None:
    async with SqliteStore(tmp_path / "inbox.db") as store:
        await one_by_one(store, range(2_000))

        assert (await store.prune(0.0)).keys == 0


@pytest.mark.parametrize("limit", [1_000_000, 4_000_000])
async def test_file_and_log_together_keep_within_the_limit(tmp_path: Path, limit: int) -> None:
    troubles = Troubles()
    largest = 0
    async with SqliteStore(
        tmp_path / "inbox.db", retention=Retention(max_size=limit), patience=HASTY, on_trouble=troubles
    ) as store:
        writing = asyncio.ensure_future(store.write(Batch()))
        number = 0
        while not troubles.said:
            await writing
            number += 1
            writing = asyncio.ensure_future(store.write(Batch([event(f"{number}", body=BODY)])))
            await asyncio.wait({writing}, timeout=0.5)
            largest = max(largest, size(store.path))
        rows = [one.row for one in await store.unfinished(limit=10_000)]
        for row in rows:
            await store.write(Batch(done=[row]))
            largest = max(largest, size(store.path))
        await writing

    assert 0.6 * limit < largest < limit + 100_000
    assert number * len(BODY) > limit / 3


async def full_of(store: SqliteStore, troubles: Troubles, *, dead: bool) -> asyncio.Future[list[int | None]]:
    """Fill *store* with events that wait or were given up; return what waits for room."""
    while True:
        writing = asyncio.ensure_future(store.write(Batch([event(body=BODY)], begun=EVERY_ROW)))
        while not writing.done() and not troubles.said:
            await asyncio.sleep(0)
        if troubles.said:
            return writing
        if dead:
            await store.write(Batch(dead=[DeadLetter(writing.result()[0] or 0, "no", ())]))


@pytest.mark.parametrize("dead", [True, False], ids=["dead", "waiting"])
async def test_f78_the_limit_is_not_taken_for_a_full_disk(
    tmp_path: Path, dead: bool, caplog: pytest.LogCaptureFixture
) -> None:
    troubles = Troubles()
    retention = Retention(max_size=300_000)
    store = SqliteStore(tmp_path / "inbox.db", retention=retention, patience=HASTY, on_trouble=troubles)
    async with store:
        writing = await full_of(store, troubles, dead=dead)
        counts = await store.counts()
        words = "the store cannot be written: inbox.max_size (0.3 MB) is reached: "
        if dead:
            words += f"{counts.dead} given up events fill it; raise it, or qqbot inbox drop"
        else:
            words += f"{counts.waiting} events wait until others are done"
        assert store.trouble == words

        await (store.drop([2, 3]) if dead else store.write(Batch(done=[2, 3])))
        await writing
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]


async def test_f78_a_number_that_changes_is_shown_and_no_other_line_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    troubles = Troubles()
    retention = Retention(max_size=300_000)
    async with SqliteStore(
        tmp_path / "inbox.db", retention=retention, patience=HASTY, on_trouble=troubles
    ) as store:
        writing = await full_of(store, troubles, dead=True)
        many = Batch([event(body=BODY) for _ in range(9)])
        more = asyncio.ensure_future(store.write(many))
        await troubles.next()
        dead = (await store.counts()).dead

        await store.drop([1])

        assert f" {dead - 1} given up events fill it" in (await troubles.next() or "")
        assert len(caplog.records) == 1
        await store.drop(None)
        await asyncio.gather(writing, more)


async def test_f78_a_batch_that_never_fits_is_said(tmp_path: Path) -> None:
    troubles = Troubles()
    async with SqliteStore(
        tmp_path / "inbox.db", retention=Retention(max_size=300_000), patience=HASTY, on_trouble=troubles
    ) as store:
        writing = asyncio.ensure_future(store.write(Batch([event(body=b"x" * 400_000)])))

        said = await troubles.next() or ""

        assert said.endswith("inbox.max_size (0.3 MB) is reached: what comes at once does not fit; raise it")
    await asyncio.wait({writing})
    assert writing.exception() is not None


@pytest.mark.parametrize("kind", ["large", "small"])
async def test_f78_what_is_given_up_in_a_full_store_needs_no_room(tmp_path: Path, kind: str) -> None:
    troubles = Troubles()
    body = b"x" * (20_000 if kind == "large" else 100)
    async with SqliteStore(
        tmp_path / "inbox.db", retention=Retention(max_size=300_000), patience=HASTY, on_trouble=troubles
    ) as store:
        rows: list[int] = []
        while not troubles.said:
            writing = asyncio.ensure_future(store.write(Batch([event(body=body)], begun=EVERY_ROW)))
            while not writing.done() and not troubles.said:
                await asyncio.sleep(0)
            rows += [row or 0 for row in (writing.result() if writing.done() else ())]
        async with asyncio.timeout(10):
            for row in rows:
                await store.write(Batch(dead=[DeadLetter(row, "no", ())]))

        assert (await store.counts()).dead == len(rows)
        await store.drop(None)
        await writing


SMALLEST = 16


async def keys_of(path: Path, number: int) -> None:
    """Leave a store that has had *number* events, one after the other."""
    async with SqliteStore(path):
        pass
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("BEGIN")
        rows = ((row, NOW, row.to_bytes(8, "little")) for row in range(1, number + 1))
        database.executemany("INSERT INTO seen VALUES (?, ?, ?)", rows)
        database.execute("UPDATE meta SET newest = ?", (number,))
        database.execute("COMMIT")


@pytest.mark.long
async def test_the_smallest_limit_that_is_accepted_is_enough_for_the_usual_retention(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    await keys_of(path, 700_000)  # they take more than the limit
    store = SqliteStore(
        path, retention=InboxSection(max_size=SMALLEST).retention(), patience=HASTY, clock=Clock()
    )
    async with desk(store, look_every=0.05, wall=Clock()) as d:
        d.put(READY, frame(2))
        await d.plugins.have(2)
        rows = await store.write(Batch([event(f"{number}", body=b"x" * 20_000) for number in range(256)]))

        assert rows[-1] == 700_257
        assert store.trouble is None


def test_a_limit_that_is_too_small_is_refused_with_the_smallest() -> None:
    with pytest.raises(ValidationError, match=f"should be from {SMALLEST} to "):
        InboxSection(max_size=SMALLEST - 1)
