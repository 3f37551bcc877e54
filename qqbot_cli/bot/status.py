"""Status: what is known about a running bot, put together when somebody looks.

Facts that are reported change it; counters stay with the objects that count.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from qqbot_cli.bot.memory import resident_memory
from qqbot_cli.bot.snapshot import Fate, PluginView, ShardView, Snapshot
from qqbot_cli.bot.step import Step, next_step
from qqbot_cli.bot.tally import Tally
from qqbot_cli.model.fact import (
    Fact,
    GapRecorded,
    GatewayRead,
    SessionStarted,
    ShardChanged,
    ShardState,
    TokenChanged,
)

if TYPE_CHECKING:
    from qqbot_cli.bot.dispatcher import Dispatcher
    from qqbot_cli.bot.inbox import Inbox
    from qqbot_cli.bot.manager import ShardManager
    from qqbot_cli.bot.plugins import PluginFailure
    from qqbot_cli.bot.throttle import MemoryThrottle
    from qqbot_cli.bot.worker import PluginRunner
    from qqbot_cli.gateway.connection import ShardConnection

_RATE_WINDOW: Final = 10.0
"""Seconds that events per second are averaged over."""
_SAMPLE_EVERY: Final = 0.25
_LAG_SAMPLES: Final = 20


class Status:
    """Knows how the bot is."""

    def __init__(self, *, version: str, appid: str, sandbox: bool, clock: Callable[[], float]) -> None:
        """*clock* answers monotonic seconds."""
        self._version = version
        self._appid = appid
        self._sandbox = sandbox
        self._clock = clock
        self._started = clock()
        self.simulated = False
        self.config = ""
        self.stage = ""
        self.stage_error = ""
        self.stage_next_at: float | None = None
        self.bot_name = ""
        self.draining_until: float | None = None
        self.fate = Fate.KEPT
        self.fate_told = False
        self.failures: tuple[PluginFailure, ...] = ()
        self.manager: ShardManager | None = None
        self.dispatcher: Dispatcher | None = None
        self.inbox: Inbox | None = None
        self.throttle: MemoryThrottle | None = None
        self.gaps = 0
        self._since: dict[int, float] = {}
        self._errors: dict[int, str] = {}
        self._quota: GatewayRead | None = None
        self._quota_left: int | None = None
        self._token_expires_at: float | None = None
        self._history: deque[tuple[float, dict[int, int]]] = deque()
        self._lags: deque[float] = deque([0.0], maxlen=_LAG_SAMPLES)
        self._memory: int | None = None

    def report(self, fact: Fact) -> None:
        """Take note of *fact*."""
        match fact:
            case ShardChanged(shard, _, new, reason):
                self._since[shard] = self._clock()
                if reason:
                    self._errors[shard] = reason
                if new is ShardState.STOPPED:
                    self._errors.pop(shard, None)
            case GatewayRead(remaining=remaining):
                self._quota, self._quota_left = fact, remaining
            case SessionStarted(_, remaining):
                self._quota_left = remaining
            case TokenChanged(float() as expires_at):
                self._token_expires_at = expires_at
            case GapRecorded():
                self.gaps += 1
            case _:
                pass  # told to people by the log alone

    def enter(self, stage: str) -> None:
        """The start-up has come to *stage*; empty once it is over."""
        self.stage, self.stage_error, self.stage_next_at = stage, "", None

    async def watch(self) -> None:
        """Measure how late the event loop is and how fast events come, for ever."""
        while True:
            due = self._clock() + _SAMPLE_EVERY
            await asyncio.sleep(_SAMPLE_EVERY)
            now = self._clock()
            self._lags.append(max(0.0, now - due))
            if self.manager is not None:
                counts = {one.machine.index: one.events for one in self.manager.connections}
                self._history.append((now, counts))
                while now - self._history[0][0] > _RATE_WINDOW:
                    self._history.popleft()
            self._memory = resident_memory()

    def snapshot(self) -> Snapshot:
        """Return how things stand now."""
        now = self._clock()
        connections = self.manager.connections if self.manager else []
        runners = self.dispatcher.runners if self.dispatcher else []
        tally = (self.inbox.tally if self.inbox else Tally()) + (
            self.dispatcher.tally if self.dispatcher else Tally()
        )
        waiting = self.dispatcher.waiting_by_shard() if self.dispatcher else Counter[int]()
        spacing = self.manager.spacing if self.manager else None
        turns = spacing.turns(now=now) if spacing else {}
        stopping = self.draining_until is not None
        shards = tuple(
            self._shard(
                one,
                waiting[one.machine.index],
                next_step(one, spacing, turns, now=now, stopping=stopping),
                now,
            )
            for one in connections
        )
        return Snapshot(
            version=self._version,
            appid=self._appid,
            bot_name=self.bot_name,
            sandbox=self._sandbox,
            simulated=self.simulated,
            config=self.config,
            started=self._started,
            taken=now,
            shards=shards,
            plugins=self._plugins(runners),
            quota_left=self._quota_left,
            quota_total=self._quota.total if self._quota else None,
            quota_reset_at=self._quota.reset_at if self._quota else None,
            token_expires_at=self._token_expires_at,
            events=self.manager.events if self.manager else 0,
            handled=tally.handled,
            failed=tally.given_up,
            unwanted=tally.unwanted,
            repeated=tally.repeated,
            earlier=tally.earlier,
            waiting=self.inbox.waiting if self.inbox else 0,
            dead=self.inbox.dead if self.inbox else 0,
            fate=self.fate,
            fate_told=self.fate_told,
            gaps=self.gaps,
            trouble=self._trouble(),
            memory=self._memory,
            lag=max(self._lags),
            draining_until=self.draining_until,
            stage=self.stage,
            stage_error=self.stage_error,
            stage_next_at=self.stage_next_at,
        )

    def _plugins(self, runners: Sequence[PluginRunner]) -> tuple[PluginView, ...]:
        """Return each plugin once: one whose setup failed has a runner too, which keeps its events."""
        failed = {failure.name for failure in self.failures}
        running = [_plugin(runner) for runner in runners if runner.name not in failed]
        return (*running, *map(_failed_plugin, self.failures))

    def _trouble(self) -> str:
        stored = self.inbox.trouble if self.inbox else ""
        return stored or (self.throttle.trouble if self.throttle else "")

    def _shard(self, connection: ShardConnection, waiting: int, step: Step, now: float) -> ShardView:
        machine = connection.machine
        session = machine.session
        index = machine.index
        return ShardView(
            index=index,
            count=self.manager.count if self.manager else 1,
            state=machine.state,
            session=_shortened(session.session_id) if session else "",
            seq=machine.seq,
            latency=machine.latency,
            events=connection.events,
            rate=self._rate(index, connection.events, now),
            waiting=waiting,
            reconnects=machine.reconnects,
            last_error=self._errors.get(index, ""),
            next_step=step.step,
            next_at=step.at,
            since=self._since.get(index, self._started),
            paused=connection.paused and self.draining_until is None,
            replayed=machine.replayed if machine.state is ShardState.RESUMING else 0,
            skipped=machine.skipped,
            unknown=machine.unknown,
            awaited=step.awaited,
        )

    def _rate(self, index: int, events: int, now: float) -> float:
        if not self._history:
            return 0.0
        then, counts = self._history[0]
        # A restart with other shards begins to count anew.
        gained = max(0, events - counts.get(index, 0))
        return gained / (now - then) if now > then else 0.0


def _shortened(session_id: str) -> str:
    """Return enough of *session_id* to recognise it, and too little to use it."""
    return f"{session_id[:6]}~{session_id[-2:]}" if len(session_id) > 12 else "…"


def _plugin(runner: PluginRunner) -> PluginView:
    durations = sorted(runner.durations)
    return PluginView(
        name=runner.plugin.name,
        version=runner.plugin.version,
        state=runner.state,
        handled=runner.handled,
        failed=runner.failed,
        running=runner.running,
        p95=durations[int(len(durations) * 0.95)] if durations else None,
        last_error=runner.last_error,
    )


def _failed_plugin(failure: PluginFailure) -> PluginView:
    return PluginView(failure.name, failure.version, "not loaded", 0, 0, 0, None, failure.reason)
