"""Handlers, plugins and a store in trouble together: the real dispatcher, inbox and file, no network."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from qqbot_cli import C2CReplySession, ErrorSession, EventHandler, Plugin
from qqbot_cli.bot.dispatcher import Dispatcher
from qqbot_cli.bot.durable import DurableInbox
from qqbot_cli.bot.manager import Identity
from qqbot_cli.bot.session import Scope
from qqbot_cli.model.fact import Fact
from qqbot_cli.model.frame import Frame, decode_frame
from qqbot_cli.model.inbox import Retention, State
from qqbot_cli.store.sqlite import SqliteStore
from qqbot_cli.store.writer import Patience
from tests.e2e.bots import until
from tests.offices import BOT

READY = decode_frame('{"op":0,"s":1,"t":"READY","d":{"session_id":"s-1"}}')


def message(number: int, *, person: str = "u", padding: int = 0) -> Frame:
    body = {
        "id": f"m-{number}",
        "content": str(number) + "x" * padding,
        "timestamp": "2023-11-06T13:37:18+08:00",
        "author": {"user_openid": person},
    }
    return decode_frame(
        json.dumps({"op": 0, "s": number, "t": "C2C_MESSAGE_CREATE", "id": f"E:{number}", "d": body})
    )


class Handling(EventHandler):
    """Does with the first events what it is told, and handles all others."""

    def __init__(self, *troubles: Exception | asyncio.Event) -> None:
        self.runs = 0
        self._troubles = list(troubles)

    async def c2c_message_create(self, session: C2CReplySession) -> None:
        self.runs += 1
        trouble = self._troubles.pop(0) if self._troubles else None
        if isinstance(trouble, asyncio.Event):
            await trouble.wait()
        elif trouble is not None:
            raise trouble


class Watching(EventHandler):
    async def error(self, session: ErrorSession) -> None:
        pass


@contextlib.asynccontextmanager
async def working(
    store: SqliteStore, *handlers: EventHandler, timeout: float = 10.0
) -> AsyncIterator[DurableInbox]:
    """An inbox whose events go to *handlers*, called a, b, c."""
    facts: list[Fact] = []
    clock = asyncio.get_running_loop().time
    plugins = [
        dataclasses.replace(Plugin(name, one), timeout=timeout)
        for name, one in zip("abc", handlers, strict=False)
    ]
    async with store:
        inbox = DurableInbox(store, limit=100, report=facts.append, look_every=0.1)
        scope = Scope(cast(Any, SimpleNamespace()), BOT, clock)
        dispatcher = Dispatcher(plugins, scope, ledger=inbox, report=facts.append)
        inbox.identify(Identity(1, 1, ""))
        await inbox.restore()
        inbox.begin(dispatcher, lambda *_: None)
        inbox.past(0)
        tasks = [asyncio.create_task(inbox.run()), asyncio.create_task(dispatcher.watch())]
        try:
            yield inbox
        finally:
            inbox.shut()
            await dispatcher.close()
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await inbox.close()


def put(inbox: DurableInbox, *frames: Frame) -> None:
    for frame in frames:
        inbox.put(0, frame, asyncio.get_running_loop().time())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "inbox.sqlite3"


def waiting(path: Path) -> list[tuple[Any, ...]]:
    """Row, attempts, running, plugins of what waits in the file."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT row, attempts, running, plugins FROM waiting").fetchall()


@pytest.mark.parametrize("forgotten", [False, True])
async def test_f78_a_full_store_empties_also_when_a_session_ends_meanwhile(
    path: Path, forgotten: bool
) -> None:
    gate = asyncio.Event()
    handler = Handling(*[gate] * 1000)
    store = SqliteStore(path, retention=Retention(max_size=1_000_000), patience=Patience(retry=0.1))
    async with working(store, handler) as inbox:
        put(inbox, READY)
        number = 2
        while not store.trouble:
            put(inbox, message(number, person=str(number), padding=20_000))
            number += 1
            await asyncio.sleep(0.005)
        if forgotten:
            inbox.forget(0)
        await asyncio.sleep(0.2)
        gate.set()
        await until(lambda: handler.runs == number - 2 and not inbox.waiting)
        await until(lambda: not store.trouble and not waiting(path))


async def test_f64_who_listens_to_errors_does_not_hide_a_failure_from_the_store(path: Path) -> None:
    flaky = Handling(ConnectionError("away"), ConnectionError("away"))
    async with working(SqliteStore(path), Handling(), flaky, Watching()) as inbox:
        put(inbox, READY, message(2))
        await until(lambda: waiting(path) == [(1, 1, 0, '["b"]')])


async def test_f64_a_failure_for_good_is_not_forgotten_while_another_plugin_tries_again(path: Path) -> None:
    async with working(SqliteStore(path), Handling(ValueError("bug")), Handling(ConnectionError())) as inbox:
        put(inbox, READY, message(2))
        await until(lambda: waiting(path) == [(1, 1, 0, '["b", "a"]')])

    handlers = Handling(ValueError("bug")), Handling()
    async with working(SqliteStore(path), *handlers) as inbox:
        await until(lambda: inbox.dead == 1)
        async with SqliteStore(path, tool=True) as store:
            (dead,) = await store.list_events(State.DEAD)
            assert (dead.plugins, dead.error) == (("a",), "ValueError: bug")


async def test_f81_a_store_that_is_locked_is_not_taken_for_a_handler_that_hangs(path: Path) -> None:
    handler = Handling(ConnectionError("away"))
    async with working(SqliteStore(path), handler, timeout=0.5) as inbox:
        put(inbox, READY, message(2))
        await until(lambda: waiting(path) == [(1, 1, 0, '["a"]')])
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(3)  # the second try is due after one
            assert handler.runs == 1
            other.execute("ROLLBACK")
        await until(lambda: not inbox.waiting)

        assert (handler.runs, inbox.dead) == (2, 0)
