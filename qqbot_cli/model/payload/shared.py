"""Objects that several families of events have in common.

Only what identifies a thing is required; everything else has been absent, null or empty at some date.
Source: platform documentation, "事件" (objects), and captured frames where the two differ.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec


class Payload(msgspec.Struct, frozen=True, gc=False):
    """Base of everything that is received: immutable, unknown fields ignored."""


class User(Payload, frozen=True):
    """A person or bot of a guild; ids are decimal text, different for every bot."""

    id: str
    username: str = ""
    """QQ nickname."""
    avatar: str = ""
    """URL of the picture."""
    bot: bool = False
    union_openid: str = ""
    """Links a user across applications of one owner, where that was configured."""
    union_user_account: str = ""


class Member(Payload, frozen=True):
    """What a user is within one guild."""

    user: User | None = None
    """Missing inside messages."""
    nick: str = ""
    roles: tuple[str, ...] = ()
    """Role ids; 1 everyone, 2 administrator, 4 owner, 5 channel administrator."""
    joined_at: str = ""
    """RFC 3339."""


class Attachment(Payload, frozen=True):
    """A file that came with a message."""

    url: str = ""
    """As sent: guilds leave out the scheme; `link` is complete."""
    content_type: str = ""
    """A media type, or ``voice`` or ``file`` in groups and one-to-one chats."""
    filename: str = ""
    size: int = 0
    """Bytes."""
    width: int = 0
    """Pixels; 0 for what is no picture."""
    height: int = 0
    id: str = ""
    voice_wav_url: str = ""
    """A voice message as WAV; `url` has SILK or AMR."""
    asr_refer_text: str = ""
    """What speech recognition heard."""

    @property
    def link(self) -> str:
        """The complete URL."""
        return self.url if "://" in self.url or not self.url else f"https://{self.url.lstrip('/')}"


class MessageReference(Payload, frozen=True):
    """The message that a message quotes."""

    message_id: str = ""


class MessageScene(Payload, frozen=True):
    """Where a group or one-to-one message came from."""

    source: str = ""
    """``default``; ``realtime_voice`` and ``ai_search`` are known too."""
    ext: tuple[str, ...] = ()
    """``key=value`` items; keys are opaque, ``msg_idx`` names the message when it is quoted."""
    callback_data: str = ""

    def value(self, key: str) -> str:
        """Return the value of *key* in `ext`, or an empty text."""
        prefix = f"{key}="
        return next((item[len(prefix) :] for item in self.ext if item.startswith(prefix)), "")


def parse_time(value: str | int) -> datetime | None:
    """Return the aware moment that *value* names: RFC 3339, or seconds since 1970; None if it is neither.

    Source: platform documentation; messages carry RFC 3339, management events unix seconds.
    """
    try:
        if isinstance(value, int) or value.isdigit():
            return datetime.fromtimestamp(int(value), UTC)
        moment = datetime.fromisoformat(value)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else None
