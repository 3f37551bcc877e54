# Generated from model/endpoints by tools/generate.py. Do not edit.

"""Which calls a guild has granted to the bot."""

from __future__ import annotations

from typing import cast

from qqbot_cli.model.answer.grant import ApiPermissionDemand, ApiPermissions
from qqbot_cli.model.body.grant import PermissionDemand
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.rest.api.base import Calls


class GrantCalls(Calls):
    """Which calls a guild has granted to the bot."""

    async def get_api_permissions(self, guild_id: str) -> ApiPermissions:
        """Return the calls that guilds may grant, and which of them this one has granted.

        ``GET /guilds/{guild_id}/api_permission``.

        Args:
            guild_id: The guild.

        Raises:
            ApiError: 610001, 610002, 610003, 610004, 610005, 610006, 610011.
            NotFoundError: 610007.

        Source: platform documentation, 获取频道可用权限列表.
        """
        return cast(
            ApiPermissions, await self.client.call(ENDPOINTS["get_api_permissions"], {"guild_id": guild_id})
        )

    async def post_permission_demand(self, guild_id: str, body: PermissionDemand) -> ApiPermissionDemand:
        """Post a card that asks the administrators of a guild to grant a call.

        ``POST /guilds/{guild_id}/api_permission/demand``. Quota: 3 a day for each guild. Not
        repeated after a time-out: it would happen twice. Done already, and no error: 610010.

        Args:
            guild_id: The guild.
            body: What the bot asks for.

        Raises:
            ApiError: 610001, 610002, 610003, 610004, 610005, 610006, 610008, 610009, 610011,
                610012, 610014.
            NotFoundError: 610007.
            RateLimitedError: 610013.

        Source: platform documentation, 创建频道 API 接口权限授权链接.
        """
        return cast(
            ApiPermissionDemand,
            await self.client.call(ENDPOINTS["post_permission_demand"], {"guild_id": guild_id}, body=body),
        )
