"""What is asked of the database: every SQL statement on events, sessions and gaps, as functions.

Whoever calls them has begun a transaction, or only looks. Statements take many rows at once: between two
of them Python's threads change places, and with one statement for each event a busy event loop would
keep the store waiting thousands of times a second.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Final, TypeVar

from qqbot_cli.model.inbox import (
    Batch,
    Counts,
    DeadLetter,
    Failure,
    Gap,
    Received,
    Recovered,
    Retention,
    SavedSession,
    State,
    StoredEvent,
)
from qqbot_cli.store import reading
from qqbot_cli.store.numbering import Numbering
from qqbot_cli.store.reading import Row
from qqbot_cli.store.schema import SHARE
from qqbot_cli.store.wording import condemned

T = TypeVar("T")

_SIZES: Final = (256, 64, 16, 4, 1)
"""Rows that one statement takes: a whole batch, and few other sizes, so that all stay compiled."""

_TABLES: Final = {State.WAITING: "waiting", State.DEAD: "dead"}
_NEW: Final = "row, shard, name, event_id, key, body, received_at, changed_at"
_KEPT: Final = "row, shard, name, event_id, key, body, received_at"
_ALL: Final = f"{_KEPT}, attempts, crashes, running, error, plugins, changed_at"
_DIGEST: Final = 8
"""Bytes of a key."""
_AROUND: Final = 22
"""Bytes that a row of keys takes beside them."""
_PAGE: Final = 4084
"""Bytes of a page for rows."""
_VACUUM: Final = 1_000
"""Pages that are given back at once."""
_RUN: Final = 8
"""So many rows after each other are quicker to delete as a range."""

_SAVE_SESSION: Final = """
INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (shard) DO UPDATE SET
    seq = CASE session_id WHEN excluded.session_id THEN max(seq, excluded.seq) ELSE excluded.seq END,
    count = excluded.count,
    session_id = excluded.session_id,
    gateway_url = excluded.gateway_url,
    started_at = excluded.started_at,
    saved_at = excluded.saved_at,
    intents = excluded.intents
"""
_COUNT: Final = """
UPDATE meta SET
    newest = max(newest, :newest),
    begun = max(begun, min(:begun, max(newest, :newest))),
    done = done + :done
"""
_FAIL: Final = (
    "UPDATE waiting SET running = 0, crashes = 0, error = ?, plugins = ?, changed_at = ? WHERE row = ?"
)
_MOVE: Final = {
    "bury": f"INSERT INTO dead ({_ALL})"
    f" SELECT {_KEPT}, attempts, crashes, 0, ?, ?, ? FROM waiting WHERE row = ?",
    "revive": f"INSERT INTO waiting ({_ALL}) SELECT {_KEPT}, 0, 0, 0, '', plugins, ? FROM dead WHERE row = ?",
}
_HOPELESS: Final = """
SELECT row, attempts, crashes, error, plugins FROM waiting
WHERE CAST(crashes AS INTEGER) >= ? OR CAST(attempts AS INTEGER) >= ?
"""
"""A number that damage has made a text is larger than any other."""
_NEWEST: Final = """
SELECT max(
    newest,
    coalesce((SELECT max(row) FROM waiting), 0),
    coalesce((SELECT max(row) FROM dead), 0),
    coalesce((SELECT max(row) FROM seen), 0)
) FROM meta
"""
_COUNTS: Final = """
SELECT
    (SELECT count(*) FROM waiting),
    (SELECT count(*) FROM dead),
    (SELECT done FROM meta),
    (SELECT count(*) FROM gaps)
