"""Roles of guilds, and rights in channels."""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.answer.member import ChannelPermissions, GuildRoles, UpdateRoleResult
from qqbot_cli.model.body.member import ChannelPermissionsParams, MemberRoleParams, RoleParams
from qqbot_cli.model.endpoints.row import Endpoint, Repeat

_ADMIN: Final = "administrator of the guild"
_RIGHT_CODES: Final = (*range(301000, 301008),)


def _holding(name: str, method: str, summary: str, source: str) -> Endpoint:
    """Row of a call by which somebody gets or loses a role."""
    return Endpoint(
        name,
        method,
        "/guilds/{guild_id}/members/{user_id}/roles/{role_id}",
        summary,
        "Role 5, channel administrator, needs `channel` in the body.",
        body=MemberRoleParams,
        body_optional=True,
        # The order of botrs: the role before the person.
        order=("guild_id", "role_id", "user_id"),
        success=(204,),
        needs=_ADMIN,
        source=source,
    )


def _rights(name: str, path: str, summary: str, source: str) -> Endpoint:
    """Row of a call that reads rights."""
    return Endpoint(
        name,
        "GET",
        path,
        summary,
        result=ChannelPermissions,
        needs=_ADMIN,
        codes=_RIGHT_CODES,
        source=source,
    )


def _set_rights(name: str, path: str, summary: str, source: str) -> Endpoint:
    """Row of a call that changes rights."""
    return Endpoint(
        name,
        "PUT",
        path,
        summary,
        body=ChannelPermissionsParams,
        success=(204,),
        needs=_ADMIN,
        codes=_RIGHT_CODES,
        source=source,
    )


_USER: Final = "/channels/{channel_id}/members/{user_id}/permissions"
_ROLE: Final = "/channels/{channel_id}/roles/{role_id}/permissions"

ROWS: Final = (
    Endpoint(
        "list_roles",
        "GET",
        "/guilds/{guild_id}/roles",
        "Return the roles of a guild.",
        result=GuildRoles,
        source="获取频道身份组列表",
    ),
    Endpoint(
        "create_role",
        "POST",
        "/guilds/{guild_id}/roles",
        "Create a role and return it.",
        body=RoleParams,
        result=UpdateRoleResult,
        needs=_ADMIN,
        source="创建频道身份组",
    ),
    Endpoint(
        "update_role",
        "PATCH",
        "/guilds/{guild_id}/roles/{role_id}",
        "Change a role and return what it is now; what is left out stays.",
        body=RoleParams,
        result=UpdateRoleResult,
        repeat=Repeat.SAFE,
        needs=_ADMIN,
        source="修改频道身份组",
    ),
    Endpoint(
        "delete_role",
        "DELETE",
        "/guilds/{guild_id}/roles/{role_id}",
        "Delete a role.",
        success=(204,),
        needs=_ADMIN,
        source="删除频道身份组",
    ),
    _holding("add_member_role", "PUT", "Give somebody a role.", "创建频道身份组成员"),
    _holding("delete_member_role", "DELETE", "Take a role from somebody.", "删除频道身份组成员"),
    _rights(
        "get_channel_user_permissions",
        _USER,
        "Return what somebody may do in a channel, without the rights of their roles.",
        "获取子频道用户权限",
    ),
    _set_rights(
        "put_channel_user_permissions",
        _USER,
        "Change what somebody may do in a channel.",
        "修改子频道用户权限",
    ),
    _rights(
        "get_channel_role_permissions",
        _ROLE,
        "Return what the members of a role may do in a channel.",
        "获取子频道身份组权限",
    ),
    _set_rights(
        "put_channel_role_permissions",
        _ROLE,
        "Change what the members of a role may do in a channel.",
        "修改子频道身份组权限",
    ),
)
