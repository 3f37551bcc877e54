"""A dispatcher with plugins that remember what they were called with, for tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from qqbot_cli.bot.dispatcher import Dispatcher
from qqbot_cli.bot.handler import EventHandler
from qqbot_cli.bot.plugin import CALLBACKS, Plugin
from qqbot_cli.bot.session import EventSession, Scope
from qqbot_cli.model.answer import BotInfo
from qqbot_cli.model.fact import Fact
from qqbot_cli.model.frame import Frame, decode_frame
from qqbot_cli.rest.api import BotApi

SAMPLES = Path(__file__).parent / "samples"
BOT = BotInfo(id="5777414462219517083")


def sample(name: str, *, event_id: str | None = None, called: str = "", **changes: object) -> Frame:
    """The documented frame of the event *name*, *called* otherwise if given."""
    content = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    if isinstance(content["d"], dict):
        content["d"].update(changes)
    if called:
        content["t"] = called
    if event_id is not None:
        content["id"] = event_id
    return decode_frame(json.dumps(content))


class Called(EventHandler):
    """Remembers which of its callbacks was called with what."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, EventSession[Any]]] = []

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.calls]


def handler_of_everything() -> Called:
    """A plugin that implements all callbacks and remembers the calls."""

    def callback(name: str) -> Any:  # noqa: ANN401 - a method
        async def take(handler: Called, session: EventSession[Any]) -> None:
            handler.calls.append((name, session))

        return take

    kind: type[Called] = type("Everything", (Called,), {name: callback(name) for name in CALLBACKS})
    return kind()


class Office:
    """A dispatcher with its plugins, what it reported and what is done."""

    def __init__(
        self,
        *handlers: EventHandler,
        broken: Sequence[Plugin] = (),
        **settings: Any,  # noqa: ANN401
    ) -> None:
        self.facts: list[Fact] = []
        self.taken = self.done_count = 0
        self._finished = asyncio.Event()
        api = SimpleNamespace(client=SimpleNamespace(clock_offset=None))  # nobody calls it
        scope = Scope(cast("BotApi", api), BOT, asyncio.get_running_loop().time)
        plugins = [Plugin(f"p{number}", handler, **settings) for number, handler in enumerate(handlers)]
        report = self.facts.append
        self.dispatcher = Dispatcher(plugins, scope, ledger=self, report=report, broken=broken)

    def done(self, session: EventSession[Any]) -> None:
        self.done_count += 1
        if self.done_count == self.taken:
            self._finished.set()

    def failed(self, session: EventSession[Any], plugin: str, error: str) -> None:
        pass

    async def again(self, session: EventSession[Any]) -> None:
        pass

    def give(self, frame: Frame, *, shard: int = 0) -> bool:
        wanted = self.dispatcher.dispatch(shard, frame, 0.0)
        self.taken += wanted
        return wanted

    async def finish(self) -> None:
        """Wait until all that was taken is done."""
        async with asyncio.timeout(5):
            while self.done_count < self.taken:
                self._finished.clear()
                await self._finished.wait()

    def told(self, kind: type[Fact]) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kind)]


@asynccontextmanager
async def office(*handlers: EventHandler, **settings: Any) -> AsyncIterator[Office]:  # noqa: ANN401
    made = Office(*handlers, **settings)
    watching = asyncio.create_task(made.dispatcher.watch())
    try:
        yield made
    finally:
        watching.cancel()
        await made.dispatcher.close()
