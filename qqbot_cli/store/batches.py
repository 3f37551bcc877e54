"""Events as they came: a batch of them is one row, not one row each.

Nearly all events end as they came, together and soon, and nothing ever has to be known of one alone. So
the database has a tenth of the work, and Python's threads change places a tenth as often. An event that
has a fate of its own, because it failed or runs again, is singled out: it moves to the table of those
that wait, and its batch no longer holds it.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import msgspec

from qqbot_cli.model.inbox import Received

TABLES: Final = (
    # Rows first to last; the events are last, so that whoever counts need not read past them.
    """
    CREATE TABLE batches (
        first INTEGER PRIMARY KEY,
        last INTEGER NOT NULL,
        changed_at REAL NOT NULL,
        events BLOB NOT NULL
    )""",
    # A bit for each event of a batch that the batch no longer holds; no row while it holds all.
    "CREATE TABLE gone (first INTEGER PRIMARY KEY, number INTEGER NOT NULL, bits BLOB NOT NULL)",
)

Event = tuple[int, Received, float]
"""Row, event, and when it changed last in unix seconds."""

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(list[Received]).decode

_INSERT: Final = "INSERT INTO batches VALUES (?, ?, ?, ?)"
_FIND: Final = """
SELECT first, last, bits FROM batches LEFT JOIN gone USING (first)
WHERE first BETWEEN ifnull((SELECT max(first) FROM batches WHERE first <= :low), :low) AND :high
ORDER BY first
"""
_BROKEN: Final = "SELECT first, last, bits FROM batches JOIN gone USING (first)"
_READ: Final = """
SELECT first, changed_at, bits, events FROM batches LEFT JOIN gone USING (first)
WHERE first >= ifnull((SELECT max(first) FROM batches WHERE first <= :after), :after)
ORDER BY first
"""
COUNT: Final = """
ifnull((SELECT sum(last - first + 1) FROM batches), 0) - ifnull((SELECT sum(number) FROM gone), 0)
"""
"""Expression for the number of events that batches hold."""


def insert(connection: sqlite3.Connection, first: int, events: Sequence[Received], now: float) -> None:
    """Keep *events*, which are at least one, in the rows from *first* on."""
    connection.execute(_INSERT, (first, first + len(events) - 1, now, _encode(events)))


def read(connection: sqlite3.Connection, after: int) -> Iterator[Event]:
    """Return the events that batches hold in rows above *after*, in order; read as far as they are used."""
    for first, changed_at, packed, events in connection.execute(_READ, {"after": after}):
        gone = _bits(packed)
        for index, received in enumerate(_decode(events)):
            if first + index > after and not gone >> index & 1:
                yield first + index, received, changed_at


def let_go(connection: sqlite3.Connection, rows: Sequence[int]) -> int:
    """Hold *rows*, each once and in order, no longer; return how many of them were held.

    A batch that holds nothing any more is deleted.
    """
    number = 0
    for part in _parts(connection, rows):
        number += len(part.rows)
        gone = part.gone
        if len(part.rows) < part.size:
            for row in part.rows:
                gone |= 1 << row - part.first
        if len(part.rows) == part.size or gone.bit_count() == part.size:
            connection.execute("DELETE FROM batches WHERE first = ?", (part.first,))
            if part.gone:
                connection.execute("DELETE FROM gone WHERE first = ?", (part.first,))
        else:
            packed = gone.to_bytes((part.size + 7) // 8, "little")
            connection.execute("REPLACE INTO gone VALUES (?, ?, ?)", (part.first, gone.bit_count(), packed))
    return number


def take_out(connection: sqlite3.Connection, rows: Sequence[int]) -> list[Event]:
    """Return those of *rows*, each once and in order, that batches hold, and hold them no longer."""
    taken: list[Event] = []
    for part in _parts(connection, rows):
        changed_at, packed = connection.execute(
            "SELECT changed_at, events FROM batches WHERE first = ?", (part.first,)
        ).fetchone()
        events = _decode(packed)
        taken += [(row, events[row - part.first], changed_at) for row in part.rows]
    let_go(connection, [row for row, _, _ in taken])
    return taken


def left_over(connection: sqlite3.Connection) -> list[int]:
    """Return the rows held by batches that no longer hold all theirs, and keep its space nevertheless."""
    rows: list[int] = []
    for first, last, packed in connection.execute(_BROKEN):
        gone = _bits(packed)
        rows += [row for row in range(first, last + 1) if not gone >> row - first & 1]
    return rows


class _Part(NamedTuple):
    """What a batch holds of some rows."""

    first: int
    size: int
    gone: int
    """A bit for each event that it does not hold any more."""
    rows: Sequence[int]
    """Those that it holds."""


def _parts(connection: sqlite3.Connection, rows: Sequence[int]) -> Iterator[_Part]:
    """Return the batches that hold any of *rows*, which are in order."""
    if not rows:
        return
    end = 0
    for first, last, packed in connection.execute(_FIND, {"low": rows[0], "high": rows[-1]}).fetchall():
        begin = bisect_left(rows, first, end)
        end = bisect_left(rows, last + 1, begin)
        held, gone = rows[begin:end], _bits(packed)
        if gone:
            held = [row for row in held if not gone >> row - first & 1]
        if held:
            yield _Part(first, last - first + 1, gone, held)


def _bits(packed: bytes | None) -> int:
    return int.from_bytes(packed or b"", "little")
