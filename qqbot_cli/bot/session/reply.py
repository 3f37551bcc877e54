"""Sessions of events that can be answered, by where the answer goes."""

from __future__ import annotations

from typing import Protocol, TypeVar

import msgspec

from qqbot_cli.bot.session.base import AnswerSession, M, P
from qqbot_cli.model.answer import MessageResponse
from qqbot_cli.model.outgoing import (
    C2CMessageParams,
    DirectMessageParams,
    GroupMessageParams,
    InteractionAck,
    InteractionCode,
    MessageParams,
    Reference,
)
from qqbot_cli.model.payload.contact import C2CManageEvent, GroupManageEvent, GroupMemberEvent
from qqbot_cli.model.payload.forum import Post, Reply, Thread
from qqbot_cli.model.payload.group_message import C2CMessage, GroupMessage
from qqbot_cli.model.payload.guild import GuildMember
from qqbot_cli.model.payload.guild_message import Message
from qqbot_cli.model.payload.interaction import Interaction
from qqbot_cli.model.payload.reaction import Reaction


class ReplySession(AnswerSession[P]):
    """One event that can be answered where it happened."""

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


class _HasChannel(Protocol):
    @property
    def channel_id(self) -> str: ...


class _HasGroup(Protocol):
    @property
    def group_openid(self) -> str: ...


InChannel = TypeVar("InChannel", bound=_HasChannel)
InGroup = TypeVar("InGroup", bound=_HasGroup)


class _InChannelSession(ReplySession[InChannel]):
    """What is answered in the guild channel where it happened."""

    @property
    def channel_id(self) -> str:
        """Where it happened."""
        return self.event.channel_id

    async def send_message(self, params: MessageParams) -> MessageResponse:
        """Answer with *params*; what makes it a reply is filled in."""
        return await self._send(params, lambda filled: self.api.send_message(self.channel_id, filled))

    async def reply(self, content: str, *, message_reference: Reference | None = None) -> MessageResponse:
        return await self.send_message(text(MessageParams, content, message_reference))


class _InGroupSession(ReplySession[InGroup]):
    """What is answered in the group where it happened."""

    @property
    def group_openid(self) -> str:
        """Where it happened."""
        return self.event.group_openid

    async def send_message(self, params: GroupMessageParams) -> MessageResponse:
        """Answer with *params*; what makes it a reply is filled in."""
        return await self._send(params, lambda filled: self.api.send_group_message(self.group_openid, filled))

    async def reply(self, content: str, *, message_reference: Reference | None = None) -> MessageResponse:
        return await self.send_message(text(GroupMessageParams, content, message_reference))


class _WithUserSession(ReplySession[P]):
    """What is answered in a one-to-one chat."""

    @property
    def openid(self) -> str:
        """Who did it."""
        raise NotImplementedError

    async def send_message(self, params: C2CMessageParams) -> MessageResponse:
        """Answer with *params*; what makes it a reply is filled in."""
        return await self._send(params, lambda filled: self.api.send_c2c_message(self.openid, filled))

    async def reply(self, content: str, *, message_reference: Reference | None = None) -> MessageResponse:
        return await self.send_message(text(C2CMessageParams, content, message_reference))


class _InGuildSession(AnswerSession[P]):
    """What can be answered in any channel of the guild: the event itself belongs to none that takes text."""

    async def send_message(self, channel_id: str, params: MessageParams) -> MessageResponse:
        """Answer in *channel_id* with *params*; what makes it a reply is filled in.

        Raises:
            ReplyWindowError: If the window has closed; no request is made.
            ApiError: If the platform refuses; the reply does not count then.
        """
        return await self._send(params, lambda filled: self.api.send_message(channel_id, filled))

    async def send_text_message(self, channel_id: str, content: str) -> MessageResponse:
        """Answer in *channel_id* with a text; raises as `send_message` does."""
        return await self.send_message(channel_id, text(MessageParams, content, None))


class ChannelReplySession(_InChannelSession[Message]):
    """A message in a guild channel."""

    @property
    def is_for_bot(self) -> bool:
        """Whether it mentions the bot."""
        return self.event.mentions_user(self.bot.id)


class DirectReplySession(ReplySession[Message]):
    """A direct message in a guild."""

    @property
    def guild_id(self) -> str:
        """The conversation; not the guild in which it was opened."""
        return self.event.guild_id

    async def send_message(self, params: DirectMessageParams) -> MessageResponse:
        """Answer with *params*; what makes it a reply is filled in."""
        return await self._send(params, lambda filled: self.api.send_direct_message(self.guild_id, filled))

    async def reply(self, content: str, *, message_reference: Reference | None = None) -> MessageResponse:  # noqa: D102
        return await self.send_message(text(DirectMessageParams, content, message_reference))


class GroupReplySession(_InGroupSession[GroupMessage]):
    """A message in a group."""

    @property
    def is_for_bot(self) -> bool:
        """Whether it mentions the bot, or everybody."""
        return self.event.is_for_bot


class C2CReplySession(_WithUserSession[C2CMessage]):
    """A message in a one-to-one chat."""

    @property
    def openid(self) -> str:
        """Who wrote it."""
        return self.event.author.user_openid


class ReactionSession(_InChannelSession[Reaction]):
    """A reaction was put or taken away."""


class GroupManageSession(_InGroupSession[GroupManageEvent]):
    """The bot was added to a group, or may send unprompted messages there again."""


class GroupMemberSession(_InGroupSession[GroupMemberEvent]):
    """Somebody joined a group."""


class C2CManageSession(_WithUserSession[C2CManageEvent]):
    """Somebody added the bot, or lets it send unprompted messages again."""

    @property
    def openid(self) -> str:
        """Who did it."""
        return self.event.openid


class MemberSession(_InGuildSession[GuildMember]):
    """A guild member came, changed or left."""


class ThreadSession(_InGuildSession[Thread]):
    """A thread was opened, changed or removed."""


class PostSession(_InGuildSession[Post]):
    """A comment on a thread was written or removed."""


class ForumReplySession(_InGuildSession[Reply]):
    """A reply to a comment was written or removed."""


class InteractionSession(ReplySession[Interaction]):
    """A pressed button or another interaction; acknowledge first, then work."""

    async def ack(self, code: InteractionCode = InteractionCode.SUCCESS) -> None:
        """Tell the client of the person how it went; it waits about five seconds for that, once."""
        await self.api.put_interaction(self.event.id, InteractionAck(code))

    async def reply(self, content: str, *, message_reference: Reference | None = None) -> MessageResponse:  # noqa: D102
        event = self.event
        if event.group_openid:
            return await self._send(
                text(GroupMessageParams, content, message_reference),
                lambda filled: self.api.send_group_message(event.group_openid, filled),
            )
        if event.channel_id:
            return await self._send(
                text(MessageParams, content, message_reference),
                lambda filled: self.api.send_message(event.channel_id, filled),
            )
        return await self._send(
            text(C2CMessageParams, content, message_reference),
            lambda filled: self.api.send_c2c_message(event.user_openid, filled),
        )


def text(params: type[M], content: str, reference: Reference | None) -> M:
    """Return a text as a message of the kind *params*."""
    return params(content=content, message_reference=reference or msgspec.UNSET)
