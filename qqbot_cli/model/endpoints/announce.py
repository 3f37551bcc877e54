"""Announcements and pins."""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.answer.announce import Announce, PinsMessage
from qqbot_cli.model.body.announce import AnnounceParams, ChannelAnnounceParams
from qqbot_cli.model.endpoints.row import Endpoint

_ADMIN: Final = "administrator of the guild"
_DEAD: Final = "replaced by pins in March 2022"
_DETAILS: Final = "``all`` instead of a message id: whatever it is, recommended channels included."

ROWS: Final = (
    Endpoint(
        "create_guild_announce",
        "POST",
        "/guilds/{guild_id}/announces",
        "Announce a message, or recommend channels, in a guild.",
        "Answered with an empty announcement in old versions of the platform.",
        body=AnnounceParams,
        result=Announce,
        needs=_ADMIN,
        codes=(501001, 501004, 501005, *range(501006, 501011), *range(501014, 501021)),
        source="创建频道公告",
    ),
    Endpoint(
        "delete_guild_announce",
        "DELETE",
        "/guilds/{guild_id}/announces/{message_id}",
        "Take back the announcement of a guild.",
        _DETAILS,
        success=(204,),
        needs=_ADMIN,
        codes=(501001, 501004, 501005, 501007, 501008, 501009, 501017),
        source="删除频道公告",
    ),
    Endpoint(
        "create_channel_announce",
        "POST",
        "/channels/{channel_id}/announces",
        "Announce a message in a channel.",
        body=ChannelAnnounceParams,
        result=Announce,
        codes=(501001, 501002, 501005),
        legacy=_DEAD,
    ),
    Endpoint(
        "delete_channel_announce",
        "DELETE",
        "/channels/{channel_id}/announces/{message_id}",
        "Take back the announcement of a channel.",
        _DETAILS,
        success=(204,),
        codes=(501001, 501003, 501005),
        legacy=_DEAD,
    ),
    Endpoint(
        "put_pin",
        "PUT",
        "/channels/{channel_id}/pins/{message_id}",
        "Pin a message and return all pins of the channel.",
        result=PinsMessage,
        quota="20 pins in each channel",
        codes=(501005, 501008, 501009, 501010, 501011, 501013, 501014, 501015),
        source="添加精华消息",
    ),
    Endpoint(
        "delete_pin",
        "DELETE",
        "/channels/{channel_id}/pins/{message_id}",
        "Take a pin away.",
        "``all`` instead of a message id: every pin of the channel.",
        success=(204,),
        codes=(501005, 501008, 501009, 501010, 501012),
        source="删除精华消息",
    ),
    Endpoint(
        "get_pins",
        "GET",
        "/channels/{channel_id}/pins",
        "Return the pins of a channel.",
        result=PinsMessage,
        codes=(501004,),
        source="获取精华消息",
    ),
)
