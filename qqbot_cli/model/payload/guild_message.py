"""Messages in guild channels and in direct messages of guilds."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from qqbot_cli.model.payload.shared import Attachment, Member, MessageReference, Payload, User, parse_time

_MENTION: Final = re.compile(r"\s*<@!?(\w+)>")


class Message(Payload, frozen=True):
    """A message of a guild channel, or of a direct message where `guild_id` names the conversation."""

    id: str
    """``msg_id`` of a reply."""
    channel_id: str
    guild_id: str
    author: User
    content: str = ""
    """Text with markup: ``<@!id>`` mentions, ``<#id>`` channels, ``<emoji:id>``; &, < and > are escaped."""
    timestamp: str = ""
    """RFC 3339; see `sent_at`."""
    member: Member | None = None
    mentions: tuple[User, ...] = ()
    """Includes the bot when it was mentioned."""
    mention_everyone: bool = False
    attachments: tuple[Attachment, ...] = ()
    message_reference: MessageReference | None = None
    seq: int = 0
    """Order within the channel."""
    seq_in_channel: str = ""
    """The same as text."""
    direct_message: bool = False
    src_guild_id: str = ""
    """In direct messages: the guild in which the conversation was opened."""

    @property
    def sent_at(self) -> datetime | None:
        """When it was sent, or None if the platform did not say."""
        return parse_time(self.timestamp)

    @property
    def text(self) -> str:
        """The content without leading mentions of the bot and without surrounding space."""
        bots = {user.id for user in self.mentions if user.bot}
        text = self.content
        while (match := _MENTION.match(text)) and match[1] in bots:
            text = text[match.end() :]
        return text.strip()

    def mentions_user(self, user_id: str) -> bool:
        """Return whether the user or bot *user_id* is mentioned."""
        return any(user.id == user_id for user in self.mentions)
