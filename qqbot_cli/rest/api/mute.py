# Generated from model/endpoints by tools/generate.py. Do not edit.

"""Muting people in guilds."""

from __future__ import annotations

from typing import cast

from qqbot_cli.model.answer.mute import GuildMuteResponse
from qqbot_cli.model.body.mute import GuildMute
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.rest.api.base import Calls


class MuteCalls(Calls):
    """Muting people in guilds."""

    async def mute_guild(self, guild_id: str, body: GuildMute) -> None:
        """Mute everybody in a guild, or let them speak again.

        Administrators are never muted.

        ``PATCH /guilds/{guild_id}/mute``. Needs: administrator of the guild.

        Args:
            guild_id: The guild.
            body: For how long, and whom. Administrators cannot be muted. See `lasting`, `until` and
                `lifted`.

        Raises:
            ApiError: 502001, 502002, 502003, 502004, 502005, 502006, 502007, 502008, 502010.
            ContentRefusedError: 502009.

        Source: platform documentation, 禁言全员.
        """
        await self.client.call(ENDPOINTS["mute_guild"], {"guild_id": guild_id}, body=body)

    async def mute_members(self, guild_id: str, body: GuildMute) -> GuildMuteResponse:
        """Mute several members of a guild, and return those for whom it worked.

        Administrators are never muted.

        ``PATCH /guilds/{guild_id}/mute``. Needs: administrator of the guild.

        Args:
            guild_id: The guild.
            body: For how long, and whom. Administrators cannot be muted. See `lasting`, `until` and
                `lifted`.

        Raises:
            ApiError: 502001, 502002, 502003, 502004, 502005, 502006, 502007, 502008, 502010.
            ContentRefusedError: 502009.

        Source: platform documentation, 禁言批量成员.
        """
        return cast(
            GuildMuteResponse,
            await self.client.call(ENDPOINTS["mute_members"], {"guild_id": guild_id}, body=body),
        )

    async def mute_member(self, guild_id: str, user_id: str, body: GuildMute) -> None:
        """Mute a member of a guild, or let them speak again.

        Administrators are never muted.

        ``PATCH /guilds/{guild_id}/members/{user_id}/mute``. Needs: administrator of the guild.

        Args:
            guild_id: The guild.
            user_id: The person, as a user of guilds.
            body: For how long, and whom. Administrators cannot be muted. See `lasting`, `until` and
                `lifted`.

        Raises:
            ApiError: 502001, 502002, 502003, 502004, 502005, 502006, 502007, 502008, 502010.
            ContentRefusedError: 502009.

        Source: platform documentation, 禁言指定成员.
        """
        await self.client.call(
            ENDPOINTS["mute_member"], {"guild_id": guild_id, "user_id": user_id}, body=body
        )
