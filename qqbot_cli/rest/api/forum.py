# Generated from model/endpoints by tools/generate.py. Do not edit.

"""Threads of forums."""

from __future__ import annotations

from typing import cast

from qqbot_cli.model.answer.forum import ThreadDetail, ThreadList, ThreadTask
from qqbot_cli.model.body.forum import ThreadParams
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.rest.api.base import Calls


class ForumCalls(Calls):
    """Threads of forums."""

    async def list_threads(self, channel_id: str) -> ThreadList:
        """Return threads of a forum.

        ``GET /channels/{channel_id}/threads``. Needs: private-domain bot.

        Args:
            channel_id: The channel.

        Raises:
            ApiError: 503001, 503002, 503003, 503008, 503010, 503013.

        Source: platform documentation, 获取帖子列表.
        """
        return cast(ThreadList, await self.client.call(ENDPOINTS["list_threads"], {"channel_id": channel_id}))

    async def get_thread(self, channel_id: str, thread_id: str) -> ThreadDetail:
        """Return a thread.

        ``GET /channels/{channel_id}/threads/{thread_id}``. Needs: private-domain bot.

        Args:
            channel_id: The channel.
            thread_id: The thread.

        Raises:
            ApiError: 503001, 503002, 503003, 503007, 503008, 503009, 503010, 503011, 503013.
            NotFoundError: 503012.

        Source: platform documentation, 获取帖子详情.
        """
        return cast(
            ThreadDetail,
            await self.client.call(
                ENDPOINTS["get_thread"], {"channel_id": channel_id, "thread_id": thread_id}
            ),
        )

    async def put_thread(self, channel_id: str, body: ThreadParams) -> ThreadTask:
        """Publish a thread; the platform reviews it first and tells the outcome by events.

        ``PUT /channels/{channel_id}/threads``. Needs: private-domain bot. Not repeated after a
        time-out: it would happen twice.

        Args:
            channel_id: The channel.
            body: A thread.

        Raises:
            ApiError: 503001, 503002, 503003, 503005, 503006, 503008, 503010, 503013, 503014,
                503015, 503016, 503017, 503018, 503019, 503020.
            RateLimitedError: 503004.

        Source: platform documentation, 发表帖子.
        """
        return cast(
            ThreadTask, await self.client.call(ENDPOINTS["put_thread"], {"channel_id": channel_id}, body=body)
        )

    async def delete_thread(self, channel_id: str, thread_id: str) -> None:
        """Delete a thread.

        ``DELETE /channels/{channel_id}/threads/{thread_id}``. Needs: private-domain bot.

        Args:
            channel_id: The channel.
            thread_id: The thread.

        Raises:
            ApiError: 503001, 503002, 503003, 503007, 503008, 503009, 503010, 503011, 503013.
            NotFoundError: 503012.

        Source: platform documentation, 删除帖子.
        """
        await self.client.call(ENDPOINTS["delete_thread"], {"channel_id": channel_id, "thread_id": thread_id})
