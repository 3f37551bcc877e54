"""F-31, F-33 and F-49: a month of forced disconnects and expiring tokens, in virtual time over real sockets.

A bot from socket to plugin, with its store in a real file, an event every 23 s and an answer every three
hours. Time stands still while the store works. Three things differ from a month of the calendar. What watches
handlers and status, several times a second, does so for a minute around each disconnect only, and revived
events are looked for once a minute: a virtual month would consist of nothing else. And few ids of events are
remembered, so that memory is measured when they are as many as they may be.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from qqbot_cli import C2CReplySession, EventHandler, Intents, Plugin, Simulation, Simulator, Token
from qqbot_cli.bot.client import INBOX_LIMIT
from qqbot_cli.bot.dispatcher import Dispatcher
from qqbot_cli.bot.durable import DurableInbox
from qqbot_cli.bot.manager import Memory, ShardManager, ShardPlan
from qqbot_cli.bot.platform import open_platform
from qqbot_cli.bot.session import Scope
from qqbot_cli.bot.status import Status
from qqbot_cli.gateway.connection import Sink
from qqbot_cli.model.fact import Fact, GapRecorded, Report, ShardChanged, ShardState
from qqbot_cli.model.frame import Frame
from qqbot_cli.model.inbox import Counts, Retention
from qqbot_cli.model.simulation import Emission, Fault, FaultKind
from qqbot_cli.rest.api import BotApi
from qqbot_cli.simulator import Closed, Emitted, RestCalled, TokenAsked
from qqbot_cli.simulator.record import Record
from tests.e2e.bots import CANARY
from tests.virtual import HeldStore, run_virtually

HOUR = 3600.0
DAY = 24 * HOUR
WATCHED = 60.0
"""Seconds for which what watches runs, half of them before each end of a connection."""
OFF_BEAT = 13.0
"""Seconds after the quarter of an hour, when no event happens."""
LOOK_EVERY = 60.0
"""Seconds between two looks for revived events."""
REMEMBERED = 500
"""Ids of events by which repetitions are recognised."""
BEGIN = 1_700_000_000.0
"""The beginning of virtual time, in unix seconds."""
PLAN = Simulation(
    users=0,
    shards=1,
    # Mostly what cannot be answered: of all else the platform remembers a hundred thousand, in this process.
    events=(
        Emission("CHANNEL_UPDATE", every=30),
        Emission("GUILD_UPDATE", every=110),
        Emission("C2C_MESSAGE_CREATE", after=HOUR / 3, every=3 * HOUR),
    ),
    # Every half hour something ends the connection, as the platform does.
    faults=(
        Fault(FaultKind.CLOSE, 4009, after=HOUR / 2, every=HOUR),
        Fault(FaultKind.RECONNECT, after=HOUR, every=HOUR),
    ),
)


def resident_memory_in_mib() -> float:
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


class Resident(EventHandler):
    """Takes note of every event, and answers people."""

    def __init__(self) -> None:
        self.had: list[str] = []

    async def _note(self, session: Any) -> None:  # noqa: ANN401 - sessions of many kinds
        self.had.append(session.event_id)

    channel_update = guild_update = _note

    async def c2c_message_create(self, session: C2CReplySession) -> None:
        await session.reply("I am here")
        self.had.append(session.event_id)


@dataclass
class Life:
    """What was seen of a bot."""

    tasks: list[int] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    """Once an hour, half way between two ends of a connection."""
    facts: list[Fact] = field(default_factory=list)
    refused: list[Record] = field(default_factory=list)
    """Calls, of the API and for tokens."""
    codes: set[int] = field(default_factory=set)
    """With which connections ended."""
    wrong: list[str] = field(default_factory=list)
    """Ids of events that were sent and not handled, or more than once."""
    handled: int = 0
    sent: int = 0
    replies: int = 0
    identifies: int = 0
    resumes: int = 0
    violations: int = 0
    token_calls: int = 0
    stored: Counts | None = None
    ready: int = 0
    """Shards, by the status."""


def keep(life: Life, fact: Fact) -> None:
    """Remember only what is rare, so that the memory that grows is not ours."""
    if isinstance(fact, GapRecorded) or (
        isinstance(fact, ShardChanged) and fact.new in (ShardState.FATAL, ShardState.IDENTIFYING)
    ):
        life.facts.append(fact)


@dataclass
class Core:
    """A bot that has everything it needs to connect, and its platform."""

    simulator: Simulator
    api: BotApi
    shards: ShardManager

    @asynccontextmanager
    async def connected(self, *parts: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
        """Run the shards, and *parts* beside them."""
        await self.shards.read_gateway()
        self.shards.prepare(wait=True)
        beside = [asyncio.create_task(part) for part in parts]
        running = asyncio.create_task(self.shards.run())
        yield
        await self.shards.stop()
        await running
        await end(beside)


async def end(tasks: list[asyncio.Task[None]]) -> None:
    """Cancel *tasks*; fails if one had failed."""
    for task in tasks:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes), outcomes


@asynccontextmanager
async def core(
    plan: Simulation, sink: Sink, report: Report, *, intents: int, memory: Memory | None = None
) -> AsyncIterator[Core]:
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
            sink=sink,
            report=report,
            intents=intents,
            jitter=lambda: 0.5,
            memory=memory,
        )
        yield Core(simulator, platform.api, manager)


async def now_and_then(*watches: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Let *watches* run around each end of a connection, for ever."""
    while True:
        await asyncio.sleep(HOUR / 2 - WATCHED)
        watching = [asyncio.create_task(watch()) for watch in watches]
        await asyncio.sleep(WATCHED)
        await end(watching)


