"""What the shards of a bot share: here only what does not need a platform."""

from __future__ import annotations

import asyncio
from typing import cast

import aiohttp
import pytest

from qqbot_cli.bot.manager import GatewayApi, ShardManager, ShardPlan
from qqbot_cli.errors import PlatformUnreachableError
from qqbot_cli.gateway.connection import Sink, Tokens
from qqbot_cli.model.answer import GatewayResponse, SessionStartLimit
from tests.virtual import run_virtually


class SilentApi:
    """A platform that takes calls and never answers."""

    async def get_gateway(self) -> GatewayResponse:
        await asyncio.get_running_loop().create_future()
        raise AssertionError("never")


def make_manager(api: GatewayApi) -> ShardManager:
    return ShardManager(
        ShardPlan(),
        api=api,
        http=cast("aiohttp.ClientSession", None),
        tokens=cast("Tokens", None),
        sink=cast("Sink", None),
        report=lambda _fact: None,
        intents=0,
    )


async def refresh() -> float:
    """Return how long a shard waits for its address to be renewed, in seconds."""
    manager = make_manager(SilentApi())
    clock = asyncio.get_running_loop().time
    begun = clock()
    timer = asyncio.get_running_loop().call_later(600, lambda: None)  # time may pass for so long
    await manager.refresh()
    timer.cancel()
    return clock() - begun


def test_f15_a_platform_that_does_not_answer_holds_no_shard_up(caplog: pytest.LogCaptureFixture) -> None:
    assert run_virtually(refresh()) == 5
    assert [record.message for record in caplog.records] == [
        "gateway: address not renewed: no answer in time"
    ]


class FlakyApi:
    """A platform that is away twice, and then wants four shards."""

    def __init__(self) -> None:
        self.asked = 0

    async def get_gateway(self) -> GatewayResponse:
        self.asked += 1
        if self.asked <= 2:
            raise PlatformUnreachableError("nobody there")
        limit = SessionStartLimit(total=1000, remaining=1000, reset_after_ms=0, max_concurrency=1)
        return GatewayResponse(url="ws://here", shards=4, session_start_limit=limit)


def test_a_platform_that_is_away_when_there_should_be_more_shards_is_asked_again() -> None:
    async def reshard() -> ShardManager:
        manager = make_manager(FlakyApi())
        await manager._reshard()
        return manager

    assert [one.machine.index for one in run_virtually(reshard()).connections] == [0, 1, 2, 3]
