"""Objects that several families of events have in common.

Only what identifies a thing is required; everything else has been absent, null or empty at some date.
Source: platform documentation, "事件" (objects), and captured frames where the two differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import msgspec


class Payload(msgspec.Struct, frozen=True, gc=False):
    """Base of everything that is received: immutable, unknown fields ignored."""

    @classmethod
    def reshape(cls, value: dict[str, Any]) -> dict[str, Any]:
        """Return *value*, JSON that did not fit, in today's shape if it has an older one that is known."""
        return value


class User(Payload, frozen=True):
    """A person or bot of a guild; ids are decimal text, different for every bot."""

    id: str
    """Key of the user for this bot."""
    username: str = ""
    """QQ nickname."""
    avatar: str = ""
    """URL of the picture."""
    bot: bool = False
    """Whether it is a bot; some versions leave it out in direct messages."""
    union_openid: str = ""
    """Links a user across applications of one owner, where that was configured."""
    union_user_account: str = ""
    """Account in the linked application; under the same condition."""


class Member(Payload, frozen=True):
    """What a user is within one guild."""

    user: User | None = None
    """Missing inside messages."""
    nick: str = ""
    """Nickname in the guild; may be empty."""
    roles: tuple[str, ...] = ()
    """Role ids; 1 everyone, 2 administrator, 4 owner, 5 channel administrator."""
    joined_at: str = ""
    """RFC 3339; see `joined`."""

    @property
    def joined(self) -> datetime | None:
        """When the user came, or None if the platform did not say."""
        return parse_time(self.joined_at)


class Attachment(Payload, frozen=True):
    """A file that came with a message."""

    url: str = ""
    """As sent: guilds leave out the scheme; `link` is complete. Short-lived outside guilds."""
    content_type: str = ""
    """A media type, or ``voice`` or ``file`` in groups and one-to-one chats."""
    filename: str = ""
    """Name of the file, with its ending."""
    size: int = 0
    """Bytes."""
    width: int = 0
    """Pixels; 0 for what is no picture."""
    height: int = 0
    """Pixels; 0 for what is no picture."""
    id: str = ""
    """Guilds only."""
    voice_wav_url: str = ""
    """A voice message as WAV; `url` has SILK or AMR."""
    asr_refer_text: str = ""
    """What speech recognition heard."""
    content: str = ""
    """Seen, always empty."""

    @property
    def link(self) -> str:
        """The complete URL."""
        return self.url if "://" in self.url or not self.url else f"https://{self.url.lstrip('/')}"


class MessageReference(Payload, frozen=True):
    """The message that a guild message quotes."""

    message_id: str = ""
    """Id of the quoted message."""


class Emoji(Payload, frozen=True):
    """A face or an emoji."""

    id: str
    """Number of the face; code point, or the emoji itself, for type 2."""
    type: int = 1
    """1 face of QQ, 2 Unicode emoji."""


class ArkValue(Payload, frozen=True):
    """One value of an entry of a list in an ark."""

    key: str = ""
    """Name the template gives it."""
    value: str = ""
    """Text."""


class ArkObject(Payload, frozen=True):
    """One entry of a list in an ark."""

    obj_kv: tuple[ArkValue, ...] = ()
    """Its values."""


class ArkEntry(Payload, frozen=True):
    """One variable of an ark: a text or a list."""

    key: str = ""
    """Name of the variable, ``#…#``."""
    value: str = ""
    """Its text; empty for a list."""
    obj: tuple[ArkObject, ...] = ()
    """Its entries, for a list."""


class Ark(Payload, frozen=True):
    """A card made from a template, in guild messages."""

    template_id: int = 0
    """Which template; 23, 24 and 37 are open to all."""
    kv: tuple[ArkEntry, ...] = ()
    """What fills it."""


class EmbedThumbnail(Payload, frozen=True):
    """Picture of an embed."""

    url: str = ""
    """Address of the picture."""


class EmbedField(Payload, frozen=True):
    """A line of an embed."""

    name: str = ""
    """Text of the line."""
    value: str = ""
    """A second text; rarely sent."""


class Embed(Payload, frozen=True):
    """A box with title, picture and lines, in guild messages."""

    title: str = ""
    """First line."""
    description: str = ""
    """Text below the title."""
    prompt: str = ""
    """What lists of messages and notifications show."""
    timestamp: str = ""
    """RFC 3339."""
    thumbnail: EmbedThumbnail | None = None
    """Picture, if any."""
    fields: tuple[EmbedField, ...] = ()
    """Lines."""


def read_only(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return JSON that nobody can change: all plugins are given the same payload."""
    if isinstance(value, Mapping):
        return MappingProxyType({key: read_only(item) for key, item in value.items()})
    if isinstance(value, list):
        return tuple(map(read_only, value))
    return value


def parse_time(value: str | int) -> datetime | None:
    """Return the aware moment that *value* names: RFC 3339, or seconds since 1970; None if it is neither.

    Source: platform documentation; messages carry RFC 3339, management events unix seconds.
    """
    try:
        if isinstance(value, int) or value.isdigit():
            return datetime.fromtimestamp(int(value), UTC) if value else None
        moment = datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else None
