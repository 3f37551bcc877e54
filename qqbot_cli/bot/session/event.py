"""Sessions of events that only tell something: they have no way to answer."""

from __future__ import annotations

from typing import Any

import msgspec

from qqbot_cli.bot.session.base import EventSession
from qqbot_cli.model.payload.audio import Audio, PublicAudio
from qqbot_cli.model.payload.audit import MessageAudit
from qqbot_cli.model.payload.contact import (
    C2CManageEvent,
    GroupJoinRequest,
    GroupManageEvent,
    GroupMemberEvent,
)
from qqbot_cli.model.payload.forum import ForumAuditResult, OpenThread
from qqbot_cli.model.payload.guild import Channel, Guild
from qqbot_cli.model.payload.guild_message import MessageDelete
from qqbot_cli.model.payload.lifecycle import Ready, Resumed
from qqbot_cli.model.payload.subscription import EnterAioEvent, SubscribeMessageStatusData


class ReadySession(EventSession[Ready]):
    """A new session has begun."""


class ResumeSession(EventSession[Resumed]):
    """A session continues."""


class MessageDeleteSession(EventSession[MessageDelete]):
    """A message was withdrawn."""


class GuildSession(EventSession[Guild]):
    """A guild came, changed or went."""


class ChannelSession(EventSession[Channel]):
    """A channel came, changed or went."""


class MessageAuditSession(EventSession[MessageAudit]):
    """A message of the bot was reviewed."""


class GroupNoticeSession(EventSession[GroupManageEvent]):
    """The bot was removed from a group, or may not send unprompted messages there any more."""


class GroupMemberNoticeSession(EventSession[GroupMemberEvent]):
    """Somebody left a group."""


class GroupJoinRequestSession(EventSession[GroupJoinRequest]):
    """Somebody asks to join a group."""


class C2CNoticeSession(EventSession[C2CManageEvent]):
    """Somebody removed the bot, or does not want unprompted messages any more."""


class SubscribeMessageStatusSession(EventSession[SubscribeMessageStatusData]):
    """Subscription messages were allowed or refused."""


class EnterAioSession(EventSession[EnterAioEvent]):
    """Somebody opened the chat with the bot."""


class ForumAuditSession(EventSession[ForumAuditResult]):
    """What the bot wrote in a forum was reviewed."""


class OpenForumSession(EventSession[OpenThread]):
    """Something happened in a forum."""


class AudioSession(EventSession[Audio]):
    """Playback or microphone of the bot."""


class PublicAudioSession(EventSession[PublicAudio]):
    """Somebody entered or left a voice or live channel."""


class UnknownEvent(msgspec.Struct, frozen=True):
    """An event as it came; `EventSession.raw` has its payload as plain values."""

    name: str
    """``t`` of the frame."""
    raw: bytes
    """JSON text of ``d``."""
    reason: str
    """Why it is unknown: there is no row, or where its payload does not fit."""


class UnknownEventSession(EventSession[UnknownEvent]):
    """An event without a row, or one whose payload cannot be typed."""

    @property
    def name(self) -> str:
        """Name of the event on the platform."""
        return self.event.name


class HandlerFailure(msgspec.Struct, frozen=True):
    """A callback of a plugin raised, or took too long."""

    plugin: str
    """Name of the plugin."""
    callback: str
    """Name of the callback."""
    exception: BaseException
    """What was raised; a `TimeoutError` for a callback that took too long."""
    session: EventSession[Any]
    """What the callback had been given."""
    place: str
    """``file:line`` inside the plugin, or empty."""


class ErrorSession(EventSession[HandlerFailure]):
    """A callback failed; `event.session` is the session it had been given."""
