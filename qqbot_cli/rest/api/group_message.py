# Generated from model/endpoints by tools/generate.py. Do not edit.

"""Messages in groups."""

from __future__ import annotations

from typing import cast

from qqbot_cli.model.answer.message import MessageResponse
from qqbot_cli.model.answer.upload import Media, UploadPrepared
from qqbot_cli.model.body.upload import FileUpload, UploadPartFinish, UploadPrepare
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.model.outgoing.message import GroupMessageParams
from qqbot_cli.rest.api.base import Calls


class GroupMessageCalls(Calls):
    """Messages in groups."""

    async def send_group_message(self, group_openid: str, body: GroupMessageParams) -> MessageResponse:
        """Send a message to a group.

        ``POST /v2/groups/{group_openid}/messages``. Limit: 100 a second. Quota: unprompted: 20 a
        minute and 1000 a day for each group. Repeated after a time-out if it is a reply with
        `msg_seq`, which arrives once.

        Args:
            group_openid: The group.
            body: A message to a group.

        Raises:
            ApiError: 22006, 50059, 304080, 304082, 304083, 340069, 40011000, 40034004, 40034008,
                40034009, 40034010, 40034011, 40034024, 40034025, 40034027, 40034029, 40034106,
                40034108, 40034109, 40034124, 40054005, 40054007, 40054016, 50055001, 50055006.
            ContentRefusedError: 304061, 40034006, 40054010.
            NotFoundError: 40034101, 40054003.
            PermissionDeniedError: 40034090, 40034102, 40034105, 40034127, 40054002.
            RateLimitedError: 22009, 40034100.
            ReplyWindowError: 304103, 40034005, 40034026, 40034128.

        Source: platform documentation, 发送消息.
        """
        return cast(
            MessageResponse,
            await self.client.call(
                ENDPOINTS["send_group_message"], {"group_openid": group_openid}, body=body
            ),
        )

    async def recall_group_message(self, group_openid: str, message_id: str) -> None:
        """Withdraw a message from a group, at most two minutes after it was sent.

        Its own, and those of ordinary members where the bot is an administrator.

        ``DELETE /v2/groups/{group_openid}/messages/{message_id}``. Limit: 10 a second.

        Args:
            group_openid: The group.
            message_id: The message.

        Raises:
            ApiError: 306001, 306007, 40061001, 40064004, 50065001.
            NotFoundError: 306002.
            PermissionDeniedError: 306008, 40062003.

        Source: platform documentation, 撤回消息.
        """
        await self.client.call(
            ENDPOINTS["recall_group_message"], {"group_openid": group_openid, "message_id": message_id}
        )

    async def post_group_file(self, group_openid: str, body: FileUpload) -> Media:
        """Upload a file for groups, or complete an upload in parts, and return what a message carries.

        What was uploaded for users cannot be sent to groups, and the reverse.

        ``POST /v2/groups/{group_openid}/files``. Limit: 50 a second. Repeated after a time-out
        unless the file is sent at once.

        Args:
            group_openid: The group.
            body: A file: an address, its bytes, or an upload in parts that is complete.

        Raises:
            ApiError: 10000, 850019, 850026, 850027, 850031, 40034001, 40093001.
            PermissionDeniedError: 850018.
            RateLimitedError: 40093002.

        Source: platform documentation, 富媒体消息.
        """
        return cast(
            Media,
            await self.client.call(ENDPOINTS["post_group_file"], {"group_openid": group_openid}, body=body),
        )

    async def prepare_group_upload(self, group_openid: str, body: UploadPrepare) -> UploadPrepared:
        """Begin to upload a file for groups in parts.

        ``POST /v2/groups/{group_openid}/upload_prepare``. Limit: 10 a second.

        Args:
            group_openid: The group.
            body: A file that is going to come in parts.

        Raises:
            ApiError: 10000, 850019, 850031, 40093001.
            RateLimitedError: 40093002.

        Source: platform documentation, 富媒体消息.
        """
        return cast(
            UploadPrepared,
            await self.client.call(
                ENDPOINTS["prepare_group_upload"], {"group_openid": group_openid}, body=body
            ),
        )

    async def finish_group_upload_part(self, group_openid: str, body: UploadPartFinish) -> None:
        """Tell that a part has been sent.

        While it answers 40093001 try again, as often and as long as the upload's configuration
        says.

        ``POST /v2/groups/{group_openid}/upload_part_finish``. Limit: 10 a second.

        Args:
            group_openid: The group.
            body: A part that was sent.

        Raises:
            ApiError: 40093001.
            RateLimitedError: 40093002.

        Source: platform documentation, 富媒体消息.
        """
        await self.client.call(
            ENDPOINTS["finish_group_upload_part"], {"group_openid": group_openid}, body=body
        )
