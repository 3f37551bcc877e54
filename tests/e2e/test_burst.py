"""Very many events at once: what they cost a bot, measured in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from qqbot_cli import Simulator
from qqbot_cli.model.simulation import FaultKind
from qqbot_cli.simulator import Closed, HeartbeatSeen, Resumed
from tests.e2e.bots import simulating

PROGRAM = Path(__file__).with_name("burst_bot.py")
MIB = 1 << 20
MORE_MEMORY = 64 * MIB
LATE = 0.1
"""Seconds that the loop may be late in 99 of 100 turns."""
BEAT = 1


class Measured:
    """The bot, seen from outside."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def line(self) -> str:
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode().strip()

    async def ask(self) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        told: dict[str, Any] = json.loads(await self.line())
        return told

    async def until(self, key: str, number: int) -> dict[str, Any]:
        """Ask until *number* is reached; return the costs of all the time since the first question."""
        async with asyncio.timeout(100):
            while (told := await self.ask())[key] < number:
                await asyncio.sleep(0.5)
            return told


@asynccontextmanager
async def measured(simulator: Simulator, folder: Path, behaviour: str) -> AsyncIterator[Measured]:
    """Run the bot until the end of the block."""
    api, token = simulator.endpoints.api, simulator.endpoints.token
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, PROGRAM, api, token, folder / "inbox.sqlite3", behaviour),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "BURST_APPID": simulator.appid, "BURST_SECRET": simulator.secret},
    )
    bot = Measured(process)
    try:
        assert await bot.line() == "ready"
        yield bot
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def burst(simulator: Simulator, number: int) -> None:
    """Let *number* events happen while the bot is kept away, so that all of them are replayed at once."""
    simulator.switches.replay_frames = number + 10
    simulator.switches.upgrade = "502"
    await simulator.inject(FaultKind.RST)
    for index in range(number):
        await simulator.emit("GROUP_AT_MESSAGE_CREATE", user=index % 3, group=index % 2)
    simulator.switches.upgrade = "ok"


@pytest.mark.alone
@pytest.mark.timeout(150)
@pytest.mark.parametrize("number", [5_000, pytest.param(50_000, marks=pytest.mark.slow)])
async def test_f34_a_replay_of_50_000_events_costs_little_and_delays_no_heartbeat(
    number: int, tmp_path: Path
) -> None:
    async with (
        simulating(heartbeat_interval=BEAT) as simulator,
        measured(simulator, tmp_path, "quick") as bot,
    ):
        before = await bot.ask()
        await burst(simulator, number)

        told = await bot.until("handled", number)

        assert (told["handled"], told["twice"]) == (number, 0)
        ((begun, resumed),) = [(at, one) for at, one in simulator.timeline if isinstance(one, Resumed)]
        assert resumed.replayed == number
        assert 0 < told["replayed"] <= number  # how far it was when the panel could have shown it last
        assert told["memory"] - before["memory"] <= MORE_MEMORY
        await asyncio.sleep(2 * BEAT + 1)
        beats = [at for at, one in simulator.timeline if at >= begun and isinstance(one, HeartbeatSeen)]
        assert len(beats) >= 2
        assert max(later - at for at, later in pairwise([begun, *beats])) <= BEAT + 1
        assert simulator.stats.identifies == 1


@pytest.mark.alone
@pytest.mark.timeout(150)
@pytest.mark.parametrize("number", [10_000, pytest.param(100_000, marks=pytest.mark.slow)])
async def test_f77_100_000_events_while_handlers_are_stuck_cost_little(number: int, tmp_path: Path) -> None:
    async with (
        simulating(heartbeat_interval=BEAT) as simulator,
        measured(simulator, tmp_path, "stuck") as bot,
    ):
        before = await bot.ask()
        await burst(simulator, number)

        told = await bot.until("waiting", number)

        assert told["waiting"] == number
        assert told["memory"] - before["memory"] <= MORE_MEMORY
        assert told["late"] <= LATE
        assert simulator.stats.identifies == 1


@pytest.mark.alone
@pytest.mark.long
async def test_f13_a_frame_of_five_megabytes_is_tried_three_times_at_little_cost_and_on_its_shard_alone(
    tmp_path: Path,
) -> None:
    async with simulating(shards=2) as simulator, measured(simulator, tmp_path, "quick") as bot:
        before = await bot.ask()
        await simulator.emit("GROUP_AT_MESSAGE_CREATE", {"content": "x" * (5 << 20)})
        await simulator.wait_for(lambda: simulator.stats.identifies == 3, timeout=20)
        await simulator.emit("GROUP_AT_MESSAGE_CREATE")

        told = await bot.until("handled", 1)

        (spoilt,) = {record.shard for record in simulator.history if isinstance(record, Resumed)}
        assert simulator.stats.resumes == 2  # and once when it came: three tries
        assert told["memory"] - before["memory"] <= 8 * MIB
        assert {record.shard for record in simulator.history if isinstance(record, Closed)} == {spoilt}
