"""What sending a message answers.

Source: platform documentation, "发送消息" and "流式消息".
"""

from __future__ import annotations

from datetime import datetime

from qqbot_cli.model.payload.shared import Payload, parse_time


class ExtInfo(Payload, frozen=True):
    """Further facts about a sent message."""

    ref_idx: str = ""
    """Quotes the message later."""


class MessageResponse(Payload, frozen=True):
    """A message was sent."""

    id: str = ""
    """Recalls the message; empty if a repeated send was recognised as already delivered."""
    timestamp: str | int = ""
    """RFC 3339, or unix seconds in old answers; see `sent_at`."""
    channel_id: str = ""
    """Guilds only."""
    guild_id: str = ""
    """Guilds only."""
    content: str = ""
    """Guilds only."""
    ext_info: ExtInfo = ExtInfo()
    """Groups and one-to-one chats only."""
    audit_id: str = ""
    """Groups and one-to-one chats: not sent yet, the message waits for review."""

    @property
    def sent_at(self) -> datetime | None:
        """When it was sent, or None if the platform did not say."""
        return parse_time(self.timestamp)


class StreamResponse(MessageResponse, frozen=True, kw_only=True):
    """A piece of a message was taken; `id` goes into ``stream_msg_id`` of the pieces that follow."""

    remain_msg_len: int | None = None
    """Characters that still fit into this message; None if the platform did not say."""
