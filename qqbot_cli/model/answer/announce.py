"""Announcements and pins.

Source: platform documentation, "公告" and "精华消息".
"""

from __future__ import annotations

from qqbot_cli.model.payload.shared import Payload


class RecommendChannel(Payload, frozen=True, omit_defaults=True):
    """A channel that an announcement recommends; the same object is sent and received."""

    channel_id: str
    """The channel; everybody must see it."""
    introduce: str = ""
    """What is said about it."""


class Announce(Payload, frozen=True):
    """An announcement of a guild."""

    guild_id: str = ""
    """The guild."""
    channel_id: str = ""
    """Channel of the message."""
    message_id: str = ""
    """The message; empty if channels are recommended instead."""
    announces_type: int = 0
    """0 for members, 1 as a welcome; see `AnnounceType`."""
    recommend_channels: tuple[RecommendChannel, ...] = ()
    """Recommended channels."""


class PinsMessage(Payload, frozen=True):
    """Pinned messages of a channel."""

    guild_id: str = ""
    """The guild."""
    channel_id: str = ""
    """The channel."""
    message_ids: tuple[str, ...] = ()
    """The messages, at most 20."""
