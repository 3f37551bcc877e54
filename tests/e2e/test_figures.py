"""Figures of many seconds at the values a bot has by itself: virtual time over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from qqbot_cli import EventHandler, Plugin, Simulation, Simulator
from qqbot_cli.protocol.limits import Limits
from qqbot_cli.simulator import Closed
from tests.e2e.bots import CANARY, Bot, Recorder, running, until
from tests.virtual import run_virtually


def now() -> float:
    return asyncio.get_running_loop().time()


@asynccontextmanager
async def usual(
    handler: EventHandler | list[Plugin],
    *,
    shards: int = 1,
    **more: Any,  # noqa: ANN401
) -> AsyncIterator[tuple[Simulator, Bot]]:
    """A platform, and a bot with nothing set but what would need a thread."""
    simulation = Simulation(users=0, shards=shards, max_concurrency=10)
    async with (
        Simulator(simulation, secret=CANARY, clock=asyncio.get_running_loop().time) as simulator,
        running(
            simulator, handler, ready=shards, store=None, limits=Limits(), blocked_after=None, **more
        ) as bot,
    ):
        yield simulator, bot


def test_f36_what_cannot_be_read_for_a_minute_is_resumed_when_half_of_the_inbox_is_empty() -> None:
    async def minute() -> None:
        gate = asyncio.Semaphore(0)
        handler = Recorder(lambda _session: gate.acquire())
        async with usual([Plugin("slow", handler, timeout=300)]) as (simulator, bot):

            def let_go(number: int) -> None:
                for _ in range(number):
                    gate.release()

            said = [await simulator.say_group(f"message {number}") for number in range(1500)]
            await until(lambda: bot.client.snapshot().shards[0].paused)
            begun = now()
            await until(lambda: [one for one in simulator.history if isinstance(one, Closed)], timeout=100)
            assert 59.5 <= now() - begun <= 61
            let_go(499)
            await asyncio.sleep(30)
            assert bot.client.snapshot().waiting == 501
            assert (bot.ready, simulator.stats.upgrades) == (0, 1)

            let_go(1)
            await until(lambda: simulator.stats.resumes == 1)
            let_go(1000)
            await until(lambda: bot.ready == 1 and len(handler.sessions) == 1500)
            assert [session.event.id for session in handler.sessions] == said
            assert (simulator.stats.identifies, simulator.stats.resumes) == (1, 1)

    run_virtually(minute())
