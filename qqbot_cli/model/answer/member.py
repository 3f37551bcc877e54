"""Roles and rights of members.

Source: platform documentation, "身份组" and "子频道权限".
"""

from __future__ import annotations

from enum import IntFlag

from qqbot_cli.model.payload.shared import Member, Payload


class ChannelPermission(IntFlag):
    """Rights in a channel; the rights of a person are those of the user and of all roles together."""

    VIEW = 1
    MANAGE = 2
    SPEAK = 4
    LIVE = 8


class GuildRoleMembers(Payload, frozen=True):
    """A page of the members who have a role."""

    data: tuple[Member, ...] = ()
    """The members; none at the end."""
    next: str = ""
    """What ``start_index`` asks for the next page; ``0`` where all were sent at once."""


class Role(Payload, frozen=True):
    """A role of a guild."""

    id: str
    """1 everyone, 2 administrator, 4 owner, 5 channel administrator; others were created."""
    name: str = ""
    """Shown name."""
    color: int = 0
    """Alpha, red, green and blue, eight bits each, as one number."""
    hoist: int = 0
    """1 if its members are listed apart, else 0."""
    number: int = 0
    """Members who have it."""
    member_limit: int = 0
    """Members who may have it."""


class GuildRoles(Payload, frozen=True):
    """All roles of a guild."""

    guild_id: str = ""
    """The guild."""
    roles: tuple[Role, ...] = ()
    """Its roles."""
    role_num_limit: int = 0
    """Roles it may have; text on the wire."""


class UpdateRoleResult(Payload, frozen=True):
    """A role was created or changed."""

    role: Role
    """What it is now."""
    role_id: str = ""
    """The same as ``role.id``."""
    guild_id: str = ""
    """The guild; left out when a role was created."""


class ChannelPermissions(Payload, frozen=True):
    """What a user or a role may do in a channel."""

    channel_id: str = ""
    """The channel."""
    user_id: str = ""
    """The user; empty if it is about a role."""
    role_id: str = ""
    """The role; empty if it is about a user."""
    permissions: str = ""
    """Bits as decimal text; see `flags`."""

    @property
    def flags(self) -> ChannelPermission:
        """The bits; what is not known yet is kept."""
        return ChannelPermission(int(self.permissions) if self.permissions.isdecimal() else 0)
