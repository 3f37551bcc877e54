"""Texts that grow while people read, in one-to-one chats: today's way, and the one before it.

Source: platform documentation, "流式消息"; `Stream` from SDKs.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

from msgspec import UNSET, UnsetType

from qqbot_cli.model.outgoing.wire import Wire


class InputMode(StrEnum):
    """What a piece contains."""

    APPEND = "append"
    """What is new."""
    REPLACE = "replace"
    """The whole text; it must begin with what people see already."""


class InputState(IntEnum):
    """How far the text is."""

    GENERATING = 1
    FINISHED = 10


class ContentType(StrEnum):
    """What a streamed text is."""

    TEXT = "text"
    MARKDOWN = "markdown"


class StreamMessage(Wire, frozen=True, kw_only=True):
    """One piece of a growing text, for ``POST /v2/users/{user_openid}/stream_messages``."""

    input_mode: InputMode = InputMode.REPLACE
    input_state: InputState
    index: int
    """Number of the piece, from 0."""
    content_type: ContentType = ContentType.MARKDOWN
    content_raw: str
    msg_id: str | UnsetType = UNSET
    """The message it answers; or `event_id`."""
    event_id: str | UnsetType = UNSET
    msg_seq: int | UnsetType = UNSET
    """The same for all pieces of one text."""
    stream_msg_id: str | UnsetType = UNSET
    """``id`` of the first answer; left out in the first piece."""
    is_wakeup: bool | UnsetType = UNSET
    """Whether it is a wake-up message: no reply, and no window."""

    @property
    def is_numbered(self) -> bool:
        """Whether a repetition does no harm: it says the same again, or is recognised by its number."""
        return self.input_mode is InputMode.REPLACE and self.msg_seq is not UNSET


class Stream(Wire, frozen=True):
    """The older way to let a text grow, inside a normal Markdown message; typed by SDKs."""

    state: int
    """1 text, 10 the end of it, 11 guidance, 20 the end of it."""
    index: int
    """Number of the piece, from 1; 0 with `reset`."""
    id: str | UnsetType = UNSET
    """``id`` of the first answer; left out in the first piece."""
    reset: bool | UnsetType = UNSET
    """Whether an unfinished text begins anew."""
