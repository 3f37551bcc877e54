"""What is written by hand: botrs's names for what other methods do, and uploads."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Final

import msgspec

from qqbot_cli.model.answer.announce import Announce, RecommendChannel
from qqbot_cli.model.answer.member import ChannelPermission
from qqbot_cli.model.body.announce import AnnounceParams, AnnounceType
from qqbot_cli.model.body.guild import CreateChannelParams, PrivateType
from qqbot_cli.model.body.member import ChannelPermissionsParams
from qqbot_cli.model.payload.guild import Channel
from qqbot_cli.rest.api.announce import AnnounceCalls
from qqbot_cli.rest.api.guild import GuildCalls
from qqbot_cli.rest.api.role import RoleCalls
from qqbot_cli.rest.media import Uploader

_ALL: Final = "all"
"""Stands for every message."""


# In the order of FAMILIES, which is that of the bases of BotApi.
class Shortcuts(GuildCalls, RoleCalls, AnnounceCalls):
    """Calls with arguments that are needed often."""

    @cached_property
    def media(self) -> Uploader:
        """Uploads of pictures, videos, voice and files."""
        return Uploader(self.client)

    async def create_private_channel(
        self, guild_id: str, body: CreateChannelParams, user_ids: Iterable[str] = ()
    ) -> Channel:
        """Create a channel that administrators see, and *user_ids* if there are any."""
        chosen = tuple(user_ids)
        kind = PrivateType.ADMINISTRATORS_AND_MEMBERS if chosen else PrivateType.ADMINISTRATORS
        private = msgspec.structs.replace(body, private_type=kind, private_user_ids=chosen or msgspec.UNSET)
        return await self.create_channel(guild_id, private)

    async def update_channel_user_permissions(
        self,
        channel_id: str,
        user_id: str,
        add: ChannelPermission | int = 0,
        remove: ChannelPermission | int = 0,
    ) -> None:
        """Give somebody the rights *add* in a channel, and take the rights *remove*."""
        body = ChannelPermissionsParams.of(add=add, remove=remove)
        await self.put_channel_user_permissions(channel_id, user_id, body)

    async def update_channel_role_permissions(
        self,
        channel_id: str,
        role_id: str,
        add: ChannelPermission | int = 0,
        remove: ChannelPermission | int = 0,
    ) -> None:
        """Give the members of a role the rights *add* in a channel, and take the rights *remove*."""
        body = ChannelPermissionsParams.of(add=add, remove=remove)
        await self.put_channel_role_permissions(channel_id, role_id, body)

    async def create_announce(self, guild_id: str, channel_id: str, message_id: str) -> Announce:
        """Announce a message in a guild."""
        body = AnnounceParams(channel_id=channel_id, message_id=message_id)
        return await self.create_guild_announce(guild_id, body)

    async def create_recommend_announce(
        self, guild_id: str, announces_type: AnnounceType, recommend_channels: Iterable[RecommendChannel]
    ) -> Announce:
        """Recommend channels in a guild, at most three."""
        body = AnnounceParams(announces_type=announces_type, recommend_channels=tuple(recommend_channels))
        return await self.create_guild_announce(guild_id, body)

    async def clean_guild_announces(self, guild_id: str) -> None:
        """Take back the announcement of a guild, whatever it is, and recommended channels."""
        await self.delete_guild_announce(guild_id, _ALL)

    async def clean_channel_announces(self, channel_id: str) -> None:
        """Take back the announcement of a channel, whatever it is; dead since March 2022."""
        await self.delete_channel_announce(channel_id, _ALL)

    async def clean_pins(self, channel_id: str) -> None:
        """Take every pin of a channel away."""
        await self.delete_pin(channel_id, _ALL)
