"""Messages in guild channels and in direct messages of guilds, and their withdrawal.

Source: platform documentation, "消息事件".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from qqbot_cli.model.payload.mention import without_mentions
from qqbot_cli.model.payload.shared import (
    Ark,
    Attachment,
    Embed,
    Member,
    MessageReference,
    Payload,
    User,
    parse_time,
)


class Message(Payload, frozen=True):
    """A message of a guild channel, or of a direct message where `guild_id` names the conversation."""

    id: str
    """``msg_id`` of a reply."""
    channel_id: str
    """Where it was written."""
    guild_id: str
    """Guild of the channel; in a direct message the conversation itself."""
    author: User
    """Who wrote it."""
    content: str = ""
    """Text with markup: ``<@!id>`` mentions, ``<#id>`` channels, ``<emoji:id>``; &, < and > are escaped."""
    timestamp: str = ""
    """RFC 3339; see `sent_at`."""
    edited_timestamp: str = ""
    """RFC 3339; see `edited_at`."""
    member: Member | None = None
    """What the author is in the guild; in direct messages only since when."""
    mentions: tuple[User, ...] = ()
    """Includes the bot when it was mentioned."""
    mention_everyone: bool = False
    """Whether everybody is mentioned."""
    attachments: tuple[Attachment, ...] = ()
    """Files that came with it."""
    embeds: tuple[Embed, ...] = ()
    """Boxes, in messages of bots."""
    ark: Ark | None = None
    """Card, if it is one."""
    message_reference: MessageReference | None = None
    """The message it quotes."""
    seq: int = 0
    """Order within the channel."""
    seq_in_channel: str = ""
    """The same as text."""
    direct_message: bool = False
    """Whether it is one; not every version says so."""
    src_guild_id: str = ""
    """In direct messages: the guild in which the conversation was opened."""
    tts: bool = False
    """REST only."""
    pinned: bool = False
    """REST only."""
    type: int = 0
    """REST only."""
    flags: int = 0
    """REST only."""

    @property
    def sent_at(self) -> datetime | None:
        """When it was sent, or None if the platform did not say."""
        return parse_time(self.timestamp)

    @property
    def edited_at(self) -> datetime | None:
        """When it was changed last, or None if it was not."""
        return parse_time(self.edited_timestamp)

    @property
    def text(self) -> str:
        """The content without leading mentions of the bot and without surrounding space."""
        return without_mentions(self.content, {user.id for user in self.mentions if user.bot})

    @property
    def is_bot(self) -> bool:
        """Whether a bot wrote it."""
        return self.author.bot

    @property
    def quoted_id(self) -> str:
        """Id of the message it quotes, or an empty text; `get_message` reads that one."""
        return self.message_reference.message_id if self.message_reference is not None else ""

    def mentions_user(self, user_id: str) -> bool:
        """Return whether the user or bot *user_id* is mentioned."""
        return any(user.id == user_id for user in self.mentions)


class DeletedMessage(Payload, frozen=True):
    """What is left of a withdrawn message: neither content nor time."""

    id: str
    """The message."""
    channel_id: str = ""
    """Where it was."""
    guild_id: str = ""
    """Guild of the channel; in a direct message the conversation itself."""
    author: User | None = None
    """Who had written it."""
    direct_message: bool = False
    """Whether it was one."""
    src_guild_id: str = ""
    """In direct messages: the guild in which the conversation was opened."""


class MessageDelete(Payload, frozen=True):
    """A message was withdrawn."""

    message: DeletedMessage
    """The message."""
    op_user: User | None = None
    """Who withdrew it; only the id is sent."""

    @classmethod
    def reshape(cls, value: dict[str, Any]) -> dict[str, Any]:
        """Accept the flat shape that an SDK expects, as well."""
        if "message" in value or "id" not in value:
            return value
        op_user = value.pop("op_user", None)
        return {"message": value, "op_user": op_user}
