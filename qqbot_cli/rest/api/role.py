# Generated from model/endpoints by tools/generate.py. Do not edit.

"""Roles of guilds, and rights in channels."""

from __future__ import annotations

from typing import cast

from qqbot_cli.model.answer.member import ChannelPermissions, GuildRoles, UpdateRoleResult
from qqbot_cli.model.body.member import ChannelPermissionsParams, MemberRoleParams, RoleParams
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.rest.api.base import Calls


class RoleCalls(Calls):
    """Roles of guilds, and rights in channels."""

    async def list_roles(self, guild_id: str) -> GuildRoles:
        """Return the roles of a guild.

        ``GET /guilds/{guild_id}/roles``.

        Args:
            guild_id: The guild.

        Source: platform documentation, 获取频道身份组列表.
        """
        return cast(GuildRoles, await self.client.call(ENDPOINTS["list_roles"], {"guild_id": guild_id}))

    async def create_role(self, guild_id: str, body: RoleParams) -> UpdateRoleResult:
        """Create a role and return it.

        ``POST /guilds/{guild_id}/roles``. Needs: administrator of the guild. Not repeated after a
        time-out: it would happen twice.

        Args:
            guild_id: The guild.
            body: A role, or what is to change about one; at least one field.

        Source: platform documentation, 创建频道身份组.
        """
        return cast(
            UpdateRoleResult,
            await self.client.call(ENDPOINTS["create_role"], {"guild_id": guild_id}, body=body),
        )

    async def update_role(self, guild_id: str, role_id: str, body: RoleParams) -> UpdateRoleResult:
        """Change a role and return what it is now; what is left out stays.

        ``PATCH /guilds/{guild_id}/roles/{role_id}``. Needs: administrator of the guild.

        Args:
            guild_id: The guild.
            role_id: The role.
            body: A role, or what is to change about one; at least one field.

        Source: platform documentation, 修改频道身份组.
        """
        return cast(
            UpdateRoleResult,
            await self.client.call(
                ENDPOINTS["update_role"], {"guild_id": guild_id, "role_id": role_id}, body=body
            ),
        )

    async def delete_role(self, guild_id: str, role_id: str) -> None:
        """Delete a role.

        ``DELETE /guilds/{guild_id}/roles/{role_id}``. Needs: administrator of the guild.

        Args:
            guild_id: The guild.
            role_id: The role.

        Source: platform documentation, 删除频道身份组.
        """
        await self.client.call(ENDPOINTS["delete_role"], {"guild_id": guild_id, "role_id": role_id})

    async def add_member_role(
        self, guild_id: str, role_id: str, user_id: str, body: MemberRoleParams | None = None
    ) -> None:
        """Give somebody a role.

        Role 5, channel administrator, needs `channel` in the body.

        ``PUT /guilds/{guild_id}/members/{user_id}/roles/{role_id}``. Needs: administrator of the
        guild.

        Args:
            guild_id: The guild.
            role_id: The role.
            user_id: The person, as a user of guilds.
            body: Where a role is held.

        Source: platform documentation, 创建频道身份组成员.
        """
        await self.client.call(
            ENDPOINTS["add_member_role"],
            {"guild_id": guild_id, "role_id": role_id, "user_id": user_id},
            body=body,
        )

    async def delete_member_role(
        self, guild_id: str, role_id: str, user_id: str, body: MemberRoleParams | None = None
    ) -> None:
        """Take a role from somebody.

        Role 5, channel administrator, needs `channel` in the body.

        ``DELETE /guilds/{guild_id}/members/{user_id}/roles/{role_id}``. Needs: administrator of the
        guild.

        Args:
            guild_id: The guild.
            role_id: The role.
            user_id: The person, as a user of guilds.
            body: Where a role is held.

        Source: platform documentation, 删除频道身份组成员.
        """
        await self.client.call(
            ENDPOINTS["delete_member_role"],
            {"guild_id": guild_id, "role_id": role_id, "user_id": user_id},
            body=body,
        )

    async def get_channel_user_permissions(self, channel_id: str, user_id: str) -> ChannelPermissions:
        """Return what somebody may do in a channel, without the rights of their roles.

        ``GET /channels/{channel_id}/members/{user_id}/permissions``. Needs: administrator of the
        guild.

        Args:
            channel_id: The channel.
            user_id: The person, as a user of guilds.

        Raises:
            ApiError: 301000, 301001, 301002, 301003, 301005, 301007.
            PermissionDeniedError: 301006.
            RateLimitedError: 301004.

        Source: platform documentation, 获取子频道用户权限.
        """
        return cast(
            ChannelPermissions,
            await self.client.call(
                ENDPOINTS["get_channel_user_permissions"], {"channel_id": channel_id, "user_id": user_id}
            ),
        )

    async def put_channel_user_permissions(
        self, channel_id: str, user_id: str, body: ChannelPermissionsParams
    ) -> None:
        """Change what somebody may do in a channel.

        ``PUT /channels/{channel_id}/members/{user_id}/permissions``. Needs: administrator of the
        guild.

        Args:
            channel_id: The channel.
            user_id: The person, as a user of guilds.
            body: Rights to give and to take; what stands in both is taken. Managing cannot be given
                or taken here.

        Raises:
            ApiError: 301000, 301001, 301002, 301003, 301005, 301007.
            PermissionDeniedError: 301006.
            RateLimitedError: 301004.

        Source: platform documentation, 修改子频道用户权限.
        """
        await self.client.call(
            ENDPOINTS["put_channel_user_permissions"],
            {"channel_id": channel_id, "user_id": user_id},
            body=body,
        )

    async def get_channel_role_permissions(self, channel_id: str, role_id: str) -> ChannelPermissions:
        """Return what the members of a role may do in a channel.

        ``GET /channels/{channel_id}/roles/{role_id}/permissions``. Needs: administrator of the
        guild.

        Args:
            channel_id: The channel.
            role_id: The role.

        Raises:
            ApiError: 301000, 301001, 301002, 301003, 301005, 301007.
            PermissionDeniedError: 301006.
            RateLimitedError: 301004.

        Source: platform documentation, 获取子频道身份组权限.
        """
        return cast(
            ChannelPermissions,
            await self.client.call(
                ENDPOINTS["get_channel_role_permissions"], {"channel_id": channel_id, "role_id": role_id}
            ),
        )

    async def put_channel_role_permissions(
        self, channel_id: str, role_id: str, body: ChannelPermissionsParams
    ) -> None:
        """Change what the members of a role may do in a channel.

        ``PUT /channels/{channel_id}/roles/{role_id}/permissions``. Needs: administrator of the
        guild.

        Args:
            channel_id: The channel.
            role_id: The role.
            body: Rights to give and to take; what stands in both is taken. Managing cannot be given
                or taken here.

        Raises:
            ApiError: 301000, 301001, 301002, 301003, 301005, 301007.
            PermissionDeniedError: 301006.
            RateLimitedError: 301004.

        Source: platform documentation, 修改子频道身份组权限.
        """
        await self.client.call(
            ENDPOINTS["put_channel_role_permissions"],
            {"channel_id": channel_id, "role_id": role_id},
            body=body,
        )
