"""One plugin floods the platform: it is told so, and nobody else notices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from qqbot_cli.errors import RateLimitedError
from qqbot_cli.model.endpoints import Endpoint
from qqbot_cli.model.fact import Fact, RequestFailed
from qqbot_cli.rest.caller import RUNNING_PLUGIN
from qqbot_cli.rest.client import RestClient
from qqbot_cli.rest.share import MOST_CALLS, MOST_REQUESTS
from qqbot_cli.rest.token import TokenSource
from tests.conftest import CANARY

LOOK = Endpoint("look", "GET", "/things/{thing}", "Look.")


@dataclass
class Desk:
    """A platform that answers at once, but for things called "slow", which wait for the gate."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    now: int = 0
    """Slow requests that wait for their answer."""
    most: int = 0
    asked: int = 0
    facts: list[Fact] = field(default_factory=list)

    async def token(self, request: web.Request) -> web.Response:
        return web.json_response({"access_token": "token", "expires_in": "7200"})

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        if request.match_info["thing"] == "slow":
            self.now += 1
            self.most = max(self.most, self.now)
            await self.gate.wait()
            self.now -= 1
        return web.json_response({})


@asynccontextmanager
async def calling() -> AsyncIterator[tuple[RestClient, Desk]]:
    desk = Desk()
    app = web.Application()
    app.router.add_post("/token", desk.token)
    app.router.add_get("/things/{thing}", desk.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=1024)
    await site.start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
            report = desk.facts.append
            tokens = TokenSource(
                http, url=f"{base}/token", appid="1", secret=CANARY, report=report, learn=lambda _: None
            )
            yield RestClient(http, tokens, base=base, appid="1", timeout=20, report=report), desk
    finally:
        desk.gate.set()
        await runner.cleanup()


async def ask(client: RestClient, plugin: str, thing: str) -> Any:  # noqa: ANN401
    token = RUNNING_PLUGIN.set(plugin)
    try:
        return await client.call(LOOK, {"thing": thing})
    finally:
        RUNNING_PLUGIN.reset(token)


def started(client: RestClient, plugin: str, count: int) -> list[asyncio.Task[Any]]:
    return [asyncio.create_task(ask(client, plugin, "slow")) for _ in range(count)]


async def test_f72_one_call_too_many_is_refused_without_a_request_and_said_once() -> None:
    async with calling() as (client, desk):
        flood = started(client, "flood", MOST_CALLS)
        while desk.now < MOST_REQUESTS:
            await asyncio.sleep(0.01)
        for _ in range(3):
            with pytest.raises(RateLimitedError, match="plugin flood has 1000 calls under way") as caught:
                await ask(client, "flood", "slow")

        assert (caught.value.status, caught.value.endpoint) == (0, "look")
        assert len([fact for fact in desk.facts if isinstance(fact, RequestFailed)]) == 1
        assert desk.asked == MOST_REQUESTS
        desk.gate.set()
        await asyncio.gather(*flood)
        assert desk.asked == MOST_CALLS
        await ask(client, "flood", "quick")  # and now there is room again


@pytest.mark.alone
async def test_f72_the_others_and_the_bot_itself_are_answered_meanwhile() -> None:
    loop = asyncio.get_running_loop()
    async with calling() as (client, desk):
        flood = started(client, "flood", MOST_CALLS)
        while desk.now < MOST_REQUESTS:
            await asyncio.sleep(0.01)
        begun = loop.time()
        await ask(client, "quiet", "quick")
        await ask(client, "", "quick")

        assert loop.time() - begun < 0.5
        assert desk.most == MOST_REQUESTS
        for task in flood:
            task.cancel()
        await asyncio.gather(*flood, return_exceptions=True)
        await ask(client, "flood", "quick")  # cancelled calls are not under way


async def test_f72_who_tries_again_and_again_leaves_the_others_their_turns() -> None:
    async with calling() as (client, _):
        flood = started(client, "flood", MOST_CALLS)
        await asyncio.sleep(0.1)
        refused = 0

        async def insist() -> None:
            nonlocal refused
            while True:
                try:
                    await ask(client, "flood", "slow")
                except RateLimitedError:
                    refused += 1

        stubborn = asyncio.create_task(insist())
        async with asyncio.timeout(5):
            for _ in range(20):
                await ask(client, "quiet", "quick")
        for task in (stubborn, *flood):
            task.cancel()
        await asyncio.gather(stubborn, *flood, return_exceptions=True)

    assert refused > 20
