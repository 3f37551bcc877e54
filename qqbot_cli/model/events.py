"""EVENTS: one row per event, the only place that spells its name.

Derived from it: the methods of `EventHandler` with their types and docstrings, ``intents: auto``,
decoding, the check of plugin methods, `qqbot events`, the tables of the documentation, the simulator's
menu, tests over the samples.
Source: platform documentation, "事件"; names of callbacks follow botrs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final

from qqbot_cli.model.decode import PayloadDecoder
from qqbot_cli.model.intents import GROUP_MEMBER_DISPUTE, Dispute, Intents
from qqbot_cli.model.payload import (
    audio,
    audit,
    contact,
    forum,
    group_message,
    guild,
    guild_message,
    interaction,
    lifecycle,
    reaction,
    subscription,
)
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
GUILD_EVENT_WINDOW: Final = ReplyWindow(300, None, "event_id")
GROUP_WINDOW: Final = ReplyWindow(300, 5, "msg_id")
GROUP_EVENT_WINDOW: Final = ReplyWindow(300, 5, "event_id")
C2C_WINDOW: Final = ReplyWindow(3600, 4, "msg_id")
"""Four replies by the newest documentation, five by that of 2025: the smaller number is always allowed."""
C2C_EVENT_WINDOW: Final = ReplyWindow(3600, 4, "event_id")
INTERACTION_WINDOW: Final = ReplyWindow(300, 4, "event_id")
"""Not published: the shorter time and the smaller number of group and one-to-one chats."""


@dataclass(frozen=True)
class EventSpec:
    """All that is known about one event."""

    name: str
    payload: type[Payload]
    session: str
    """Name of the session class the callback is given."""
    summary: str
    """When it happens, in one sentence; becomes the docstring of the callback."""
    family: str
    callback: str = ""
    """Method of `EventHandler` that is called for it; its own name in lower case if nothing else is said."""
    intent: Intents = Intents.none()  # noqa: RUF009 - immutable
    """Asked for by a plugin that handles it."""
    dispute: Dispute | None = None
    """Set where sources disagree about the intent."""
    window: ReplyWindow | None = None
    """How it can be answered; None if it cannot."""
    conversation: Callable[[Any], str] | None = None
    """From payload to the id within which events are handled in order; None means the shard."""
    by_own_id: bool = False
    """Whether ``d.id`` names this very occurrence: what comes again with it is the same thing."""
    forwards_to: str | None = None
    """Callback that is called instead, for messages addressed to the bot, by a plugin without this one."""
    decoder: PayloadDecoder = field(init=False, repr=False, compare=False)
    """From the raw ``d`` to the payload."""

    def __post_init__(self) -> None:
        # Made once here, because it is used for every event of this name.
        object.__setattr__(self, "decoder", PayloadDecoder(self.payload))
        object.__setattr__(self, "callback", self.callback or self.name.lower())

    @property
    def intents(self) -> Intents:
        """The flags of which any one brings the event."""
        return self.intent | self.dispute.other if self.dispute is not None else self.intent

    @property
    def audience(self) -> str:
        """Who may receive it, in words."""
        return self.intent.audience() or "every bot"

    def decode(self, raw: bytes | memoryview) -> Payload:
        """Return the payload in *raw*; raises `PayloadError` if it cannot be typed."""
        return self.decoder.decode(raw)


READY: Final = "READY"
RESUMED: Final = "RESUMED"
"""The two events that the gateway side itself has to recognise."""

AUDIT_PASS: Final = "MESSAGE_AUDIT_PASS"  # noqa: S105 - an event, not a password
AUDIT_REJECT: Final = "MESSAGE_AUDIT_REJECT"
"""The two that end a review, for whoever waits for one."""


def _alike(
    family: str,
    payload: type[Payload],
    session: str,
    rows: Mapping[str, str],
    **common: Any,  # noqa: ANN401
) -> Iterator[EventSpec]:
    """Return the rows of events that differ in nothing but name and summary."""
    for name, summary in rows.items():
        yield EventSpec(name, payload, session, summary, family, **common)


_CHANNEL: Final = attrgetter("channel_id")
_GUILD: Final = attrgetter("guild_id")
_GROUP: Final = attrgetter("group_openid")
_PERSON: Final = attrgetter("openid")
_PLACE: Final = attrgetter("place")
_ID: Final = attrgetter("id")


def _guild_message(name: str, session: str, summary: str, **more: Any) -> EventSpec:  # noqa: ANN401
    """Return the row of a message in a guild."""
    return EventSpec(
        name,
        guild_message.Message,
        session,
        summary,
        "guild message",
        window=GUILD_WINDOW,
        by_own_id=True,
        **more,
    )


def _group_message(name: str, callback: str, summary: str, forwards_to: str | None = None) -> EventSpec:
    """Return the row of a message in a group."""
    return EventSpec(
        name,
        group_message.GroupMessage,
        "GroupReplySession",
        summary,
        "group message",
        callback=callback,
        intent=Intents.PUBLIC_MESSAGES,
        window=GROUP_WINDOW,
        conversation=_GROUP,
        by_own_id=True,
        forwards_to=forwards_to,
    )


_ROWS: Final[tuple[EventSpec, ...]] = (
    EventSpec(
        READY,
        lifecycle.Ready,
        "ReadySession",
        "A new session has begun; events that happened before it are lost.",
        "session",
    ),
    EventSpec(
        RESUMED,
        lifecycle.Resumed,
        "ResumeSession",
        "A session continues after a lost connection; what was missed has been delivered.",
        "session",
    ),
    _guild_message(
        "AT_MESSAGE_CREATE",
        "ChannelReplySession",
        "Somebody mentioned the bot in a guild channel, or replied to it.",
        callback="message_create",
        intent=Intents.PUBLIC_GUILD_MESSAGES,
        conversation=_CHANNEL,
    ),
    _guild_message(
        "MESSAGE_CREATE",
        "ChannelReplySession",
        "Somebody wrote in a guild channel, whether to the bot or not.",
        callback="guild_message_create",
        intent=Intents.GUILD_MESSAGES,
        conversation=_CHANNEL,
        forwards_to="message_create",
    ),
    _guild_message(
        "DIRECT_MESSAGE_CREATE",
        "DirectReplySession",
        "Somebody wrote to the bot in a direct message of a guild.",
        intent=Intents.DIRECT_MESSAGE,
        conversation=_GUILD,
    ),
    _group_message("GROUP_AT_MESSAGE_CREATE", "group_message_create", "A group member mentioned the bot."),
    _group_message(
        "GROUP_MESSAGE_CREATE",
        "group_full_message_create",
        "A group member wrote, whether to the bot or not, in a group that lets the bot read all.",
        forwards_to="group_message_create",
    ),
    EventSpec(
        "C2C_MESSAGE_CREATE",
        group_message.C2CMessage,
        "C2CReplySession",
        "Somebody wrote to the bot in a one-to-one chat.",
        "c2c message",
        intent=Intents.PUBLIC_MESSAGES,
        window=C2C_WINDOW,
        conversation=attrgetter("author.user_openid"),
        by_own_id=True,
    ),
    *_alike(
        "message delete",
        guild_message.MessageDelete,
        "MessageDeleteSession",
        {"MESSAGE_DELETE": "A message of a guild channel was withdrawn."},
        intent=Intents.GUILD_MESSAGES,
        conversation=attrgetter("message.channel_id"),
    ),
    *_alike(
        "message delete",
        guild_message.MessageDelete,
        "MessageDeleteSession",
        {"PUBLIC_MESSAGE_DELETE": "A message that had mentioned the bot in a guild channel was withdrawn."},
        intent=Intents.PUBLIC_GUILD_MESSAGES,
        conversation=attrgetter("message.channel_id"),
    ),
    *_alike(
        "message delete",
        guild_message.MessageDelete,
        "MessageDeleteSession",
        {"DIRECT_MESSAGE_DELETE": "A direct message of a guild was withdrawn."},
        intent=Intents.DIRECT_MESSAGE,
        conversation=attrgetter("message.guild_id"),
    ),
    *_alike(
        "reaction",
        reaction.Reaction,
        "ReactionSession",
        {
            "MESSAGE_REACTION_ADD": "Somebody reacted to a message or a forum post with an emoji.",
            "MESSAGE_REACTION_REMOVE": "Somebody took an emoji reaction away.",
        },
        intent=Intents.GUILD_MESSAGE_REACTIONS,
        window=GUILD_EVENT_WINDOW,
        conversation=_CHANNEL,
    ),
    *_alike(
        "interaction",
        interaction.Interaction,
        "InteractionSession",
        {"INTERACTION_CREATE": "Somebody pressed a button, chose a menu item or rated an answer."},
        intent=Intents.INTERACTION,
        window=INTERACTION_WINDOW,
        conversation=_PLACE,
        by_own_id=True,
    ),
    *_alike(
        "guild",
        guild.Guild,
        "GuildSession",
        {
            "GUILD_CREATE": "The bot was added to a guild.",
            "GUILD_UPDATE": "A guild was changed.",
            "GUILD_DELETE": "A guild was dissolved, or the bot removed from it.",
        },
        intent=Intents.GUILDS,
        conversation=_ID,
    ),
    *_alike(
        "channel",
        guild.Channel,
        "ChannelSession",
        {
            "CHANNEL_CREATE": "A channel was created.",
            "CHANNEL_UPDATE": "A channel was changed.",
            "CHANNEL_DELETE": "A channel was removed.",
        },
        intent=Intents.GUILDS,
        conversation=_ID,
    ),
    *_alike(
        "guild member",
        guild.GuildMember,
        "MemberSession",
        {
            "GUILD_MEMBER_ADD": "Somebody joined a guild.",
            "GUILD_MEMBER_UPDATE": "The nickname or the roles of a guild member were changed.",
            "GUILD_MEMBER_REMOVE": "Somebody left a guild or was removed from it.",
        },
        intent=Intents.GUILD_MEMBERS,
        window=GUILD_EVENT_WINDOW,
        conversation=_GUILD,
    ),
    *_alike(
        "message audit",
        audit.MessageAudit,
        "MessageAuditSession",
        {
            AUDIT_PASS: "A message of the bot passed its review.",
            AUDIT_REJECT: "A message of the bot was refused in its review.",
        },
        intent=Intents.MESSAGE_AUDIT,
        conversation=_PLACE,
    ),
    *_alike(
        "group",
        contact.GroupManageEvent,
        "GroupManageSession",
        {
            "GROUP_ADD_ROBOT": "The bot was added to a group.",
            "GROUP_MSG_RECEIVE": "A group switched unprompted messages of the bot on.",
        },
        intent=Intents.PUBLIC_MESSAGES,
        window=GROUP_EVENT_WINDOW,
        conversation=_GROUP,
    ),
    *_alike(
        "group",
        contact.GroupManageEvent,
        "GroupNoticeSession",
        {
            "GROUP_DEL_ROBOT": "The bot was removed from a group.",
            "GROUP_MSG_REJECT": "A group switched unprompted messages of the bot off.",
        },
        intent=Intents.PUBLIC_MESSAGES,
        conversation=_GROUP,
    ),
    *_alike(
        "group member",
        contact.GroupMemberEvent,
        "GroupMemberSession",
        {"GROUP_MEMBER_ADD": "Somebody joined a group."},
        intent=Intents.PUBLIC_MESSAGES,
        dispute=GROUP_MEMBER_DISPUTE,
        window=GROUP_EVENT_WINDOW,
        conversation=_GROUP,
    ),
    *_alike(
        "group member",
        contact.GroupMemberEvent,
        "GroupMemberNoticeSession",
        {"GROUP_MEMBER_REMOVE": "Somebody left a group or was removed from it."},
        intent=Intents.PUBLIC_MESSAGES,
        dispute=GROUP_MEMBER_DISPUTE,
        conversation=_GROUP,
    ),
    *_alike(
        "group member",
        contact.GroupJoinRequest,
        "GroupJoinRequestSession",
        {"GROUP_JOIN_REQUEST": "Somebody asks to join a group in which the bot is an administrator."},
        intent=Intents.PUBLIC_MESSAGES,
        conversation=_GROUP,
    ),
    *_alike(
        "friend",
        contact.C2CManageEvent,
        "C2CManageSession",
        {
            "FRIEND_ADD": "Somebody added the bot to their contacts.",
            "C2C_MSG_RECEIVE": "Somebody switched unprompted messages of the bot on.",
        },
        intent=Intents.PUBLIC_MESSAGES,
        window=C2C_EVENT_WINDOW,
        conversation=_PERSON,
    ),
    *_alike(
        "friend",
        contact.C2CManageEvent,
        "C2CNoticeSession",
        {
            "FRIEND_DEL": "Somebody removed the bot from their contacts.",
            "C2C_MSG_REJECT": "Somebody switched unprompted messages of the bot off.",
        },
        intent=Intents.PUBLIC_MESSAGES,
        conversation=_PERSON,
    ),
    *_alike(
        "subscription",
        subscription.SubscribeMessageStatusData,
        "SubscribeMessageStatusSession",
        {"SUBSCRIBE_MESSAGE_STATUS": "Somebody allowed or refused subscription messages."},
        intent=Intents.PUBLIC_MESSAGES,
        conversation=_PLACE,
    ),
    *_alike(
        "chat window",
        subscription.EnterAioEvent,
        "EnterAioSession",
        {"ENTER_AIO": "Somebody opened the chat window with the bot."},
        intent=Intents.ENTER_AIO,
        conversation=attrgetter("user_openid"),
    ),
    *_alike(
        "forum",
        forum.Thread,
        "ThreadSession",
        {
            "FORUM_THREAD_CREATE": "A thread was opened in a forum.",
            "FORUM_THREAD_UPDATE": "A thread of a forum was changed.",
            "FORUM_THREAD_DELETE": "A thread of a forum was removed.",
        },
        intent=Intents.FORUMS,
        window=GUILD_EVENT_WINDOW,
        conversation=_CHANNEL,
    ),
    *_alike(
        "forum",
        forum.Post,
        "PostSession",
        {
            "FORUM_POST_CREATE": "Somebody commented on a thread.",
            "FORUM_POST_DELETE": "A comment on a thread was removed.",
        },
        intent=Intents.FORUMS,
        window=GUILD_EVENT_WINDOW,
        conversation=_CHANNEL,
    ),
    *_alike(
        "forum",
        forum.Reply,
        "ForumReplySession",
        {
            "FORUM_REPLY_CREATE": "Somebody replied to a comment in a forum.",
            "FORUM_REPLY_DELETE": "A reply to a comment in a forum was removed.",
        },
        intent=Intents.FORUMS,
        window=GUILD_EVENT_WINDOW,
        conversation=_CHANNEL,
    ),
    *_alike(
        "forum",
        forum.ForumAuditResult,
        "ForumAuditSession",
        {"FORUM_PUBLISH_AUDIT_RESULT": "What the bot wrote in a forum was reviewed."},
        intent=Intents.FORUMS,
        conversation=_CHANNEL,
    ),
    *_alike(
        "open forum",
        forum.OpenThread,
        "OpenForumSession",
        {
            "OPEN_FORUM_THREAD_CREATE": "A thread was opened in a forum; what it says is not told.",
            "OPEN_FORUM_THREAD_UPDATE": "A thread of a forum was changed; what it says is not told.",
            "OPEN_FORUM_THREAD_DELETE": "A thread of a forum was removed; which one is not told.",
            "OPEN_FORUM_POST_CREATE": "Somebody commented in a forum; what is not told.",
            "OPEN_FORUM_POST_DELETE": "A comment in a forum was removed; which one is not told.",
            "OPEN_FORUM_REPLY_CREATE": "Somebody replied to a comment in a forum; what is not told.",
            "OPEN_FORUM_REPLY_DELETE": "A reply in a forum was removed; which one is not told.",
        },
        intent=Intents.OPEN_FORUM_EVENT,
        conversation=_CHANNEL,
    ),
    *_alike(
        "audio",
        audio.Audio,
        "AudioSession",
        {
            "AUDIO_START": "The bot began to play something.",
            "AUDIO_FINISH": "The bot stopped playing.",
            "AUDIO_ON_MIC": "The bot took the microphone.",
            "AUDIO_OFF_MIC": "The bot left the microphone.",
        },
        intent=Intents.AUDIO_ACTION,
        conversation=_CHANNEL,
    ),
    *_alike(
        "audio",
        audio.PublicAudio,
        "PublicAudioSession",
        {
            "AUDIO_OR_LIVE_CHANNEL_MEMBER_ENTER": "Somebody entered a voice or live channel.",
            "AUDIO_OR_LIVE_CHANNEL_MEMBER_EXIT": "Somebody left a voice or live channel.",
        },
        intent=Intents.AUDIO_OR_LIVE_CHANNEL_MEMBER,
        conversation=_CHANNEL,
    ),
)

EVENTS: Final[dict[str, EventSpec]] = {row.name: row for row in _ROWS}

UNKNOWN_EVENT: Final = "unknown_event"
"""Callback for every event without a row, and for payloads that cannot be typed."""
ERROR: Final = "error"
"""Callback for failures of callbacks."""
