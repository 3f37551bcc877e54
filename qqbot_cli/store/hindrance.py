"""What keeps a store from being read or written: what it is called, whether it passes, and the way out."""

from __future__ import annotations

import errno
import sqlite3
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Hindrance:
    """A failure that passes."""

    meaning: str
    passes: bool = True
    """Whether it may be over at the next start without any change to the configuration."""
    lock: bool = False
    """Usual for a while and no trouble before it lasts; SQLite itself waits for it at first."""
    damage: bool = False
    """Whether only another start of the bot helps, which puts the file aside."""
    help: str = ""
    """What an operator can do."""


DAMAGE_HELP: Final = "start the bot again: it puts the file aside, deletes nothing, and begins a new one"
_DAMAGED: Final = Hindrance(
    "it is damaged; a restart begins a new one and keeps this one", damage=True, help=DAMAGE_HELP
)
_LOCKED: Final = Hindrance(
    "another process has locked it", lock=True, help="wait until that process has finished, or end it"
)
ALLOW: Final = (
    "make file and folder writable, or run qqbot as the user that owns them;"
    " at another place (store:, state_dir:) it begins anew"
)
MAKE_ROOM: Final = "make room on the disk"
LOOK_AT_THE_DISK: Final = "look at the disk and the system's log"

HINDRANCES: Final = {
    sqlite3.SQLITE_FULL: Hindrance("the disk is full", help=MAKE_ROOM),
    sqlite3.SQLITE_IOERR: Hindrance("the disk reports an error", help=LOOK_AT_THE_DISK),
    sqlite3.SQLITE_READONLY: Hindrance("it is read-only", passes=False, help=ALLOW),
    sqlite3.SQLITE_PERM: Hindrance("access is denied", passes=False, help=ALLOW),
    sqlite3.SQLITE_AUTH: Hindrance("access is denied", passes=False, help=ALLOW),
    sqlite3.SQLITE_CANTOPEN: Hindrance("its files cannot be opened", passes=False, help=ALLOW),
    sqlite3.SQLITE_NOMEM: Hindrance("there is no memory left", help="end what takes the memory"),
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    # What is written never breaks a rule of the tables, unless a row in them is not what was written there.
    sqlite3.SQLITE_CONSTRAINT: _DAMAGED,
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_PROTOCOL: _LOCKED,
}
"""By primary result code. Source: sqlite.org, "Result and Error Codes"."""


PASSING: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.EIO))
"""Of the system, when files are opened or locked."""


class LimitError(Exception):
    """More may not be stored, by configuration; the message says what takes the room."""


def hindrance(exc: BaseException | None) -> Hindrance | None:
    """Return what hinders, None if trying again would not help."""
    # SQLite quotes tables and columns by their names, which are ASCII unless they are damaged.
    if isinstance(exc, UnicodeDecodeError) or _misses_a_name(exc):
        return _DAMAGED
    if isinstance(exc, LimitError):
        return Hindrance(str(exc))
    if not isinstance(exc, sqlite3.Error):
        return None
    # Errors of the module itself, such as a closed connection, have no code.
    return HINDRANCES.get(getattr(exc, "sqlite_errorcode", 0) & 0xFF)


def _misses_a_name(exc: BaseException | None) -> bool:
    # Of a table or a column; they were there when the store was opened.
    return isinstance(exc, sqlite3.OperationalError) and str(exc).startswith("no such ")


def may_pass(cause: BaseException | None) -> bool:
    """Return whether what kept the store from opening may be over at the next start."""
    found = hindrance(cause)
    if found is not None:
        return found.passes
    return isinstance(cause, OSError) and cause.errno in PASSING
