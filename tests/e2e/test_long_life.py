"""F-31, F-33 and F-49: a month of forced disconnects and expiring tokens, in virtual time over real sockets.

The core of a bot without plugins: access tokens, REST, shards. What watches handlers looks ten times a
second whether one is late, which would be all that a virtual month consists of.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from qqbot_cli import Intents, Simulation, Simulator, Token
from qqbot_cli.bot.manager import ShardManager, ShardPlan
from qqbot_cli.bot.platform import open_platform
from qqbot_cli.model.fact import Fact, GapRecorded, Report, ShardChanged, ShardState
from qqbot_cli.model.frame import Frame
from qqbot_cli.model.simulation import Emission, Fault, FaultKind
from qqbot_cli.rest.api import BotApi
from qqbot_cli.simulator import Closed, Emitted, RestCalled, TokenAsked
from qqbot_cli.simulator.record import Record
from tests.e2e.bots import CANARY
from tests.virtual import run_virtually

HOUR = 3600.0
DAY = 24 * HOUR
PLAN = Simulation(
    users=0,
    shards=1,
    events=(Emission("GUILD_UPDATE", every=700),),
    # Every half hour something ends the connection, as the platform does.
    faults=(
        Fault(FaultKind.CLOSE, 4009, after=HOUR / 2, every=HOUR),
        Fault(FaultKind.RECONNECT, after=HOUR, every=HOUR),
    ),
)


def resident() -> float:
    """The memory of this process in MiB; 0 where the system does not tell so."""
    gc.collect()
    status = Path("/proc/self/statm")
    return int(status.read_text(encoding="ascii").split()[1]) * 4096 / (1 << 20) if status.exists() else 0.0


class Heard:
    """Takes every event, and counts those it has not had."""

    def __init__(self) -> None:
        self.count = 0
        self.newest = ""

    def put(self, shard: int, frame: Frame, received: float) -> bool:
        if frame.event == "GUILD_UPDATE" and frame.id != self.newest:
            self.count += 1
            self.newest = frame.id or ""
        return True

    async def room(self) -> None:
        pass

    def forget(self, shard: int) -> None:
        pass


@dataclass
class Life:
    """What was seen of a bot."""

    tasks: list[int] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    """Once an hour, half way between two ends of a connection."""
    facts: list[Fact] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    heard: int = 0
    emitted: int = 0
    identifies: int = 0
    resumes: int = 0
    violations: int = 0
    token_calls: int = 0


def keep(life: Life, fact: Fact) -> None:
    """Remember only what is rare, so that the memory that grows is not ours."""
    if isinstance(fact, ShardChanged) and fact.new in (ShardState.FATAL, ShardState.IDENTIFYING):
        life.facts.append(fact)


@dataclass
class Core:
    """A bot that is connected, and its platform."""

    simulator: Simulator
    api: BotApi
    shards: ShardManager


@asynccontextmanager
async def core(plan: Simulation, heard: Heard, report: Report) -> AsyncIterator[Core]:
    clock = asyncio.get_running_loop().time
    async with (
        Simulator(plan, secret=CANARY, clock=clock, remember=2_000) as simulator,
        open_platform(
            Token(simulator.appid, simulator.secret),
            endpoints=simulator.endpoints,
            sandbox=False,
            timeout=30,
            report=report,
            learn=lambda _token: None,
            jitter=lambda: 0.5,
        ) as platform,
    ):
        manager = ShardManager(
            ShardPlan(),
            api=platform.api,
            http=platform.http,
            tokens=platform.tokens,
            sink=heard,
            report=report,
            intents=Intents.GUILDS,
            jitter=lambda: 0.5,
        )
        await manager.read_gateway()
        manager.prepare(wait=True)
        running = asyncio.create_task(manager.run())
        yield Core(simulator, platform.api, manager)
        await manager.stop()
        await running


async def live(seconds: float) -> Life:
    life, heard = Life(), Heard()
    clock = asyncio.get_running_loop().time
    async with core(PLAN, heard, lambda fact: keep(life, fact)) as bot:
        await asyncio.sleep(HOUR * 1.25 - clock())
        while clock() < seconds:
            await bot.api.get_bot_info()
            life.tasks.append(len(asyncio.all_tasks()))
            life.memory.append(resident())
            await asyncio.sleep(HOUR)
        stats = bot.simulator.stats
        life.records = bot.simulator.history
        life.heard, life.emitted = heard.count, stats.emitted
        life.identifies, life.resumes = stats.identifies, stats.resumes
        life.violations, life.token_calls = stats.violations, stats.token_calls
    return life


@pytest.mark.parametrize(
    "days",
    [
        pytest.param(0.55, id="half a day"),
        pytest.param(30, id="a month", marks=[pytest.mark.slow, pytest.mark.timeout(600)]),
    ],
)
@pytest.mark.long
def test_f31_f49_a_disconnect_every_half_hour_costs_no_session_no_event_and_no_memory(days: float) -> None:
    life = run_virtually(live(days * DAY))

    assert life.identifies == 1
    assert life.resumes >= days * 48 - 4
    assert life.heard == life.emitted > days * 120
    assert life.violations == 0
    assert days * DAY / 7200 <= life.token_calls <= days * DAY / 7140 + 2
    assert not [record for record in life.records if isinstance(record, RestCalled) and record.status != 200]
    assert not [record for record in life.records if isinstance(record, TokenAsked) and record.code]
    assert {record.code for record in life.records if isinstance(record, Closed)} <= {4009, 4000}
    assert [record for record in life.records if isinstance(record, Emitted)]
    assert len(set(life.tasks)) == 1
    assert life.memory[-1] - life.memory[len(life.memory) // 6] <= 2


async def grow_deaf() -> float:
    """Let a session of old age get no events any more; return the seconds until it is replaced."""
    clock = asyncio.get_running_loop().time
    often = replace(PLAN, events=(Emission("GUILD_UPDATE", every=300),), faults=())
    heard, facts = Heard(), list[Fact]()
    async with core(often, heard, facts.append) as bot:
        simulator, stats = bot.simulator, bot.simulator.stats
        await asyncio.sleep(DAY + 100)
        await simulator.inject(FaultKind.RECONNECT)
        await asyncio.sleep(60)
        assert stats.resumes == 1
        await simulator.inject(FaultKind.MUTE)
        begun = clock()
        await asyncio.sleep(600)
        await simulator.inject(FaultKind.DROP)  # one more RESUME is no help
        await simulator.wait_for(lambda: stats.identifies == 2, timeout=DAY)
        took, before = clock() - begun, stats.delivered
        await asyncio.sleep(HOUR)

        assert (stats.identifies, stats.resumes, stats.violations) == (2, 2, 0)
        withheld = stats.emitted - stats.delivered
        assert withheld == 6
        assert heard.count == stats.delivered == before + 12
        (gap,) = [fact for fact in facts if isinstance(fact, GapRecorded)]
        assert "no events for too long" in gap.reason
    return took


def test_f33_a_session_that_delivers_nothing_is_replaced_and_events_come_again() -> None:
    assert run_virtually(grow_deaf()) <= HOUR / 2 + 45  # judged at each heartbeat
