"""Uploads as the platform sees them: what was announced, which parts came, whether it is what was said.

No I/O but the temporary file that parts are put into.

Source: platform documentation, "富媒体消息" and "错误码"; which code a wrong part gets is not documented.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Final

from qqbot_cli.simulator import refusals
from qqbot_cli.simulator.refusals import Refusal
from qqbot_cli.simulator.scene import Scene

LARGEST: Final = 200 * 1024 * 1024
"""Bytes of a file."""
HASHED_HEAD: Final = 10002432
"""Bytes at the beginning that have a hash of their own."""
_READ: Final = 1024 * 1024
_FILE: Final = 4

_BEGINNINGS: Final[dict[int, tuple[bytes, ...]]] = {
    1: (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM"),
    3: (b"#!SILK", b"\x02#!SILK", b"#!AMR", b"RIFF", b"OggS", b"ID3", b"\xff"),
}
"""With what contents begin, by ``file_type``."""
_BOXES: Final = (b"ftyp", b"moov", b"mdat", b"wide", b"free")
"""What stands at the fifth byte of a video."""


def is_kind(file_type: int, content: object) -> bool:
    """Whether *content* is bytes of the kind *file_type*, as far as its beginning tells."""
    if not isinstance(content, bytes | bytearray):
        return False
    if file_type == _FILE:
        return True
    if file_type == 2:
        return bytes(content[4:8]) in _BOXES
    return bytes(content).startswith(_BEGINNINGS[file_type]) if file_type in _BEGINNINGS else False


@dataclass(slots=True)
class Part:
    """One part of an upload."""

    position: int
    index: int
    """What the answer calls it."""
    offset: int
    size: int
    md5: str = ""
    """Of what the storage has; empty before."""
    finished: bool = False


@dataclass(slots=True)
class Pending:
    """An upload in parts that was announced."""

    upload_id: str
    scene: Scene
    target: str
    file_type: int
    file_name: str
    size: int
    md5: str
    sha1: str
    md5_10m: str
    parts: list[Part]
    signature: str
    """Opens its addresses in the storage."""
    file: IO[bytes] = field(default_factory=tempfile.TemporaryFile)

    def part(self, index: object) -> Part | None:
        """Return the part that is called *index*."""
        return next((part for part in self.parts if part.index == index), None)

    def is_complete(self) -> bool:
        """Whether all parts are finished, and make up what was announced; reads all of it."""
        if not all(part.finished for part in self.parts):
            return False
        md5, sha1 = hashlib.md5(usedforsecurity=False), hashlib.sha1(usedforsecurity=False)
        head, left = hashlib.md5(usedforsecurity=False), HASHED_HEAD
        self.file.seek(0)
        while content := self.file.read(_READ):
            md5.update(content)
            sha1.update(content)
            head.update(content[:left])
            left -= min(left, len(content))
        found = (md5.hexdigest(), sha1.hexdigest(), head.hexdigest())
        return found == (self.md5, self.sha1, self.md5_10m)


class Uploads:
    """All uploads in parts that are not complete."""

    def __init__(self) -> None:
        self._pending: dict[str, Pending] = {}

    def add(self, upload: Pending) -> None:
        """Remember an upload that was announced."""
        self._pending[upload.upload_id] = upload

    def find(self, upload_id: object, scene: Scene | None = None, target: str = "") -> Pending | None:
        """Return an upload; only if it belongs to *target*, unless *scene* is None."""
        found = self._pending.get(upload_id) if isinstance(upload_id, str) else None
        if found is None or (scene is not None and (found.scene, found.target) != (scene, target)):
            return None
        return found

    def remove(self, upload: Pending) -> None:
        """Forget an upload and what came of it."""
        upload.file.close()
        del self._pending[upload.upload_id]

    def close(self) -> None:
        """Forget all of them."""
        for upload in list(self._pending.values()):
            self.remove(upload)


def announced(body: Mapping[str, object]) -> tuple[int, Refusal | None]:
    """Return the size of the file that *body* announces, and why it is refused, if it is."""
    texts = [body.get(name) for name in ("file_name", "md5", "sha1", "md5_10m")]
    size = as_size(body.get("file_size"))
    if not all(isinstance(text, str) and text for text in texts) or size is None or size == 0:
        return 0, refusals.BAD_DATA
    if body.get("file_type") not in (1, 2, 3, 4):
        return 0, refusals.BAD_FORMAT
    return size, refusals.FILE_TOO_BIG if size > LARGEST else None


def cut(size: int, block: int, first_index: int) -> list[Part]:
    """Return the parts of a file of *size* bytes."""
    return [
        Part(position, first_index + position, offset, min(block, size - offset))
        for position, offset in enumerate(range(0, size, block))
    ]


def as_size(value: object) -> int | None:
    """Return a number of bytes that came as text or as number; None if it is neither."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
