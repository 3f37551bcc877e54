"""What a callback receives: one event, and what can be done about it.

`EventSession` gives the event, `ReplySession` adds `reply`: what cannot be answered has no such method.
The names are those of botrs, where it has one.
"""

from __future__ import annotations

from typing import Any, Final

from qqbot_cli.bot.session.base import (
    AnswerSession,
    EventSession,
    Scope,
)
from qqbot_cli.bot.session.event import (
    AudioSession,
    C2CNoticeSession,
    ChannelSession,
    EnterAioSession,
    ErrorSession,
    ForumAuditSession,
    GroupJoinRequestSession,
    GroupMemberNoticeSession,
    GroupNoticeSession,
    GuildSession,
    HandlerFailure,
    MessageAuditSession,
    MessageDeleteSession,
    OpenForumSession,
    PublicAudioSession,
    ReadySession,
    ResumeSession,
    SubscribeMessageStatusSession,
    UnknownEvent,
    UnknownEventSession,
)
from qqbot_cli.bot.session.reply import (
    C2CManageSession,
    C2CReplySession,
    ChannelReplySession,
    DirectReplySession,
    ForumReplySession,
    GroupManageSession,
    GroupMemberSession,
    GroupReplySession,
    InteractionSession,
    MemberSession,
    PostSession,
    ReactionSession,
    ReplySession,
    ThreadSession,
)
from qqbot_cli.bot.session.stream import MessageStream

__all__ = [
    "SESSIONS",
    "AnswerSession",
    "AudioSession",
    "C2CManageSession",
    "C2CNoticeSession",
    "C2CReplySession",
    "ChannelReplySession",
    "ChannelSession",
    "DirectReplySession",
    "EnterAioSession",
    "ErrorSession",
    "EventSession",
    "ForumAuditSession",
    "ForumReplySession",
    "GroupJoinRequestSession",
    "GroupManageSession",
    "GroupMemberNoticeSession",
    "GroupMemberSession",
    "GroupNoticeSession",
    "GroupReplySession",
    "GuildSession",
    "HandlerFailure",
    "InteractionSession",
    "MemberSession",
    "MessageAuditSession",
    "MessageDeleteSession",
    "MessageStream",
    "OpenForumSession",
    "PostSession",
    "PublicAudioSession",
    "ReactionSession",
    "ReadySession",
    "ReplySession",
    "ResumeSession",
    "Scope",
    "SubscribeMessageStatusSession",
    "ThreadSession",
    "UnknownEvent",
    "UnknownEventSession",
]

SESSIONS: Final[dict[str, type[EventSession[Any]]]] = {
    kind.__name__: kind
    for kind in (
        AudioSession,
        C2CManageSession,
        C2CNoticeSession,
        C2CReplySession,
        ChannelReplySession,
        ChannelSession,
        DirectReplySession,
        EnterAioSession,
        ErrorSession,
        ForumAuditSession,
        ForumReplySession,
        GroupJoinRequestSession,
        GroupManageSession,
        GroupMemberNoticeSession,
        GroupMemberSession,
        GroupNoticeSession,
        GroupReplySession,
        GuildSession,
        InteractionSession,
        MemberSession,
        MessageAuditSession,
        MessageDeleteSession,
        OpenForumSession,
        PostSession,
        PublicAudioSession,
        ReactionSession,
        ReadySession,
        ResumeSession,
        SubscribeMessageStatusSession,
        ThreadSession,
        UnknownEventSession,
    )
}
"""Name in a row of EVENTS -> class."""
