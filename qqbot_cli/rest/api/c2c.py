# Generated from model/endpoints by tools/generate.py. Do not edit.

"""One-to-one chats."""

from __future__ import annotations

from typing import cast

from qqbot_cli.model.answer.message import MessageResponse, StreamResponse
from qqbot_cli.model.answer.upload import Media, UploadPrepared
from qqbot_cli.model.body.upload import FileUpload, UploadPartFinish, UploadPrepare
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.model.outgoing.message import C2CMessageParams
from qqbot_cli.model.outgoing.stream import StreamMessage
from qqbot_cli.rest.api.base import Calls


class C2CCalls(Calls):
    """One-to-one chats."""

    async def send_c2c_message(self, user_openid: str, body: C2CMessageParams) -> MessageResponse:
        """Send a message to one user.

        ``POST /v2/users/{user_openid}/messages``. Limit: 100 a second. Quota: unprompted: 20 a
        minute and 1000 a day for each user. Repeated after a time-out if it is a reply with
        `msg_seq`, which arrives once.

        Args:
            user_openid: The person.
            body: A message to one user.

        Raises:
            ApiError: 22006, 50059, 304080, 304082, 304083, 340067, 40011000, 40034004, 40034008,
                40034009, 40034010, 40034011, 40034024, 40034025, 40034027, 40034029, 40034106,
                40034108, 40034109, 40034124, 40054005, 40054006, 40054007, 40054016, 40054018,
                50055002.
            ContentRefusedError: 304061, 40034006, 40054010.
            NotFoundError: 40054004.
            PermissionDeniedError: 40034090, 40034102, 40034105, 40034123, 40034127, 40054013.
            RateLimitedError: 22009, 40034100, 40034122.
            ReplyWindowError: 304103, 40034005, 40034026, 40034128.

        Source: platform documentation, 发送消息.
        """
        return cast(
            MessageResponse,
            await self.client.call(ENDPOINTS["send_c2c_message"], {"user_openid": user_openid}, body=body),
        )

    async def send_stream_message(self, user_openid: str, body: StreamMessage) -> StreamResponse:
        """Send a piece of a message that grows while one user reads it.

        Leave half a second between two pieces. The last is `InputState.FINISHED`, come what may.

        ``POST /v2/users/{user_openid}/stream_messages``. Limit: 50 a second. Repeated after a time-
        out if it is a reply with `msg_seq`, which arrives once.

        Args:
            user_openid: The person.
            body: One piece of a growing text, for ``POST /v2/users/{user_openid}/stream_messages``.

        Raises:
            ApiError: 22006, 40007, 50001, 50059, 304080, 304082, 304083, 340067, 40011000,
                40034004, 40034008, 40034009, 40034010, 40034011, 40034024, 40034025, 40034027,
                40034029, 40034106, 40034108, 40034109, 40034124, 40054005, 40054006, 40054007,
                40054016, 40054018, 50055002.
            ContentRefusedError: 304061, 40034006, 40054010.
            NotFoundError: 40054004.
            PermissionDeniedError: 40034090, 40034102, 40034105, 40034123, 40034127, 40054013.
            RateLimitedError: 22009, 50002, 40034100, 40034122.
            ReplyWindowError: 304103, 40034005, 40034026, 40034128.

        Source: platform documentation, 流式消息.
        """
        return cast(
            StreamResponse,
            await self.client.call(ENDPOINTS["send_stream_message"], {"user_openid": user_openid}, body=body),
        )

    async def recall_c2c_message(self, user_openid: str, message_id: str) -> None:
        """Withdraw one of the bot's own messages to a user, at most two minutes after it was sent.

        ``DELETE /v2/users/{user_openid}/messages/{message_id}``. Limit: 10 a second.

        Args:
            user_openid: The person.
            message_id: The message.

        Raises:
            ApiError: 306001, 306009, 40061001, 40064004.
            NotFoundError: 306002, 40061002.

        Source: platform documentation, 撤回消息.
        """
        await self.client.call(
            ENDPOINTS["recall_c2c_message"], {"user_openid": user_openid, "message_id": message_id}
        )

    async def post_c2c_file(self, user_openid: str, body: FileUpload) -> Media:
        """Upload a file for users, or complete an upload in parts, and return what a message carries.

        What was uploaded for users cannot be sent to groups, and the reverse.

        ``POST /v2/users/{user_openid}/files``. Limit: 50 a second. Repeated after a time-out unless
        the file is sent at once.

        Args:
            user_openid: The person.
            body: A file: an address, its bytes, or an upload in parts that is complete.

        Raises:
            ApiError: 10000, 850019, 850026, 850027, 850031, 40034001, 40093001.
            PermissionDeniedError: 850018.
            RateLimitedError: 40093002.

        Source: platform documentation, 富媒体消息.
        """
        return cast(
            Media, await self.client.call(ENDPOINTS["post_c2c_file"], {"user_openid": user_openid}, body=body)
        )

    async def prepare_c2c_upload(self, user_openid: str, body: UploadPrepare) -> UploadPrepared:
        """Begin to upload a file for users in parts.

        ``POST /v2/users/{user_openid}/upload_prepare``. Limit: 10 a second.

        Args:
            user_openid: The person.
            body: A file that is going to come in parts.

        Raises:
            ApiError: 10000, 850019, 850031, 40093001.
            RateLimitedError: 40093002.

        Source: platform documentation, 富媒体消息.
        """
        return cast(
            UploadPrepared,
            await self.client.call(ENDPOINTS["prepare_c2c_upload"], {"user_openid": user_openid}, body=body),
        )

    async def finish_c2c_upload_part(self, user_openid: str, body: UploadPartFinish) -> None:
        """Tell that a part has been sent.

        While it answers 40093001 try again, as often and as long as the upload's configuration
        says.

        ``POST /v2/users/{user_openid}/upload_part_finish``. Limit: 10 a second.

        Args:
            user_openid: The person.
            body: A part that was sent.

        Raises:
            ApiError: 40093001.
            RateLimitedError: 40093002.

        Source: platform documentation, 富媒体消息.
        """
        await self.client.call(ENDPOINTS["finish_c2c_upload_part"], {"user_openid": user_openid}, body=body)
