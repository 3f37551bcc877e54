"""Messages for the four scenes.

``msg_type``, which groups and one-to-one chats want, follows from what a message consists of.
Source: platform documentation, "发送消息".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import msgspec
from msgspec import UNSET, UnsetType

from qqbot_cli.model.outgoing.card import Ark, Embed
from qqbot_cli.model.outgoing.keyboard import ActionButton, Keyboard, PromptKeyboard
from qqbot_cli.model.outgoing.kinds import KINDS, TEXT
from qqbot_cli.model.outgoing.markdown import Markdown
from qqbot_cli.model.outgoing.stream import Stream
from qqbot_cli.model.outgoing.wire import Wire
from qqbot_cli.model.scene import Scene


class Reference(Wire, frozen=True):
    """The message to quote."""

    message_id: str
    """Guilds: the message id. Groups and one-to-one chats: a ``REFIDX_…`` index (``msg_idx``)."""
    ignore_get_message_error: bool | UnsetType = UNSET
    """Guilds only: send without the quote if it cannot be read."""


class Media(Wire, frozen=True):
    """A picture, video, voice or file that was uploaded before."""

    file_info: str
    """What the upload answered; good for every target of the same scene until it expires."""


class InputNotify(Wire, frozen=True):
    """The notice that the bot is typing; it ends with the next message."""

    input_second: int = 60
    """Seconds it is shown, 1 to 60."""
    input_type: int = 1
    """1 typing; 2 cancels, by the official Go SDK."""


class Outgoing(Wire, frozen=True, kw_only=True):
    """What all messages have in common."""

    scene: ClassVar[Scene]
    """Where it is sent."""

    content: str | UnsetType = UNSET
    """Text; may be left out where the message consists of something else."""
    markdown: Markdown | UnsetType = UNSET
    """Formatted text; not together with `content`."""
    keyboard: Keyboard | UnsetType = UNSET
    """Buttons; they need `markdown`."""
    ark: Ark | UnsetType = UNSET
    embed: Embed | UnsetType = UNSET
    """Guilds only."""
    media: Media | UnsetType = UNSET
    """Groups and one-to-one chats only."""
    image: str | UnsetType = UNSET
    """Address of a picture, which the platform fetches; guilds only."""
    file_image: bytes | UnsetType = UNSET
    """A picture itself; guilds only, not together with `message_reference`. Makes the call a form."""
    message_reference: Reference | UnsetType = UNSET
    msg_id: str | UnsetType = UNSET
    """Makes it a reply to this message."""
    event_id: str | UnsetType = UNSET
    """Makes it a reply to this event; not together with `msg_id`."""

    @property
    def is_numbered(self) -> bool:
        """Whether the platform recognises a repetition: it is a reply and has an explicit number."""
        return False

    @classmethod
    def new_text(cls, content: str) -> Self:
        """Return a text."""
        return cls(content=content)

    @classmethod
    def new_markdown(cls, markdown: Markdown | str) -> Self:
        """Return a formatted text."""
        return cls(markdown=as_markdown(markdown))

    @classmethod
    def new_keyboard(cls, content: Markdown | str, keyboard: Keyboard) -> Self:
        """Return a formatted text with buttons below it."""
        return cls(markdown=as_markdown(content), keyboard=keyboard)

    @classmethod
    def new_ark(cls, ark: Ark) -> Self:
        """Return a card made from a template."""
        return cls(ark=ark)

    @classmethod
    def new_embed(cls, embed: Embed) -> Self:
        """Return a box of lines; guilds only."""
        return cls(embed=embed)

    @classmethod
    def new_media(cls, media: Media) -> Self:
        """Return something that was uploaded; groups and one-to-one chats only."""
        return cls(media=media)

    def with_reply(self, message_id: str) -> Self:
        """Return the same as a reply to a message."""
        return msgspec.structs.replace(self, msg_id=message_id, event_id=UNSET)


class MessageParams(Outgoing, frozen=True, kw_only=True):
    """A message to a guild channel."""

    scene = Scene.CHANNEL


class DirectMessageParams(Outgoing, frozen=True, kw_only=True):
    """A direct message in a guild."""

    scene = Scene.DMS


class _OpenParams(Outgoing, frozen=True, kw_only=True):
    """What groups and one-to-one chats have in common."""

    msg_type: int = 0
    """Follows from what the message consists of, whatever is given here."""
    msg_seq: int | UnsetType = UNSET
    """1 to 4294967295; the platform refuses a repeated pair of `msg_id` (or `event_id`) and `msg_seq`."""
    subscribe_id: str | UnsetType = UNSET
    """Sends it under a subscription; from the official Go SDK."""
    feature_id: int | UnsetType = UNSET
    """From the official Go SDK; documented nowhere."""

    def __post_init__(self) -> None:
        super().__post_init__()
        given = (kind for kind in KINDS if kind is not TEXT and _is_given(self, kind.field))
        kind = next(given, TEXT)
        msgspec.structs.force_setattr(self, "msg_type", kind.msg_type or 0)

    @property
    def is_numbered(self) -> bool:
        refers = self.msg_id is not UNSET or self.event_id is not UNSET
        return refers and self.msg_seq is not UNSET


class GroupMessageParams(_OpenParams, frozen=True, kw_only=True):
    """A message to a group."""

    scene = Scene.GROUP

    card: Mapping[str, Any] | UnsetType = UNSET
    """An unpublished kind of card, as JSON; nothing of it is checked."""


class C2CMessageParams(_OpenParams, frozen=True, kw_only=True):
    """A message to one user."""

    scene = Scene.C2C

    input_notify: InputNotify | UnsetType = UNSET
    """Shows that the bot is typing, and is all the message does."""
    is_wakeup: bool | UnsetType = UNSET
    """Whether it wakes up somebody who has been silent; no reply, once a period."""
    stream: Stream | UnsetType = UNSET
    """The older way to let a text grow."""
    prompt_keyboard: PromptKeyboard | UnsetType = UNSET
    action_button: ActionButton | UnsetType = UNSET


def as_markdown(text: Markdown | str) -> Markdown:
    """Return *text* as native Markdown, if it is not Markdown already."""
    return Markdown(text) if isinstance(text, str) else text


def _is_given(message: Outgoing, field: str) -> bool:
    return getattr(message, field, UNSET) is not UNSET
