"""Lines of a simulation's script: when, and what then happens or goes wrong.

{at: {every: 20s}, do: {close: 4009}}
{from: 60s, to: 90s, do: blackhole}
{at: {after: 5s}, emit: GUILD_MEMBER_ADD}
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, model_validator

from qqbot_cli.config.diagnostic import MAX_WORD, Code, KeyPath, did_you_mean
from qqbot_cli.config.section import Section
from qqbot_cli.config.source import printable
from qqbot_cli.config.values import (
    MAX_SHARDS,
    duration,
    duration_text,
    number,
    refusal,
    seconds,
    whole,
    wrong_type,
)
from qqbot_cli.model.events import EVENTS
from qqbot_cli.model.simulation import NETWORK_FAULTS, WAYLESS_FAULTS, Emission, Fault, FaultKind, Way

DAY: Final = 86_400.0
"""Seconds; nothing in a simulation is further away."""

MANY: Final = 1_000_000_000

Deed = tuple[FaultKind, float]
"""A fault and its amount."""


def _delay(value: object, at: KeyPath) -> float:
    result = seconds(value, at=at)
    if not 0 < result <= DAY:
        raise refusal(
            f"should be more than 0 and at most {duration_text(DAY)}", "write for example 500ms", at=at
        )
    return result


_AMOUNTS: Final[dict[FaultKind, tuple[str, Callable[[object, KeyPath], float]]]] = {
    FaultKind.CLOSE: ("4009", lambda value, at: whole(value, 1000, 4999, at=at)),
    FaultKind.DELAY: ("500ms", _delay),
    FaultKind.DUPLICATE: ("3", lambda value, at: whole(value, 1, MANY, at=at)),
    FaultKind.REORDER: ("3", lambda value, at: whole(value, 1, MANY, at=at)),
    FaultKind.REMAINING: ("0", lambda value, at: whole(value, 0, MANY, at=at)),
    FaultKind.LATENCY: ("200ms", _delay),
    FaultKind.JITTER: ("50ms", _delay),
    FaultKind.BANDWIDTH: ("1000", lambda value, at: whole(value, 1, MANY, at=at)),
    FaultKind.SLICE: ("1", lambda value, at: whole(value, 1, MANY, at=at)),
    FaultKind.LIMIT: ("100", lambda value, at: whole(value, 0, MANY, at=at)),
    FaultKind.RST_AFTER: ("6", lambda value, at: whole(value, 0, MANY, at=at)),
    FaultKind.SLOW_CLOSE: ("5s", _delay),
}
"""Faults that need an amount: an example, and the check."""


def _deeds(value: object) -> tuple[Deed, ...]:
    match value:
        case str():
            return (_deed(value, None, ()),)
        case dict() if value:
            return tuple(_deed(word, amount, (word,)) for word, amount in value.items())
        case _:
            raise wrong_type("the name of a fault", "write do: reconnect, or do: {close: 4009}")


def _deed(word: str, amount: object, at: KeyPath) -> Deed:
    if word not in tuple(FaultKind):
        raise refusal(
            f"unknown fault '{printable(word, MAX_WORD)}'",
            did_you_mean(word, list(FaultKind)),
            at=at,
            key=True,
        )
    kind = FaultKind(word)
    if kind in _AMOUNTS:
        example, check = _AMOUNTS[kind]
        if amount is None:
            raise refusal(f"{word} needs an amount", f"write do: {{{word}: {example}}}", at=at)
        return kind, check(amount, at)
    if kind is FaultKind.INVALID_SESSION and amount is False:
        return kind, 0
    if amount is None:
        return kind, 0
    if amount is True:
        return kind, 1 if kind is FaultKind.INVALID_SESSION else 0
    if kind is FaultKind.INVALID_SESSION:
        raise wrong_type("true or false", "write true if the session may be resumed", at=at)
    raise refusal(f"{word} takes no amount", f"write do: {word}", at=at)


class MomentSection(Section):
    """When a fault happens; exactly one key."""

    seq: Annotated[int, number(1, MANY)] | None = None
    """When a session has reached this sequence number."""
    event: Annotated[int, number(1, MANY)] | None = None
    """When the simulator has sent this many events in all."""
    every: Annotated[float, duration(0.1, DAY)] | None = None
    """Again and again, this far apart."""
    after: Annotated[float, duration(0, DAY)] | None = None
    """Once, this long after the simulator started."""

    @model_validator(mode="after")
    def _exactly_one(self) -> MomentSection:
        if len(self.model_dump(exclude_none=True)) != 1:
            raise refusal(
                "needs exactly one of seq, event, every and after", "write for example at: {every: 20s}"
            )
        return self


class FaultSection(Section):
    """What goes wrong, and either a moment (`at`) or a period (`from` and `to`)."""

    at: MomentSection | None = None
    """The moment: {seq: 100}, {event: 500}, {every: 30s} or {after: 10s}."""
    from_: Annotated[float, duration(0, DAY)] | None = Field(default=None, alias="from")
    """Beginning of a period, counted from the start of the simulator."""
    to: Annotated[float, duration(0, DAY)] | None = None
    """End of the period; without it the fault lasts for good."""
    do: Annotated[tuple[Deed, ...], BeforeValidator(_deeds)]
    """The fault, such as reconnect or {close: 4009}; several in one mapping happen together."""
    shard: Annotated[int, number(0, MAX_SHARDS - 1)] | None = None
    """Only this shard; without it every shard. Faults of the network know no shard."""
    way: Literal["up", "down"] | None = None
    """Only this direction of the network, up to the platform or down from it; without it both."""

    @model_validator(mode="after")
    def _fits_the_fault(self) -> FaultSection:
        for kind, _ in self.do:
            if self.shard is not None and kind in NETWORK_FAULTS:
                raise refusal(f"{kind} is about the whole network", "delete shard", at=("shard",))
            if self.way is not None and kind not in NETWORK_FAULTS - WAYLESS_FAULTS:
                directed = ", ".join(sorted(NETWORK_FAULTS - WAYLESS_FAULTS))
                raise refusal(f"{kind} has no direction", f"way is for {directed}", at=("way",))
        return self

    @model_validator(mode="after")
    def _has_a_time(self) -> FaultSection:
        if (self.at is None) == (self.from_ is None):
            raise refusal(
                "needs either at or from",
                "write at: {every: 20s} for a moment, or from: 60s for a period",
                code=Code.MISSING_KEY,
            )
        if self.to is not None and (self.from_ is None or self.to <= self.from_):
            raise refusal("to needs an earlier from", "write for example from: 60s, to: 90s", at=("to",))
        return self

    def faults(self) -> list[Fault]:
        """Return one fault for each deed."""
        when: dict[str, Any] = {"start": self.from_, "end": self.to}
        if self.at is not None:
            when |= {
                "at_seq": self.at.seq,
                "at_event": self.at.event,
                "every": self.at.every,
                "after": self.at.after,
            }
        way = None if self.way is None else Way[self.way.upper()]
        return [Fault(kind, amount, shard=self.shard, way=way, **when) for kind, amount in self.do]


def _event_name(value: object) -> str:
    if not isinstance(value, str):
        raise wrong_type("the name of an event", "write for example emit: GUILD_MEMBER_ADD")
    if re.fullmatch(r"[A-Z][A-Z0-9_]{0,99}", value) is None:
        raise refusal(
            "the platform's names are capital letters, digits and _",
            did_you_mean(value.upper(), list(EVENTS)),
        )
    return value


class PlanSection(Section):
    """When a planned event happens, counted from the first session of a bot; one key or both."""

    after: Annotated[float, duration(0, DAY)] | None = None
    """For the first time after this long; without it at once, or after `every`."""
    every: Annotated[float, duration(0.1, DAY)] | None = None
    """Again and again, this far apart; without it once."""


class EventSection(Section):
    """One event that happens by plan."""

    at: PlanSection = PlanSection()
    """When: {after: 5s}, {every: 30s} or both. The default is as soon as a bot is there."""
    emit: Annotated[str, BeforeValidator(_event_name)]
    """Name of the event on the platform; one that is in no table is sent all the same."""
    d: dict[str, Any] | None = None
    """Its payload; without it a realistic one."""
    shard: Annotated[int, number(0, MAX_SHARDS - 1)] | None = None
    """Only this shard; without it the one of its guild."""

    def emission(self) -> Emission:
        """Return the plain values the simulator takes."""
        first = self.at.after if self.at.after is not None else self.at.every or 0.0
        return Emission(self.emit, self.d, after=first, every=self.at.every, shard=self.shard)
