# Generated from model/endpoints.py by tools/generate.py. Do not edit.

"""BotApi: one method for each REST call."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from qqbot_cli.model.answer import BotInfo, GatewayResponse, GatewayUrl, MessageResponse, StreamResponse
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.model.outgoing import (
    C2CMessageParams,
    DirectMessageParams,
    GroupMessageParams,
    InteractionAck,
    MessageParams,
    StreamMessage,
)

if TYPE_CHECKING:
    from qqbot_cli.rest.client import RestClient


class BotApi:
    """The REST interface of the platform.

    Every method may raise the exceptions of `RestClient.call`.
    """

    def __init__(self, client: RestClient) -> None:
        self.client = client

    async def get_gateway_url(self) -> GatewayUrl:
        """Return the address of the gateway.

        ``GET /gateway``. Limit: 2 a minute, burst 10.

        Source: platform documentation, 获取通用 WSS 接入点.
        """
        return cast(GatewayUrl, await self.client.call(ENDPOINTS["get_gateway_url"]))

    async def get_gateway(self) -> GatewayResponse:
        """Return the address of the gateway, the recommended number of shards and the session starts left.

        ``GET /gateway/bot``. Limit: 2 a minute, burst 10.

        Source: platform documentation, 获取带分片 WSS 接入点.
        """
        return cast(GatewayResponse, await self.client.call(ENDPOINTS["get_gateway"]))

    async def get_bot_info(self) -> BotInfo:
        """Return who the bot is.

        ``GET /users/@me``. Limit: 50 a second.

        Source: platform documentation, 获取机器人详情.
        """
        return cast(BotInfo, await self.client.call(ENDPOINTS["get_bot_info"]))

    async def send_message(self, channel_id: str, body: MessageParams) -> MessageResponse:
        """Send a message to a guild channel.

        ``POST /channels/{channel_id}/messages``. Limit: 5 a second for each channel. Never repeated
        after a time-out: people would see it twice.

        Source: platform documentation, 发送消息.
        """
        return cast(
            MessageResponse,
            await self.client.call(ENDPOINTS["send_message"], {"channel_id": channel_id}, body=body),
        )

    async def send_direct_message(self, guild_id: str, body: DirectMessageParams) -> MessageResponse:
        """Send a direct message; guild_id is that of the conversation, not of a real guild.

        ``POST /dms/{guild_id}/messages``. Never repeated after a time-out: people would see it
        twice.

        Source: platform documentation, 发送消息.
        """
        return cast(
            MessageResponse,
            await self.client.call(ENDPOINTS["send_direct_message"], {"guild_id": guild_id}, body=body),
        )

    async def send_group_message(self, group_openid: str, body: GroupMessageParams) -> MessageResponse:
        """Send a message to a group.

        ``POST /v2/groups/{group_openid}/messages``. Limit: 100 a second.

        Source: platform documentation, 发送消息.
        """
        return cast(
            MessageResponse,
            await self.client.call(
                ENDPOINTS["send_group_message"], {"group_openid": group_openid}, body=body
            ),
        )

    async def send_c2c_message(self, user_openid: str, body: C2CMessageParams) -> MessageResponse:
        """Send a message to one user.

        ``POST /v2/users/{user_openid}/messages``. Limit: 100 a second.

        Source: platform documentation, 发送消息.
        """
        return cast(
            MessageResponse,
            await self.client.call(ENDPOINTS["send_c2c_message"], {"user_openid": user_openid}, body=body),
        )

    async def send_stream_message(self, user_openid: str, body: StreamMessage) -> StreamResponse:
        """Send a piece of a text that grows while the user reads it.

        ``POST /v2/users/{user_openid}/stream_messages``. Limit: 50 a second.

        Source: platform documentation, 流式消息.
        """
        return cast(
            StreamResponse,
            await self.client.call(ENDPOINTS["send_stream_message"], {"user_openid": user_openid}, body=body),
        )

    async def recall_message(self, channel_id: str, message_id: str, *, hidetip: bool | None = None) -> None:
        """Withdraw a message from a guild channel.

        ``DELETE /channels/{channel_id}/messages/{message_id}``.

        Source: platform documentation, 撤回消息.
        """
        await self.client.call(
            ENDPOINTS["recall_message"],
            {"channel_id": channel_id, "message_id": message_id},
            query={"hidetip": hidetip},
        )

    async def recall_direct_message(
        self, guild_id: str, message_id: str, *, hidetip: bool | None = None
    ) -> None:
        """Withdraw one of the bot's own direct messages.

        ``DELETE /dms/{guild_id}/messages/{message_id}``.

        Source: platform documentation, 撤回消息.
        """
        await self.client.call(
            ENDPOINTS["recall_direct_message"],
            {"guild_id": guild_id, "message_id": message_id},
            query={"hidetip": hidetip},
        )

    async def recall_group_message(self, group_openid: str, message_id: str) -> None:
        """Withdraw a message from a group, at most two minutes after it was sent.

        ``DELETE /v2/groups/{group_openid}/messages/{message_id}``. Limit: 10 a second.

        Source: platform documentation, 撤回消息.
        """
        await self.client.call(
            ENDPOINTS["recall_group_message"], {"group_openid": group_openid, "message_id": message_id}
        )

    async def recall_c2c_message(self, user_openid: str, message_id: str) -> None:
        """Withdraw one of the bot's own messages to a user, at most two minutes after it was sent.

        ``DELETE /v2/users/{user_openid}/messages/{message_id}``. Limit: 10 a second.

        Source: platform documentation, 撤回消息.
        """
        await self.client.call(
            ENDPOINTS["recall_c2c_message"], {"user_openid": user_openid, "message_id": message_id}
        )

    async def put_interaction(self, interaction_id: str, body: InteractionAck) -> None:
        """Acknowledge an interaction; the client of the person waits about five seconds for it.

        ``PUT /interactions/{interaction_id}``. Limit: 50 a second.

        Source: platform documentation, 互动回调.
        """
        await self.client.call(ENDPOINTS["put_interaction"], {"interaction_id": interaction_id}, body=body)
