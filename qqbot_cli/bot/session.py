"""What a callback receives: one event, and what can be done about it.

`EventSession` gives the event, `ReplySession` adds `reply`: what cannot be answered has no such method.
One session belongs to one event and is shared by all plugins, because the numbers of replies must differ
across all of them. The public names at the end are those of botrs.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

import msgspec

from qqbot_cli.errors import ApiError
from qqbot_cli.model.answer import BotInfo, MessageResponse
from qqbot_cli.model.events import EventSpec
from qqbot_cli.model.outgoing import (
    C2CMessageParams,
    DirectMessageParams,
    GroupMessageParams,
    InteractionAck,
    InteractionCode,
    MessageParams,
    Outgoing,
    Reference,
)
from qqbot_cli.model.payload.group_message import C2CMessage, GroupMessage
from qqbot_cli.model.payload.guild_message import Message
from qqbot_cli.model.payload.interaction import Interaction
from qqbot_cli.model.payload.lifecycle import Ready, Resumed
from qqbot_cli.protocol.reply import ReplyBook

if TYPE_CHECKING:
    from qqbot_cli.rest.api import BotApi

P = TypeVar("P")
M = TypeVar("M", bound=Outgoing)


class Scope:
    """What all sessions of one bot share."""

    __slots__ = ("api", "bot", "clock")

    def __init__(self, api: BotApi, bot: BotInfo, clock: Callable[[], float]) -> None:
        """*clock* answers monotonic seconds."""
        self.api = api
        self.bot = bot
        self.clock = clock


class EventSession(msgspec.Struct, Generic[P], eq=False, gc=False):
    """One event. A struct, because one is made for every event that anybody wants."""

    _scope: Scope
    spec: EventSpec | None
    """The row of the event; None for unknown events."""
    event: P
    """The payload."""
    event_id: str
    """Id of the event, not of the message; empty where the platform sends none. Never invented."""
    shard: int
    """Index of the shard that received it."""
    received: float
    """When it arrived, in monotonic seconds."""
    unfinished: int = 0
    """Plugins that have not finished with it; for the dispatcher."""
    _book: ReplyBook | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} {self.event_id} on shard {self.shard}>"

    @property
    def name(self) -> str:
        """Name of the event on the platform."""
        return self.spec.name if self.spec else ""

    @property
    def api(self) -> BotApi:
        """All REST calls."""
        return self._scope.api

    @property
    def bot(self) -> BotInfo:
        """Who the bot is."""
        return self._scope.bot


class ReplySession(EventSession[P]):
    """One event that can be answered."""

    @property
    def _replies(self) -> ReplyBook:
        # Made when first needed: most events are not answered.
        if self._book is None:
            assert self.spec is not None
            assert self.spec.window is not None
            opened = self.received - self._age()
            self._book = ReplyBook(self.spec.window, self._reference(), opened=opened)
        return self._book

    def _age(self) -> float:
        """Return how old the event was when it arrived, in seconds, on the platform's own clock.

        After an outage events arrive late; our own wall clock may be wrong and is not asked.
        """
        offset = self.api.client.clock_offset
        sent_at: datetime | None = getattr(self.event, "sent_at", None)
        if offset is None or sent_at is None:
            return 0.0
        return max(0.0, self.received + offset - sent_at.timestamp())

    def _reference(self) -> str:
        raise NotImplementedError

    @property
    def remaining_replies(self) -> int | None:
        """Replies that are left; None where the platform publishes no number."""
        return self._replies.remaining

    @property
    def reply_expired(self) -> bool:
        """Whether it is too late to answer."""
        return self._replies.seconds_left(now=self._scope.clock()) <= 0

    async def reply(self, content: str, *, message_reference: Reference | None = None) -> MessageResponse:
        """Answer with a text, quoting *message_reference* if given.

        Raises:
            ReplyWindowError: If the window has closed or its replies are used up; no request is made.
            ApiError: If the platform refuses; the reply does not count then.
        """
        raise NotImplementedError

    async def send_text_message(self, content: str) -> MessageResponse:
        """Answer with a text; the same as `reply`."""
        return await self.reply(content)

    async def _send(self, params: M, send: Callable[[M], Any]) -> MessageResponse:
        """Fill in what makes *params* a reply, and send it."""
        book = self._replies
        fields: dict[str, Any] = {book.window.against: book.reference}
        seq = book.next_seq(now=self._scope.clock())
        if "msg_seq" in params.__struct_fields__:
            fields["msg_seq"] = seq
        try:
            response: MessageResponse = await send(msgspec.structs.replace(params, **fields))
        except ApiError:
            book.give_back()
            raise
        return response


class _MessageSession(ReplySession[P]):
    def _reference(self) -> str:
        return str(cast("Message | GroupMessage | C2CMessage", self.event).id)


class ChannelReplySession(_MessageSession[Message]):
    """A message in a guild channel."""

    @property
    def channel_id(self) -> str:
        """Where it was written."""
        return self.event.channel_id

    @property
    def is_for_bot(self) -> bool:
        """Whether it mentions the bot."""
        return self.event.mentions_user(self.bot.id)

    async def send_message(self, params: MessageParams) -> MessageResponse:
        """Answer with *params*; what makes it a reply is filled in."""
        return await self._send(params, lambda filled: self.api.send_message(self.channel_id, filled))

    async def reply(self, content: str, *, message_reference: Reference | None = None) -> MessageResponse:  # noqa: D102
        return await self.send_message(_text(MessageParams, content, message_reference))


class DirectReplySession(_MessageSession[Message]):
    """A direct message in a guild."""

    @property
    def guild_id(self) -> str:
        """The conversation; not the guild in which it was opened."""
        return self.event.guild_id

    async def send_message(self, params: DirectMessageParams) -> MessageResponse:
        """Answer with *params*; what makes it a reply is filled in."""
        return await self._send(params, lambda filled: self.api.send_direct_message(self.guild_id, filled))

    async def reply(self, content: str, *, message_reference: Reference | None = None) -> MessageResponse:  # noqa: D102
        return await self.send_message(_text(DirectMessageParams, content, message_reference))


class GroupReplySession(_MessageSession[GroupMessage]):
    """A message in a group."""

    @property
    def group_openid(self) -> str:
        """Where it was written."""
        return self.event.group_openid

    @property
    def is_for_bot(self) -> bool:
        """Whether it mentions the bot, or everybody."""
        return self.event.is_for_bot

    async def send_message(self, params: GroupMessageParams) -> MessageResponse:
        """Answer with *params*; what makes it a reply is filled in."""
        return await self._send(params, lambda filled: self.api.send_group_message(self.group_openid, filled))

    async def reply(self, content: str, *, message_reference: Reference | None = None) -> MessageResponse:  # noqa: D102
        return await self.send_message(_text(GroupMessageParams, content, message_reference))


class C2CReplySession(_MessageSession[C2CMessage]):
    """A message in a one-to-one chat."""

    @property
    def openid(self) -> str:
        """Who wrote it."""
        return self.event.author.user_openid

    async def send_message(self, params: C2CMessageParams) -> MessageResponse:
        """Answer with *params*; what makes it a reply is filled in."""
        return await self._send(params, lambda filled: self.api.send_c2c_message(self.openid, filled))

    async def reply(self, content: str, *, message_reference: Reference | None = None) -> MessageResponse:  # noqa: D102
        return await self.send_message(_text(C2CMessageParams, content, message_reference))


class InteractionSession(ReplySession[Interaction]):
    """A pressed button or another interaction; acknowledge first, then work."""

    def _reference(self) -> str:
        return self.event_id

    async def ack(self, code: InteractionCode = InteractionCode.SUCCESS) -> None:
        """Tell the client of the person how it went; it waits about five seconds for that, once."""
        await self.api.put_interaction(self.event.id, InteractionAck(code))

    async def reply(self, content: str, *, message_reference: Reference | None = None) -> MessageResponse:  # noqa: D102
        event = self.event
        if event.group_openid:
            return await self._send(
                _text(GroupMessageParams, content, message_reference),
                lambda filled: self.api.send_group_message(event.group_openid, filled),
            )
        if event.channel_id:
            return await self._send(
                _text(MessageParams, content, message_reference),
                lambda filled: self.api.send_message(event.channel_id, filled),
            )
        return await self._send(
            _text(C2CMessageParams, content, message_reference),
            lambda filled: self.api.send_c2c_message(event.user_openid, filled),
        )


class UnknownEvent(msgspec.Struct, frozen=True):
    """An event as it came."""

    name: str
    """``t`` of the frame."""
    raw: bytes
    """JSON text of ``d``."""
    reason: str
    """Why it is unknown: there is no row, or where its payload does not fit."""

    def decode(self) -> Any:  # noqa: ANN401 - any JSON
        """Return the payload as plain Python values.

        Raises:
            msgspec.DecodeError: If it is not even JSON.
        """
        return msgspec.json.decode(self.raw)


class UnknownEventSession(EventSession[UnknownEvent]):
    """An event without a row, or one whose payload cannot be typed."""

    @property
    def name(self) -> str:
        """Name of the event on the platform."""
        return self.event.name


class ReadySession(EventSession[Ready]):
    """A new session has begun."""


class ResumeSession(EventSession[Resumed]):
    """A session continues."""


def _text(params: type[M], content: str, reference: Reference | None) -> M:
    return params(content=content, message_reference=reference or msgspec.UNSET)


SESSIONS: Final[dict[str, type[EventSession[Any]]]] = {
    kind.__name__: kind
    for kind in (
        ReadySession,
        ResumeSession,
        ChannelReplySession,
        DirectReplySession,
        GroupReplySession,
        C2CReplySession,
        InteractionSession,
        UnknownEventSession,
    )
}
"""Name in a row of EVENTS -> class."""
