"""Faults on purpose: when the script wants them, and what each one does to the live connections."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from qqbot_cli.model.simulation import NETWORK_FAULTS, Fault, FaultKind, Way
from qqbot_cli.simulator.agenda import each_when_due
from qqbot_cli.simulator.front import Front, Poison
from qqbot_cli.simulator.gateway import NO_SESSION, Connection
from qqbot_cli.simulator.platform import Platform
from qqbot_cli.simulator.session import GatewaySession
from qqbot_cli.simulator.toxic import (
    Bandwidth,
    Blackhole,
    Hang,
    Latency,
    Limit,
    Refuse,
    Rst,
    Slice,
    SlowClose,
    Toxic,
)

RECONNECT_DELAY: Final = 0.2
"""Seconds between op 7 and the close that follows it."""

Effect = Callable[[Connection, float], None]


def _close(connection: Connection, amount: float) -> None:
    connection.refuse(int(amount))


def _reconnect(connection: Connection, amount: float) -> None:
    connection.reconnect(RECONNECT_DELAY)


def _invalidate(connection: Connection, amount: float) -> None:
    connection.invalidate(resumable=amount == 1)
    connection.refuse(NO_SESSION)


def _mute(connection: Connection, muted: bool) -> None:
    if connection.session is not None:
        connection.session.muted = muted


EFFECTS: Final[dict[FaultKind, Effect]] = {
    FaultKind.CLOSE: _close,
    FaultKind.RECONNECT: _reconnect,
    FaultKind.INVALID_SESSION: _invalidate,
    FaultKind.DROP: lambda connection, amount: connection.line.drop(),
    FaultKind.HALF_OPEN: lambda connection, amount: connection.line.freeze(),
    FaultKind.BLACKHOLE: lambda connection, amount: connection.line.freeze(),
    FaultKind.RST: lambda connection, amount: connection.line.reset(),
    FaultKind.RST_MID_FRAME: lambda connection, amount: connection.line.reset_mid_frame(),
    FaultKind.DELAY: lambda connection, amount: connection.line.hold_back(amount),
    FaultKind.DUPLICATE: lambda connection, amount: connection.line.duplicate(int(amount)),
    FaultKind.REORDER: lambda connection, amount: connection.line.reorder(int(amount)),
    FaultKind.SILENCE_ACKS: lambda connection, amount: connection.line.fall_silent(),
    FaultKind.MUTE: lambda connection, amount: _mute(connection, True),
}
"""What a fault does to one connection; `REMAINING` touches none."""

TOXICS: Final[dict[FaultKind, Callable[[float], Toxic]]] = {
    FaultKind.LATENCY: Latency,
    FaultKind.JITTER: lambda amount: Latency(0.0, jitter=amount),
    FaultKind.BANDWIDTH: Bandwidth,
    FaultKind.SLICE: lambda amount: Slice(int(amount)),
    FaultKind.LIMIT: lambda amount: Limit(int(amount)),
    FaultKind.RST_AFTER: lambda amount: Rst(int(amount)),
    FaultKind.NO_ROUTE: lambda amount: Blackhole(),
    FaultKind.SLOW_CLOSE: SlowClose,
    FaultKind.REFUSE: lambda amount: Refuse(),
    FaultKind.HANG: lambda amount: Hang(),
}
"""What a fault of the network is in the front."""

_OF_THE_LIVING: Final = frozenset((FaultKind.LIMIT, FaultKind.RST_AFTER))
"""Without a period these are for the connections that live, not for all that will ever be."""

CURES: Final[dict[FaultKind, Callable[[Connection], None]]] = {
    FaultKind.HALF_OPEN: lambda connection: connection.line.thaw(),
    FaultKind.BLACKHOLE: lambda connection: connection.line.thaw(),
    FaultKind.DELAY: lambda connection: connection.line.hurry(),
    FaultKind.SILENCE_ACKS: lambda connection: connection.line.speak(),
    FaultKind.MUTE: lambda connection: _mute(connection, False),
}
"""How the faults end that last; the others are over when they have happened."""


class Faults:
    """Carries faults out, and ends those that last."""

    def __init__(self, platform: Platform, front: Callable[[], Front]) -> None:
        """*front* answers the network before the platform; asked only when it is to be spoilt."""
        self._platform = platform
        self._front = front
        self._timers: list[asyncio.TimerHandle] = []
        self._poisons: dict[tuple[FaultKind, Way | None], Poison] = {}

    def inject(
        self,
        kind: FaultKind,
        amount: float,
        *,
        shard: int | None,
        seconds: float | None,
        way: Way | None = None,
    ) -> None:
        """Let *kind* happen now; *seconds* ends a lasting fault, None leaves it until `heal`."""
        platform = self._platform
        if kind in NETWORK_FAULTS:
            self._spoil(kind, amount, way, seconds)
            return
        if kind is FaultKind.REMAINING:
            platform.quota.set_remaining(int(amount))
            return
        if kind is FaultKind.BLACKHOLE:
            platform.reachable.clear()
            shard = None
        for connection in self.connections(shard):
            if kind is FaultKind.INVALID_SESSION and amount != 1 and connection.session is not None:
                connection.session.forgotten = True
            EFFECTS[kind](connection, amount)
        if kind in CURES and seconds is not None:
            loop = asyncio.get_running_loop()
            self._timers.append(loop.call_later(seconds, self._cure, kind, shard))

    def _spoil(self, kind: FaultKind, amount: float, way: Way | None, seconds: float | None) -> None:
        """Put a toxic into force, in place of the same one that may be in force."""
        front = self._front()
        if (earlier := self._poisons.pop((kind, way), None)) is not None:
            front.remove(earlier)
        if seconds is None and kind in _OF_THE_LIVING:
            seconds = 0
        until = None if seconds is None or math.isinf(seconds) else seconds
        ways = () if way is None else (way,)
        self._poisons[kind, way] = front.add(TOXICS[kind](amount), *ways, seconds=until)

    def heal(self, shard: int | None = None) -> None:
        """End every lasting fault; those of the network too, unless they are to end for one *shard*."""
        if shard is None:
            for poison in self._poisons.values():
                self._front().remove(poison)
            self._poisons.clear()
        for kind in CURES:
            self._cure(kind, shard)

    def release(self) -> None:
        """Cancel what is planned."""
        for timer in self._timers:
            timer.cancel()

    def _cure(self, kind: FaultKind, shard: int | None) -> None:
        if kind is FaultKind.BLACKHOLE:
            self._platform.reachable.set()
        for connection in self.connections(shard):
            CURES[kind](connection)

    def connections(self, shard: int | None) -> Iterator[Connection]:
        """Yield the live connections, those of one shard if *shard* is given."""
        for connection in list(self._platform.connections):
            if shard is None or (connection.shard is not None and connection.shard[0] == shard):
                yield connection


class FaultScript:
    """Decides when the faults of a simulation are due."""

    def __init__(self, script: Sequence[Fault], faults: Faults) -> None:
        self._faults = faults
        self._timed = [fault for fault in script if fault.at_seq is None and fault.at_event is None]
        self._at_event = [fault for fault in script if fault.at_event is not None]
        self._at_seq = [fault for fault in script if fault.at_seq is not None]

    def event_sent(self, total: int) -> None:
        """The simulator has sent *total* events to sessions."""
        due = [fault for fault in self._at_event if fault.at_event is not None and fault.at_event <= total]
        for fault in due:
            self._at_event.remove(fault)
            self._inject(fault)

    def seq_reached(self, session: GatewaySession, before: int) -> None:
        """A session went from sequence number *before* to the one it has."""
        for fault in self._at_seq:
            if fault.at_seq is not None and before < fault.at_seq <= session.seq:
                index = session.shard[0]
                if fault.shard in (None, index):
                    self._inject(fault, shard=index)

    async def run(self) -> None:
        """Let the timed faults happen; their times count from now."""
        async for number in each_when_due([(_first(fault), fault.every) for fault in self._timed]):
            self._inject(self._timed[number])

    def _inject(self, fault: Fault, shard: int | None = None) -> None:
        seconds = None if fault.end is None else fault.end - (fault.start or 0.0)
        if fault.kind in NETWORK_FAULTS and fault.start is not None and fault.end is None:
            seconds = math.inf  # a period without an end, and no moment
        where = fault.shard if shard is None else shard
        self._faults.inject(fault.kind, fault.amount, shard=where, seconds=seconds, way=fault.way)


def _first(fault: Fault) -> float:
    return next((at for at in (fault.after, fault.start, fault.every) if at is not None), 0.0)
