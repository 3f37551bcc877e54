"""How a file reaches the platform: what it is, whole or in parts, when to try again; and no I/O.

Source: platform documentation, "富媒体消息"; where it differs from what servers answer, the servers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from qqbot_cli.errors import ApiError, MessageError
from qqbot_cli.model.answer.upload import UploadConfig, UploadPrepared
from qqbot_cli.model.body.upload import HASHED_HEAD, FileType

MEGABYTE: Final = 1024 * 1024

SOFT_LIMITS: Final = {
    FileType.IMAGE: 20 * MEGABYTE,
    FileType.VIDEO: 30 * MEGABYTE,
    FileType.VOICE: 20 * MEGABYTE,
    FileType.FILE: 200 * MEGABYTE,
}
"""Bytes up to which a file arrives as what it is; over it as a plain file, over the last not at all."""
MAX_SIZE: Final = SOFT_LIMITS[FileType.FILE]
"""Bytes of the largest file."""
IN_PARTS_FROM: Final = 5 * MEGABYTE
"""Bytes from which a file goes in parts; below it is one request, in base64. Clients begin at 5 or 10 MB."""
HEAD: Final = 64
"""Bytes from the beginning of a file that tell what it is."""
MOST_AT_ONCE: Final = 4
"""Parts that are sent at the same time at most, whatever the platform allows: each is a connection."""
LONGEST_PATIENCE: Final = 600.0
"""Seconds for one part at most, whatever the platform says; another client has this limit, too."""
SHORTEST_PAUSE: Final = 0.02
"""Seconds between two tries at least: a platform that says 0 would be asked without end."""
LONGEST_PAUSE: Final = 15.0
"""Seconds between two tries at most."""
TRY_AGAIN: Final = 40093001
"""The code of an upload that the platform has not digested yet."""
STALE: Final = (304080, 40034004)
"""Codes of a send whose ``file_info`` is of no use: not valid any more, or not to be fetched."""

_MEDIA_NAMES: Final = {
    FileType.IMAGE: "image",
    FileType.VIDEO: "video",
    FileType.VOICE: "voice",
    FileType.FILE: "file",
}
_WORDS: Final = {
    FileType.IMAGE: "a picture",
    FileType.VIDEO: "a video",
    FileType.VOICE: "voice",
    FileType.FILE: "a plain file",
}


def _bmp(head: bytes) -> bool:
    # Two letters are too little: many a text begins so. The size of the second header is one of these.
    return head[:2] == b"BM" and head[14:15] in b"\x0c\x28\x34\x38\x40\x6c\x7c" and head[15:18] == bytes(3)


def _mp4(head: bytes) -> bool:
    # Pictures and music come in the same box, under these brands.
    others = (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"M4A ", b"M4B ")
    return head[4:8] == b"ftyp" and head[8:12] not in others


def _mp3(head: bytes) -> bool:
    if head[:3] == b"ID3":
        return True
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2 or head[1] & 0x18 == 0x08:
        return False
    return head[2] & 0xF0 not in (0x00, 0xF0) and head[2] & 0x0C != 0x0C


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of content, known by its first bytes."""

    ending: str
    """Of names, for contents that have none."""
    file_type: FileType
    begins: Callable[[bytes], bool]


