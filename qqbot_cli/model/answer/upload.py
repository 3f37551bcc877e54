"""Files that were taken, at once or in parts.

Source: platform documentation, "富媒体消息".
"""

from __future__ import annotations

from typing import Any

from qqbot_cli.model.payload.shared import Payload


class Media(Payload, frozen=True):
    """A file that messages can carry."""

    file_info: str
    """Goes into a message; valid for any group, or for any user, as it was uploaded, not for the other."""
    file_uuid: str = ""
    """Id of the stored file."""
    ttl: int = 0
    """Seconds until `file_info` expires; 0 means never."""
    id: str = ""
    """The message, if the file was sent at once; else empty."""
    raw_url: str = ""
    """Where to download it, for files uploaded in parts; valid as long as `file_info`."""


class UploadPart(Payload, frozen=True):
    """Where one part of a file goes."""

    presigned_url: str
    """Takes the bytes with ``PUT``, without an access token."""
    index: int = 0
    """Echoed when the part is finished. Counts from 0 by the documentation, from 1 in practice: the place
    in the list tells which bytes are meant."""
    block_size: int = 0
    """Bytes of the part; text on the wire."""


class UploadConfig(Payload, frozen=True):
    """How to upload."""

    concurrency: int = 1
    """Parts that may be sent at the same time."""
    retry_timeout: int | float = 300
    """Seconds to go on trying to finish a part."""
    retry_delay: int | float = 1
    """Seconds between two tries."""


class UploadPrepared(Payload, frozen=True):
    """An upload in parts has begun."""

    upload_id: str
    """Names the upload in all calls that follow."""
    parts: tuple[UploadPart, ...] = ()
    """Where the parts go, in the order of the file."""
    block_size: int = 5 * 1024 * 1024
    """Bytes of each part but the last; text on the wire."""
    upload_config: UploadConfig = UploadConfig()
    """How to upload."""
    concurrency: int | None = None
    """The same as in `upload_config`, where older versions put it; see `config`."""
    retry_timeout: int | float | None = None
    """The same as in `upload_config`, where older versions put it; see `config`."""

    @property
    def config(self) -> UploadConfig:
        """How to upload, wherever it was said."""
        if self.upload_config != UploadConfig():
            return self.upload_config
        usual = UploadConfig()
        return UploadConfig(
            concurrency=usual.concurrency if self.concurrency is None else self.concurrency,
            retry_timeout=usual.retry_timeout if self.retry_timeout is None else self.retry_timeout,
        )

    @classmethod
    def reshape(cls, value: dict[str, Any]) -> dict[str, Any]:
        """Accept an upload without a configuration."""
        return {key: item for key, item in value.items() if item is not None}
