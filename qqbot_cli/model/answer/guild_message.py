"""Direct messages of guilds, and how often a guild lets the bot write.

Source: platform documentation, "创建私信会话" and "获取频道消息频率设置".
"""

from __future__ import annotations

from datetime import datetime

from qqbot_cli.model.payload.shared import Payload, parse_time


class DirectMessage(Payload, frozen=True):
    """A direct conversation with a member of a guild."""

    guild_id: str
    """Names the conversation when a direct message is sent; not a real guild."""
    channel_id: str = ""
    """Channel of the conversation."""
    create_time: str = ""
    """Seconds since 1970; see `created_at`."""

    @property
    def created_at(self) -> datetime | None:
        """When it was opened, or None if the platform did not say."""
        return parse_time(self.create_time)


class MessageSetting(Payload, frozen=True):
    """How often a guild lets the bot write without being asked."""

    disable_create_dm: bool = False
    """True: the bot may not open direct conversations."""
    disable_push_msg: bool = False
    """True: the bot may not write without being asked."""
    channel_ids: tuple[str, ...] = ()
    """Channels in which it may."""
    channel_push_max_num: int = 0
    """Messages a day in each of them."""