"""


# --- what the bot does all the time


def write(
    connection: sqlite3.Connection, batch: Batch, rows: Sequence[int | None], digests: bytes, now: float
) -> None:
    """Store *batch*, whose events have *rows*, None for a repetition, and bring new keys with *digests*."""
    newest = _insert(connection, batch.events, rows, digests, now) if batch.events else 0
    for one in batch.sessions:
        values = (
            one.shard,
            one.count,
            one.session_id,
            one.seq,
            one.gateway_url,
            one.started_at,
            one.saved_at,
            one.intents,
        )
        connection.execute(_SAVE_SESSION, values)
    done = _finish(connection, batch.done) if batch.done else 0
    if newest or done or batch.begun:
        connection.execute(_COUNT, {"newest": newest, "begun": batch.begun, "done": done})
    if batch.failed:
        connection.executemany(_FAIL, [(*_told(failure), now, failure.row) for failure in batch.failed])
    _bury(connection, batch.dead, now)


def _insert(
    connection: sqlite3.Connection,
    events: Sequence[Received],
    rows: Sequence[int | None],
    digests: bytes,
    now: float,
) -> int:
    """Insert what is new; return the last row, 0 if there is none."""
    fresh = [
        (row, event.shard, event.name, event.event_id, event.key, event.body, event.received_at, now)
        for row, event in zip(rows, events, strict=True)
        if row is not None
    ]
    if not fresh:
        return 0
    _with_values(connection, f"INSERT INTO waiting ({_NEW}) VALUES ", fresh)
    newest = fresh[-1][0]
    if digests:
        received_at = max(event.received_at for event in events)
        connection.execute("INSERT INTO seen VALUES (?, ?, ?)", (newest, received_at, digests))
    return int(newest)


def _finish(connection: sqlite3.Connection, rows: Sequence[int]) -> int:
    """Delete events that are done; return how many there were."""
    single: list[int] = []
    done = 0
    for first, last in _runs(sorted(set(rows))):
        if last - first < _RUN:
            single.extend(range(first, last + 1))
        else:
            done += connection.execute(
                "DELETE FROM waiting WHERE row BETWEEN ? AND ?", (first, last)
            ).rowcount
    return done + _with_rows(connection, "DELETE FROM waiting WHERE row IN ", single)


def _runs(rows: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Return first and last of each run of consecutive numbers among *rows*, which grow."""
    first = last = None
    for row in rows:
        if last is not None and row == last + 1:
            last = row
            continue
        if first is not None and last is not None:
            yield first, last
        first = last = row
    if first is not None and last is not None:
        yield first, last


def start(connection: sqlite3.Connection, rows: Sequence[int], now: float) -> None:
    """Note that these waiting events run, in one more attempt."""
    connection.executemany(
        "UPDATE waiting SET attempts = attempts + 1, running = 1, changed_at = ? WHERE row = ?",
        [(now, row) for row in rows],
    )


# --- what it does at its start and its end


def recover(connection: sqlite3.Connection, retention: Retention, now: float) -> Recovered:
    """Settle what was left running."""
    connection.execute(
        "UPDATE waiting SET crashes = crashes + 1, running = 0, changed_at = ? WHERE running", (now,)
    )
    hopeless = connection.execute(
        _HOPELESS,
        (retention.crashes, retention.attempts),
    ).fetchall()
    letters = [
        DeadLetter(row, condemned(attempts, crashes, error), reading.plugin_names(plugins))
        for row, attempts, crashes, error, plugins in hopeless
    ]
    _bury(connection, letters, now)
    return Recovered(len(letters), begun(connection))


def say_hello(connection: sqlite3.Connection) -> bool:
    """Note that the store is open; return whether it was closed the last time."""
    clean = _meta(connection, "open") == 0
    connection.execute("UPDATE meta SET open = 1")
    return clean


def say_goodbye(connection: sqlite3.Connection) -> None:
    """Note that the store is closed, and that what still ran was ended and did not crash.

    Its attempt does not count: it may have waited for a plugin, and five stops must not give it up. First
    runs do not count as running; one that has begun, and has not failed, was ended as well.
    """
    connection.execute(
        "UPDATE waiting SET running = 0, attempts = attempts - 1 WHERE running"
        " OR (attempts = 1 AND NOT crashes AND error = '' AND row <= (SELECT begun FROM meta))"
    )
    connection.execute("UPDATE meta SET open = 0")


