"""A bot and the simulated platform, both real, on loopback."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from qqbot_cli import (
    C2CReplySession,
    ChannelReplySession,
    Client,
    DirectReplySession,
    EventHandler,
    GroupReplySession,
    Intents,
    InteractionSession,
    Plugin,
    Simulation,
    Simulator,
    Token,
    UnknownEventSession,
)
from qqbot_cli.model.fact import Fact
from qqbot_cli.protocol.limits import Limits
from qqbot_cli.store.sqlite import SqliteStore

CANARY = "canary-secret-5b1c9d7e"
INTENTS = Intents.default() | Intents.GUILDS
QUICK = Limits(interval=(0.1, 120))


class Recorder(EventHandler):
    """Keeps every session it is given."""

    def __init__(self, act: Callable[[Any], Any] | None = None) -> None:
        self.sessions: list[Any] = []
        self._act = act

    async def _take(self, session: Any) -> None:  # noqa: ANN401
        self.sessions.append(session)
        if self._act is not None:
            await self._act(session)

    async def group_message_create(self, session: GroupReplySession) -> None:
        await self._take(session)

    async def message_create(self, session: ChannelReplySession) -> None:
        await self._take(session)

    async def direct_message_create(self, session: DirectReplySession) -> None:
        await self._take(session)

    async def c2c_message_create(self, session: C2CReplySession) -> None:
        await self._take(session)

    async def interaction_create(self, session: InteractionSession) -> None:
        await self._take(session)

    async def unknown_event(self, session: UnknownEventSession) -> None:
        await self._take(session)


class Bot:
    """A running client and what it reported."""

    def __init__(self, client: Client, facts: list[Fact], running: asyncio.Task[None]) -> None:
        self.client = client
        self.facts = facts
        self.running = running

    @property
    def ready(self) -> int:
        return self.client.snapshot().ready

    def states(self) -> list[str]:
        return [shard.state.value for shard in self.client.snapshot().shards]


Run = Callable[..., contextlib.AbstractAsyncContextManager[Bot]]


@asynccontextmanager
async def simulating(*, shards: int = 1, **more: Any) -> AsyncIterator[Simulator]:  # noqa: ANN401
    more.setdefault("max_concurrency", shards)
    async with Simulator(Simulation(users=0, shards=shards, **more), secret=CANARY) as simulator:
        yield simulator


@asynccontextmanager
async def running(
    simulator: Simulator,
    handler: EventHandler | list[Plugin],
    *,
    ready: int | None = 1,
    **more: Any,  # noqa: ANN401
) -> AsyncIterator[Bot]:
    """Run a bot until the end of the block; with *ready*, wait for that many shards first.

    It keeps events as a bot of a user does, in SQLite, unless it is given another store; None is memory.
    """
    folder = TemporaryDirectory()
    more.setdefault("store", SqliteStore(Path(folder.name) / "inbox.sqlite3"))
    facts: list[Fact] = []
    intents = more.pop("intents", INTENTS)
    more.setdefault("limits", QUICK)
    more.setdefault("jitter", lambda: 0.0)
    more.setdefault("endpoints", simulator.endpoints)
    token = Token(simulator.appid, more.pop("secret", simulator.secret))
    client = Client(token, intents, handler, report=facts.append, **more)
    task = asyncio.ensure_future(client.start())
    try:
        bot = Bot(client, facts, task)
        if ready is not None:
            await until(lambda: bot.ready == ready or task.done())
            if task.done():
                task.result()
        yield bot
    finally:
        await client.close()
        with contextlib.suppress(Exception):
            await task
        folder.cleanup()


async def until(condition: Callable[[], Any], timeout: float = 20.0) -> None:
    """Give others turns until *condition* holds."""
    async with asyncio.timeout(timeout):
        while not condition():
            await asyncio.sleep(0.005)
