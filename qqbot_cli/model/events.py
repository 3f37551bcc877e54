"""EVENTS: one row per event, the only place that spells its name.

Derived from it: the methods of `EventHandler` with their types and docstrings, ``intents: auto``,
decoding, the check of plugin methods, metric labels, tables in the documentation, tests over the samples.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final

from qqbot_cli.model.decode import PayloadDecoder
from qqbot_cli.model.intents import Intents
from qqbot_cli.model.payload.group_message import C2CMessage, GroupMessage
from qqbot_cli.model.payload.guild_message import Message
from qqbot_cli.model.payload.interaction import Interaction
from qqbot_cli.model.payload.lifecycle import Ready, Resumed
from qqbot_cli.model.payload.shared import Payload


@dataclass(frozen=True, slots=True)
class ReplyWindow:
    """How long and how often an event can be answered.

    Source: platform documentation, "发送消息" (limits).
    """

    seconds: float
    limit: int | None
    """Replies to one event; None where the platform publishes no number."""
    against: str
    """``msg_id`` (the payload's id) or ``event_id`` (the envelope's)."""


GUILD_WINDOW: Final = ReplyWindow(300, None, "msg_id")
GROUP_WINDOW: Final = ReplyWindow(300, 5, "msg_id")
C2C_WINDOW: Final = ReplyWindow(3600, 4, "msg_id")
"""Four replies by the newest documentation, five by that of 2025: the smaller number is always allowed."""
INTERACTION_WINDOW: Final = ReplyWindow(300, 4, "event_id")
"""Not published: the shorter time and the smaller number of group and one-to-one chats."""

EVERY_BOT: Final = "every bot"
ON_REQUEST: Final = "on request"
PRIVATE: Final = "private-domain bots"


@dataclass(frozen=True)
class EventSpec:
    """All that is known about one event."""

    name: str
    callback: str
    """Method of `EventHandler` that is called for it."""
    payload: type[Payload]
    session: str
    """Name of the session class the callback is given."""
    summary: str
    """When it happens, in one sentence; becomes the docstring of the callback."""
    intent: Intents = field(default=Intents(0))
    window: ReplyWindow | None = None
    conversation: Callable[[Any], str] | None = None
    """From payload to the id within which events are handled in order; None means the shard."""
    family: str = "message"
    audience: str = EVERY_BOT
    """Who may receive it."""
    forwards_to: str | None = None
    """Callback that is called instead, for messages addressed to the bot, by a plugin without this one."""

    def __post_init__(self) -> None:
        # Made once here, because it is used for every event of this name.
        object.__setattr__(self, "decoder", PayloadDecoder(self.payload))

    decoder: PayloadDecoder = field(init=False, repr=False, compare=False)
    """From the raw ``d`` to the payload."""

    def decode(self, raw: bytes | memoryview) -> Payload:
        """Return the payload in *raw*; raises `PayloadError` if it cannot be typed."""
        return self.decoder.decode(raw)


READY: Final = "READY"
RESUMED: Final = "RESUMED"
"""The two events that the gateway side itself has to recognise."""

_ROWS: Final = (
    EventSpec(
        READY,
        "ready",
        Ready,
        "ReadySession",
        "A new session has begun; events that happened before it are lost.",
        family="session",
    ),
    EventSpec(
        RESUMED,
        "resumed",
        Resumed,
        "ResumeSession",
        "A session continues after a lost connection; what was missed has been delivered.",
        family="session",
    ),
    EventSpec(
        "AT_MESSAGE_CREATE",
        "message_create",
        Message,
        "ChannelReplySession",
        "Somebody mentioned the bot in a guild channel, or replied to it.",
        intent=Intents.PUBLIC_GUILD_MESSAGES,
        window=GUILD_WINDOW,
        conversation=attrgetter("channel_id"),
    ),
    EventSpec(
        "MESSAGE_CREATE",
        "guild_message_create",
        Message,
        "ChannelReplySession",
        "Somebody wrote in a guild channel, whether to the bot or not.",
        intent=Intents.GUILD_MESSAGES,
        window=GUILD_WINDOW,
        conversation=attrgetter("channel_id"),
        audience=PRIVATE,
        forwards_to="message_create",
    ),
    EventSpec(
        "DIRECT_MESSAGE_CREATE",
        "direct_message_create",
        Message,
        "DirectReplySession",
        "Somebody wrote to the bot in a direct message of a guild.",
        intent=Intents.DIRECT_MESSAGE,
        window=GUILD_WINDOW,
        conversation=attrgetter("guild_id"),
        audience=ON_REQUEST,
    ),
    EventSpec(
        "GROUP_AT_MESSAGE_CREATE",
        "group_message_create",
        GroupMessage,
        "GroupReplySession",
        "A group member mentioned the bot.",
        intent=Intents.PUBLIC_MESSAGES,
        window=GROUP_WINDOW,
        conversation=attrgetter("group_openid"),
        audience=ON_REQUEST,
    ),
    EventSpec(
        "GROUP_MESSAGE_CREATE",
        "group_full_message_create",
        GroupMessage,
        "GroupReplySession",
        "A group member wrote, whether to the bot or not, in a group that lets the bot read everything.",
        intent=Intents.PUBLIC_MESSAGES,
        window=GROUP_WINDOW,
        conversation=attrgetter("group_openid"),
        audience=ON_REQUEST,
        forwards_to="group_message_create",
    ),
    EventSpec(
        "C2C_MESSAGE_CREATE",
        "c2c_message_create",
        C2CMessage,
        "C2CReplySession",
        "Somebody wrote to the bot in a one-to-one chat.",
        intent=Intents.PUBLIC_MESSAGES,
        window=C2C_WINDOW,
        conversation=attrgetter("author.user_openid"),
        audience=ON_REQUEST,
    ),
    EventSpec(
        "INTERACTION_CREATE",
        "interaction_create",
        Interaction,
        "InteractionSession",
        "Somebody pressed a button, chose a menu item or rated an answer.",
        intent=Intents.INTERACTION,
        window=INTERACTION_WINDOW,
        conversation=attrgetter("place"),
        family="interaction",
        audience=ON_REQUEST,
    ),
)

EVENTS: Final[dict[str, EventSpec]] = {row.name: row for row in _ROWS}

UNKNOWN_EVENT: Final = "unknown_event"
"""Callback for every event without a row, and for payloads that cannot be typed."""