def sessions(connection: sqlite3.Connection) -> list[SavedSession]:
    """Return the newest session of each shard."""
    return [reading.session(values) for values in connection.execute("SELECT * FROM sessions ORDER BY shard")]


def add_gap(connection: sqlite3.Connection, gap: Gap, kept: int) -> None:
    """Keep *gap* and the newest others, *kept* in all."""
    connection.execute(
        "INSERT INTO gaps (shard, from_at, to_at, reason) VALUES (?, ?, ?, ?)",
        (gap.shard, gap.from_at, gap.to_at, _clean(gap.reason)),
    )
    connection.execute(
        "DELETE FROM gaps WHERE number NOT IN (SELECT number FROM gaps ORDER BY number DESC LIMIT ?)", (kept,)
    )


def gaps(connection: sqlite3.Connection, limit: int) -> list[Gap]:
    """Return gaps, the newest first."""
    statement = "SELECT shard, from_at, to_at, reason FROM gaps ORDER BY number DESC LIMIT ?"
    return [reading.gap(values) for values in connection.execute(statement, (limit,))]


# --- what its operator does


def counts(connection: sqlite3.Connection) -> Counts:
    """Return how much there is."""
    return Counts(*connection.execute(_COUNTS).fetchone())


def data_version(connection: sqlite3.Connection) -> int:
    """Return a number that is another one after another connection has changed anything."""
    (version,) = connection.execute("PRAGMA data_version").fetchone()
    return int(version)


def running(connection: sqlite3.Connection, begun: int) -> frozenset[int]:
    """Return the rows that plugins have in their hands, if a bot runs that found rows up to *begun* there.

    First runs are not written down one by one, because nobody but an operator asks: they are what has begun
    since, and has neither ended nor failed.
    """
    statement = """
        SELECT row FROM waiting WHERE row <= (SELECT begun FROM meta)
        AND (running OR (row > ? AND attempts = 1 AND error = ''))
    """
    return frozenset(row for (row,) in connection.execute(statement, (begun,)))


def begun(connection: sqlite3.Connection) -> int:
    """Return the row up to which events may have begun to run."""
    return _meta(connection, "begun")


def list_events(connection: sqlite3.Connection, state: State, limit: int, after: int) -> list[StoredEvent]:
    """Return events with rows above *after*, in the order of their rows."""
    statement = f"SELECT {_ALL} FROM {_TABLES[state]} WHERE row > ? ORDER BY row LIMIT ?"
    return [reading.event(values, state) for values in connection.execute(statement, (after, limit))]


def revive(connection: sqlite3.Connection, rows: Sequence[int] | None, now: float) -> int:
    """Let dead events wait again, None for all; return how many there were."""
    wanted = _dead_rows(connection) if rows is None else rows
    connection.executemany(_MOVE["revive"], [(now, row) for row in dict.fromkeys(wanted)])
    return _with_rows(connection, "DELETE FROM dead WHERE row IN ", wanted)


def drop(connection: sqlite3.Connection, rows: Sequence[int] | None) -> int:
    """Throw dead events away, None for all; return how many there were."""
    return _with_rows(
        connection, "DELETE FROM dead WHERE row IN ", _dead_rows(connection) if rows is None else rows
    )


def _dead_rows(connection: sqlite3.Connection) -> list[int]:
    return [row for (row,) in connection.execute("SELECT row FROM dead")]


def _bury(connection: sqlite3.Connection, letters: Sequence[DeadLetter], now: float) -> None:
    for letter in letters:
        connection.execute(_MOVE["bury"], (*_told(letter), now, letter.row))
        # At once: the same row may be named again, and then it does not wait any more.
        connection.execute("DELETE FROM waiting WHERE row = ?", (letter.row,))


def _told(failure: Failure) -> tuple[str, str]:
    """Return error and plugins of *failure* as they are stored."""
    return _clean(failure.error), json.dumps(failure.plugins)


