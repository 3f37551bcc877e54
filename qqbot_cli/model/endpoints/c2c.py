"""One-to-one chats."""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.answer.message import StreamResponse
from qqbot_cli.model.endpoints.row import Repeat, a_second
from qqbot_cli.model.endpoints.sending import C2C_SEND_CODES, recall, send, uploads
from qqbot_cli.model.outgoing import C2CMessageParams, StreamMessage

_USER: Final = "/v2/users/{user_openid}"

ROWS: Final = (
    send(
        "send_c2c_message",
        f"{_USER}/messages",
        C2CMessageParams,
        "Send a message to one user.",
        repeat=Repeat.WITH_SEQ,
        rate=a_second(100),
        quota="unprompted: 20 a minute and 1000 a day for each user",
        codes=C2C_SEND_CODES,
    ),
    send(
        "send_stream_message",
        f"{_USER}/stream_messages",
        StreamMessage,
        "Send a piece of a message that grows while one user reads it.",
        details="Leave half a second between two pieces. The last is `InputState.FINISHED`, come what may.",
        repeat=Repeat.WITH_SEQ,
        result=StreamResponse,
        rate=a_second(50),
        codes=(*C2C_SEND_CODES, 40007, 50001, 50002),
        source="流式消息",
    ),
    recall(
        "recall_c2c_message",
        f"{_USER}/messages/{{message_id}}",
        "Withdraw one of the bot's own messages to a user, at most two minutes after it was sent.",
        rate=a_second(10),
        codes=(306001, 306002, 306009, 40061001, 40061002, 40064004),
    ),
    *uploads(_USER, "c2c", "users"),
)
