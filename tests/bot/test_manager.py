"""What the shards of a bot share: here only what does not need a platform."""

from __future__ import annotations

import asyncio
from typing import cast

import aiohttp
import pytest

from qqbot_cli.bot.manager import ShardManager, ShardPlan
from qqbot_cli.gateway.connection import Sink, Tokens
from qqbot_cli.model.answer import GatewayResponse
from tests.virtual import run_virtually


class SilentApi:
    """A platform that takes calls and never answers."""

    async def get_gateway(self) -> GatewayResponse:
        await asyncio.get_running_loop().create_future()
        raise AssertionError("never")


async def refresh() -> float:
    """Return how long a shard waits for its address to be renewed, in seconds."""
    manager = ShardManager(
        ShardPlan(),
        api=SilentApi(),
        http=cast("aiohttp.ClientSession", None),
        tokens=cast("Tokens", None),
        sink=cast("Sink", None),
        report=lambda _fact: None,
        intents=0,
    )
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
