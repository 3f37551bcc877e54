"""Guilds, their channels and their members come, change and go.

Source: platform documentation, "频道事件", "子频道事件" and "频道成员事件".
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum

from qqbot_cli.model.payload.shared import Member, Payload, parse_time


class ChannelType(IntEnum):
    """What a channel is for; 1 and 3 are reserved, new numbers may come."""

    TEXT = 0
    VOICE = 2
    CATEGORY = 4
    LIVE = 10005
    APPLICATION = 10006
    FORUM = 10007


class Channel(Payload, frozen=True):
    """A channel of a guild; events carry a part of it, the new state or, for a deletion, the last one."""

    id: str
    """Key of the channel."""
    guild_id: str = ""
    """The guild it belongs to."""
    name: str = ""
    """Shown name."""
    type: int = 0
    """See `ChannelType`; see `kind`."""
    sub_type: int = 0
    """Text channels only: 0 chat, 1 announcement, 2 guide, 3 team-up."""
    owner_id: str = ""
    """User who created it."""
    op_user_id: str = ""
    """User who did what the event tells; events only."""
    position: int = 0
    """Place in the list, from 1 (categories from 2); 0 where the platform leaves it out, as events do."""
    parent_id: str = ""
    """Category it is in; empty if none."""
    private_type: int = 0
    """0 public, 1 owner and administrators, 2 the same and chosen members."""
    private_user_ids: tuple[str, ...] = ()
    """The chosen members; mostly left out."""
    speak_permission: int = 0
    """1 everybody, 2 owner, administrators and chosen members; 0 where it means nothing."""
    application_id: str = ""
    """Which application, for type 10006."""
    permissions: str = ""
    """What the bot may do, bits as decimal text: 1 see, 2 manage, 4 speak, 8 live."""

    @property
    def kind(self) -> ChannelType | None:
        """What it is for, or None for a number that is not known yet."""
        try:
            return ChannelType(self.type)
        except ValueError:
            return None


class Guild(Payload, frozen=True):
    """A guild; GUILD_UPDATE carries its new state, GUILD_DELETE its last one."""

    id: str
    """Key of the guild for this bot."""
    name: str = ""
    """Shown name."""
    icon: str = ""
    """URL of the picture."""
    owner_id: str = ""
    """User who owns it."""
    owner: bool = False
    """Whether the bot owns it; REST only."""
    member_count: int = 0
    """People in it."""
    max_members: int = 0
    """People it may have."""
    description: str = ""
    """What it says about itself."""
    joined_at: str = ""
    """RFC 3339, when the bot came; see `joined`."""
    op_user_id: str = ""
    """User who did what the event tells; events only."""
    channels: tuple[Channel, ...] = ()
    """Known from an SDK, not seen in events."""
    union_world_id: str = ""
    """Known from an SDK, not seen in events."""
    union_org_id: str = ""
    """Known from an SDK, not seen in events."""

    @property
    def joined(self) -> datetime | None:
        """When the bot came, or None if the platform did not say."""
        return parse_time(self.joined_at)


class GuildMember(Member, frozen=True, kw_only=True):
    """A member who came, changed or left."""

    guild_id: str
    """The guild it is about."""
    op_user_id: str = ""
    """Who did it; the member itself where somebody comes or leaves alone."""
