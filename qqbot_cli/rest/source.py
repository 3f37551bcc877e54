"""What a file can be given as, and how it is read: piece by piece, in threads, as often as needed.

Nothing here holds more than one piece of a file in memory, except what the caller gave as bytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final, Protocol, TypeAlias, TypeVar
from urllib.parse import unquote, urlsplit

from qqbot_cli.errors import MessageError
from qqbot_cli.protocol.upload import HEAD, MAX_SIZE, too_big

CHUNK: Final = 256 * 1024
"""Bytes that are read, and sent, at a time."""
_STEP: Final = 8
"""Chunks that one visit to a thread is good for, where nobody waits for single ones."""

T = TypeVar("T")


class Readable(Protocol):
    """A file object that gives bytes."""

    def read(self, size: int = ..., /) -> bytes:
        """Return at most *size* bytes; none at the end."""


Local: TypeAlias = os.PathLike[str] | bytes | bytearray | memoryview | Readable
"""A path, bytes, or a file object."""
Source: TypeAlias = str | Local
"""An address that begins with http:// or https://, a path, bytes, or a file object that is read from where
it stands."""


class Sink(Protocol):
    """What wants to see the bytes that are read, such as a hash."""

    def update(self, content: bytes, /) -> object:
        """Take the next bytes."""


def address_of(source: Source, name: str) -> str | None:
    """Return the address that *source* is, or None if it is a file.

    Raises:
        MessageError: If it is a text that is no address: what people wrote must not name files here.
    """
    if not isinstance(source, str):
        return None
    if source.lower().startswith(("http://", "https://")):
        return source
    raise MessageError(
        [f"{name}: a text is an address, http:// or https://; give a file as pathlib.Path, or its bytes"]
    )


def name_in(address: str) -> str:
    """Return the name of the file behind an address, or an empty text."""
    return unquote(urlsplit(address).path.rpartition("/")[2])


class LocalFile:
    """A file of the caller; `open` before anything else, `close` in the end."""

    def __init__(self, source: Local, name: str) -> None:
        """*name* is what the caller calls it, for errors; nothing is opened yet."""
        self.size = 0
        """Bytes."""
        self.head = b""
        """The first of them."""
        self.name = ""
        """Without its folder; empty if it has none."""
        self._source = source
        self._called = name
        self._file: Any = None
        self._view: memoryview | None = None
        self._begin = 0
        self._owned: IO[bytes] | None = None
        self._closed = False
        self._lock = threading.Lock()

    async def open(self) -> None:
        """Find out size and beginning; what cannot be read twice is copied to the disk.

        Raises:
            MessageError: If it cannot be read, is no file, gives text, or is too big.
        """
        try:
            if await self._in_thread(self._open):
                await self._copy()
            self.head = await self.read(0, HEAD)
        except OSError as exc:
            raise MessageError([f"{self._called}: cannot be read: {exc.strerror or exc}"]) from exc

    async def read(self, offset: int, size: int, sink: Sink | None = None) -> bytes:
        """Return *size* bytes from *offset*, fewer only where the file ends; *sink* is shown them, too."""

        def read() -> bytes:
            content = self._read(offset, size)
            if sink is not None:
                sink.update(content)
            return content

        return await self._in_thread(read)

    async def show(self, sink: Sink) -> None:
        """Show *sink* all of it."""

        def step(offset: int) -> None:
            for begin in range(offset, min(offset + _STEP * CHUNK, self.size), CHUNK):
                sink.update(self._read(begin, min(CHUNK, self.size - begin)))

        for offset in range(0, self.size, _STEP * CHUNK):
            # A visit for each step, so that it can be cancelled in between.
            await self._in_thread(lambda offset=offset: step(offset))  # type: ignore[misc]

    def close(self) -> None:
        """Close what was opened here, and put a file object back to where it stood."""
        self._closed = True
        # A thread that is still reading does it when it has finished; the event loop does not wait for it.
        if self._lock.acquire(blocking=False):
            try:
                self._release()
            finally:
                self._lock.release()

    async def _in_thread(self, act: Callable[[], T]) -> T:
        def locked() -> T:
            try:
                with self._lock:
                    return act()
            finally:
                if self._closed:
                    self.close()

        return await asyncio.to_thread(locked)

    def _release(self) -> None:
        if self._owned is not None:
            self._owned.close()
        elif self._file is not None:
            with contextlib.suppress(OSError, ValueError):
                self._file.seek(self._begin)
        self._owned = self._file = self._view = None

    def _open(self) -> bool:
        """Get ready to read; return whether it has to be copied first."""
        source = self._source
        if isinstance(source, bytes | bytearray | memoryview):
            self._view = memoryview(source).cast("B")
            self.size = len(self._view)
            return False
        if isinstance(source, os.PathLike):
            self._open_path(Path(source))
            return False
        name = getattr(source, "name", "")
        self.name = Path(name).name if isinstance(name, str) else ""
        self._file = source
        can_seek = getattr(source, "seekable", None)
        if can_seek is None or not can_seek():
            return True
        file: Any = source
        self._begin = file.tell()
        self.size = file.seek(0, os.SEEK_END) - self._begin
        file.seek(self._begin)
        return False

    def _open_path(self, path: Path) -> None:
        self.name = path.name
        # Before it is opened: a pipe would wait for somebody who writes.
        if not stat.S_ISREG(path.stat().st_mode):
            raise MessageError([f"{self._called}: {path.name} is no file"])
        self._file = self._owned = path.open("rb")
        self.size = os.fstat(self._file.fileno()).st_size

    async def _copy(self) -> None:
        """Copy a file object that can be read only once."""
        source: Any = self._file

        def begin() -> None:
            self._file = self._owned = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`

        def step() -> bool:
            for _ in range(_STEP):
                content = self._checked(source.read(CHUNK))
                if not content:
                    return False
                self._file.write(content)
                self.size += len(content)
                if self.size > MAX_SIZE:
                    raise MessageError([f"{self._called}: {too_big(self.size)}"])
            return True

        await self._in_thread(begin)
        while await self._in_thread(step):
            pass

    def _read(self, offset: int, size: int) -> bytes:
        if self._view is not None:
            return bytes(self._view[offset : offset + size])
        assert self._file is not None, "the file is closed"
        self._file.seek(self._begin + offset)
        content = self._checked(self._file.read(size))
        while 0 < len(content) < size:
            more = self._checked(self._file.read(size - len(content)))
            if not more:
                break
            content += more
        return content

    def _checked(self, content: object) -> bytes:
        if isinstance(content, str):
            raise MessageError([f"{self._called}: the file object gives text; open it with 'rb'"])
        if not isinstance(content, bytes | bytearray | memoryview):
            raise TypeError(f"{self._called}: read() returned {type(content).__name__}, not bytes")
        return content if isinstance(content, bytes) else bytes(content)


def local_file(source: Source, name: str) -> LocalFile:
    """Return *source*, which is no address, as a file that is not open yet.

    Raises:
        TypeError: If it is none of the things that a file can be given as.
    """
    assert not isinstance(source, str)
    if not isinstance(source, os.PathLike | bytes | bytearray | memoryview) and not hasattr(source, "read"):
        kinds = "an address, a path, bytes or a file object"
        raise TypeError(f"{name}: {kinds}, not {type(source).__name__}")
    return LocalFile(source, name)
