"""Messages in channels and direct conversations of guilds."""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.answer.guild_message import DirectMessage, MessageSetting
from qqbot_cli.model.body.guild_message import (
    DirectMessageToCreate,
    DirectSettingGuideParams,
    SettingGuideParams,
)
from qqbot_cli.model.endpoints.row import Endpoint, Query, Repeat, a_second
from qqbot_cli.model.endpoints.sending import (
    DIRECT_SEND_CODES,
    GUILD_RECALL_CODES,
    GUILD_SEND_CODES,
    HIDE_TIP,
    recall,
    send,
)
from qqbot_cli.model.outgoing import DirectMessageParams, MessageParams
from qqbot_cli.model.payload.guild_message import Message

_GO_SDK: Final = "in the platform's Go SDK, not in its documentation"

ROWS: Final = (
    send(
        "send_message",
        "/channels/{channel_id}/messages",
        MessageParams,
        "Send a message to a guild channel.",
        rate=a_second(5, per="channel_id"),
        quota="unprompted: 20 a day for each channel, 2 channels a day for each guild",
        needs="a connection to the gateway",
        codes=GUILD_SEND_CODES,
    ),
    Endpoint(
        "get_message",
        "GET",
        "/channels/{channel_id}/messages/{message_id}",
        "Return a message of a guild channel.",
        result=Message,
        wrapped="message",
        needs="private-domain bot",
        codes=(50039, 306002),
        legacy="in the platform's SDKs, without a page of its documentation",
    ),
    Endpoint(
        "list_messages",
        "GET",
        "/channels/{channel_id}/messages",
        "Return messages of a guild channel, the newest ones without an anchor.",
        query=(
            Query("around", str, "Message id: messages before and after it."),
            Query("before", str, "Message id: messages before it."),
            Query("after", str, "Message id: messages after it."),
            Query("limit", int, "Messages at most.", least=1, most=20),
        ),
        result=Message,
        many=True,
        legacy=_GO_SDK,
    ),
    Endpoint(
        "update_message",
        "PATCH",
        "/channels/{channel_id}/messages/{message_id}",
        "Change a message of the bot that has a keyboard, and return what it is now.",
        body=MessageParams,
        result=Message,
        wrapped="message",
        repeat=Repeat.SAFE,
        needs="special grant",
        codes=(50048, 50049, 50050, 50051, 50053, 3300006),
        legacy="in the platform's SDKs, without a page of its documentation",
    ),
    recall(
        "recall_message",
        "/channels/{channel_id}/messages/{message_id}",
        "Withdraw a message from a guild channel.",
        details="Administrators withdraw those of ordinary members, the owner those of everybody.",
        query=HIDE_TIP,
        needs="private-domain bot",
        codes=GUILD_RECALL_CODES,
    ),
    Endpoint(
        "create_direct_message",
        "POST",
        "/users/@me/dms",
        "Open a direct conversation with somebody who is in a guild with the bot.",
        body=DirectMessageToCreate,
        result=DirectMessage,
        repeat=Repeat.SAFE,
        codes=(304031, 304033, 304049, 304050),
        source="创建私信会话",
    ),
    send(
        "send_direct_message",
        "/dms/{guild_id}/messages",
        DirectMessageParams,
        "Send a direct message; guild_id is that of the conversation, not of a real guild.",
        quota="unprompted: 2 a day for each user, 200 a day in total",
        codes=DIRECT_SEND_CODES,
    ),
    recall(
        "recall_direct_message",
        "/dms/{guild_id}/messages/{message_id}",
        "Withdraw one of the bot's own direct messages.",
        query=HIDE_TIP,
        needs="private-domain bot",
        codes=GUILD_RECALL_CODES,
    ),
    Endpoint(
        "get_message_setting",
        "GET",
        "/guilds/{guild_id}/message/setting",
        "Return how often the guild lets the bot write without being asked.",
        result=MessageSetting,
        codes=(304044, 504001, 504002, 504003, 504004),
        source="获取频道消息频率设置",
    ),
    Endpoint(
        "send_setting_guide",
        "POST",
        "/channels/{channel_id}/settingguide",
        "Ask administrators in a channel to let the bot write without being asked.",
        body=SettingGuideParams,
        result=Message,
        codes=(304051, 304052),
        legacy=_GO_SDK,
    ),
    Endpoint(
        "send_direct_setting_guide",
        "POST",
        "/dms/{guild_id}/settingguide",
        "Ask an administrator in a direct conversation to let the bot write without being asked.",
        body=DirectSettingGuideParams,
        result=Message,
        codes=(304051, 304052),
        legacy=_GO_SDK,
    ),
)
