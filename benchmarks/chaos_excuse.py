"""Which events nobody could ask for any more: the only ones that a chaos run may miss. Pure.

A session that is replaced takes with it what was sent in it and had not arrived. It does not take what the
bot had confirmed, nor what a RESUME has brought since; and the bot must have recorded the gap.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from qqbot_cli.simulator import Closed, Emitted, HeartbeatSeen, Identified, Record, Resumed

ARRIVAL: Final = 1.0
"""Seconds that a connection has to live, undisturbed, for what RESUME has brought to have arrived."""
_CLOCKS: Final = 0.05
"""Seconds by which two clocks of one machine may seem to differ."""

_OfShard = Closed | Emitted | HeartbeatSeen | Identified | Resumed


@dataclass(frozen=True, slots=True)
class RecordedGap:
    """A gap as the bot recorded it."""

    at: float
    """When the new session began; on the clock of the timeline."""
    shard: int
    reason: str


def excused(
    timeline: Iterable[tuple[float, Record]],
    missing: Collection[str],
    *,
    shard: int,
    gaps: Sequence[RecordedGap],
    disturbed: Sequence[tuple[float, float]],
) -> set[str]:
    """Return those of the *missing* that were lost with a session of *shard*.

    *disturbed* is when its connections could not be blamed for anything, as begin and end.
    """
    records = [
        (at, one) for at, one in timeline if isinstance(one, _OfShard) and one.shard and one.shard[0] == shard
    ]
    found: set[str] = set()
    here: dict[str, int] = {}
    """Sent in the present session, and perhaps not arrived; with their numbers."""
    before: set[str] = set()
    """The same of a session that was replaced without a gap, perhaps because READY did not arrive."""
    for index, (at, record) in enumerate(records):
        match record:
            case Emitted(seq, _, id_) if id_ in missing:
                here[id_] = seq or 0
            case HeartbeatSeen(d) if isinstance(d, int):
                before.clear()
                here = {id_: seq for id_, seq in here.items() if seq > d}
            case Resumed(_, _, confirmed):
                before.clear()
                here = {id_: seq for id_, seq in here.items() if seq > confirmed}
                if _has_brought(records[index:], disturbed):
                    here.clear()
            case Identified():
                before.update(here)
                here.clear()
                until = _next_session(records[index:])
                if any(gap.shard == shard and at - _CLOCKS <= gap.at < until for gap in gaps):
                    found |= before
                    before.clear()
    return found


def _has_brought(records: Sequence[tuple[float, _OfShard]], disturbed: Iterable[tuple[float, float]]) -> bool:
    """Whether the first of *records*, a RESUME, was followed by long enough a life."""
    begin = records[0][0]
    end = next((at for at, one in records[1:] if isinstance(one, Closed | Identified | Resumed)), math.inf)
    enough = begin + ARRIVAL
    return end >= enough and not any(first < enough and begin < last for first, last in disturbed)


def _next_session(records: Sequence[tuple[float, _OfShard]]) -> float:
    return next((at for at, one in records[1:] if isinstance(one, Identified)), math.inf)
