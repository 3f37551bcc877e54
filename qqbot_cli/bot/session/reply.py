"""Sessions of events that can be answered, by where the answer goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

from msgspec import UNSET, UnsetType

from qqbot_cli.bot.session.base import AnswerSession, P
from qqbot_cli.bot.session.enclosure import Enclosure, enclosure, fields_in_guild
from qqbot_cli.bot.session.stream import MessageStream
from qqbot_cli.bot.session.way import C2C, CHANNEL, DIRECT, GROUP, M, Way
from qqbot_cli.errors import ApiError, MessageError
from qqbot_cli.model.answer import MessageResponse
from qqbot_cli.model.body.upload import FileType
from qqbot_cli.model.outgoing import (
    Ark,
    C2CMessageParams,
    ContentType,
    DirectMessageParams,
    Embed,
    GroupMessageParams,
    InputNotify,
    InteractionAck,
    InteractionCode,
    Keyboard,
    Markdown,
    Media,
    MessageParams,
    Outgoing,
    Reference,
    as_markdown,
    check,
)
from qqbot_cli.model.payload.contact import C2CManageEvent, GroupManageEvent, GroupMemberEvent
from qqbot_cli.model.payload.forum import Post, Reply, Thread
from qqbot_cli.model.payload.group_message import C2CMessage, GroupMessage
from qqbot_cli.model.payload.guild import GuildMember
from qqbot_cli.model.payload.guild_message import Message
from qqbot_cli.model.payload.interaction import Interaction
from qqbot_cli.model.payload.reaction import Reaction
from qqbot_cli.protocol.upload import is_stale
from qqbot_cli.rest.repeated import sent_perhaps

if TYPE_CHECKING:
    from qqbot_cli.rest.media import Watch
    from qqbot_cli.rest.source import Source

_NOT_YET: Final = Media("not uploaded yet")
"""Stands for what is going to be uploaded, while the rest of a message is looked at."""


class ReplySession(AnswerSession[P], Generic[P, M]):
    """One event that can be answered where it happened, with messages of the kind M.

    Every method that answers may raise these:
        MessageError: If the platform would refuse the message; no request is made.
        ReplyWindowError: If the window has closed or its replies are used up; no request is made.
        MessageAuditError: If the message waits for review, and still does after the seconds of ``wait``.
        ApiError: If the platform refuses; the reply does not count then.
    """

    @property
    def _way(self) -> Way[M]:
        raise NotImplementedError

    @property
    def _target(self) -> str:
        """Id of the place."""
        raise NotImplementedError

    def _quote(self) -> Reference | None:
        """Return how to quote what is answered; None if the platform did not say how."""
        raise MessageError(["quote: what happened here is no message; give message_reference instead"])

    async def send_message(self, params: M, *, wait: float | None = None) -> MessageResponse:
        """Answer with *params*; what makes it a reply is filled in.

        With *wait*, a message that is reviewed is waited for, so many seconds; the bot needs the intent
        MESSAGE_AUDIT for that.
        """
        way = self._way
        if not isinstance(params, way.params):
            raise MessageError(
                [f"{type(params).__name__}: an answer here takes {way.params.__name__}, with the same fields"]
            )
        try:
            return await self._send(
                params, lambda filled: way.send(self.api, self._target, filled), wait=wait
            )
        except ApiError as error:
            if not isinstance(params.media, UnsetType) and is_stale(error):
                self.api.media.cache.drop(params.media.file_info)
            raise

    async def reply(
        self,
        content: str | None = None,
        *,
        markdown: Markdown | str | None = None,
        keyboard: Keyboard | None = None,
        ark: Ark | None = None,
        embed: Embed | None = None,
        media: Media | None = None,
        image: Source | None = None,
        video: Source | None = None,
        voice: Source | None = None,
        file: Source | None = None,
        file_name: str = "",
        quote: bool = False,
        message_reference: Reference | None = None,
        wait: float | None = None,
    ) -> MessageResponse:
        """Answer with a text, or with something else.

        Args:
            content: A text.
            markdown: A formatted text, in place of *content*.
            keyboard: Buttons below *markdown*.
            ark: A card made from a template.
            embed: A box of lines; guilds only.
            media: Something that was uploaded; groups and one-to-one chats only.
            image: A picture: its address, a path, its bytes, or a file object. Text may stand beside it.
            video: MP4, given in the same ways; groups and one-to-one chats only, like the next two.
            voice: SILK is what the platform documents; MP3, WAV, OGG and AMR are handed on as they are.
            file: Anything up to 200 MB.
            file_name: Shown beside *file*; by default that of the file.
            quote: Whether to quote the message that is answered. Without a quote if the platform did not
                tell how to.
            message_reference: Another message to quote.
            wait: Seconds to wait for the review, if the message is reviewed.
        """
        sources = {"image": image, "video": video, "voice": voice, "file": file}
        enclosed = enclosure(sources, beside=media is not None)
        fields: dict[str, Any] = {
            "content": content,
            "markdown": None if markdown is None else as_markdown(markdown),
            "keyboard": keyboard,
            "ark": ark,
            "embed": embed,
            "media": media,
            "message_reference": message_reference or (self._quote() if quote else None),
        }
        way = self._way
        if enclosed is not None and not way.params.scene.in_guild:
            return await self._send_file(enclosed, fields, file_name, wait)
        if enclosed is not None:
            fields |= await fields_in_guild(enclosed, way.params.scene)
        return await self.send_message(way.params(**fields), wait=wait)

    async def _send_file(
        self, one: Enclosure, fields: dict[str, Any], file_name: str, wait: float | None
    ) -> MessageResponse:
        """Upload *one*, and answer with it and *fields*."""
        way = self._way
        # First what would be in vain: an upload may be long.
        check(way.params(**{**fields, "media": _NOT_YET}))
        self._replies.check_open(now=self._scope.clock())
        async with self.api.media.begin(
            way.params.scene, self._target, one.source, one.file_type, name=file_name, called=one.called
        ) as upload:
            try:
                return await self.send_message(
                    way.params(**{**fields, "media": await upload.send()}), wait=wait
                )
            except ApiError as error:
                if upload.answer is None or not is_stale(error):
                    raise
                # What was remembered is of no use any more, or did not arrive whole.
                upload.discard()
            return await self.send_message(way.params(**{**fields, "media": await upload.send()}), wait=wait)

    async def upload(
        self,
        source: Source,
        file_type: FileType | None = None,
        *,
        name: str = "",
        progress: Watch | None = None,
    ) -> Media:
        """Upload something for later: `reply` takes what this returns as ``media``, as often as wanted.

        Groups and one-to-one chats only; takes what `Uploader.upload` takes, and raises what it raises.
        """
        return await self.api.media.upload(
            self._way.params.scene, self._target, source, file_type, name=name, progress=progress
        )

    async def send_text_message(self, content: str) -> MessageResponse:
        """Answer with a text."""
        return await self.reply(content)

    async def send_markdown_message(self, markdown: Markdown | str) -> MessageResponse:
        """Answer with a formatted text."""
        return await self.reply(markdown=markdown)

    async def send_keyboard_message(self, content: Markdown | str, keyboard: Keyboard) -> MessageResponse:
        """Answer with a formatted text and buttons below it."""
        return await self.reply(markdown=content, keyboard=keyboard)

    async def send_ark_message(self, ark: Ark) -> MessageResponse:
        """Answer with a card made from a template."""
        return await self.reply(ark=ark)

    async def send_embed_message(self, embed: Embed) -> MessageResponse:
        """Answer with a box of lines; guilds only."""
        return await self.reply(embed=embed)

    async def send_media_message(self, media: Media) -> MessageResponse:
        """Answer with something that was uploaded; groups and one-to-one chats only."""
        return await self.reply(media=media)

    async def recall(self, sent: MessageResponse | str) -> None:
        """Take back what was sent here: an answer of `reply`, or a message id.

        Groups and one-to-one chats allow it for two minutes.

        Raises:
            MessageError: If the platform did not tell the id of the message; no request is made.
            ApiError: If the platform refuses.
        """
        message_id = sent if isinstance(sent, str) else sent.id
        if not message_id:
            raise MessageError(["recall: the platform did not tell the id of this message"])
        await self._way.recall(self.api, self._target, message_id)


class _HasChannel(Protocol):
    @property
    def channel_id(self) -> str: ...


class _HasGroup(Protocol):
    @property
    def group_openid(self) -> str: ...


InChannel = TypeVar("InChannel", bound=_HasChannel)
InGroup = TypeVar("InGroup", bound=_HasGroup)


class _InChannelSession(ReplySession[InChannel, MessageParams]):
    """What is answered in the guild channel where it happened."""

    @property
    def channel_id(self) -> str:
        """Where it happened."""
        return self.event.channel_id

    @property
    def _way(self) -> Way[MessageParams]:
        return CHANNEL

    @property
    def _target(self) -> str:
        return self.channel_id


class _InGroupSession(ReplySession[InGroup, GroupMessageParams]):
    """What is answered in the group where it happened."""

    @property
    def group_openid(self) -> str:
        """Where it happened."""
        return self.event.group_openid

    @property
    def _way(self) -> Way[GroupMessageParams]:
        return GROUP

    @property
    def _target(self) -> str:
        return self.group_openid


class _WithUserSession(ReplySession[P, C2CMessageParams]):
    """What is answered in a one-to-one chat."""

    @property
    def openid(self) -> str:
        """Who did it."""
        raise NotImplementedError

    @property
    def _way(self) -> Way[C2CMessageParams]:
        return C2C

    @property
    def _target(self) -> str:
        return self.openid

    async def typing(self, seconds: int = 60) -> None:
        """Show that the bot is typing, for 1 to 60 seconds or until its next message; it is no reply."""
        notice = C2CMessageParams(input_notify=InputNotify(seconds))
        # Whether it uses up a reply is documented nowhere; other clients send it next to all their replies.
        await self._send(notice, lambda filled: C2C.send(self.api, self.openid, filled), counted=False)

    def stream(self, content_type: ContentType = ContentType.MARKDOWN) -> MessageStream:
        """Return a message to be written while the user reads it; it counts as one reply.

        ``async with session.stream() as stream: await stream.append("…")``
        """
        return MessageStream(
            lambda piece: self.api.send_stream_message(self.openid, piece),
            self._reserve,
            self._give_back,
            self._scope.clock,
            content_type,
        )


class _InGuildSession(AnswerSession[P]):
    """What can be answered in any channel of the guild: the event itself belongs to none that takes text."""

    async def send_message(
        self, channel_id: str, params: MessageParams, *, wait: float | None = None
    ) -> MessageResponse:
        """Answer in *channel_id* with *params*; what makes it a reply is filled in.

        Raises:
            MessageError: If the platform would refuse the message; no request is made.
            ReplyWindowError: If the window has closed; no request is made.
            MessageAuditError: If the message waits for review, and still does after *wait* seconds.
            ApiError: If the platform refuses; the reply does not count then.
        """
        return await self._send(params, lambda filled: CHANNEL.send(self.api, channel_id, filled), wait=wait)

    async def send_text_message(self, channel_id: str, content: str) -> MessageResponse:
        """Answer in *channel_id* with a text; raises as `send_message` does."""
        return await self.send_message(channel_id, MessageParams(content=content))


class ChannelReplySession(_InChannelSession[Message]):
    """A message in a guild channel."""

    @property
    def is_for_bot(self) -> bool:
        """Whether it mentions the bot."""
        return self.event.mentions_user(self.bot.id)

    def _quote(self) -> Reference:
        return Reference(self.event.id, ignore_get_message_error=True)


class DirectReplySession(ReplySession[Message, DirectMessageParams]):
    """A direct message in a guild."""

    @property
    def guild_id(self) -> str:
        """The conversation; not the guild in which it was opened."""
        return self.event.guild_id

    @property
    def _way(self) -> Way[DirectMessageParams]:
        return DIRECT

    @property
    def _target(self) -> str:
        return self.guild_id

    def _quote(self) -> Reference:
        return Reference(self.event.id, ignore_get_message_error=True)


class GroupReplySession(_InGroupSession[GroupMessage]):
    """A message in a group."""

    @property
    def is_for_bot(self) -> bool:
        """Whether it mentions the bot, or everybody."""
        return self.event.is_for_bot

    def _quote(self) -> Reference | None:
        return Reference(self.event.index) if self.event.index else None


class C2CReplySession(_WithUserSession[C2CMessage]):
    """A message in a one-to-one chat."""

    @property
    def openid(self) -> str:
        """Who wrote it."""
        return self.event.author.user_openid

    def _quote(self) -> Reference | None:
        return Reference(self.event.index) if self.event.index else None


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


class InteractionSession(ReplySession[Interaction, Outgoing]):
    """A pressed button or another interaction; acknowledge first, then work."""

    async def ack(
        self,
        code: InteractionCode = InteractionCode.SUCCESS,
        *,
        data: Mapping[str, Any] | UnsetType = UNSET,
    ) -> None:
        """Tell the client of the person how it went; it waits about five seconds for that, once.

        Args:
            code: What the client shows.
            data: What an interaction that asks for something is given, as of `InteractionAck`.

        Raises:
            QQBotError: If the platform does not take it.
        """
        with sent_perhaps(self.rerun):
            await self.api.put_interaction(self.event.id, InteractionAck(code, data))

    @property
    def _way(self) -> Way[Any]:
        if self.event.group_openid:
            return GROUP
        return CHANNEL if self.event.channel_id else C2C

    @property
    def _target(self) -> str:
        return self.event.group_openid or self.event.channel_id or self.event.user_openid
