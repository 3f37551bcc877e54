"""Guilds and their channels."""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.answer.guild import OnlineNums
from qqbot_cli.model.body.guild import CreateChannelParams, UpdateChannelParams
from qqbot_cli.model.endpoints.row import Endpoint, Repeat, a_second
from qqbot_cli.model.payload.guild import Channel, Guild
from qqbot_cli.model.payload.shared import Member

_MANAGER: Final = "private-domain bot, administrator of the guild"
_CHANGE_CODES: Final = (130008, 200011, 200013, 200016, 200017, 200019)

ROWS: Final = (
    Endpoint(
        "get_guild",
        "GET",
        "/guilds/{guild_id}",
        "Return a guild.",
        result=Guild,
        rate=a_second(50),
        codes=(10004,),
        source="获取频道详情",
    ),
    Endpoint(
        "list_channels",
        "GET",
        "/guilds/{guild_id}/channels",
        "Return the channels of a guild.",
        result=Channel,
        many=True,
        wrapped="channels",
        rate=a_second(50),
        codes=(10004,),
        source="获取子频道列表",
    ),
    Endpoint(
        "create_channel",
        "POST",
        "/guilds/{guild_id}/channels",
        "Create a channel and return it.",
        "The platform numbers the channels anew: the position may differ from what was asked for.",
        body=CreateChannelParams,
        result=Channel,
        rate=a_second(50),
        needs=_MANAGER,
        codes=_CHANGE_CODES,
        source="创建子频道",
    ),
    Endpoint(
        "get_channel",
        "GET",
        "/channels/{channel_id}",
        "Return a channel.",
        result=Channel,
        rate=a_second(50),
        codes=(10003,),
        source="获取子频道详情",
    ),
    Endpoint(
        "update_channel",
        "PATCH",
        "/channels/{channel_id}",
        "Change a channel and return what it is now.",
        body=UpdateChannelParams,
        result=Channel,
        repeat=Repeat.SAFE,
        rate=a_second(50),
        needs=_MANAGER,
        codes=_CHANGE_CODES,
        source="修改子频道",
    ),
    Endpoint(
        "delete_channel",
        "DELETE",
        "/channels/{channel_id}",
        "Delete a channel for good.",
        rate=a_second(50),
        needs=_MANAGER,
        codes=(10003,),
        source="删除子频道",
    ),
    Endpoint(
        "get_online_nums",
        "GET",
        "/channels/{channel_id}/online_nums",
        "Return how many people are in a voice or live channel.",
        result=OnlineNums,
        source="获取在线成员数",
    ),
    Endpoint(
        "list_voice_channel_members",
        "GET",
        "/channels/{channel_id}/voice/members",
        "Return who is in a voice channel.",
        result=Member,
        many=True,
        codes=(13011,),
        legacy="in the platform's SDKs, not in its documentation",
    ),
)
