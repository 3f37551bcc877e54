"""Numbers of events of one run: each counts once, and they add up."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from qqbot_cli import C2CReplySession, EventHandler, GroupReplySession, Plugin, Simulator
from qqbot_cli.bot.snapshot import Fate, Snapshot
from qqbot_cli.model.inbox import Store
from qqbot_cli.model.simulation import FaultKind
from qqbot_cli.store.sqlite import SqliteStore
from tests.e2e.bots import Bot, running, simulating, until


class Private(EventHandler):
    async def c2c_message_create(self, session: C2CReplySession) -> None:
        if session.event.text == "bad":
            raise ValueError("bad")


class Everything(Private):
    async def group_message_create(self, session: GroupReplySession) -> None:
        pass


class Stuck(EventHandler):
    async def c2c_message_create(self, session: C2CReplySession) -> None:
        await asyncio.Event().wait()


PLUGINS = [Plugin("private", Private()), Plugin("everything", Everything())]
KEPT, MEMORY = "sqlite", "memory"


def numbers(snapshot: Snapshot) -> dict[str, int]:
    names = ("events", "earlier", "handled", "failed", "unwanted", "repeated", "waiting", "dead")
    return {name: number for name in names if (number := getattr(snapshot, name))}


async def say_it_all(simulator: Simulator, bot: Bot) -> dict[str, int]:
    """Send events of all kinds, and return the numbers when they are done."""
    await simulator.say_c2c("good")
    await simulator.say_c2c("bad")
    await simulator.say_group("good")
    await simulator.say_private("nobody wants it")
    await simulator.inject(FaultKind.DUPLICATE, 1)
    await simulator.say_c2c("twice")
    await until(lambda: bot.client.snapshot().events == 7 and not bot.client.snapshot().waiting)
    return numbers(bot.client.snapshot())


@pytest.mark.parametrize("kind", [KEPT, MEMORY])
async def test_each_event_counts_once_however_many_plugins_it_is_for(kind: str, tmp_path: Path) -> None:
    store: Store | None = SqliteStore(tmp_path / "inbox.sqlite3") if kind == KEPT else None
    async with simulating() as simulator, running(simulator, PLUGINS, store=store) as bot:
        found = await say_it_all(simulator, bot)

        # READY is for nobody either.
        came = {"events": 7, "handled": 3, "failed": 1, "unwanted": 2, "repeated": 1}
        assert found == (came | {"dead": 1} if store else came)


async def test_what_an_earlier_run_gave_up_is_not_of_this_one(tmp_path: Path) -> None:
    path = tmp_path / "inbox.sqlite3"
    async with simulating() as simulator:
        async with running(simulator, PLUGINS, store=SqliteStore(path)) as bot:
            await say_it_all(simulator, bot)
        async with running(simulator, PLUGINS, store=SqliteStore(path)) as bot:
            await until(lambda: bot.client.snapshot().unwanted)

            assert numbers(bot.client.snapshot()) == {"events": 1, "unwanted": 1, "dead": 1}  # RESUMED


async def test_what_an_earlier_run_left_is_told_apart_from_what_was_received(tmp_path: Path) -> None:
    path = tmp_path / "inbox.sqlite3"
    async with simulating() as simulator:
        async with running(simulator, [Plugin("stuck", Stuck())], store=SqliteStore(path)) as bot:
            await simulator.say_c2c("left")
            await until(lambda: bot.client.snapshot().plugins[0].running)
            await bot.client.close(0.1)
            left = bot.client.snapshot()
        async with running(simulator, PLUGINS, store=SqliteStore(path)) as bot:
            await until(lambda: bot.client.snapshot().unwanted)
            await until(lambda: bot.client.snapshot().handled)

            assert numbers(left) == {"events": 2, "unwanted": 1, "waiting": 1}
            assert (left.fate, left.fate_told) == (Fate.KEPT, True)
            assert numbers(bot.client.snapshot()) == {"events": 1, "earlier": 1, "handled": 1, "unwanted": 1}