def numbering(connection: sqlite3.Connection, most: int) -> Numbering:
    """Return what is needed to give the next events their rows; *most* keys are known."""
    # Keys that cannot be read are forgotten, and a counter that was turned back gives no row twice.
    kept = connection.execute(
        "SELECT row, digests FROM seen WHERE typeof(digests) = 'blob' AND length(digests) % 8 = 0"
        " ORDER BY row"
    )
    (newest,) = connection.execute(_NEWEST).fetchone()
    return Numbering(newest, kept, most=most)


def prune(connection: sqlite3.Connection, retention: Retention, now: float) -> tuple[int, int]:
    """Forget what is beyond the retention.

    The oldest keys go first, up to the first batch that is neither too old nor one too many.

    Returns:
        The row under which the oldest keys are kept now, and how many dead events were dropped.
    """
    newest = _meta(connection, "newest")
    (oldest,) = connection.execute(
        "SELECT min(row) FROM seen WHERE row > ? AND received_at >= ?",
        (newest - retention.seen_count, now - retention.seen_for),
    ).fetchone()
    kept = max(newest + 1 if oldest is None else int(oldest), _first_with_room(connection, retention))
    connection.execute("DELETE FROM seen WHERE row < ?", (kept,))
    dropped = connection.execute(
        "DELETE FROM dead WHERE row NOT IN (SELECT row FROM dead ORDER BY row DESC LIMIT ?)",
        (retention.dead,),
    ).rowcount
    return kept, dropped


def _first_with_room(connection: sqlite3.Connection, retention: Retention) -> int:
    """Return the row from which on keys fit into their share of the disk."""
    if retention.max_size is None:
        return 0
    left = retention.max_size // SHARE
    if retention.seen_count * _space(_DIGEST) <= left:
        return 0
    for row, length in connection.execute("SELECT row, length(digests) FROM seen ORDER BY row DESC"):
        left -= _space(length)
        if left < 0:
            return int(row) + 1
    return 0


def _space(length: int) -> int:
    """Return the bytes that keys of *length* take, with what SQLite adds and leaves free of a page."""
    return _PAGE // max(1, _PAGE // (length + _AROUND))


def vacuum(connection: sqlite3.Connection) -> bool:
    """Give some pages back; return whether there may be more."""
    connection.execute(f"PRAGMA incremental_vacuum({_VACUUM})").fetchall()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    return bool(free)


def checkpoint(connection: sqlite3.Connection) -> None:
    """Write the log back and empty it, as far as others do not read it."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


# --- many rows at once


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut *items* into pieces whose sizes are all among the usual ones."""
    begin = 0
    for size in _SIZES:
        while len(items) - begin >= size:
            yield items[begin : begin + size]
            begin += size


@cache
def _marks(width: int, number: int) -> str:
    """Return the placeholders for *number* rows of *width* values; one row of them for width 1."""
    if width == 1:
        return f"({', '.join('?' * number)})"
    return ", ".join([_marks(1, width)] * number)


def _with_values(connection: sqlite3.Connection, statement: str, values: Sequence[Row]) -> None:
    """Run *statement*, which ends before its values, for all of them."""
    for part in _parts(values):
        connection.execute(statement + _marks(len(part[0]), len(part)), list(chain.from_iterable(part)))


def _with_rows(connection: sqlite3.Connection, statement: str, rows: Sequence[int]) -> int:
    """Run *statement*, which ends before a set of row numbers, for all of them; return how many it met."""
    return sum(
        connection.execute(statement + _marks(1, len(part)), part).rowcount for part in _parts(list(rows))
    )


def _meta(connection: sqlite3.Connection, name: str) -> int:
    (value,) = connection.execute(f"SELECT {name} FROM meta").fetchone()
    return int(value)


def _clean(text: str) -> str:
    """Return *text* without half characters, which a plugin's error may contain and SQLite refuses."""
    return text.encode("utf-8", "replace").decode()
