# Generated from model/endpoints by tools/generate.py. Do not edit.

"""Guilds and their channels."""

from __future__ import annotations

from typing import cast

from qqbot_cli.model.answer.guild import OnlineNums
from qqbot_cli.model.body.guild import CreateChannelParams, UpdateChannelParams
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.model.payload.guild import Channel, Guild
from qqbot_cli.model.payload.shared import Member
from qqbot_cli.rest.api.base import Calls


class GuildCalls(Calls):
    """Guilds and their channels."""

    async def get_guild(self, guild_id: str) -> Guild:
        """Return a guild.

        ``GET /guilds/{guild_id}``. Limit: 50 a second.

        Args:
            guild_id: The guild.

        Raises:
            NotFoundError: 10004.

        Source: platform documentation, 获取频道详情.
        """
        return cast(Guild, await self.client.call(ENDPOINTS["get_guild"], {"guild_id": guild_id}))

    async def list_channels(self, guild_id: str) -> list[Channel]:
        """Return the channels of a guild.

        ``GET /guilds/{guild_id}/channels``. Limit: 50 a second.

        Args:
            guild_id: The guild.

        Raises:
            NotFoundError: 10004.

        Source: platform documentation, 获取子频道列表.
        """
        return cast(list[Channel], await self.client.call(ENDPOINTS["list_channels"], {"guild_id": guild_id}))

    async def create_channel(self, guild_id: str, body: CreateChannelParams) -> Channel:
        """Create a channel and return it.

        The platform numbers the channels anew: the position may differ from what was asked for.

        ``POST /guilds/{guild_id}/channels``. Limit: 50 a second. Needs: private-domain bot,
        administrator of the guild. Not repeated after a time-out: it would happen twice.

        Args:
            guild_id: The guild.
            body: A channel that does not exist yet.

        Raises:
            ApiError: 130008, 200013, 200016, 200017, 200019.
            ContentRefusedError: 200011.

        Source: platform documentation, 创建子频道.
        """
        return cast(
            Channel, await self.client.call(ENDPOINTS["create_channel"], {"guild_id": guild_id}, body=body)
        )

    async def get_channel(self, channel_id: str) -> Channel:
        """Return a channel.

        ``GET /channels/{channel_id}``. Limit: 50 a second.

        Args:
            channel_id: The channel.

        Raises:
            NotFoundError: 10003.

        Source: platform documentation, 获取子频道详情.
        """
        return cast(Channel, await self.client.call(ENDPOINTS["get_channel"], {"channel_id": channel_id}))

    async def update_channel(self, channel_id: str, body: UpdateChannelParams) -> Channel:
        """Change a channel and return what it is now.

        ``PATCH /channels/{channel_id}``. Limit: 50 a second. Needs: private-domain bot,
        administrator of the guild.

        Args:
            channel_id: The channel.
            body: What is to change about a channel; at least one field.

        Raises:
            ApiError: 130008, 200013, 200016, 200017, 200019.
            ContentRefusedError: 200011.

        Source: platform documentation, 修改子频道.
        """
        return cast(
            Channel,
            await self.client.call(ENDPOINTS["update_channel"], {"channel_id": channel_id}, body=body),
        )

    async def delete_channel(self, channel_id: str) -> None:
        """Delete a channel for good.

        ``DELETE /channels/{channel_id}``. Limit: 50 a second. Needs: private-domain bot,
        administrator of the guild.

        Args:
            channel_id: The channel.

        Raises:
            NotFoundError: 10003.

        Source: platform documentation, 删除子频道.
        """
        await self.client.call(ENDPOINTS["delete_channel"], {"channel_id": channel_id})

    async def get_online_nums(self, channel_id: str) -> OnlineNums:
        """Return how many people are in a voice or live channel.

        ``GET /channels/{channel_id}/online_nums``.

        Args:
            channel_id: The channel.

        Source: platform documentation, 获取在线成员数.
        """
        return cast(
            OnlineNums, await self.client.call(ENDPOINTS["get_online_nums"], {"channel_id": channel_id})
        )

    async def list_voice_channel_members(self, channel_id: str) -> list[Member]:
        """Return who is in a voice channel.

        ``GET /channels/{channel_id}/voice/members``.

        Args:
            channel_id: The channel.

        Raises:
            ApiError: 13011.

        Legacy: in the platform's SDKs, not in its documentation.
        """
        return cast(
            list[Member],
            await self.client.call(ENDPOINTS["list_voice_channel_members"], {"channel_id": channel_id}),
        )
