"""Channels.

Source: platform documentation, "子频道".
"""

from __future__ import annotations

from enum import IntEnum

from msgspec import UNSET, UnsetType

from qqbot_cli.errors import InvalidRequestError
from qqbot_cli.model.body.base import Body, Name, require_any
from qqbot_cli.model.payload.guild import ChannelType


class ChannelSubType(IntEnum):
    """What a text channel is for."""

    CHAT = 0
    NOTICE = 1
    GUIDE = 2
    TEAM_UP = 3


class PrivateType(IntEnum):
    """Who sees a channel."""

    PUBLIC = 0
    ADMINISTRATORS = 1
    """The owner too."""
    ADMINISTRATORS_AND_MEMBERS = 2
    """The same and chosen members."""


class SpeakPermission(IntEnum):
    """Who may write in a channel."""

    INVALID = 0
    EVERYBODY = 1
    ADMINISTRATORS_AND_MEMBERS = 2
    """Owner, administrators and chosen members."""


class CreateChannelParams(Body, frozen=True, kw_only=True):
    """A channel that does not exist yet."""

    name: Name
    """Shown name."""
    type: ChannelType
    """What it is for; see `ChannelType`."""
    sub_type: ChannelSubType | UnsetType = UNSET
    """Text channels only; see `ChannelSubType`."""
    position: int | UnsetType = UNSET
    """Place in the list, from 1; for categories from 2. Where another channel is it goes before that one."""
    parent_id: str | UnsetType = UNSET
    """Category it goes into."""
    private_type: PrivateType | UnsetType = UNSET
    """Who sees it; see `PrivateType`."""
    private_user_ids: tuple[str, ...] | UnsetType = UNSET
    """Members who see it; heeded only when a private channel is created."""
    speak_permission: SpeakPermission | UnsetType = UNSET
    """Who may write in it; see `SpeakPermission`."""
    application_id: str | UnsetType = UNSET
    """Which application, for type 10006."""

    def __post_init__(self) -> None:
        if self.type == ChannelType.CATEGORY and isinstance(self.position, int) and self.position < 2:
            raise InvalidRequestError("position", "at least 2 for a category: 1 is what has none")


class UpdateChannelParams(Body, frozen=True, kw_only=True):
    """What is to change about a channel; at least one field."""

    name: Name | UnsetType = UNSET
    """Shown name."""
    position: int | UnsetType = UNSET
    """Place in the list, from 1; for categories from 2. Where another channel is it goes before that one."""
    parent_id: str | UnsetType = UNSET
    """Category it goes into."""
    private_type: PrivateType | UnsetType = UNSET
    """Who sees it; see `PrivateType`."""
    speak_permission: SpeakPermission | UnsetType = UNSET
    """Who may write in it; see `SpeakPermission`."""

    def __post_init__(self) -> None:
        require_any(
            name=self.name,
            position=self.position,
            parent_id=self.parent_id,
            private_type=self.private_type,
            speak_permission=self.speak_permission,
        )
