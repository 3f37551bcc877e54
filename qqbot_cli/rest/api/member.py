# Generated from model/endpoints by tools/generate.py. Do not edit.

"""Members of guilds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

from qqbot_cli.model.answer.member import GuildRoleMembers
from qqbot_cli.model.body.member import MemberDeleteOptions
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.model.payload.shared import Member
from qqbot_cli.rest.api.base import Calls


class MemberCalls(Calls):
    """Members of guilds."""

    async def list_guild_members(
        self, guild_id: str, *, after: str | None = None, limit: int | None = None
    ) -> list[Member]:
        """Return a page of the members of a guild.

        Pages may overlap and may be shorter than `limit`; only an empty one is the last.

        ``GET /guilds/{guild_id}/members``. Needs: private-domain bot.

        Args:
            guild_id: The guild.
            after: User id of the last member of the page before; "0" without it.
            limit: Members in a page, which may be shorter; 1 without it. 1 to 400.

        Source: platform documentation, 获取频道成员列表.
        """
        return cast(
            list[Member],
            await self.client.call(
                ENDPOINTS["list_guild_members"],
                {"guild_id": guild_id},
                query={"after": after, "limit": limit},
            ),
        )

    def iter_guild_members(self, guild_id: str, *, limit: int = 400) -> AsyncIterator[Member]:
        """Give all of them, each once, page after page.

        Asks for pages with `list_guild_members`.

        Args:
            guild_id: The guild.
            limit: Items in a page; 1 to 400.
        """
        return self.client.pages(
            ENDPOINTS["list_guild_members"], {"guild_id": guild_id}, query={"limit": limit}
        )

    async def get_guild_member(self, guild_id: str, user_id: str) -> Member:
        """Return a member of a guild.

        ``GET /guilds/{guild_id}/members/{user_id}``.

        Args:
            guild_id: The guild.
            user_id: The person, as a user of guilds.

        Source: platform documentation, 获取频道成员详情.
        """
        return cast(
            Member,
            await self.client.call(ENDPOINTS["get_guild_member"], {"guild_id": guild_id, "user_id": user_id}),
        )

    async def delete_guild_member(
        self, guild_id: str, user_id: str, body: MemberDeleteOptions | None = None
    ) -> None:
        """Remove somebody from a guild; administrators cannot be removed.

        ``DELETE /guilds/{guild_id}/members/{user_id}``. Needs: private-domain bot, administrator of
        the guild.

        Args:
            guild_id: The guild.
            user_id: The person, as a user of guilds.
            body: What else is done when a member is removed.

        Source: platform documentation, 删除频道成员.
        """
        await self.client.call(
            ENDPOINTS["delete_guild_member"], {"guild_id": guild_id, "user_id": user_id}, body=body
        )

    async def list_guild_role_members(
        self, guild_id: str, role_id: str, *, start_index: str | None = None, limit: int | None = None
    ) -> GuildRoleMembers:
        """Return a page of the members who have a role.

        Pages may be shorter than `limit`, and longer for the roles of administrators.

        ``GET /guilds/{guild_id}/roles/{role_id}/members``. Needs: private-domain bot.

        Args:
            guild_id: The guild.
            role_id: The role.
            start_index: `next` of the page before; "0" without it.
            limit: Members in a page, which may be shorter; 1 without it. 1 to 400.

        Source: platform documentation, 获取频道身份组成员列表.
        """
        return cast(
            GuildRoleMembers,
            await self.client.call(
                ENDPOINTS["list_guild_role_members"],
                {"guild_id": guild_id, "role_id": role_id},
                query={"start_index": start_index, "limit": limit},
            ),
        )

    def iter_guild_role_members(
        self, guild_id: str, role_id: str, *, limit: int = 400
    ) -> AsyncIterator[Member]:
        """Give all of them, each once, page after page.

        Asks for pages with `list_guild_role_members`.

        Args:
            guild_id: The guild.
            role_id: The role.
            limit: Items in a page; 1 to 400.
        """
        return self.client.pages(
            ENDPOINTS["list_guild_role_members"],
            {"guild_id": guild_id, "role_id": role_id},
            query={"limit": limit},
        )
