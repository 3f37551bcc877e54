# Generated from model/endpoints by tools/generate.py. Do not edit.

"""Announcements and pins."""

from __future__ import annotations

from typing import cast

from qqbot_cli.model.answer.announce import Announce, PinsMessage
from qqbot_cli.model.body.announce import AnnounceParams, ChannelAnnounceParams
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.rest.api.base import Calls


class AnnounceCalls(Calls):
    """Announcements and pins."""

    async def create_guild_announce(self, guild_id: str, body: AnnounceParams) -> Announce:
        """Announce a message, or recommend channels, in a guild.

        Answered with an empty announcement in old versions of the platform.

        ``POST /guilds/{guild_id}/announces``. Needs: administrator of the guild. Not repeated after
        a time-out: it would happen twice.

        Args:
            guild_id: The guild.
            body: An announcement: a message, or recommended channels. Each takes the place of the
                other.

        Raises:
            ApiError: 501001, 501004, 501005, 501006, 501007, 501009, 501010, 501015, 501016,
                501018, 501019, 501020.
            ContentRefusedError: 501014.
            NotFoundError: 501008.
            PermissionDeniedError: 501017.

        Source: platform documentation, 创建频道公告.
        """
        return cast(
            Announce,
            await self.client.call(ENDPOINTS["create_guild_announce"], {"guild_id": guild_id}, body=body),
        )

    async def delete_guild_announce(self, guild_id: str, message_id: str) -> None:
        """Take back the announcement of a guild.

        ``all`` instead of a message id: whatever it is, recommended channels included.

        ``DELETE /guilds/{guild_id}/announces/{message_id}``. Needs: administrator of the guild.

        Args:
            guild_id: The guild.
            message_id: The message.

        Raises:
            ApiError: 501001, 501004, 501005, 501007, 501009.
            NotFoundError: 501008.
            PermissionDeniedError: 501017.

        Source: platform documentation, 删除频道公告.
        """
        await self.client.call(
            ENDPOINTS["delete_guild_announce"], {"guild_id": guild_id, "message_id": message_id}
        )

    async def create_channel_announce(self, channel_id: str, body: ChannelAnnounceParams) -> Announce:
        """Announce a message in a channel.

        ``POST /channels/{channel_id}/announces``. Not repeated after a time-out: it would happen
        twice.

        Args:
            channel_id: The channel.
            body: The message that is announced.

        Raises:
            ApiError: 501001, 501002, 501005.

        Legacy: replaced by pins in March 2022.
        """
        return cast(
            Announce,
            await self.client.call(
                ENDPOINTS["create_channel_announce"], {"channel_id": channel_id}, body=body
            ),
        )

    async def delete_channel_announce(self, channel_id: str, message_id: str) -> None:
        """Take back the announcement of a channel.

        ``all`` instead of a message id: whatever it is, recommended channels included.

        ``DELETE /channels/{channel_id}/announces/{message_id}``.

        Args:
            channel_id: The channel.
            message_id: The message.

        Raises:
            ApiError: 501001, 501003, 501005.

        Legacy: replaced by pins in March 2022.
        """
        await self.client.call(
            ENDPOINTS["delete_channel_announce"], {"channel_id": channel_id, "message_id": message_id}
        )

    async def put_pin(self, channel_id: str, message_id: str) -> PinsMessage:
        """Pin a message and return all pins of the channel.

        ``PUT /channels/{channel_id}/pins/{message_id}``. Quota: 20 pins in each channel.

        Args:
            channel_id: The channel.
            message_id: The message.

        Raises:
            ApiError: 501005, 501009, 501010, 501011, 501015.
            ContentRefusedError: 501014.
            NotFoundError: 501008.
            RateLimitedError: 501013.

        Source: platform documentation, 添加精华消息.
        """
        return cast(
            PinsMessage,
            await self.client.call(
                ENDPOINTS["put_pin"], {"channel_id": channel_id, "message_id": message_id}
            ),
        )

    async def delete_pin(self, channel_id: str, message_id: str) -> None:
        """Take a pin away.

        ``all`` instead of a message id: every pin of the channel.

        ``DELETE /channels/{channel_id}/pins/{message_id}``.

        Args:
            channel_id: The channel.
            message_id: The message.

        Raises:
            ApiError: 501005, 501009, 501010, 501012.
            NotFoundError: 501008.

        Source: platform documentation, 删除精华消息.
        """
        await self.client.call(ENDPOINTS["delete_pin"], {"channel_id": channel_id, "message_id": message_id})

    async def get_pins(self, channel_id: str) -> PinsMessage:
        """Return the pins of a channel.

        ``GET /channels/{channel_id}/pins``.

        Args:
            channel_id: The channel.

        Raises:
            ApiError: 501004.

        Source: platform documentation, 获取精华消息.
        """
        return cast(PinsMessage, await self.client.call(ENDPOINTS["get_pins"], {"channel_id": channel_id}))
