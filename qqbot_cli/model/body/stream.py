"""A message that grows while people read it.

Source: platform documentation, "流式消息", and the platform's own plug-ins for the order of calls.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from qqbot_cli.model.body.base import Body, require_any


class StreamMode(StrEnum):
    """What a piece is."""

    APPEND = "append"
    """What comes next."""
    REPLACE = "replace"
    """The whole text so far; it must begin with what was shown already."""


class StreamState(IntEnum):
    """Whether more follows."""

    GENERATING = 1
    FINISHED = 10
    """Every stream has to end with it, or people see "generating" for ever."""


class StreamContentType(StrEnum):
    """How the content is written."""

    TEXT = "text"
    MARKDOWN = "markdown"


class StreamParams(Body, frozen=True, kw_only=True):
    """A piece of a message."""

    content_raw: str
    """The piece, or the whole text: `input_mode` says which."""
    input_state: StreamState = StreamState.GENERATING
    """Whether more follows."""
    index: Annotated[int, msgspec.Meta(ge=0)]
    """Number of the piece, from 0, one more with each call."""
    input_mode: StreamMode = StreamMode.APPEND
    """What the piece is."""
    content_type: StreamContentType = StreamContentType.MARKDOWN
    """How the content is written."""
    msg_id: str | UnsetType = UNSET
    """The message it answers."""
    event_id: str | UnsetType = UNSET
    """The event it answers, instead of a message."""
    msg_seq: Annotated[int, msgspec.Meta(ge=1, le=4294967295)] | UnsetType = UNSET
    """The same number in all pieces of one message."""
    stream_msg_id: str | UnsetType = UNSET
    """``id`` of the first answer; left out in the first piece."""
    is_wakeup: bool | UnsetType = UNSET
    """A message that wakes somebody up who has not written for long; it answers nothing."""

    def __post_init__(self) -> None:
        require_any(msg_id=self.msg_id, event_id=self.event_id, is_wakeup=self.is_wakeup)
