"""The database: its tables, its settings, whether a file is one, and whose it is."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Final

from qqbot_cli.errors import StoreError
from qqbot_cli.store import place
from qqbot_cli.store.hindrance import hindrance

VERSION: Final = 1
"""Of the tables; ``user_version`` of the file."""
APPLICATION_ID: Final = 0x71716274
"""``qqbt``: tells our databases from those of others."""

_EVENTS: Final = """
CREATE TABLE {name} (
    row INTEGER PRIMARY KEY,
    shard INTEGER NOT NULL,
    name TEXT NOT NULL,
    event_id TEXT NOT NULL,
    key TEXT NOT NULL,
    received_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 1,
    crashes INTEGER NOT NULL DEFAULT 0,
    running INTEGER NOT NULL DEFAULT 0,
    error TEXT NOT NULL DEFAULT '',
    plugins TEXT NOT NULL DEFAULT '[]',
    changed_at REAL NOT NULL,
    body BLOB NOT NULL
)"""
"""The body is last: whoever counts or updates need not read past it."""

_ADD_BOT: Final = "ALTER TABLE meta ADD COLUMN bot TEXT NOT NULL DEFAULT ''"
"""Whose it is. Comes with the first bot that has a name: files from before there were names lack it too."""

TABLES: Final = (
    # Two tables rather than a column for the state: events that are done leave no row behind, and their
    # pages are used again at once, so the file is as large as what waits, not as what ever came.
    _EVENTS.format(name="waiting"),
    _EVENTS.format(name="dead"),
    # One row for the keys of a batch, under the number of its last event: `store.numbering`.
    "CREATE TABLE seen (row INTEGER PRIMARY KEY, received_at REAL NOT NULL, digests BLOB NOT NULL)",
    """
    CREATE TABLE sessions (
        shard INTEGER PRIMARY KEY,
        count INTEGER NOT NULL,
        session_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        gateway_url TEXT NOT NULL,
        started_at REAL NOT NULL,
        saved_at REAL NOT NULL,
        intents INTEGER NOT NULL
    )""",
    """
    CREATE TABLE gaps (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        shard INTEGER NOT NULL,
        from_at REAL,
        to_at REAL NOT NULL,
        reason TEXT NOT NULL
    )""",
    # One row. newest: the last row that was given away; begun: the last that may have run; done: how many
    # ever were; open: somebody has not said goodbye.
    "CREATE TABLE meta (newest INTEGER, begun INTEGER, done INTEGER, open INTEGER)",
    "INSERT INTO meta VALUES (0, 0, 0, 0)",
)

_CHECKPOINT: Final = 16_000
"""Pages of the log after which it is written back, 64 MB: fewer would write the same pages more often."""
_LOG_LIMIT: Final = 16 << 20
"""Bytes that the log's file keeps after it was written back."""
SHARE: Final = 4
"""Of what everything together may take, a fourth is for the log, and as much for keys."""
_CHECK_FOR: Final = 2.0
"""Seconds that looking for damage may take at the start; a million keys take less."""
_CHECK_STEPS: Final = 10_000
"""Instructions of SQLite between two looks at the clock."""
_REASON: Final = 200
"""Characters of what SQLite says of damage."""
_TOLD: Final = {"waiting": "waiting events", "dead": "dead events", "sessions": "sessions"}
"""Tables whose size is told when a file is given up."""
_ROWS_END: Final = 1 << 62
"""No row comes near it: a number that does has not been counted."""
_COLUMNS: Final = """
SELECT tables.name, columns.* FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns
WHERE tables.type = 'table'
"""
_ROWS: Final = """
SELECT min(row), max(row) FROM waiting UNION ALL SELECT min(row), max(row) FROM dead
UNION ALL SELECT min(row), max(row) FROM seen
UNION ALL SELECT min(newest, begun, done, open), max(newest, begun, done, open) FROM meta
"""
"""The smallest and the largest of each kind; a text is larger than any number."""


class DamagedError(Exception):
    """A file is no database, or no longer."""

    def __init__(self, reason: str, contents: str) -> None:
        super().__init__(reason)
        self.contents = contents
        """What can still be read, in words."""


def connect(
    path: Path,
    *,
    owner: bool,
    bot: str = "",
    access: str = "mode=rw",
    busy: float = 1.0,
    full: bool = False,
    max_size: int | None = None,
) -> sqlite3.Connection:
    """Open the database at *path*, which has to exist; an *owner* fills it if it is empty.

    *bot* is whose it has to be, or empty; *access* is of `place.access`; *busy* is how long SQLite waits for
    a lock, in seconds.

    Raises:
        StoreError: If it is of another program, of a newer version of this one, or of another bot.
        DamagedError: If it is damaged; only an owner looks for that.
        sqlite3.Error: If it cannot be opened for another reason.
    """
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?{access}", uri=True, timeout=busy, isolation_level=None
    )
    connection.text_factory = _text
    with sound(connection):
        if owner:
            _check(connection)
        _prepare(connection, path, owner=owner)
        _examine(connection)
        _claim(connection, path, bot, owner=owner)
        if access == "mode=rw":
            _configure(connection, owner=owner, full=full, max_size=max_size)
    return connection


def _text(raw: bytes) -> str:
    """Return the text of a column; one bit that has turned must not keep a bot from all the others."""
    return raw.decode("utf-8", "replace")


@contextmanager
def sound(connection: sqlite3.Connection) -> Iterator[None]:
    """Close *connection* if the block fails.

    Raises:
        DamagedError: Instead of what the block raises because the file is damaged.
    """
    try:
        yield
    except (sqlite3.DatabaseError, UnicodeDecodeError) as exc:
        damaged = _is_damage(exc)
        contents = _contents(connection) if damaged else ""
        connection.close()
        if damaged:
            raise DamagedError(_reason(exc), contents) from exc
        raise
    except BaseException:
        connection.close()
        raise


