"""The place of a database file: may it lie there, whose is it, was there one, and how it is put aside."""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final

from qqbot_cli.errors import StoreError
from qqbot_cli.store import lock
from qqbot_cli.store.hindrance import ALLOW, LOOK_AT_THE_DISK, MAKE_ROOM

MOUNTS: Final = Path("/proc/mounts")
"""Linux's list of mounted file systems; other systems have none, and are trusted."""

NETWORK_FILE_SYSTEMS: Final = frozenset(
    (
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "fuse.ceph",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "gfs2",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "smb3",
        "smbfs",
    )
)
"""Here the memory that readers and writers of a write-ahead log share is not shared.

Source: sqlite.org, "Write-Ahead Logging": "WAL does not work over a network filesystem".
"""

_ESCAPED: Final = re.compile(r"\\([0-7]{3})")
_PARTS: Final = ("", "-wal", "-shm")
"""What a database consists of: file, log, index of the log."""
_SIGNATURE: Final = re.compile(rb"([0-9]{1,10})(?: ([0-9]{1,18}))?\s")
_LONGEST: Final = 64
"""Bytes of an owner's signature that are read."""
_DAMAGED: Final = b"damaged"
_ASKED: Final = 0.25
"""Seconds within which somebody who only asks who the owner is has let go."""
_CHOOSE: Final = "name a place on a local disk that can be written, with store: or state_dir:"
_DENIED: Final = (errno.EACCES, errno.EPERM, errno.EROFS)
_WAYS_OUT: Final = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), MAKE_ROOM),
    **dict.fromkeys(_DENIED, ALLOW),
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), "raise the limit of open files (ulimit -n)"),
    errno.EIO: LOOK_AT_THE_DISK,
}
"""By error of the system; any other is one of the place."""


def file_system(path: Path, mounts: str) -> str:
    """Return the type of the file system that *path*, which is absolute, lies on; empty if unknown.

    *mounts* is the text of ``/proc/mounts``: device, mount point, type and more, divided by spaces.
    """
    found, depth = "", 0
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(_ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields[1]))
        # Later mounts hide earlier ones at the same point.
        if path.is_relative_to(point) and len(point.parts) >= depth:
            found, depth = fields[2], len(point.parts)
    return found


def check(path: Path, *, mounts: Path) -> None:
    """Make sure that a database may lie at *path*.

    Raises:
        StoreError: If it lies on a network file system, is a folder, or cannot be reached.
    """
    try:
        text = mounts.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    try:
        is_folder, real = path.is_dir(), path.resolve()
    except OSError as exc:
        raise refused(path, exc) from exc
    except RuntimeError as exc:
        raise unusable(path, "its symbolic links lead in a circle") from exc
    kind = file_system(real, text)
    if kind in NETWORK_FILE_SYSTEMS:
        raise StoreError(
            f"the store {path} lies on a network file system ({kind}), where SQLite cannot keep it safe",
            help=_CHOOSE,
        )
    if is_folder:
        raise StoreError(f"the store {path} is a folder", help="name a file with store:")


def unusable(path: Path, reason: str, *, help: str = "name another file with store:") -> StoreError:  # noqa: A002
    """Return the error of a store that cannot be used."""
    return StoreError(f"the store {path} cannot be used: {reason}", help=help)


def refused(path: Path, exc: OSError, what: str = "") -> StoreError:
    """Return the error of a store that the system refuses, or of a file beside it; *what* says more."""
    return unusable(path, what + _reason(path, exc), help=_WAYS_OUT.get(exc.errno or 0, _CHOOSE))


def _reason(path: Path, exc: OSError) -> str:
    """Return the words of the system, with the name of the file if it is another one than *path*."""
    words = exc.strerror or str(exc)
    return words if exc.filename is None or str(exc.filename) == str(path) else f"{words} ({exc.filename})"


def read_only(path: Path, closed: Iterable[Path]) -> StoreError:
    """Return the error of who may not write what of the store is *closed*."""
    names = ", ".join(map(str, closed))
    return StoreError(f"the store {path} is read-only: {names} cannot be written", help=ALLOW)


def unreadable(path: Path, exc: OSError) -> StoreError:
    """Return the error of who may not look into a store."""
    denied = "ask as the user that the bot runs as, or " if exc.errno in _DENIED else ""
    return StoreError(
        f"the store {path} cannot be read: {_reason(path, exc)}",
        help=f"{denied}name another file with store:",
    )


class Ownership:
    """The right to be the bot of a store: a locked file beside it.

    The file also tells that there has been a store: an empty database would pass for a new one.
    """

    def __init__(self, path: Path) -> None:
        """Take the right to *path*; folders are made.

        Raises:
            StoreError: If another process has it, or if the folder cannot be written.
        """
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(_owner_file(path), os.O_RDWR | os.O_CREAT, 0o600)
        except FileExistsError as exc:
            raise unusable(path, f"{exc.filename} is no folder") from exc
        except OSError as exc:
            raise refused(path, exc) from exc
        try:
            deadline = time.monotonic() + _ASKED
            while not (owned := lock.take(self._file)) and time.monotonic() < deadline:
                time.sleep(_ASKED / 10)
            signature = _signature(self._file)
        except OSError as exc:
            self.release()
            raise refused(path, exc) from exc
        if not owned:
            self.release()
            holder = signature.process or "unknown"
            raise StoreError(
                f"the store {path} belongs to another bot that is running, process {holder}",
                help="stop that process first, or give this bot another store:",
            )
        self.existed = signature.signed
        """Whether there has been a store at this place."""
        self.damaged = signature.damaged
        """Whether its last owner met damage in it."""

    def sign(self, begun: int, *, damaged: bool = False) -> None:
        """Note that there is a store now, who has it, and up to which row events had *begun* before.

        It may be *damaged*, which the next owner would perhaps not see before it is in its way again.

        Raises:
            StoreError: If there is no room even for that.
        """
        try:
            os.lseek(self._file, 0, os.SEEK_SET)
            # In this order: without room for it, it must not pass for one that never was.
            words = f"{os.getpid()} {begun} ".encode() + _DAMAGED * damaged + b"\n"
            os.ftruncate(self._file, os.write(self._file, words))
        except OSError as exc:
            raise refused(self._path, exc) from exc

    def release(self) -> None:
        """Let others have it."""
        os.close(self._file)


