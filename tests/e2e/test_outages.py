"""Outages of any length, and how soon the bot is back when they end: virtual time over real sockets.

Chance is left out so that every pause is as long as it can get.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from qqbot_cli import Simulation, Simulator
from qqbot_cli.model.fact import ShardState
from qqbot_cli.model.simulation import FaultKind
from qqbot_cli.protocol.limits import Limits
from qqbot_cli.simulator import Blackhole, Hang, Refuse
from tests.e2e.bots import CANARY, Bot, Recorder, running, until
from tests.virtual import run_virtually

OUTAGES = [3, 41, 97, 133]
"""Seconds; they end at different moments of an attempt, or of the pause after it."""


@asynccontextmanager
async def platform() -> AsyncIterator[Simulator]:
    clock = asyncio.get_running_loop().time
    simulation = Simulation(users=0, shards=1, max_concurrency=10)
    async with Simulator(simulation, secret=CANARY, front=True, clock=clock) as simulator:
        yield simulator


async def seconds_until_ready(bot: Bot) -> float:
    clock = asyncio.get_running_loop().time
    begun = clock()
    await until(lambda: bot.ready == 1, timeout=300)
    return clock() - begun


async def after_network_outage(toxic: Refuse | Hang | Blackhole, seconds: float) -> float:
    async with (
        platform() as simulator,
        running(simulator, Recorder(), store=None, limits=Limits(), blocked_after=None) as bot,
    ):
        simulator.front.add(toxic)
        simulator.front.reset()
        await asyncio.sleep(seconds)
        assert bot.ready == 0
        simulator.front.clear()
        took = await seconds_until_ready(bot)
        assert simulator.stats.identifies == 1
        return took


@pytest.mark.parametrize("seconds", OUTAGES)
@pytest.mark.parametrize("toxic", [Refuse(), Hang(), Blackhole()], ids=str)
def test_f05_the_bot_is_back_within_17_seconds_of_the_network(
    toxic: Refuse | Hang | Blackhole, seconds: float
) -> None:
    assert run_virtually(after_network_outage(toxic, seconds)) <= 17


async def after_token_outage_at_the_start(outage: str, seconds: float) -> float:
    async with platform() as simulator:
        simulator.switches.token_down = outage  # type: ignore[assignment]
        async with running(
            simulator, Recorder(), store=None, ready=None, limits=Limits(), blocked_after=None
        ) as bot:
            await asyncio.sleep(seconds)
            simulator.switches.token_down = None
            return await seconds_until_ready(bot)


async def after_token_outage_in_session(outage: str, seconds: float) -> float:
    """The token ends meanwhile; so does the connection, but only when the token has."""
    async with platform() as simulator:
        simulator.switches.token_expires_in = 20
        async with running(simulator, Recorder(), store=None, limits=Limits(), blocked_after=None) as bot:
            simulator.switches.token_down = outage  # type: ignore[assignment]
            await asyncio.sleep(25)
            assert (bot.ready, simulator.stats.resumes) == (1, 0)
            await simulator.inject(FaultKind.DROP)
            await asyncio.sleep(seconds)
            assert bot.states() == [ShardState.WAIT_TOKEN.value]
            simulator.switches.token_down = None
            took = await seconds_until_ready(bot)
            assert simulator.stats.identifies == 1
            return took


@pytest.mark.parametrize("seconds", OUTAGES)
@pytest.mark.parametrize("outage", ["refuse", "garbage", "hang"])
def test_f46_the_bot_is_there_within_15_seconds_of_the_token_endpoint(outage: str, seconds: float) -> None:
    assert run_virtually(after_token_outage_at_the_start(outage, seconds)) <= 15


@pytest.mark.parametrize("seconds", OUTAGES)
@pytest.mark.parametrize("outage", ["refuse", "garbage", "hang"])
def test_f46_the_session_goes_on_within_15_seconds_of_the_token_endpoint(outage: str, seconds: float) -> None:
    assert run_virtually(after_token_outage_in_session(outage, seconds)) <= 15
