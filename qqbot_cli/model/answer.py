"""Shapes of what REST calls answer.

Source: platform documentation, "WebSocket 接入", "用户" and "发送消息".
"""

from __future__ import annotations

import msgspec

from qqbot_cli.model.payload.shared import Payload


class BotInfo(Payload, frozen=True):
    """``GET /users/@me``: the bot itself."""

    id: str
    username: str = ""
    avatar: str = ""
    bot: bool = True
    union_openid: str = ""
    share_url: str = ""
    """Link by which people add the bot."""
    welcome_msg: str = ""


class SessionStartLimit(Payload, frozen=True):
    """How many sessions may still be started."""

    total: int = 1000
    """Per 24 hours."""
    remaining: int = 1000
    reset_after_ms: int = msgspec.field(name="reset_after", default=0)
    """Until `remaining` is `total` again."""
    max_concurrency: int = 1
    """Sessions that may be started every five seconds."""

    @property
    def reset_after(self) -> float:
        """Seconds until `remaining` is `total` again."""
        return max(0.0, self.reset_after_ms / 1000)


class GatewayResponse(Payload, frozen=True):
    """``GET /gateway/bot``: where and how to connect."""

    url: str
    shards: int = 1
    """Recommended number of shards."""
    session_start_limit: SessionStartLimit = SessionStartLimit()


class GatewayUrl(Payload, frozen=True):
    """``GET /gateway``: where to connect."""

    url: str


class ExtInfo(Payload, frozen=True):
    """Further facts about a sent message."""

    ref_idx: str = ""
    """Quotes the message later."""


class MessageResponse(Payload, frozen=True):
    """A message was sent."""

    id: str = ""
    """Recalls the message; empty if a repeated send was recognised as already delivered."""
    timestamp: str | int = ""
    """RFC 3339, or unix seconds in old answers."""
    channel_id: str = ""
    """Guilds only."""
    guild_id: str = ""
    """Guilds only."""
    content: str = ""
    """Guilds only."""
    ext_info: ExtInfo = ExtInfo()
    audit_id: str = ""
    """Groups and one-to-one chats: not sent yet, the message waits for review."""


class StreamResponse(MessageResponse, frozen=True):
    """A piece of a growing text was taken."""

    remain_msg_len: int | None = None
    """Characters that still fit into this message; None if the platform did not say."""