@dataclass(frozen=True, slots=True)
class Signature:
    """What an owner leaves in its file."""

    process: str
    """Its number; empty if that cannot be read."""
    begun: int
    """Row up to which events may have begun to run in an earlier process."""
    signed: bool
    """Whether there is anything in the file."""
    damaged: bool
    """Whether it met damage."""


def owner(path: Path) -> Signature | None:
    """Return what the bot that has the store at *path* has signed; None if no bot runs.

    Raises:
        StoreError: If nobody may look.
    """
    try:
        file = os.open(_owner_file(path), os.O_RDONLY)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as exc:
        raise unreadable(path, exc) from exc
    try:
        return None if lock.take(file) else _signature(file)
    except OSError:
        return None
    finally:
        os.close(file)


def _owner_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.owner")


def _signature(file: int) -> Signature:
    text = os.read(file, _LONGEST)
    match = _SIGNATURE.match(text)
    process, begun = match.groups(b"") if match else (b"", b"")
    return Signature(process.decode(), int(begun or 0), bool(text), _DAMAGED in text)


@contextmanager
def owning(path: Path) -> Iterator[Ownership]:
    """Keep the ownership of *path* if the block succeeds."""
    ownership = Ownership(path)
    try:
        yield ownership
    except BaseException:
        ownership.release()
        raise


def create(path: Path) -> None:
    """Make an empty file at *path* that only its owner may read, unless there is one."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as exc:
        raise refused(path, exc) from exc


def is_missing(path: Path) -> bool:
    """Return whether there is nothing at *path*, not even a byte.

    Raises:
        StoreError: If nobody may look.
    """
    try:
        return path.stat().st_size == 0
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError as exc:
        raise unreadable(path, exc) from exc


def missing(path: Path, *, help: str = "a bot makes it when it runs first") -> StoreError:  # noqa: A002
    """Return the error of who looks for a store at *path*; *help* is for where there never was one."""
    try:
        was_there = _owner_file(path).stat().st_size > 0
    except OSError:
        was_there = False
    if not was_there:
        return StoreError(f"there is no store {path}", help=help)
    return StoreError(
        f"the store {path} is gone or empty, though there was one",
        help="put a copy back if there is one; else the next start begins a new store and notes a gap, and"
        " events that were not done are lost",
    )


def closed_to_us(path: Path) -> list[Path]:
    """Return what of the database at *path* we may not write; its folder too if a file has to be made."""
    parts = _parts(path)
    needed = parts if len(parts) == len(_PARTS) else [*parts, path.parent]
    return [part for part in needed if not os.access(part, os.W_OK)]


def access(path: Path, *, may_write: bool) -> str:
    """Return how a tool opens the database at *path*, in the words of SQLite's addresses.

    SQLite makes the files beside a database as the database is: those that a look makes beside one that is
    read-only would keep the bot from starting when it may be written again.

    Raises:
        StoreError: If it cannot be read without making a file.
    """
    if may_write:
        return "mode=rw"
    log, index = (path.with_name(path.name + part) for part in _PARTS[1:])
    if log.exists() and log.stat().st_size:
        if not index.exists():
            raise read_only(path, [path])  # what is in the log can only be read with an index
        return "mode=ro"
    # A running bot may write to the log at any time.
    return "mode=ro" if owner(path) else "mode=ro&immutable=1"


def size(path: Path) -> int:
    """Return the bytes that the database at *path* takes."""
    return sum(part.stat().st_size for part in _parts(path))


def move_aside(path: Path, *, clock: Callable[[], float]) -> Path:
    """Rename the database at *path* together with its log; return its new path.

    Raises:
        StoreError: If that is not allowed, or another process has it open where that matters.
    """
    moment = datetime.fromtimestamp(clock(), UTC).strftime("%Y%m%dT%H%M%SZ")
    names = (f"{path.name}.corrupt-{moment}{suffix}" for suffix in _suffixes())
    target = next(aside for name in names if not (aside := path.with_name(name)).exists())
    try:
        for part in _parts(path):
            part.rename(target.with_name(part.name.replace(path.name, target.name, 1)))
    except OSError as exc:
        raise refused(path, exc, "it is damaged and cannot be put aside: ") from exc
    return target


def _parts(path: Path) -> list[Path]:
    parts = (path.with_name(path.name + part) for part in _PARTS)
    return [part for part in parts if part.exists()]


def _suffixes() -> Iterator[str]:
    yield ""
    yield from (f".{number}" for number in count(1))
