"""Intents: which events the gateway sends to a session.

Sources: platform documentation, "事件订阅 Intents"; the flags that it leaves out are taken from the
official SDKs. Bits without a name have no known use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntFlag
from typing import Final


class Intents(IntFlag):
    """Bit mask of the event groups a bot asks for in IDENTIFY."""

    GUILDS = 1 << 0
    """Guilds and channels come, change and go."""
    GUILD_MEMBERS = 1 << 1
    """Members of guilds come, change and go."""
    GUILD_MESSAGES = 1 << 9
    """Every message of a guild."""
    GUILD_MESSAGE_REACTIONS = 1 << 10
    """Emoji reactions in guilds."""
    DIRECT_MESSAGE = 1 << 12
    """Direct messages inside guilds."""
    OPEN_FORUM_EVENT = 1 << 18
    """Forum events without content."""
    AUDIO_OR_LIVE_CHANNEL_MEMBER = 1 << 19
    """People enter and leave voice and live channels."""
    ENTER_AIO = 1 << 23
    """A user opens the chat window with the bot."""
    GROUP_MEMBERS = 1 << 24
    """People join and leave groups, by some implementations; see `DISPUTES`."""
    PUBLIC_MESSAGES = 1 << 25
    """Messages and management of groups and one-to-one chats."""
    INTERACTION = 1 << 26
    """Buttons, menus and other interactions."""
    MESSAGE_AUDIT = 1 << 27
    """Results of message reviews."""
    FORUMS = 1 << 28
    """Forum events with content."""
    AUDIO_ACTION = 1 << 29
    """Playback and microphone."""
    PUBLIC_GUILD_MESSAGES = 1 << 30
    """Messages that mention the bot in a guild."""

    @classmethod
    def none(cls) -> Intents:
        """No intents; a session without any is refused or useless."""
        return cls(0)

    @classmethod
    def all(cls) -> Intents:
        """Everything except the flags that need a special grant."""
        return ALL_INTENTS

    @classmethod
    def default(cls) -> Intents:
        """What a public-domain bot may be granted: `all` without the privileged flags."""
        return ALL_INTENTS & ~PRIVILEGED_INTENTS

    def names(self) -> list[str]:
        """Return the names of the set flags, in the order of their bits."""
        return [flag.name for flag in Intents if flag in self and flag.name]

    def audience(self) -> str:
        """Return who may ask for these flags, in words; empty for none."""
        return ", ".join(dict.fromkeys(AUDIENCES[flag] for flag in AUDIENCES if flag in self))


_PRIVILEGED: Final = "private-domain bots, privileged"

AUDIENCES: Final[dict[Intents, str]] = {
    Intents.GUILDS: "every bot",
    Intents.GUILD_MEMBERS: "every bot",
    Intents.GUILD_MESSAGES: _PRIVILEGED,
    Intents.GUILD_MESSAGE_REACTIONS: "on request",
    Intents.DIRECT_MESSAGE: "on request",
    Intents.OPEN_FORUM_EVENT: "on request, public-domain bots",
    Intents.AUDIO_OR_LIVE_CHANNEL_MEMBER: "on request",
    Intents.ENTER_AIO: "special grant",
    Intents.GROUP_MEMBERS: "special grant",
    Intents.PUBLIC_MESSAGES: "on request, every group bot",
    Intents.INTERACTION: "on request",
    Intents.MESSAGE_AUDIT: "on request",
    Intents.FORUMS: _PRIVILEGED,
    Intents.AUDIO_ACTION: "audio bots",
    Intents.PUBLIC_GUILD_MESSAGES: "every bot",
}
"""Who may ask for each flag."""


def _audience(who: str) -> Intents:
    return Intents(sum(flag for flag, audience in AUDIENCES.items() if audience == who))


PRIVILEGED_INTENTS: Final = _audience(_PRIVILEGED)
"""Flags that only private-domain bots may ask for."""

ALWAYS_GRANTED: Final = _audience("every bot")
"""Flags that need no permission."""

ALL_INTENTS: Final = Intents(sum(Intents)) & ~_audience("special grant")


@dataclass(frozen=True, slots=True)
class Dispute:
    """Events that sources place under two flags."""

    followed: Intents
    """Asked for where a plugin handles such an event."""
    other: Intents
    """Counts as well where it is asked for, but is not asked for by itself."""
    reason: str
    """Who says what, and why the one is followed."""


GROUP_MEMBER_DISPUTE: Final = Dispute(
    followed=Intents.PUBLIC_MESSAGES,
    other=Intents.GROUP_MEMBERS,
    reason="The documentation of July 2026 has bit 25; two implementations asked for bit 24 and received the"
    " events in June 2026. Bit 25 is followed, because a bit that is not granted closes the connection.",
)
DISPUTES: Final = (GROUP_MEMBER_DISPUTE,)
"""Where sources disagree about a bit. Rows of EVENTS refer to these."""

_SPELLINGS: Final[dict[str, Intents]] = {
    "direct_messages": Intents.DIRECT_MESSAGE,
    "message_reactions": Intents.GUILD_MESSAGE_REACTIONS,
    "open_forum": Intents.OPEN_FORUM_EVENT,
    "open_forum_events": Intents.OPEN_FORUM_EVENT,
    "audio_live_member": Intents.AUDIO_OR_LIVE_CHANNEL_MEMBER,
    "group_and_c2c_event": Intents.PUBLIC_MESSAGES,
    "group_and_c2c": Intents.PUBLIC_MESSAGES,
    "group_messages": Intents.PUBLIC_MESSAGES,
    "c2c_group_at_messages": Intents.PUBLIC_MESSAGES,
    "interactions": Intents.INTERACTION,
    "audit": Intents.MESSAGE_AUDIT,
    "forum": Intents.FORUMS,
    "forum_event": Intents.FORUMS,
    "forums_event": Intents.FORUMS,
    "audio": Intents.AUDIO_ACTION,
    "at_messages": Intents.PUBLIC_GUILD_MESSAGES,
    "guild_at_message": Intents.PUBLIC_GUILD_MESSAGES,
    "guild_message": Intents.GUILD_MESSAGES,
}
"""Names the documentation and other SDKs use for our flags (botpy, botgo, adapter-qq)."""

INTENT_NAMES: Final[dict[str, Intents]] = {
    **{flag.name.lower(): flag for flag in Intents if flag.name},
    **_SPELLINGS,
}
"""Every accepted name in lower case."""


def _plain(name: str) -> str:
    """Return *name* as it is compared: `Intents.GUILD_MEMBERS` and `IntentGuildMembers` are the same."""
    letters = re.sub(r"[^a-z0-9]", "", name.lower())
    return re.sub(r"^intents?", "", letters)


_PLAIN_NAMES: Final = {_plain(name): flag for name, flag in INTENT_NAMES.items()}


def intent_named(name: str) -> Intents | None:
    """Return the flag called *name* in any case and spelling in use, or None."""
    return _PLAIN_NAMES.get(_plain(name))
