"""How facts, durations and numbers are worded: the one place that knows what the operator reads.

A fact becomes a `LogLine`: a level, an event name with fields for programs, a sentence for people.
Names of events and fields are a public interface; see `qqbot_cli.cli.output`.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, assert_never

from qqbot_cli.model.fact import (
    EventGivenUp,
    EventUnknown,
    Fact,
    GapRecorded,
    GatewayRead,
    HandlerFailed,
    HeartbeatAcked,
    InboxRestored,
    IntentsRefused,
    RequestFailed,
    SessionStarted,
    ShardChanged,
    ShardState,
    ShardWarned,
    TokenChanged,
)
from qqbot_cli.model.opcode import close_rule
from qqbot_cli.protocol.trouble import BAD_CERTIFICATE

Scalar = str | int | float

_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400


_NEXT: Final = {
    ShardState.IDENTIFYING: "ready",
    ShardState.RESUMING: "ready",
    ShardState.READY: "",
    ShardState.DRAINING: "stopped",
    ShardState.STOPPED: "",
    ShardState.FATAL: "",
}
"""What follows a state; the others lead to a session, old or new."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One thing that happened, in words and in fields."""

    level: int
    """A level of the logging module."""
    event: str
    """What kind of thing, for programs: "shard.state"."""
    subject: str
    """Who it is about, for people: "shard 3"."""
    text: str
    fields: Mapping[str, Scalar] = field(default_factory=dict)
    detail: str = ""
    """A traceback, or empty."""
    frequent: bool = False
    """Comes by the minute on every shard: nobody gets it who did not ask for DEBUG."""


def describe(fact: Fact, *, now: float) -> LogLine:
    """Return *fact* in words; *now* is on the clock of the points in time inside it."""
    match fact:
        case ShardChanged():
            return _shard_changed(fact)
        case HeartbeatAcked(shard, latency):
            text = f"heartbeat acknowledged after {latency * 1000:.0f} ms"
            fields = _present(shard=shard, latency=round(latency, 4))
            return LogLine(logging.DEBUG, "shard.heartbeat", f"shard {shard}", text, fields, frequent=True)
        case ShardWarned(shard, message):
            fields = _present(shard=shard, message=message)
            return LogLine(logging.WARNING, "shard.warning", f"shard {shard}", message, fields)
        case GapRecorded(shard, reason, seconds):
            length = "of unknown length" if seconds is None else f"of {duration(seconds)}"
            text = f"gap {length}, its events are lost: {reason}"
            fields = _present(shard=shard, reason=reason, seconds=seconds)
            return LogLine(logging.WARNING, "shard.gap", f"shard {shard}", text, fields)
        case HandlerFailed():
            return _handler_failed(fact)
        case EventUnknown(name, reason):
            text = f"{name} goes to unknown_event: {reason}"
            return LogLine(
                logging.WARNING, "event.unknown", "events", text, _present(name=name, reason=reason)
            )
        case EventGivenUp(row, name, event_id, plugins, error):
            text = f"{name} {event_id} given up by {plugins}: {error}; qqbot inbox replay {row} runs it again"
            fields = _present(row=row, name=name, event_id=event_id, plugins=plugins, error=error)
            return LogLine(logging.ERROR, "inbox.dead", "inbox", text, fields)
        case InboxRestored(events, sessions, dead, unclean):
            return _restored(events, sessions, dead, unclean=unclean)
        case IntentsRefused(wanted):
            text = f"the platform does not say which intent it refuses; it may be: {wanted}"
            return LogLine(logging.ERROR, "intents.refused", "intents", text, _present(wanted=wanted))
        case RequestFailed(endpoint, error, raised):
            text = error if error.startswith(endpoint) else f"{endpoint} failed: {error}"
            fields = _present(endpoint=endpoint, error=error)
            level = logging.DEBUG if raised else logging.WARNING
            return LogLine(level, "request.failed", "api", text, fields)
        case TokenChanged():
            return _token_changed(fact, now)
        case GatewayRead():
            return _gateway_read(fact, now)
        case SessionStarted(shard, remaining):
            text = f"identify sent, {remaining} session starts left today"
            fields = _present(shard=shard, remaining=remaining)
            return LogLine(logging.DEBUG, "session.started", f"shard {shard}", text, fields)
        case _:
            assert_never(fact)


