"""Damage that SQLite does not see, and that which it cannot say: bytes changed anywhere in a store."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from qqbot_cli.errors import ExitCode, StoreError
from qqbot_cli.model.inbox import EVERY_ROW, Batch, DeadLetter, Failure, Gap, State
from qqbot_cli.store.sqlite import SqliteStore
from tests.bot.test_durable import desk
from tests.store.stores import NOW, event, session

DAMAGES = 300


async def fill(path: Path) -> None:
    """Leave a store with something in every table, after a crash."""
    async with SqliteStore(path) as store:
        for batch in range(8):
            events = [
                event(f"{batch}-{index}", seq=batch * 10 + index + 1, body=b'{"n":1}') for index in range(10)
            ]
            await store.write(Batch(events, [session(batch * 10 + 10)], begun=EVERY_ROW))
        await store.start(range(1, 20))
        await store.write(Batch(failed=[Failure(row, "boom", ("slow", "echo")) for row in range(1, 12)]))
        await store.write(Batch(dead=[DeadLetter(row, "boom", ("slow",)) for row in range(40, 60)]))
        await store.add_gap(Gap(0, NOW, NOW + 5, "4006 invalid session id"))


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "inbox.db"
    asyncio.run(fill(path))
    return path


@pytest.fixture
def path(good: Path, tmp_path: Path) -> Path:
    return copied(tmp_path / "inbox.db", good.read_bytes())


def copied(path: Path, contents: bytes) -> Path:
    """Make a store that a bot has signed."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(contents)
    path.with_name("inbox.db.owner").write_text("1 0\n")
    return path


async def as_bot(path: Path) -> SqliteStore:
    async with SqliteStore(path) as store:
        await store.recover(NOW)
        await store.sessions()
        await store.counts()
        await store.unfinished(limit=1000)
        (row,) = await store.write(Batch([event("new")], [session(500)], begun=EVERY_ROW))
        assert row
        await store.start([row])
        await store.write(Batch(done=[row], dead=[DeadLetter(3, "no", ())], failed=[Failure(4, "no", ())]))
        await store.prune(NOW)
    return store


async def as_tool(path: Path) -> None:
    async with SqliteStore(path, tool=True) as store:
        await store.overview(1000)
        await store.list_events(State.DEAD, 1000)
        await store.gaps()
        await store.revive([41])
        await store.drop([42])


def damages(size: int) -> Iterator[tuple[int, bytes]]:
    """Give places in a file of *size*, and what to write there: single bits, bytes, and more of them."""
    chance = random.Random(79)
    for number in range(DAMAGES):
        # Every other one where the tables are described: there, few bytes mean nothing.
        place = chance.randrange(size if number % 2 else 4096)
        yield place, chance.randbytes(chance.choice([0, 1, 1, 8, 64, 512]))


@pytest.mark.long
async def test_f79_wherever_a_store_is_damaged_the_bot_starts_or_says_what_to_do(
    good: Path, tmp_path: Path
) -> None:
    before = good.read_bytes()
    put_aside = 0
    for number, (place, new) in enumerate(damages(len(before))):
        damaged = bytearray(before)
        if new:
            damaged[place : place + len(new)] = new[: len(before) - place]
        else:
            damaged[place] ^= 1 << number % 8
        for who in (as_tool, as_bot):
            path = copied(tmp_path / f"{number}-{who.__name__}" / "inbox.db", bytes(damaged))
            refused, store = None, None
            try:
                store = await who(path)
            except StoreError as error:
                refused = error
            if refused is not None:
                assert refused.help, refused.message
                assert refused.exit_code is ExitCode.CONFIG, refused.message
                assert path.read_bytes() == damaged
                # A bot puts aside whatever does not say that it is another's, or of a newer version.
                assert who is as_tool or any(
                    word in refused.message for word in ("another program", "newer qqbot")
                )
            elif store is not None and store.lost:
                put_aside += 1
                (aside,) = path.parent.glob("inbox.db.corrupt-*Z")
                assert aside.read_bytes() == damaged
                assert store.notices

    assert 0.2 * DAMAGES < put_aside < 0.8 * DAMAGES


