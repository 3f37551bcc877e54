"""What we send: bodies of REST calls. Fields left `UNSET` do not appear on the wire.

Source: platform documentation, "发送消息".
"""

from __future__ import annotations

from enum import IntEnum

import msgspec
from msgspec import UNSET, UnsetType


class Reference(msgspec.Struct, frozen=True):
    """The message to quote."""

    message_id: str
    """Guilds: the message id. Groups and one-to-one chats: a ``REFIDX_…`` index (``msg_idx``)."""
    ignore_get_message_error: bool | UnsetType = UNSET
    """Guilds only: send without the quote if it cannot be read."""


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """What all messages have in common."""

    content: str | UnsetType = UNSET
    """Text; may be left out where the message consists of something else."""
    message_reference: Reference | UnsetType = UNSET
    msg_id: str | UnsetType = UNSET
    """Makes it a reply to this message."""
    event_id: str | UnsetType = UNSET
    """Makes it a reply to this event; not together with `msg_id`."""

    @property
    def is_numbered(self) -> bool:
        """Whether the platform recognises a repetition: it is a reply and has an explicit number."""
        return False


class MessageParams(Outgoing, frozen=True, kw_only=True):
    """A message to a guild channel."""


class DirectMessageParams(Outgoing, frozen=True, kw_only=True):
    """A direct message in a guild."""


class _OpenParams(Outgoing, frozen=True, kw_only=True):
    msg_type: int = 0
    """0 text."""
    msg_seq: int | UnsetType = UNSET
    """1 to 4294967295; the platform refuses a repeated pair of `msg_id` (or `event_id`) and `msg_seq`."""

    @property
    def is_numbered(self) -> bool:
        refers = self.msg_id is not UNSET or self.event_id is not UNSET
        return refers and self.msg_seq is not UNSET


class GroupMessageParams(_OpenParams, frozen=True, kw_only=True):
    """A message to a group."""


class C2CMessageParams(_OpenParams, frozen=True, kw_only=True):
    """A message to one user."""


class InteractionCode(IntEnum):
    """What the client of the person who pressed a button shows."""

    SUCCESS = 0
    FAILED = 1
    TOO_FREQUENT = 2
    REPEATED = 3
    NO_PERMISSION = 4
    ADMINISTRATORS_ONLY = 5


class InteractionAck(msgspec.Struct, frozen=True):
    """Answer to an interaction; once per interaction, within about five seconds."""

    code: InteractionCode = InteractionCode.SUCCESS
