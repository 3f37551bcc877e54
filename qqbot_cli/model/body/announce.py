"""Announcements.

Source: platform documentation, "公告".
"""

from __future__ import annotations

from enum import IntEnum

from msgspec import UNSET, UnsetType

from qqbot_cli.errors import InvalidRequestError
from qqbot_cli.model.answer.announce import RecommendChannel
from qqbot_cli.model.body.base import Body, Name, at_most


class AnnounceType(IntEnum):
    """To whom an announcement is shown."""

    MEMBERS = 0
    WELCOME = 1


class AnnounceParams(Body, frozen=True, kw_only=True):
    """An announcement: a message, or recommended channels. Each takes the place of the other."""

    message_id: str | UnsetType = UNSET
    """The message; not together with `recommend_channels`."""
    channel_id: str | UnsetType = UNSET
    """Channel of the message; needed with `message_id`."""
    announces_type: AnnounceType | UnsetType = UNSET
    """To whom it is shown; members if left out."""
    recommend_channels: tuple[RecommendChannel, ...] | UnsetType = UNSET
    """At most 3; takes the place of the whole list."""

    def __post_init__(self) -> None:
        at_most(3, "channels", recommend_channels=self.recommend_channels)
        if self.message_id and not self.channel_id:
            raise InvalidRequestError("channel_id", "needed with message_id")


class ChannelAnnounceParams(Body, frozen=True, kw_only=True):
    """The message that is announced."""

    message_id: Name
    """The message."""
