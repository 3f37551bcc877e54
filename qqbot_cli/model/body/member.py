"""Members, their roles and their rights.

Source: platform documentation, "频道成员", "身份组" and "子频道权限".
"""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from qqbot_cli.model.answer.member import ChannelPermission
from qqbot_cli.model.body.base import Body, Digits, require_any


class HistoryDays(IntEnum):
    """How much of what a removed member wrote is withdrawn; other numbers withdraw nothing."""

    ALL = -1
    NONE = 0
    THREE = 3
    SEVEN = 7
    FIFTEEN = 15
    THIRTY = 30


class MemberDeleteOptions(Body, frozen=True, kw_only=True):
    """What else is done when a member is removed."""

    add_blacklist: bool | UnsetType = UNSET
    """Whether they may not come back; false if left out."""
    delete_history_msg_days: HistoryDays | UnsetType = UNSET
    """Days of messages to withdraw; none if left out."""


class RoleParams(Body, frozen=True, kw_only=True):
    """A role, or what is to change about one; at least one field."""

    name: str | UnsetType = UNSET
    """Shown name."""
    color: Annotated[int, msgspec.Meta(ge=0, le=0xFFFFFFFF)] | UnsetType = UNSET
    """Alpha, red, green and blue, eight bits each, as one number."""
    hoist: Annotated[int, msgspec.Meta(ge=0, le=1)] | UnsetType = UNSET
    """1 to list its members apart, else 0."""

    def __post_init__(self) -> None:
        require_any(name=self.name, color=self.color, hoist=self.hoist)


class RoleChannel(Body, frozen=True, kw_only=True):
    """A channel."""

    id: str
    """The channel."""


class MemberRoleParams(Body, frozen=True, kw_only=True):
    """Where a role is held."""

    channel: RoleChannel | UnsetType = UNSET
    """The channel; needed for role 5, channel administrator, and for no other."""


class ChannelPermissionsParams(Body, frozen=True, kw_only=True):
    """Rights to give and to take; what stands in both is taken. Managing cannot be given or taken here."""

    add: Digits | UnsetType = UNSET
    """Bits of `ChannelPermission` as decimal text."""
    remove: Digits | UnsetType = UNSET
    """Bits of `ChannelPermission` as decimal text."""

    def __post_init__(self) -> None:
        require_any(add=self.add, remove=self.remove)

    @classmethod
    def of(
        cls, *, add: ChannelPermission | int = 0, remove: ChannelPermission | int = 0
    ) -> ChannelPermissionsParams:
        """Return the body that gives the rights *add* and takes the rights *remove*."""
        return cls(
            add=str(int(add)) if add else UNSET,
            remove=str(int(remove)) if remove else UNSET,
        )
