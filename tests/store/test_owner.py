"""Whose a store is: another bot would go on with its sessions and run its events."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from qqbot_cli.errors import ExitCode, StoreError
from qqbot_cli.model.inbox import Batch
from qqbot_cli.store.sqlite import SqliteStore
from tests.store.stores import event, session


async def fill(path: Path, bot: str = "bot 1") -> None:
    """Leave the store of *bot* with an event and a session."""
    async with SqliteStore(path, bot=bot) as store:
        await store.write(Batch([event("a")], [session(7)]))


@pytest.mark.parametrize("tool", [False, True])
async def test_the_store_of_another_bot_is_refused_and_left_as_it_is(tmp_path: Path, tool: bool) -> None:
    path = tmp_path / "inbox.db"
    await fill(path)
    before = path.read_bytes()

    with pytest.raises(StoreError) as caught:
        async with SqliteStore(path, bot="bot 1 in the sandbox", tool=tool):
            pass

    assert caught.value.message == (f"the store {path} belongs to bot 1, and this is bot 1 in the sandbox")
    assert caught.value.help == "name another file with store:"
    assert caught.value.exit_code is ExitCode.CONFIG
    assert path.read_bytes() == before


@pytest.mark.parametrize("tool", [False, True])
@pytest.mark.parametrize("bot", ["bot 1", ""], ids=["the same", "somebody without a name"])
async def test_a_store_is_open_to_its_bot_and_to_who_has_no_name(
    tmp_path: Path, bot: str, tool: bool
) -> None:
    path = tmp_path / "inbox.db"
    await fill(path)

    async with SqliteStore(path, bot=bot, tool=tool) as store:
        assert [one.seq for one in await store.sessions()] == [7]
    with pytest.raises(StoreError, match="belongs to bot 1, and this is bot 2"):
        async with SqliteStore(path, bot="bot 2"):
            pass


async def test_a_store_that_is_nobodys_becomes_that_of_the_first_bot_with_a_name(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    await fill(path, bot="")
    async with SqliteStore(path, bot="bot 2", tool=True):
        pass  # only looks

    await fill(path, bot="bot 1")

    with pytest.raises(StoreError, match="belongs to bot 1"):
        async with SqliteStore(path, bot="bot 2"):
            pass


@pytest.mark.parametrize("tool", [False, True])
async def test_a_file_from_before_stores_had_names_is_opened_as_nobodys(tmp_path: Path, tool: bool) -> None:
    path = tmp_path / "inbox.db"
    await fill(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("ALTER TABLE meta DROP COLUMN bot")

    async with SqliteStore(path, bot="bot 2", tool=tool) as store:
        assert [one.seq for one in await store.sessions()] == [7]
        assert len(await store.unfinished()) == 1
