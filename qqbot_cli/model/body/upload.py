"""Uploading files, at once or in parts.

Source: platform documentation, "富媒体消息".
"""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, UnsetType

from qqbot_cli.errors import InvalidRequestError
from qqbot_cli.model.body.base import Body, Digits, Name, require_one

HASHED_HEAD: Final = 10002432
"""Bytes at the beginning of a file that `UploadPrepare.md5_10m` is about."""

Md5 = Annotated[str, msgspec.Meta(pattern="^[0-9a-fA-F]{32}$")]
Sha1 = Annotated[str, msgspec.Meta(pattern="^[0-9a-fA-F]{40}$")]


class FileType(IntEnum):
    """What a file is; over the limit pictures, videos and voice arrive as plain files, up to 200 MB."""

    IMAGE = 1
    """PNG or JPEG up to 20 MB."""
    VIDEO = 2
    """MP4 up to 30 MB."""
    VOICE = 3
    """SILK up to 20 MB."""
    FILE = 4
    """Anything up to 200 MB."""


class FileUpload(Body, frozen=True, kw_only=True):
    """A file: an address, its bytes, or an upload in parts that is complete."""

    file_type: FileType | UnsetType = UNSET
    """What it is; may be left out with `upload_id`."""
    url: str | UnsetType = UNSET
    """Where the platform downloads it."""
    file_data: str | UnsetType = UNSET
    """The bytes in base64, for small files. Not documented, and in use for years."""
    upload_id: str | UnsetType = UNSET
    """The upload in parts."""
    srv_send_msg: bool = False
    """True: send it at once, as a message that answers nothing. Always on the wire."""
    file_name: str | UnsetType = UNSET
    """Shown for plain files."""

    def __post_init__(self) -> None:
        require_one(url=self.url, file_data=self.file_data, upload_id=self.upload_id)
        if self.upload_id is UNSET and self.file_type is UNSET:
            raise InvalidRequestError("file_type", "may be left out with upload_id only")


class UploadPrepare(Body, frozen=True, kw_only=True):
    """A file that is going to come in parts."""

    file_type: FileType
    """What it is."""
    file_size: Digits
    """Bytes, as text."""
    file_name: Name
    """Name with its ending."""
    md5: Md5
    """Of the whole file, in hex."""
    sha1: Sha1
    """Of the whole file, in hex."""
    md5_10m: Md5
    """Of the first 10002432 bytes, in hex; of the whole file if it is shorter."""


class UploadPartFinish(Body, frozen=True, kw_only=True):
    """A part that was sent."""

    upload_id: Name
    """The upload."""
    part_index: int
    """``index`` of the part, as the platform gave it."""
    block_size: Digits
    """Bytes of this part, as text."""
    md5: Md5
    """Of this part, in hex."""
