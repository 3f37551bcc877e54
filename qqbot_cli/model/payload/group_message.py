"""Messages in groups and in one-to-one (C2C) chats; people are known by openids, different for each bot."""

from __future__ import annotations

from datetime import datetime

from qqbot_cli.model.payload.shared import Attachment, MessageScene, Payload, parse_time


class GroupAuthor(Payload, frozen=True):
    """Who wrote in a group."""

    member_openid: str
    """Key of the person within this group; not the `user_openid` of a one-to-one chat."""
    id: str = ""
    member_role: str = ""
    """``member``, ``admin`` or ``owner``; missing before June 2026."""
    username: str = ""
    bot: bool = False
    union_openid: str = ""


class C2CAuthor(Payload, frozen=True):
    """Who wrote to the bot alone."""

    user_openid: str
    id: str = ""
    username: str = ""
    bot: bool = False
    union_openid: str = ""


class Mention(Payload, frozen=True):
    """Somebody whom a group message mentions."""

    scope: str = "single"
    """``single`` or ``all``."""
    id: str = ""
    member_openid: str = ""
    username: str = ""
    bot: bool = False
    is_you: bool = False
    """Whether the bot itself is meant; true for ``all`` as well."""


class _OpenMessage(Payload, frozen=True, kw_only=True):
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
    message_scene: MessageScene | None = None

    @property
    def sent_at(self) -> datetime | None:
        """When it was sent, or None if the platform did not say."""
        return parse_time(self.timestamp)

    @property
    def text(self) -> str:
        """The content without surrounding space."""
        return self.content.strip()


class GroupMessage(_OpenMessage, frozen=True, kw_only=True):
    """A message in a group."""

    group_openid: str
    author: GroupAuthor
    group_id: str = ""
    """The same as `group_openid`."""
    mentions: tuple[Mention, ...] = ()

    @property
    def is_for_bot(self) -> bool:
        """Whether the bot itself is mentioned (by name or by "everybody")."""
        return any(mention.is_you for mention in self.mentions)


class C2CMessage(_OpenMessage, frozen=True, kw_only=True):
    """A message in a one-to-one chat."""

    author: C2CAuthor