def change(path: Path, *statements: str) -> None:
    """Do to the tables of a store what only damage does."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA writable_schema = ON")
        for statement in statements:
            database.execute(statement)


def flip(old: bytes, new: bytes) -> Callable[[Path], None]:
    """Return what puts *new* in the place of *old*, in the file itself."""

    def spoil(path: Path) -> None:
        before = path.read_bytes()
        assert len(old) == len(new)
        assert old in before
        path.write_bytes(before.replace(old, new))

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        flip(b"GROUP_AT_MESSAGE_CREATE", b"GROUP_AT\xdfMESSAGE_CREATE"),
        flip(b'["slow", "echo"]', b'["slow"\xac "echo"]'),
        flip(b'["slow", "echo"]', b'{"slow": "echo"}'),
        lambda path: change(
            path, "UPDATE waiting SET name = x'ff', event_id = 5, key = 1.5, body = '{\"n\":1}'"
        ),
        lambda path: change(path, "UPDATE waiting SET shard = 'x', attempts = x'00', plugins = 7, error = 1"),
        lambda path: change(
            path, "UPDATE waiting SET received_at = 1e300, changed_at = 'late', running = ''"
        ),
        lambda path: change(
            path, "UPDATE sessions SET session_id = 5, seq = 'x', count = 'x', saved_at = 'x'"
        ),
        lambda path: change(path, "UPDATE seen SET digests = substr(digests, 1, 13)"),
        lambda path: change(path, "UPDATE seen SET digests = 'text', received_at = 'late'"),
        lambda path: change(path, "UPDATE meta SET newest = 1"),
    ],
    ids=["name", "names", "no list", "texts", "numbers", "times", "session", "keys", "no keys", "newest"],
)
async def test_f79_a_value_that_has_changed_costs_itself_and_no_more(
    path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(path)

    await as_tool(path)
    store = SqliteStore(path)
    async with desk(store) as d:
        await d.plugins.have(61)  # of 80 twenty were dead, the tool has revived one
        while d.plugins.open:
            d.plugins.finish()
        await d.settled()

    assert not store.lost
    assert d.inbox.dead == 18


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE waiting RENAME COLUMN running TO ruxning",
        "ALTER TABLE dead RENAME TO deaf",
        "UPDATE sqlite_master SET sql = replace(sql, '''[]''', '''{]''')",
        "UPDATE sqlite_master SET sql = replace(sql, 'attempts', 'attem' || CAST(x'f0' AS TEXT) || 'ts')",
        "DELETE FROM meta",
        "UPDATE meta SET begun = NULL",
        "UPDATE meta SET newest = 'many'",
        "UPDATE waiting SET row = 9000000000000000000 WHERE row = 80",
    ],
    ids=["column", "table", "default", "no text", "no counters", "no counter", "no number", "no row"],
)
async def test_f79_tables_and_counters_that_have_changed_are_damage(path: Path, statement: str) -> None:
    change(path, statement)
    damaged = path.read_bytes()

    with pytest.raises(StoreError, match="is damaged") as caught:
        await as_tool(path)
    store = await as_bot(path)

    assert "start the bot again: it puts the file aside" in caught.value.help
    assert store.lost == "the store was damaged and put aside"
    (aside,) = path.parent.glob("inbox.db.corrupt-*Z")
    assert aside.read_bytes() == damaged


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (
            "UPDATE sqlite_master SET sql = replace(sql, 'running', 'ruxning') WHERE name = 'waiting'",
            "its tables are not those that were made",
        ),
        ("INSERT INTO dead SELECT * FROM waiting WHERE row = 20", "the last bot met damage in it"),
    ],
    ids=["tables", "a row that is there twice"],
)
async def test_f79_damage_that_only_shows_while_the_bot_runs_is_put_aside_at_the_next_start(
    path: Path, statement: str, reason: str
) -> None:
    async with SqliteStore(path) as store:
        change(path, statement, "PRAGMA schema_version = 99")
        with pytest.raises(StoreError, match="it is damaged; a restart begins a new one") as caught:
            await store.write(Batch(failed=[Failure(20, "no", ())], dead=[DeadLetter(20, "no", ())]))

    assert caught.value.exit_code is ExitCode.TEMPORARY
    async with SqliteStore(path) as store:
        assert store.lost
        (notice,) = store.notices
        assert f"({reason})" in notice
        assert (await store.counts()).waiting == 0
    async with SqliteStore(path) as store:
        assert not store.lost


async def test_f79_a_damaged_file_that_somebody_took_away_is_not_looked_for(path: Path) -> None:
    path.with_name("inbox.db.owner").write_text("1 0 damaged\n")
    path.unlink()

    async with SqliteStore(path) as store:
        assert store.lost == "the store was gone"
    assert not [*path.parent.glob("*corrupt*")]