async def live(seconds: float, folder: Path) -> Life:
    life, resident = Life(), Resident()
    clock = asyncio.get_running_loop().time
    status = Status(version="1", appid="1", sandbox=False, clock=clock)
    plugin = Plugin("resident", resident)

    def wall() -> float:
        return BEGIN + clock()

    def report(fact: Fact) -> None:
        status.report(fact)
        keep(life, fact)
        if isinstance(fact, GapRecorded):
            inbox.note_gap(fact)

    async with HeldStore(
        folder / "inbox.sqlite3", retention=Retention(seen_count=REMEMBERED), clock=wall
    ) as store:
        inbox = DurableInbox(store, limit=INBOX_LIMIT, report=report, look_every=LOOK_EVERY, wall=wall)
        await inbox.restore()
        async with core(PLAN, inbox, report, intents=plugin.intents, memory=inbox) as bot:
            scope = Scope(bot.api, await bot.api.get_bot_info(), clock, plugins=["resident"])
            dispatcher = Dispatcher([plugin], scope, ledger=inbox, report=report)
            inbox.begin(dispatcher, bot.shards.stored)
            status.manager, status.dispatcher, status.inbox = bot.shards, dispatcher, inbox
            watching = now_and_then(dispatcher.watch, status.watch)
            async with bot.connected(inbox.run(), watching):
                await asyncio.sleep(HOUR * 1.25 + OFF_BEAT - clock())
                looked = -1.0
                while clock() < seconds:
                    looked = look(life, bot.simulator, resident, since=looked)
                    await bot.api.get_bot_info()
                    await asyncio.sleep(HOUR)
                look(life, bot.simulator, resident, since=looked)
                life.ready, life.stored = status.snapshot().ready, await store.counts()
            await dispatcher.close()
            stats = bot.simulator.stats
            life.replies = len(bot.simulator.messages)
            life.identifies, life.resumes = stats.identifies, stats.resumes
            life.violations, life.token_calls = stats.violations, stats.token_calls
        await inbox.close()
    return life


def look(life: Life, simulator: Simulator, resident: Resident, *, since: float) -> float:
    """See what has become of all that was sent *since* the last look; return when this one was."""
    timeline = simulator.timeline
    assert since < 0 or timeline[0][0] <= since, "something was forgotten before it was looked at"
    records = [record for at, record in timeline if at > since]
    sent = [one.id for one in records if isinstance(one, Emitted)]
    life.wrong += set(sent) ^ set(resident.had)
    life.sent, life.handled = life.sent + len(sent), life.handled + len(resident.had)
    resident.had.clear()
    life.refused += [one for one in records if isinstance(one, RestCalled) and one.status != 200]
    life.refused += [one for one in records if isinstance(one, TokenAsked) and one.code]
    life.codes |= {one.code for one in records if isinstance(one, Closed)}
    life.tasks.append(len(asyncio.all_tasks()))
    del timeline, records, sent
    life.memory.append(resident_memory_in_mib())
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize(
    "days",
    [
        pytest.param(1, id="a day"),
        pytest.param(30, id="a month", marks=[pytest.mark.slow, pytest.mark.timeout(1_200)]),
    ],
)
@pytest.mark.long
def test_f31_f49_a_disconnect_every_half_hour_costs_no_session_no_event_and_no_memory(
    days: float, tmp_path: Path
) -> None:
    life = run_virtually(live(days * DAY, tmp_path))

    assert life.identifies == 1
    assert life.resumes >= days * 48 - 4
    assert not life.facts[1:]  # no gap, no other identify
    assert not life.wrong
    assert life.handled == life.sent > days * 3_500
    assert life.replies >= days * 8 - 1
    assert life.stored == Counts(waiting=0, dead=0, done=life.handled, gaps=0)
    assert life.ready == 1
    assert life.violations == 0
    assert days * DAY / 7200 <= life.token_calls <= days * DAY / 7140 + 2
    assert not life.refused
    assert life.codes <= {4009, 4000}
    assert len(set(life.tasks)) == 1
    assert life.handled / len(life.memory) * (len(life.memory) // 3) > 2 * REMEMBERED
    assert life.memory[-1] - life.memory[len(life.memory) // 3] <= 2


async def grow_deaf() -> float:
    """Let a session of old age get no events any more; return the seconds until it is replaced."""
    clock = asyncio.get_running_loop().time
    often = replace(PLAN, events=(Emission("GUILD_UPDATE", every=300),), faults=())
    heard, facts = Heard(), list[Fact]()
    async with core(often, heard, facts.append, intents=Intents.GUILDS) as bot, bot.connected():
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
