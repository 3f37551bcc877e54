"""An event on its way from a connection into the store."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from qqbot_cli.bot.session import EventSession
from qqbot_cli.model.events import EVENTS
from qqbot_cli.model.inbox import Received

_OWN_ID: Final = frozenset(row.name for row in EVENTS.values() if row.by_own_id)


class _Identified(msgspec.Struct):
    id: str | int = ""


_identified: Final = msgspec.json.Decoder(_Identified).decode


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """One event, not stored yet."""

    shard: int
    session_id: str | None
    """Of the gateway session it came in."""
    seq: int | None
    event: EventSession[Any] | None
    """As plugins will see it; None if none wants it: of that only the number is stored."""
    kept: bool
    """Whether it is stored; events about the connection are not."""


def to_store(event: EventSession[Any], behind: float) -> Received:
    """Return what is stored of *event*; *behind* is the wall clock minus the monotonic one."""
    return Received(
        event.shard,
        event.name,
        event.event_id,
        key_of(event),
        bytes(event.body),
        event.received + behind,
    )


def key_of(event: EventSession[Any]) -> str:
    """Return what repetitions of *event* have in common, empty if nothing is known.

    Messages are recognised by their own id, because the platform may push one again in another envelope.
    """
    spec = event.spec
    if spec is None:
        own = _own_id(event.body) if event.name in _OWN_ID else ""
    else:
        own = event.event.id if spec.by_own_id else ""
    return f"{event.name}/{own}" if own else event.event_id


def _own_id(body: msgspec.Raw) -> str | int:
    """Return the id of a message that is otherwise of no known shape."""
    try:
        return _identified(body).id
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""
