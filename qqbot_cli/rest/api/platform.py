# Generated from model/endpoints by tools/generate.py. Do not edit.

"""Access token, gateway, the bot itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

from qqbot_cli.model.answer.platform import BotInfo, GatewayResponse, GatewayUrl, UrlLink
from qqbot_cli.model.body.platform import UrlLinkParams
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.model.payload.guild import Guild
from qqbot_cli.rest.api.base import Calls


class PlatformCalls(Calls):
    """Access token, gateway, the bot itself."""

    async def get_gateway_url(self) -> GatewayUrl:
        """Return the address of the gateway.

        ``GET /gateway``. Limit: 2 a minute, bursts of 10.

        Source: platform documentation, 获取通用 WSS 接入点.
        """
        return cast(GatewayUrl, await self.client.call(ENDPOINTS["get_gateway_url"]))

    async def get_gateway(self) -> GatewayResponse:
        """Return the address of the gateway, the recommended number of shards and the session starts left.

        ``GET /gateway/bot``. Limit: 2 a minute, bursts of 10.

        Source: platform documentation, 获取带分片 WSS 接入点.
        """
        return cast(GatewayResponse, await self.client.call(ENDPOINTS["get_gateway"]))

    async def get_bot_info(self) -> BotInfo:
        """Return who the bot is.

        ``GET /users/@me``. Limit: 50 a second.

        Source: platform documentation, 获取机器人详情.
        """
        return cast(BotInfo, await self.client.call(ENDPOINTS["get_bot_info"]))

    async def list_bot_guilds(
        self, *, before: str | None = None, after: str | None = None, limit: int | None = None
    ) -> list[Guild]:
        """Return the guilds the bot is in.

        ``GET /users/@me/guilds``.

        Args:
            before: Guild id: only guilds before it, in reverse order. Goes before `after`.
            after: Guild id: only guilds after it.
            limit: Guilds in a page; 100 without it. 1 to 100.

        Source: platform documentation, 获取机器人频道列表.
        """
        return cast(
            list[Guild],
            await self.client.call(
                ENDPOINTS["list_bot_guilds"], query={"before": before, "after": after, "limit": limit}
            ),
        )

    def iter_bot_guilds(self, *, limit: int = 100) -> AsyncIterator[Guild]:
        """Give all of them, each once, page after page.

        Asks for pages with `list_bot_guilds`.

        Args:
            limit: Items in a page; 1 to 100.
        """
        return self.client.pages(ENDPOINTS["list_bot_guilds"], query={"limit": limit})

    async def generate_url_link(self, body: UrlLinkParams | None = None) -> UrlLink:
        """Return a link by which people add the bot.

        ``POST /v2/generate_url_link``. Limit: 50 a second.

        Args:
            body: What the link carries.

        Raises:
            ApiError: 10001, 10002, 10044, 11004.
            NotFoundError: 10003.

        Source: platform documentation, 获取机器人分享链接.
        """
        return cast(UrlLink, await self.client.call(ENDPOINTS["generate_url_link"], body=body))
