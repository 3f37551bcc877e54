"""Access token, gateway, the bot itself."""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.answer.platform import AccessToken, BotInfo, GatewayResponse, GatewayUrl, UrlLink
from qqbot_cli.model.body.platform import AccessTokenRequest, UrlLinkParams
from qqbot_cli.model.endpoints.row import Endpoint, Host, Paging, Query, Repeat, a_minute, a_second
from qqbot_cli.model.payload.guild import Guild

ROWS: Final = (
    Endpoint(
        "get_app_access_token",
        "POST",
        "/app/getAppAccessToken",
        "Return an access token.",
        "The same token again until 60 seconds before its end; from then on a new one, while the old one"
        " stays valid. A refusal may come with HTTP 200.",
        body=AccessTokenRequest,
        result=AccessToken,
        repeat=Repeat.SAFE,
        codes=(100001, 100007, 100016, 10004),
        host=Host.TOKEN,
        source="接口调用与鉴权",
    ),
    Endpoint(
        "get_gateway_url",
        "GET",
        "/gateway",
        "Return the address of the gateway.",
        result=GatewayUrl,
        rate=a_minute(2, burst=10),
        source="获取通用 WSS 接入点",
    ),
    Endpoint(
        "get_gateway",
        "GET",
        "/gateway/bot",
        "Return the address of the gateway, the recommended number of shards and the session starts left.",
        result=GatewayResponse,
        rate=a_minute(2, burst=10),
        source="获取带分片 WSS 接入点",
    ),
    Endpoint(
        "get_bot_info",
        "GET",
        "/users/@me",
        "Return who the bot is.",
        result=BotInfo,
        rate=a_second(50),
        source="获取机器人详情",
    ),
    Endpoint(
        "list_bot_guilds",
        "GET",
        "/users/@me/guilds",
        "Return the guilds the bot is in.",
        query=(
            Query("before", str, "Guild id: only guilds before it, in reverse order. Goes before `after`."),
            Query("after", str, "Guild id: only guilds after it."),
            Query("limit", int, "Guilds in a page; 100 without it.", least=1, most=100),
        ),
        result=Guild,
        many=True,
        wrapped="guilds",
        paging=Paging(send="after", last="id", key="id"),
        source="获取机器人频道列表",
    ),
    Endpoint(
        "generate_url_link",
        "POST",
        "/v2/generate_url_link",
        "Return a link by which people add the bot.",
        body=UrlLinkParams,
        body_optional=True,
        result=UrlLink,
        retcode=True,
        repeat=Repeat.SAFE,
        rate=a_second(50),
        codes=(10001, 10002, 10003, 10044, 11004),
        source="获取机器人分享链接",
    ),
)
