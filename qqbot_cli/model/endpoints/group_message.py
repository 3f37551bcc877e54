"""Messages in groups."""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.endpoints.row import Repeat, a_second
from qqbot_cli.model.endpoints.sending import GROUP_SEND_CODES, recall, send, uploads
from qqbot_cli.model.outgoing import GroupMessageParams

_GROUP: Final = "/v2/groups/{group_openid}"

ROWS: Final = (
    send(
        "send_group_message",
        f"{_GROUP}/messages",
        GroupMessageParams,
        "Send a message to a group.",
        repeat=Repeat.WITH_SEQ,
        rate=a_second(100),
        quota="unprompted: 20 a minute and 1000 a day for each group",
        codes=GROUP_SEND_CODES,
    ),
    recall(
        "recall_group_message",
        f"{_GROUP}/messages/{{message_id}}",
        "Withdraw a message from a group, at most two minutes after it was sent.",
        details="Its own, and those of ordinary members where the bot is an administrator.",
        rate=a_second(10),
        codes=(306001, 306002, 306007, 306008, 40061001, 40062003, 40064004, 50065001),
    ),
    *uploads(_GROUP, "group", "groups"),
)
