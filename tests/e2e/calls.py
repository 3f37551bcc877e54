"""REST calls of a real `BotApi` to a real simulator, one after the other and without waiting for turns."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from qqbot_cli import Simulator, Token
from qqbot_cli.bot.platform import Platform, open_platform
from qqbot_cli.model.endpoints import ENDPOINTS, Endpoint
from qqbot_cli.rest.api import BotApi
from qqbot_cli.rest.client import RestClient
from qqbot_cli.simulator import RestCalled
from tests.e2e.bots import Recorder, running

TOKEN = "get_app_access_token"
"""The row that has no method."""
ROWS = {name: row for name, row in ENDPOINTS.items() if name != TOKEN}


@dataclass(frozen=True)
class Caller:
    """Makes clients; each has its turns to itself, so that documented rates hold nobody up."""

    simulator: Simulator
    platform: Platform

    def client(self) -> RestClient:
        return RestClient(
            self.platform.http,
            self.platform.tokens,
            base=self.simulator.endpoints.api,
            appid=self.simulator.appid,
            timeout=5,
            report=lambda _: None,
            # Below 0 to 1: pauses between attempts are 0.
            jitter=lambda: -1.0,
        )

    @property
    def api(self) -> BotApi:
        return BotApi(self.client())

    @property
    def checked(self) -> Checked:
        return Checked(self)


class Checked:
    """A `BotApi` whose every answer is compared with what its row says."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.http = caller.platform.http
        self.called: set[str] = set()

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        row = ENDPOINTS[name]

        async def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            result = await getattr(self._caller.api, name)(*args, **kwargs)
            self.called.add(name)
            check(row, result, last_call(self._caller.simulator))
            return result

        return call


def last_call(simulator: Simulator) -> RestCalled:
    return next(record for record in reversed(simulator.history) if isinstance(record, RestCalled))


def check(row: Endpoint, result: object, call: RestCalled) -> None:
    assert (call.method, call.status) == (row.method, row.success[0]), row.name
    if row.result is None:
        assert result is None, row.name
    elif row.many:
        assert isinstance(result, list), row.name
        assert all(type(item) is row.result for item in result), row.name
    else:
        assert type(result) is row.result, row.name


@asynccontextmanager
async def calling(simulator: Simulator) -> AsyncIterator[Caller]:
    """Give a caller whose bot is connected to the gateway."""
    token = Token(simulator.appid, simulator.secret)
    async with (
        running(simulator, Recorder()),
        open_platform(
            token,
            endpoints=simulator.endpoints,
            sandbox=False,
            timeout=5,
            report=lambda _: None,
            learn=lambda _: None,
        ) as platform,
    ):
        yield Caller(simulator, platform)
