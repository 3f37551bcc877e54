"""ENDPOINTS: one row per REST call, the only place that spells its path.

`rest.client` carries out a row, `BotApi` has one generated method for each: adding a row is all it
takes to add a call.
Source: platform documentation, one page per call; names follow botrs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from string import Formatter
from typing import Any, Final

import msgspec

from qqbot_cli.model import answer, outgoing
from qqbot_cli.model.decode import PayloadDecoder
from qqbot_cli.model.payload.shared import Payload


class Repeat(Enum):
    """Whether a call may be repeated when its outcome is unknown."""

    SAFE = "safe"
    """It reads, or doing it twice is the same as doing it once."""
    WITH_SEQ = "with msg_seq"
    """A send: the platform refuses the second of two equal (msg_id, msg_seq) pairs."""
    NEVER = "never"
    """The person would see it twice."""


class TimeoutClass(Enum):
    """How long a call may take, as a multiple of the configured time-out."""

    NORMAL = 1
    UPLOAD = 4


@dataclass(frozen=True)
class Endpoint:
    """All that is known about one REST call."""

    name: str
    """Method of `BotApi`."""
    method: str
    path: str
    """Below the REST base; names in braces are path parameters, all text."""
    summary: str
    """What it does, in one sentence; becomes the docstring of the method."""
    body: type[msgspec.Struct] | None = None
    query: tuple[tuple[str, type], ...] = ()
    """Optional query parameters with their types."""
    result: type[Payload] | None = None
    """None: nothing is returned."""
    success: tuple[int, ...] = (200, 204)
    repeat: Repeat = Repeat.SAFE
    rate: str = ""
    """Documented limit for one bot; empty if none is published."""
    timeout: TimeoutClass = TimeoutClass.NORMAL
    source: str = ""
    """Page of the platform's documentation."""
    parameters: tuple[str, ...] = field(init=False)
    decoder: PayloadDecoder | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = tuple(name for _, name, _, _ in Formatter().parse(self.path) if name)
        object.__setattr__(self, "parameters", names)
        object.__setattr__(self, "decoder", PayloadDecoder(self.result) if self.result else None)


def _send(name: str, path: str, body: type[outgoing.Outgoing], summary: str, **more: Any) -> Endpoint:  # noqa: ANN401
    """Row of a call that sends a message."""
    return Endpoint(
        name, "POST", path, summary, body=body, result=answer.MessageResponse, source="发送消息", **more
    )


def _recall(name: str, path: str, summary: str, **more: Any) -> Endpoint:  # noqa: ANN401
    """Row of a call that withdraws a message."""
    return Endpoint(name, "DELETE", path, summary, source="撤回消息", **more)


_HIDE_TIP: Final = (("hidetip", bool),)
"""True hides the grey line that tells about the withdrawal."""

_ROWS: Final = (
    Endpoint(
        "get_gateway_url",
        "GET",
        "/gateway",
        "Return the address of the gateway.",
        result=answer.GatewayUrl,
        rate="2 a minute, burst 10",
        source="获取通用 WSS 接入点",
    ),
    Endpoint(
        "get_gateway",
        "GET",
        "/gateway/bot",
        "Return the address of the gateway, the recommended number of shards and the session starts left.",
        result=answer.GatewayResponse,
        rate="2 a minute, burst 10",
        source="获取带分片 WSS 接入点",
    ),
    Endpoint(
        "get_bot_info",
        "GET",
        "/users/@me",
        "Return who the bot is.",
        result=answer.BotInfo,
        rate="50 a second",
        source="获取机器人详情",
    ),
    _send(
        "send_message",
        "/channels/{channel_id}/messages",
        outgoing.MessageParams,
        "Send a message to a guild channel.",
        repeat=Repeat.NEVER,
        rate="5 a second for each channel",
    ),
    _send(
        "send_direct_message",
        "/dms/{guild_id}/messages",
        outgoing.DirectMessageParams,
        "Send a direct message; guild_id is that of the conversation, not of a real guild.",
        repeat=Repeat.NEVER,
    ),
    _send(
        "send_group_message",
        "/v2/groups/{group_openid}/messages",
        outgoing.GroupMessageParams,
        "Send a message to a group.",
        repeat=Repeat.WITH_SEQ,
        rate="100 a second",
    ),
    _send(
        "send_c2c_message",
        "/v2/users/{user_openid}/messages",
        outgoing.C2CMessageParams,
        "Send a message to one user.",
        repeat=Repeat.WITH_SEQ,
        rate="100 a second",
    ),
    Endpoint(
        "send_stream_message",
        "POST",
        "/v2/users/{user_openid}/stream_messages",
        "Send a piece of a text that grows while the user reads it.",
        body=outgoing.StreamMessage,
        result=answer.StreamResponse,
        repeat=Repeat.WITH_SEQ,
        rate="50 a second",
        source="流式消息",
    ),
    _recall(
        "recall_message",
        "/channels/{channel_id}/messages/{message_id}",
        "Withdraw a message from a guild channel.",
        query=_HIDE_TIP,
    ),
    _recall(
        "recall_direct_message",
        "/dms/{guild_id}/messages/{message_id}",
        "Withdraw one of the bot's own direct messages.",
        query=_HIDE_TIP,
    ),
    _recall(
        "recall_group_message",
        "/v2/groups/{group_openid}/messages/{message_id}",
        "Withdraw a message from a group, at most two minutes after it was sent.",
        rate="10 a second",
    ),
    _recall(
        "recall_c2c_message",
        "/v2/users/{user_openid}/messages/{message_id}",
        "Withdraw one of the bot's own messages to a user, at most two minutes after it was sent.",
        rate="10 a second",
    ),
    Endpoint(
        "put_interaction",
        "PUT",
        "/interactions/{interaction_id}",
        "Acknowledge an interaction; the client of the person waits about five seconds for it.",
        body=outgoing.InteractionAck,
        rate="50 a second",
        source="互动回调",
    ),
)

ENDPOINTS: Final[dict[str, Endpoint]] = {row.name: row for row in _ROWS}