FORMATS: Final = (
    Format("png", FileType.IMAGE, lambda head: head[:8] == b"\x89PNG\r\n\x1a\n"),
    Format("jpg", FileType.IMAGE, lambda head: head[:3] == b"\xff\xd8\xff"),
    Format("gif", FileType.IMAGE, lambda head: head[:6] in (b"GIF87a", b"GIF89a")),
    Format("webp", FileType.IMAGE, lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP"),
    Format("bmp", FileType.IMAGE, _bmp),
    Format("mp4", FileType.VIDEO, _mp4),
    Format("mov", FileType.VIDEO, lambda head: head[4:8] in (b"moov", b"wide") and head[:1] == b"\0"),
    Format("silk", FileType.VOICE, lambda head: head.removeprefix(b"\x02")[:6] == b"#!SILK"),
    Format("amr", FileType.VOICE, lambda head: head[:5] == b"#!AMR"),
    Format("wav", FileType.VOICE, lambda head: head[:4] == b"RIFF" and head[8:12] == b"WAVE"),
    Format("ogg", FileType.VOICE, lambda head: head[:4] == b"OggS"),
    Format("mp3", FileType.VOICE, _mp3),
)
"""What pictures, videos and voice are known by; everything else is a file."""
ANYTHING: Final = Format("bin", FileType.FILE, lambda head: True)


def format_of(head: bytes) -> Format:
    """Return what a content is that begins with *head*, `HEAD` bytes if there are so many."""
    return next((known for known in FORMATS if known.begins(head)), ANYTHING)


def file_type_of(head: bytes, size: int, wanted: FileType | None = None, *, name: str = "") -> FileType:
    """Return as what a file is sent.

    Args:
        head: Its first bytes.
        size: All bytes.
        wanted: What it was given as; None for what it is.
        name: What the caller calls it, for errors; by default after *wanted*.

    Raises:
        MessageError: If it is empty or too big, or something else than was wanted.
    """
    name = name or ("source" if wanted is None else _MEDIA_NAMES[wanted])
    if size == 0:
        raise MessageError([f"{name}: is empty; a file object is read from where it stands"])
    if size > MAX_SIZE:
        raise MessageError([f"{name}: {too_big(size)}"])
    found = format_of(head).file_type
    if wanted not in (None, FileType.FILE, found):
        assert wanted is not None
        known = ", ".join(known.ending for known in FORMATS if known.file_type is wanted)
        way = _MEDIA_NAMES[found]
        raise MessageError(
            [f"{name}: its content is {_WORDS[found]}, not one of {known}; send it as {way}, or convert it"]
        )
    file_type = wanted or found
    return file_type if size <= SOFT_LIMITS[file_type] else FileType.FILE


def too_big(size: int) -> str:
    """Return what is said about a file of *size* bytes, more than `MAX_SIZE`."""
    return (
        f"has {size / MEGABYTE:.1f} MB, at most {MAX_SIZE // MEGABYTE} MB can be sent;"
        " put it where people can download it, and send the link"
    )


def file_name_of(given: str, head: bytes) -> str:
    """Return the name of a file that was *given* this one, or none."""
    found = format_of(head)
    return given or f"{_MEDIA_NAMES[found.file_type]}.{found.ending}"


@dataclass(frozen=True, slots=True)
class Digest:
    """By what the platform recognises a content; hex."""

    md5: str
    sha1: str
    md5_10m: str
    """Of the first 10002432 bytes: the documentation's number, not ten mebibytes."""


class Hasher:
    """Makes a `Digest` out of a content that comes piece by piece."""

    def __init__(self) -> None:
        # Recognition, not security.
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._head = hashlib.md5(usedforsecurity=False)
        self._head_left = HASHED_HEAD

    def update(self, content: bytes) -> None:
        """Take the next piece."""
        self._md5.update(content)
        self._sha1.update(content)
        if self._head_left:
            begin = content[: self._head_left]
            self._head.update(begin)
            self._head_left -= len(begin)

    def digest(self) -> Digest:
        """Return what came so far."""
        return Digest(self._md5.hexdigest(), self._sha1.hexdigest(), self._head.hexdigest())


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a file, and where it goes."""

    position: int
    """Place in the list of parts, from 0: this tells which bytes are meant."""
    index: int
    """What the platform calls it, from 0 or from 1; only echoed."""
    url: str
    """The permission to store it is in there, so it is never logged."""
    offset: int
    size: int


def cut(size: int, prepared: UploadPrepared) -> tuple[Piece, ...]:
    """Return the parts of a file of *size* bytes.

    Raises:
        ApiError: If the parts that the platform offers do not fit the file.
    """
    pieces, offset = [], 0
    for position, part in enumerate(prepared.parts):
        length = min(part.block_size or prepared.block_size, size - offset)
        if length <= 0:
            break
        pieces.append(Piece(position, part.index, part.presigned_url, offset, length))
        offset += length
    if offset != size or len(pieces) != len(prepared.parts):
        raise ApiError(
            f"the platform offers {len(prepared.parts)} parts, which do not fit {size} bytes", status=200
        )
    return tuple(pieces)


def at_once(config: UploadConfig) -> int:
    """Return how many parts are sent at the same time."""
    return min(max(config.concurrency, 1), MOST_AT_ONCE)


class Patience:
    """When one part is tried again, and when it is given up."""

    def __init__(self, config: UploadConfig, *, now: float) -> None:
        """*now* is when the part was begun, in monotonic seconds."""
        self._delay = min(max(config.retry_delay, SHORTEST_PAUSE), LONGEST_PAUSE)
        self._deadline = now + min(config.retry_timeout, LONGEST_PATIENCE)
        self._broken = 0

    def wait(self, *, now: float) -> float | None:
        """Return the seconds until the platform is asked again to finish the part; None to give up."""
        return self._delay if now + self._delay <= self._deadline else None

    def wait_to_send(self, *, now: float) -> float | None:
        """Return the seconds until the bytes are sent again, each time more; None to give up."""
        delay = min(self._delay * 2.0**self._broken, LONGEST_PAUSE)
        self._broken += 1
        return delay if now + delay <= self._deadline else None


def worth_repeating(status: int) -> bool:
    """Whether the storage may take the bytes another time; 403, say, is an address that has expired."""
    return status >= 500 or status in (408, 429)


def can_continue(error: ApiError) -> bool:
    """Whether an upload that ended in *error* can go on where it was, or has to begin anew."""
    if error.code is None and error.err_code is None:
        # The storage has no codes; neither have gateways that fail, and calls that were not made (status 0).
        return error.status == 0 or worth_repeating(error.status)
    return TRY_AGAIN in (error.code, error.err_code)


def is_stale(error: ApiError) -> bool:
    """Whether a message was refused because of the ``file_info`` it carried."""
    return error.code in STALE or error.err_code in STALE


class Progress:
    """How many bytes of a file have been sent; never fewer than before, though a part may begin anew."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self._parts: dict[int, int] = {}

    def advance(self, position: int, sent: int) -> bool:
        """The part at *position* is at *sent* bytes; return whether there are more than ever."""
        self._parts[position] = sent
        done = sum(self._parts.values())
        grown = done > self.done
        self.done = max(self.done, done)
        return grown