def _restored(events: int, sessions: int, dead: int, *, unclean: bool) -> LogLine:
    before = "the last run did not end in order: " if unclean else ""
    given_up = f", {counted(dead, 'event')} given up that crashed it again and again" if dead else ""
    left = f"{counted(events, 'event')} to go on with, {counted(sessions, 'session')} to resume"
    text = f"{before}{left}{given_up}"
    level = logging.ERROR if dead else logging.INFO
    fields = _present(events=events, sessions=sessions, dead=dead, unclean=str(unclean).lower())
    return LogLine(level, "inbox.restored", "inbox", text, fields)


def _shard_changed(fact: ShardChanged) -> LogLine:
    level, text = _state_in_words(fact)
    fields = _present(
        shard=fact.shard,
        **{"from": fact.old.value.lower(), "to": fact.new.value.lower()},
        code=fact.code,
        reason=fact.reason,
        next=_next_step(fact),
        delay=None if fact.delay is None else round(fact.delay, 3),
        limit=None if fact.limit is None else round(fact.limit, 3),
        seq=fact.seq,
        replayed=fact.replayed,
    )
    return LogLine(level, "shard.state", f"shard {fact.shard}", text, fields)


def _state_in_words(fact: ShardChanged) -> tuple[int, str]:
    match fact.new:
        case ShardState.FATAL:
            return logging.ERROR, f"stopped for good: {_with_remedy(fact)}"
        case ShardState.BACKOFF if BAD_CERTIFICATE in fact.reason:
            return logging.ERROR, _closed(fact)  # it does not mend itself
        case ShardState.BACKOFF:
            planned = fact.code is not None and close_rule(fact.code).planned
            return logging.INFO if planned else logging.WARNING, _closed(fact)
        case ShardState.READY if fact.old is ShardState.RESUMING:
            replayed = "" if fact.replayed is None else f"{counted(fact.replayed, 'event')} replayed"
            up_to = "" if fact.seq is None else f"up to seq {fact.seq}"
            return logging.INFO, _joined("resumed", replayed, up_to)
        case ShardState.READY:
            return logging.INFO, "ready, with a new session"
        case ShardState.DRAINING | ShardState.STOPPED:
            return logging.INFO, _joined(fact.new.value, fact.reason)
        case _:
            limit = "" if fact.limit is None else f"{duration(fact.limit)} at most"
            return logging.DEBUG, _joined(fact.new.value, fact.reason, limit)


def _closed(fact: ShardChanged) -> str:
    start = "connection ended" if fact.code is None else "closed by server"
    step = _next_step(fact)
    if fact.delay is not None:
        step += f" in {duration(fact.delay)}"
    if fact.seq is not None:
        step += f" from seq {fact.seq}"
    return f"{start}: {_coded_reason(fact)}, {step}"


def _next_step(fact: ShardChanged) -> str:
    if fact.new in _NEXT:
        return _NEXT[fact.new]
    # A shard that has lost its session has no sequence number either.
    return "identify" if fact.seq is None else "resume"


def _coded_reason(fact: ShardChanged) -> str:
    if fact.code is None:
        return fact.reason or "connection lost"
    reason = fact.reason or close_rule(fact.code).meaning
    return reason if reason.startswith(str(fact.code)) else f"{fact.code} {reason}"


def _with_remedy(fact: ShardChanged) -> str:
    reason = _coded_reason(fact)
    remedy = close_rule(fact.code).remedy
    return reason if not remedy or remedy in reason else f"{reason}; {remedy}"


