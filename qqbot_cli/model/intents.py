"""Intents: which events the gateway sends to a session.

Sources: platform documentation, "事件订阅 Intents"; the flags that it leaves out are taken from the
official SDKs. Bits without a name have no known use.
"""

from __future__ import annotations

from enum import IntFlag
from typing import Final


class Intents(IntFlag):
    """Bit mask of the event groups a bot asks for in IDENTIFY."""

    GUILDS = 1 << 0
    """Guilds and channels come, change and go. Granted to every bot."""
    GUILD_MEMBERS = 1 << 1
    """Members of guilds come, change and go. Granted to every bot."""
    GUILD_MESSAGES = 1 << 9
    """Every message of a guild. Private-domain bots only."""
    GUILD_MESSAGE_REACTIONS = 1 << 10
    """Emoji reactions in guilds. On request."""
    DIRECT_MESSAGE = 1 << 12
    """Direct messages inside guilds. On request."""
    OPEN_FORUM_EVENT = 1 << 18
    """Forum events without content, for public-domain bots. On request."""
    AUDIO_OR_LIVE_CHANNEL_MEMBER = 1 << 19
    """People enter and leave voice and live channels. On request."""
    ENTER_AIO = 1 << 23
    """A user opens the chat window with the bot. By special grant."""
    GROUP_MEMBERS = 1 << 24
    """People join and leave groups; the documentation has these under PUBLIC_MESSAGES. By special grant."""
    PUBLIC_MESSAGES = 1 << 25
    """Messages and management of groups and one-to-one chats. On request; every group bot has it."""
    INTERACTION = 1 << 26
    """Buttons, menus and other interactions. On request."""
    MESSAGE_AUDIT = 1 << 27
    """Results of message reviews. On request."""
    FORUMS = 1 << 28
    """Forum events with content. Private-domain bots only."""
    AUDIO_ACTION = 1 << 29
    """Playback and microphone. Audio bots only."""
    PUBLIC_GUILD_MESSAGES = 1 << 30
    """Messages that mention the bot in a guild. Granted to every bot."""

    @classmethod
    def none(cls) -> Intents:
        """No intents; a session without any is refused or useless."""
        return cls(0)

    @classmethod
    def all(cls) -> Intents:
        """Everything except the two flags that need a special grant."""
        return ALL_INTENTS

    @classmethod
    def default(cls) -> Intents:
        """What a public-domain bot may be granted: `all` without the privileged flags."""
        return ALL_INTENTS & ~PRIVILEGED_INTENTS

    def names(self) -> list[str]:
        """Return the names of the set flags, in the order of their bits."""
        return [flag.name for flag in Intents if flag in self and flag.name]


PRIVILEGED_INTENTS: Final = Intents.GUILD_MESSAGES | Intents.FORUMS
"""Flags that only private-domain bots may ask for."""

ALWAYS_GRANTED: Final = Intents.GUILDS | Intents.GUILD_MEMBERS | Intents.PUBLIC_GUILD_MESSAGES
"""Flags that need no permission."""

ALL_INTENTS: Final = Intents(sum(Intents)) & ~(Intents.ENTER_AIO | Intents.GROUP_MEMBERS)

_SPELLINGS: Final[dict[str, Intents]] = {
    "group_and_c2c_event": Intents.PUBLIC_MESSAGES,
    "group_and_c2c": Intents.PUBLIC_MESSAGES,
    "c2c_group_at_messages": Intents.PUBLIC_MESSAGES,
    "at_messages": Intents.PUBLIC_GUILD_MESSAGES,
    "direct_messages": Intents.DIRECT_MESSAGE,
    "guild_message": Intents.GUILD_MESSAGES,
    "message_reactions": Intents.GUILD_MESSAGE_REACTIONS,
    "interactions": Intents.INTERACTION,
    "open_forum_events": Intents.OPEN_FORUM_EVENT,
    "open_forum": Intents.OPEN_FORUM_EVENT,
    "forum": Intents.FORUMS,
    "forums_event": Intents.FORUMS,
    "audio_live_member": Intents.AUDIO_OR_LIVE_CHANNEL_MEMBER,
    "audio": Intents.AUDIO_ACTION,
}
"""Names other SDKs use for our flags (botpy, botgo, adapter-qq)."""

INTENT_NAMES: Final[dict[str, Intents]] = {
    **{flag.name.lower(): flag for flag in Intents if flag.name},
    **_SPELLINGS,
}
"""Every accepted name in lower case."""


def intent_named(name: str) -> Intents | None:
    """Return the flag called *name* in any case and spelling in use, or None."""
    return INTENT_NAMES.get(name.strip().lower().replace("-", "_"))
