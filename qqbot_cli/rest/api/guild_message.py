# Generated from model/endpoints by tools/generate.py. Do not edit.

"""Messages in channels and direct conversations of guilds."""

from __future__ import annotations

from typing import cast

from qqbot_cli.model.answer.guild_message import DirectMessage, MessageSetting
from qqbot_cli.model.answer.message import MessageResponse
from qqbot_cli.model.body.guild_message import (
    DirectMessageToCreate,
    DirectSettingGuideParams,
    SettingGuideParams,
)
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.model.outgoing.message import DirectMessageParams, MessageParams
from qqbot_cli.model.payload.guild_message import Message
from qqbot_cli.rest.api.base import Calls


class GuildMessageCalls(Calls):
    """Messages in channels and direct conversations of guilds."""

    async def send_message(self, channel_id: str, body: MessageParams) -> MessageResponse:
        """Send a message to a guild channel.

        ``POST /channels/{channel_id}/messages``. Limit: 5 a second for each channel. Quota:
        unprompted: 20 a day for each channel, 2 channels a day for each guild. Needs: a connection
        to the gateway. Not repeated after a time-out: it would happen twice.

        Args:
            channel_id: The channel.
            body: A message to a guild channel.

        Raises:
            ApiError: 50006, 50035, 50037, 50038, 50040, 50041, 50042, 50045, 50046, 50047, 50054,
                50055, 50057, 304005, 304010, 304011, 304017, 304018, 304020, 304026, 304038,
                304039, 304040, 305007, 1000001.
            ContentRefusedError: 304003, 304025, 304030, 1100101.
            MessageAuditError: 304023, 304024.
            PermissionDeniedError: 50056, 304004, 304014, 304028, 304036, 304037, 304046, 304048,
                304057, 1100102.
            RateLimitedError: 20028, 304019, 304022, 304035, 304045, 304047, 1100100, 1100308.
            ReplyWindowError: 304027.

        Source: platform documentation, 发送消息.
        """
        return cast(
            MessageResponse,
            await self.client.call(ENDPOINTS["send_message"], {"channel_id": channel_id}, body=body),
        )

    async def get_message(self, channel_id: str, message_id: str) -> Message:
        """Return a message of a guild channel.

        ``GET /channels/{channel_id}/messages/{message_id}``. Needs: private-domain bot.

        Args:
            channel_id: The channel.
            message_id: The message.

        Raises:
            ApiError: 50039.
            NotFoundError: 306002.

        Legacy: in the platform's SDKs, without a page of its documentation.
        """
        return cast(
            Message,
            await self.client.call(
                ENDPOINTS["get_message"], {"channel_id": channel_id, "message_id": message_id}
            ),
        )

    async def list_messages(
        self,
        channel_id: str,
        *,
        around: str | None = None,
        before: str | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[Message]:
        """Return messages of a guild channel, the newest ones without an anchor.

        ``GET /channels/{channel_id}/messages``.

        Args:
            channel_id: The channel.
            around: Message id: messages before and after it.
            before: Message id: messages before it.
            after: Message id: messages after it.
            limit: Messages at most. 1 to 20.

        Legacy: in the platform's Go SDK, not in its documentation.
        """
        return cast(
            list[Message],
            await self.client.call(
                ENDPOINTS["list_messages"],
                {"channel_id": channel_id},
                query={"around": around, "before": before, "after": after, "limit": limit},
            ),
        )

    async def update_message(self, channel_id: str, message_id: str, body: MessageParams) -> Message:
        """Change a message of the bot that has a keyboard, and return what it is now.

        ``PATCH /channels/{channel_id}/messages/{message_id}``. Needs: special grant.

        Args:
            channel_id: The channel.
            message_id: The message.
            body: A message to a guild channel.

        Raises:
            ApiError: 50048, 50049, 50050, 50053.
            ContentRefusedError: 3300006.
            PermissionDeniedError: 50051.

        Legacy: in the platform's SDKs, without a page of its documentation.
        """
        return cast(
            Message,
            await self.client.call(
                ENDPOINTS["update_message"], {"channel_id": channel_id, "message_id": message_id}, body=body
            ),
        )

    async def recall_message(self, channel_id: str, message_id: str, *, hidetip: bool | None = None) -> None:
        """Withdraw a message from a guild channel.

        Administrators withdraw those of ordinary members, the owner those of everybody.

        ``DELETE /channels/{channel_id}/messages/{message_id}``. Needs: private-domain bot.

        Args:
            channel_id: The channel.
            message_id: The message.
            hidetip: True hides the grey line that tells about the withdrawal; false without it.

        Raises:
            ApiError: 306001, 306003, 306005, 306006, 306007, 306009, 306010, 306011.
            NotFoundError: 306002.
            PermissionDeniedError: 306004, 306008.

        Source: platform documentation, 撤回消息.
        """
        await self.client.call(
            ENDPOINTS["recall_message"],
            {"channel_id": channel_id, "message_id": message_id},
            query={"hidetip": hidetip},
        )

    async def create_direct_message(self, body: DirectMessageToCreate) -> DirectMessage:
        """Open a direct conversation with somebody who is in a guild with the bot.

        ``POST /users/@me/dms``.

        Args:
            body: With whom to open a conversation.

        Raises:
            ApiError: 304033.
            PermissionDeniedError: 304031.
            RateLimitedError: 304049, 304050.

        Source: platform documentation, 创建私信会话.
        """
        return cast(DirectMessage, await self.client.call(ENDPOINTS["create_direct_message"], body=body))

    async def send_direct_message(self, guild_id: str, body: DirectMessageParams) -> MessageResponse:
        """Send a direct message; guild_id is that of the conversation, not of a real guild.

        ``POST /dms/{guild_id}/messages``. Quota: unprompted: 2 a day for each user, 200 a day in
        total. Not repeated after a time-out: it would happen twice.

        Args:
            guild_id: The conversation: of `create_direct_message`, or of the message that is
                answered.
            body: A direct message in a guild.

        Raises:
            ApiError: 50006, 50035, 50037, 50038, 50040, 50041, 50042, 50045, 50046, 50047, 50054,
                50055, 50057, 304005, 304010, 304011, 304017, 304018, 304020, 304026, 304038,
                304039, 304040, 305007, 1000001, 2000004.
            ContentRefusedError: 304003, 304025, 304030, 1100101.
            MessageAuditError: 304023, 304024.
            NotFoundError: 304032.
            PermissionDeniedError: 50056, 304004, 304014, 304028, 304031, 304034, 304036, 304037,
                304046, 304048, 304057, 1100102.
            RateLimitedError: 20028, 304019, 304022, 304035, 304045, 304047, 304049, 304050,
                1100100, 1100308.
            ReplyWindowError: 304027.

        Source: platform documentation, 发送消息.
        """
        return cast(
            MessageResponse,
            await self.client.call(ENDPOINTS["send_direct_message"], {"guild_id": guild_id}, body=body),
        )

    async def recall_direct_message(
        self, guild_id: str, message_id: str, *, hidetip: bool | None = None
    ) -> None:
        """Withdraw one of the bot's own direct messages.

        ``DELETE /dms/{guild_id}/messages/{message_id}``. Needs: private-domain bot.

        Args:
            guild_id: The conversation: of `create_direct_message`, or of the message that is
                answered.
            message_id: The message.
            hidetip: True hides the grey line that tells about the withdrawal; false without it.

        Raises:
            ApiError: 306001, 306003, 306005, 306006, 306007, 306009, 306010, 306011.
            NotFoundError: 306002.
            PermissionDeniedError: 306004, 306008.

        Source: platform documentation, 撤回消息.
        """
        await self.client.call(
            ENDPOINTS["recall_direct_message"],
            {"guild_id": guild_id, "message_id": message_id},
            query={"hidetip": hidetip},
        )

    async def get_message_setting(self, guild_id: str) -> MessageSetting:
        """Return how often the guild lets the bot write without being asked.

        ``GET /guilds/{guild_id}/message/setting``.

        Args:
            guild_id: The guild.

        Raises:
            ApiError: 304044, 504001, 504002, 504003, 504004.

        Source: platform documentation, 获取频道消息频率设置.
        """
        return cast(
            MessageSetting, await self.client.call(ENDPOINTS["get_message_setting"], {"guild_id": guild_id})
        )

    async def send_setting_guide(self, channel_id: str, body: SettingGuideParams) -> Message:
        """Ask administrators in a channel to let the bot write without being asked.

        ``POST /channels/{channel_id}/settingguide``. Not repeated after a time-out: it would happen
        twice.

        Args:
            channel_id: The channel.
            body: Whom to ask in a channel.

        Raises:
            ApiError: 304051.
            RateLimitedError: 304052.

        Legacy: in the platform's Go SDK, not in its documentation.
        """
        return cast(
            Message,
            await self.client.call(ENDPOINTS["send_setting_guide"], {"channel_id": channel_id}, body=body),
        )

    async def send_direct_setting_guide(self, guild_id: str, body: DirectSettingGuideParams) -> Message:
        """Ask an administrator in a direct conversation to let the bot write without being asked.

        ``POST /dms/{guild_id}/settingguide``. Not repeated after a time-out: it would happen twice.

        Args:
            guild_id: The conversation: of `create_direct_message`, or of the message that is
                answered.
            body: What to ask for in a direct conversation.

        Raises:
            ApiError: 304051.
            RateLimitedError: 304052.

        Legacy: in the platform's Go SDK, not in its documentation.
        """
        return cast(
            Message,
            await self.client.call(ENDPOINTS["send_direct_setting_guide"], {"guild_id": guild_id}, body=body),
        )
