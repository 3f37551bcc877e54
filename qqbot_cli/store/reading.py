"""Rows of the database as values; what is not what was written there costs its own value and no more.

A disk may turn a bit without a word, and SQLite then gives a text where a number was stored. Whoever reads
must not end by that: each value is brought into its type, and an event with such a value is told.
"""

from __future__ import annotations

import json
import logging
from typing import Any, Final

from qqbot_cli.model.inbox import Gap, Received, SavedSession, State, StoredEvent

logger = logging.getLogger(__name__)

Row = tuple[Any, ...]

_LATEST: Final = 253_402_300_799.0
"""The last second that has a date."""


def event(values: Row, state: State) -> StoredEvent:
    """Return the event in *values*, which are all of its columns."""
    row, shard, name, event_id, key, body, received_at = values[:7]
    attempts, crashes, running, error, plugins, changed_at = values[7:]
    received = Received(
        _number(shard), _text(name), _text(event_id), _text(key), _bytes(body), _time(received_at)
    )
    read = StoredEvent(
        row,
        received,
        _number(attempts),
        _number(crashes),
        state,
        bool(running),
        _text(error),
        plugin_names(plugins),
        _time(changed_at),
    )
    if (name, event_id, key, body) != (received.name, received.event_id, received.key, received.body):
        logger.warning("event %d is damaged in the store: what could not be read of it is left out", row)
    return read


def session(values: Row) -> SavedSession:
    """Return the session in *values*; a damaged one is refused by the platform, which leaves a gap."""
    shard, count, session_id, seq, gateway_url, started_at, saved_at, intents = values
    return SavedSession(
        shard,
        _number(count),
        _text(session_id),
        _number(seq),
        _text(gateway_url),
        _time(started_at),
        _time(saved_at),
        _number(intents),
    )


def gap(values: Row) -> Gap:
    """Return the gap in *values*."""
    shard, from_at, to_at, reason = values
    return Gap(_number(shard), None if from_at is None else _time(from_at), _time(to_at), _text(reason))


def plugin_names(stored: object) -> tuple[str, ...]:
    """Return the plugins in a column; none, which stands for all of them, if they cannot be read."""
    try:
        names = json.loads(_text(stored))
    except (ValueError, RecursionError):
        return ()
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else _text(value).encode()


def _time(value: object) -> float:
    return float(value) if isinstance(value, int | float) and 0 <= value <= _LATEST else 0.0
