"""Messages in groups and in one-to-one (C2C) chats; people are known by openids, different for each bot.

Source: platform documentation, "消息事件" (群聊, 单聊), and captured frames for quotes and cards.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from qqbot_cli.model.payload.mention import without_mentions
from qqbot_cli.model.payload.shared import Attachment, Payload, parse_time, read_only

QUOTE: Final = 103
"""`message_type` of a message that quotes another."""


class GroupAuthor(Payload, frozen=True):
    """Who wrote in a group."""

    member_openid: str
    """Key of the person within this group; not the `user_openid` of a one-to-one chat."""
    id: str = ""
    """The same as `member_openid`."""
    member_role: str = ""
    """``member``, ``admin`` or ``owner``; missing before June 2026."""
    username: str = ""
    """Shown name; may be empty."""
    bot: bool = False
    """Whether it is a bot."""
    union_openid: str = ""
    """Links a person across applications of one owner, where that was configured."""


class C2CAuthor(Payload, frozen=True):
    """Who wrote to the bot alone."""

    user_openid: str
    """Key of the person for this bot."""
    id: str = ""
    """The same as `user_openid`."""
    username: str = ""
    """Shown name; may be empty."""
    bot: bool = False
    """Whether it is a bot; rarely sent."""
    union_openid: str = ""
    """Links a person across applications of one owner, where that was configured."""
    union_user_account: str = ""
    """Account in the linked application; under the same condition."""


class Mention(Payload, frozen=True):
    """Somebody whom a group message mentions."""

    scope: str = "single"
    """``single`` or ``all``."""
    id: str = ""
    """The same as `member_openid`; empty for ``all``."""
    member_openid: str = ""
    """Who; empty for ``all``."""
    username: str = ""
    """Shown name."""
    bot: bool = False
    """Whether it is a bot."""
    is_you: bool = False
    """Whether the bot itself is meant; true for ``all`` as well."""


class MessageScene(Payload, frozen=True):
    """Where a group or one-to-one message came from."""

    source: str = ""
    """``default``; ``realtime_voice`` and ``ai_search`` are known too."""
    ext: tuple[str, ...] = ()
    """``key=value`` items; see `value`."""
    callback_data: str = ""
    """Usually empty."""

    def value(self, key: str) -> str:
        """Return the value of *key* in `ext`, or an empty text.

        ``msg_idx`` names this message when it is quoted, ``ref_msg_idx`` the message it quotes; others are
        opaque.
        """
        prefix = f"{key}="
        return next((item[len(prefix) :] for item in self.ext if item.startswith(prefix)), "")


class ArkData(Payload, frozen=True):
    """A card that somebody shared: a mini program, a place, a forwarded record."""

    prompt: str = ""
    """Summary in one line."""
    ark_type: str = ""
    """``forward_msg``, ``tuwen``, ``feed``, ``miniapp``, ``map``, ``contact_card``, ``video_share``, …"""
    ark_name: str = ""
    """Internal name of the card."""
    fields: Mapping[str, Any] = {}
    """What is on it, by the type: ``title``, ``desc``, ``jump_url``, ``preview``, ``address``, …

    Read-only.
    """

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "fields", read_only(self.fields))


class ElementAuthor(Payload, frozen=True):
    """Who wrote a quoted or recorded message."""

    username: str = ""
    """Shown name."""
    bot: bool = False
    """Whether it is a bot."""
    id: str = ""
    """Mostly missing."""
    member_openid: str = ""
    """Mostly missing."""
    user_openid: str = ""
    """Mostly missing."""


class MsgElement(Payload, frozen=True):
    """A message inside a message: the quoted one, or one of a forwarded record. All of it may be missing."""

    msg_idx: str = ""
    """Names it when it is quoted; missing inside a quote of a quote."""
    author: ElementAuthor | None = None
    """Who wrote it."""
    message_type: int = 0
    """As in a message."""
    content: str = ""
    """Text."""
    attachments: tuple[Attachment, ...] = ()
    """Files; a quoted picture sometimes comes without."""
    ark_data: ArkData | None = None
    """Card, if it is one."""
    msg_elements: tuple[MsgElement, ...] = ()
    """What it quotes or records itself."""


class OpenMessage(Payload, frozen=True, kw_only=True):
    """What group and one-to-one messages have in common."""

    id: str
    """``msg_id`` of a reply, ``ROBOT1.0_…``."""
    content: str = ""
    """Text; the mention of the bot is cut out, which leaves a leading space."""
    timestamp: str = ""
    """RFC 3339; see `sent_at`."""
    message_type: int = 0
    """0 normal, 3 card, 101 several parts, 102 chat record, 103 quote."""
    attachments: tuple[Attachment, ...] = ()
    """Files that came with it."""
    mentions: tuple[Mention, ...] = ()
    """Who is mentioned; groups only."""
    message_scene: MessageScene | None = None
    """Where it came from, and by which index it is quoted."""
    ark_data: ArkData | None = None
    """Card, for `message_type` 3."""
    msg_elements: tuple[MsgElement, ...] = ()
    """Quoted message, parts or records, for `message_type` 101 to 103."""

    @property
    def sent_at(self) -> datetime | None:
        """When it was sent, or None if the platform did not say."""
        return parse_time(self.timestamp)

    @property
    def text(self) -> str:
        """The content without leading mentions of the bot and without surrounding space."""
        own = {mention.member_openid or mention.id for mention in self.mentions if mention.is_you}
        return without_mentions(self.content, own)

    @property
    def quoted(self) -> MsgElement | None:
        """The message it quotes, as far as the platform tells; None if it quotes none."""
        return self.msg_elements[0] if self.message_type == QUOTE and self.msg_elements else None

    @property
    def quoted_index(self) -> str:
        """Index of the message it quotes, or an empty text; there even where `quoted` is not."""
        return self.message_scene.value("ref_msg_idx") if self.message_scene is not None else ""

    @property
    def index(self) -> str:
        """Index of this message, for a `Reference` that quotes it; empty if the platform did not say."""
        return self.message_scene.value("msg_idx") if self.message_scene is not None else ""


class GroupMessage(OpenMessage, frozen=True, kw_only=True):
    """A message in a group."""

    group_openid: str
    """Key of the group for this bot."""
    author: GroupAuthor
    """Who wrote it."""
    group_id: str = ""
    """The same as `group_openid`."""

    @property
    def is_bot(self) -> bool:
        """Whether a bot wrote it."""
        return self.author.bot

    @property
    def is_for_bot(self) -> bool:
        """Whether the bot itself is mentioned (by name or by "everybody")."""
        return any(mention.is_you for mention in self.mentions)


class C2CMessage(OpenMessage, frozen=True, kw_only=True):
    """A message in a one-to-one chat."""

    author: C2CAuthor
    """Who wrote it."""

    @property
    def is_bot(self) -> bool:
        """Whether a bot wrote it."""
        return self.author.bot