def _prepare(connection: sqlite3.Connection, path: Path, *, owner: bool) -> None:
    """Make sure that the tables are ours, or make them."""
    tables = _number(connection, "SELECT count(*) FROM sqlite_master")
    application = _number(connection, "PRAGMA application_id")
    version = _number(connection, "PRAGMA user_version")
    if tables == 0 and owner:
        _create(connection)
    elif tables == 0 and application == 0:
        raise place.missing(path)
    elif application != APPLICATION_ID:
        raise StoreError(
            f"{path} is not a store of qqbot, but a database of another program",
            help="name another file with store:",
        )
    elif version > VERSION:
        raise StoreError(
            f"the store {path} was written by a newer qqbot: its format is {version},"
            f" this version knows {VERSION}",
            help="upgrade qqbot, or name another file with store:",
        )


def _claim(connection: sqlite3.Connection, path: Path, bot: str, *, owner: bool) -> None:
    """Make sure that the store is *bot*'s; an owner takes one that is nobody's."""
    if not bot:
        return
    column = "SELECT count(*) FROM pragma_table_info('meta') WHERE name = 'bot'"
    known = _number(connection, column)
    found = connection.execute("SELECT bot FROM meta").fetchone() if known else None
    theirs = found[0] if found else ""
    if theirs and theirs != bot:
        raise StoreError(
            f"the store {path} belongs to {theirs}, and this is {bot}", help="name another file with store:"
        )
    if owner and not theirs:
        if not known:
            connection.execute(_ADD_BOT)
        connection.execute("UPDATE meta SET bot = ?", (bot,))


def _create(connection: sqlite3.Connection) -> None:
    # Can only be chosen before there are tables. Without it, space that is no longer needed could only
    # be given back by writing the whole file anew.
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    for statement in TABLES:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")
    # After a power failure there are tables, or there never was a store.
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _configure(connection: sqlite3.Connection, *, owner: bool, full: bool, max_size: int | None) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
    log = _log(connection, max_size)
    size = min(_LOG_LIMIT, log * _number(connection, "PRAGMA page_size"))
    connection.execute(f"PRAGMA journal_size_limit = {size}")
    # One process writes the log back: the bot. A tool's few pages can wait for it.
    connection.execute(f"PRAGMA wal_autocheckpoint = {log if owner else 0}")


def _log(connection: sqlite3.Connection, max_size: int | None) -> int:
    """Return the pages after which the log is written back."""
    if max_size is None:
        return _CHECKPOINT
    return min(_CHECKPOINT, max_size // SHARE // _number(connection, "PRAGMA page_size"))


def exceeds(connection: sqlite3.Connection, max_size: int) -> bool:
    """Return whether what is in the file, and its log, take more than *max_size*."""
    used = _number(connection, "PRAGMA page_count") - _number(connection, "PRAGMA freelist_count")
    log = _log(connection, max_size)
    return (used + log) * _number(connection, "PRAGMA page_size") > max_size


def _check(connection: sqlite3.Connection) -> None:
    """Look for damage, for some seconds."""
    deadline = time.monotonic() + _CHECK_FOR
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _CHECK_STEPS)
    try:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as exc:
        if exc.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
    else:
        if found != "ok":
            raise damage(found)
    finally:
        connection.set_progress_handler(None, 0)


def _examine(connection: sqlite3.Connection) -> None:
    """Look whether tables and numbers are those that were made: SQLite takes any for good."""
    if not _expected() <= _columns(connection):
        raise damage("its tables are not those that were made")
    for number in (one for row in connection.execute(_ROWS) for one in row):
        if number is not None and not (isinstance(number, int) and 0 <= number < _ROWS_END):
            raise damage("the number of a row is out of range")
    counters = connection.execute("SELECT * FROM meta").fetchall()
    if len(counters) != 1 or None in counters[0]:
        raise damage("its counters are gone")


def _columns(connection: sqlite3.Connection) -> frozenset[tuple[object, ...]]:
    return frozenset(connection.execute(_COLUMNS))


@cache
def _expected() -> frozenset[tuple[object, ...]]:
    """Return every column that there has to be, with its type and default."""
    with closing(sqlite3.connect(":memory:")) as model:
        # Not those that were added to tables since: older files lack them.
        for statement in (one for one in TABLES if one.lstrip().startswith("CREATE TABLE")):
            model.execute(statement)
        return _columns(model)


def damage(reason: str) -> sqlite3.DatabaseError:
    """Return the error that SQLite itself would raise if it saw that."""
    error = sqlite3.DatabaseError(" ".join(reason.removeprefix("*** in database main ***").split()))
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def _is_damage(exc: Exception) -> bool:
    # What SQLite cannot make sense of is the file: the statements have been tried.
    found = hindrance(exc)
    return getattr(exc, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR if found is None else found.damage


def _reason(exc: Exception) -> str:
    if isinstance(exc, UnicodeDecodeError):
        return "malformed database schema"
    return " ".join(str(exc).split())[:_REASON]  # a damaged table is quoted as a whole


def _contents(connection: sqlite3.Connection) -> str:
    """Return what a damaged database holds, as far as it can be read."""
    readable = []
    for table, what in _TOLD.items():
        with suppress(sqlite3.Error, UnicodeDecodeError):
            readable.append(f"{_number(connection, f'SELECT count(*) FROM {table}')} {what}")
    return ", ".join(readable)


def _number(connection: sqlite3.Connection, statement: str) -> int:
    (number,) = connection.execute(statement).fetchone()
    return int(number)
