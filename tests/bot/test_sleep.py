"""A sleep that the loop's clock does not count: told by another clock, over a real connection."""

from __future__ import annotations

import asyncio
import time

from qqbot_cli.bot.sleep import lived, watch_sleep
from qqbot_cli.model.fact import ShardChanged
from tests.e2e.bots import Recorder, running, simulating, until


class Laptop:
    """A clock that goes on while the lid is shut."""

    def __init__(self) -> None:
        self.asleep = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.asleep


async def test_f57_after_eight_hours_asleep_the_session_goes_on_within_5_s() -> None:
    laptop, handler = Laptop(), Recorder()
    async with (
        simulating() as simulator,
        running(simulator, handler, lived=laptop) as bot,
    ):
        simulator.revoke_tokens()  # their two hours are over
        laptop.asleep += 8 * 3600
        async with asyncio.timeout(5):
            await simulator.wait_for(lambda: simulator.stats.resumes == 1, 5)
            await until(lambda: bot.ready == 1)

        assert simulator.stats.identifies == 1
        assert not [fact for fact in bot.facts if isinstance(fact, ShardChanged) and fact.code]
        await simulator.say_c2c("good morning")
        await until(lambda: handler.sessions)


async def test_f57_an_ordinary_day_is_no_sleep() -> None:
    told: list[float] = []

    async def slept(seconds: float) -> None:
        told.append(seconds)

    watching = asyncio.create_task(watch_sleep(slept, lived))
    await asyncio.sleep(4.5)
    watching.cancel()
    await asyncio.wait((watching,))

    assert told == []