def _handler_failed(fact: HandlerFailed) -> LogLine:
    place = f" ({fact.place})" if fact.place else ""
    event = f", event {fact.event_id}" if fact.event_id else ""
    fields = _present(
        plugin=fact.plugin,
        callback=fact.callback,
        event_id=fact.event_id,
        error=fact.error,
        place=fact.place,
    )
    text = f"{fact.callback} failed: {fact.error}{place}{event}"
    return LogLine(logging.ERROR, "handler.failed", fact.plugin, text, fields, fact.traceback)


def _token_changed(fact: TokenChanged, now: float) -> LogLine:
    if fact.expires_at is None:
        text = f"no new access token: {fact.error}"
        level = logging.DEBUG if fact.raised else logging.WARNING
        return LogLine(level, "token.failed", "token", text, _present(error=fact.error))
    lifetime = max(0.0, fact.expires_at - now)
    text = f"new access token, valid for {duration(lifetime)}"
    return LogLine(logging.INFO, "token.new", "token", text, _present(lifetime=round(lifetime)))


def _gateway_read(fact: GatewayRead, now: float) -> LogLine:
    reset = max(0.0, fact.reset_at - now)
    text = (
        f"the platform advises {counted(fact.shards, 'shard')}; {fact.remaining} of {fact.total} session"
        f" starts left, all back in {duration(reset)}; {fact.max_concurrency} at a time"
    )
    fields = _present(
        shards=fact.shards,
        remaining=fact.remaining,
        total=fact.total,
        reset=round(reset),
        max_concurrency=fact.max_concurrency,
    )
    return LogLine(logging.INFO, "gateway.read", "gateway", text, fields)


def _present(**fields: Scalar | None) -> dict[str, Scalar]:
    """Return the fields that say something."""
    return {key: value for key, value in fields.items() if value is not None and value != ""}


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def counted(number: int, noun: str) -> str:
    """Return "1 shard", "2 shards"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def grouped(number: int) -> str:
    """Return *number* with a space between thousands: "46 118"."""
    return f"{number:,}".replace(",", " ")


def ranges(numbers: Iterable[int]) -> str:
    """Return "0-5,7" for 0 to 5 and 7."""
    runs: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    separators = ("", ",", "-")
    return ",".join(f"{a}{separators[min(b - a, 2)]}{b if b > a else ''}" for a, b in runs)


def duration(seconds: float) -> str:
    """Return *seconds* in the unit a person would use: "0.4 s", "12 s", "88 min", "21 h", "3 d"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    if seconds < 2 * _DAY:
        return f"{seconds / _HOUR:.0f} h"
    return f"{seconds / _DAY:.0f} d"


def countdown(seconds: float) -> str:
    """Return the time until something in whole units: "12 s", "3 min"; "now" if it is due."""
    whole = math.ceil(seconds)
    if whole <= 0:
        return "now"
    return f"{whole} s" if whole < 2 * _MINUTE else duration(whole)


def next_in_words(awaited: str, step: str, seconds: float | None) -> str:
    """Return what a shard does next: "in 12 s, resume", or "waits 8 s for hello, then resume"."""
    left = "" if seconds is None else countdown(seconds)
    if awaited:
        time = f" {left}" if left not in ("", "now") else ""
        return _joined(f"waits{time} for {awaited}", f"then {step}" if step else "")
    return _joined(left if left in ("", "now") else f"in {left}", step)


def stage_in_words(stage: str, error: str, seconds: float | None) -> str:
    """Return what the start-up is doing and, after an *error*, in how many *seconds* it does so again.

    The time first: what does not fit a screen is cut off at the end.
    """
    if not error:
        return stage
    left = "now" if seconds is None else countdown(seconds)
    return f"{stage} (again {left if left == 'now' else f'in {left}'}): {error}"


def uptime(seconds: float) -> str:
    """Return "02:14:07", with days in front if there are any."""
    days, rest = divmod(max(0, int(seconds)), _DAY)
    clock = f"{rest // _HOUR:02}:{rest % _HOUR // _MINUTE:02}:{rest % _MINUTE:02}"
    return f"{days} d {clock}" if days else clock
