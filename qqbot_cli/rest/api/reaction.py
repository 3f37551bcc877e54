# Generated from model/endpoints by tools/generate.py. Do not edit.

"""Emoji reactions to messages of guild channels."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

from qqbot_cli.model.answer.reaction import ReactionUsers
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.model.payload.shared import User
from qqbot_cli.rest.api.base import Calls


class ReactionCalls(Calls):
    """Emoji reactions to messages of guild channels."""

    async def put_reaction(self, channel_id: str, message_id: str, emoji_type: int, emoji_id: str) -> None:
        """React to a message with an emoji.

        ``PUT /channels/{channel_id}/messages/{message_id}/reactions/{emoji_type}/{emoji_id}``. Done
        already, and no error: 620003.

        Args:
            channel_id: The channel.
            message_id: The message.
            emoji_type: 1 for faces of QQ, 2 for Unicode emoji.
            emoji_id: Number of the face, or code point of the emoji in decimal.

        Raises:
            ApiError: 620001, 620007.
            PermissionDeniedError: 620005.
            RateLimitedError: 620002, 620006.

        Source: platform documentation, 发表表情表态.
        """
        await self.client.call(
            ENDPOINTS["put_reaction"],
            {
                "channel_id": channel_id,
                "message_id": message_id,
                "emoji_type": str(emoji_type),
                "emoji_id": emoji_id,
            },
        )

    async def delete_reaction(self, channel_id: str, message_id: str, emoji_type: int, emoji_id: str) -> None:
        """Take back a reaction of the bot.

        ``DELETE /channels/{channel_id}/messages/{message_id}/reactions/{emoji_type}/{emoji_id}``.
        Done already, and no error: 620004.

        Args:
            channel_id: The channel.
            message_id: The message.
            emoji_type: 1 for faces of QQ, 2 for Unicode emoji.
            emoji_id: Number of the face, or code point of the emoji in decimal.

        Raises:
            ApiError: 620001, 620007.
            PermissionDeniedError: 620005.
            RateLimitedError: 620006.

        Source: platform documentation, 删除自己的表情表态.
        """
        await self.client.call(
            ENDPOINTS["delete_reaction"],
            {
                "channel_id": channel_id,
                "message_id": message_id,
                "emoji_type": str(emoji_type),
                "emoji_id": emoji_id,
            },
        )

    async def get_reaction_users(
        self,
        channel_id: str,
        message_id: str,
        emoji_type: int,
        emoji_id: str,
        *,
        cookie: str | None = None,
        limit: int | None = None,
    ) -> ReactionUsers:
        """Return a page of the users who reacted to a message with an emoji.

        ``GET /channels/{channel_id}/messages/{message_id}/reactions/{emoji_type}/{emoji_id}``.

        Args:
            channel_id: The channel.
            message_id: The message.
            emoji_type: 1 for faces of QQ, 2 for Unicode emoji.
            emoji_id: Number of the face, or code point of the emoji in decimal.
            cookie: `cookie` of the page before; left out for the first.
            limit: Users in a page; 20 without it. Heeded on the first page only. 1 to 50.

        Raises:
            ApiError: 620001, 620007.

        Source: platform documentation, 拉取表情表态用户列表.
        """
        return cast(
            ReactionUsers,
            await self.client.call(
                ENDPOINTS["get_reaction_users"],
                {
                    "channel_id": channel_id,
                    "message_id": message_id,
                    "emoji_type": str(emoji_type),
                    "emoji_id": emoji_id,
                },
                query={"cookie": cookie, "limit": limit},
            ),
        )

    def iter_reaction_users(
        self, channel_id: str, message_id: str, emoji_type: int, emoji_id: str, *, limit: int = 50
    ) -> AsyncIterator[User]:
        """Give all of them, each once, page after page.

        Asks for pages with `get_reaction_users`.

        Args:
            channel_id: The channel.
            message_id: The message.
            emoji_type: 1 for faces of QQ, 2 for Unicode emoji.
            emoji_id: Number of the face, or code point of the emoji in decimal.
            limit: Items in a page; 1 to 50.
        """
        return self.client.pages(
            ENDPOINTS["get_reaction_users"],
            {
                "channel_id": channel_id,
                "message_id": message_id,
                "emoji_type": str(emoji_type),
                "emoji_id": emoji_id,
            },
            query={"limit": limit},
        )
