"""KINDS: what a message can consist of, and where each kind may be sent.

Derived from it: ``msg_type``, what is refused before it is sent, the table of the documentation.
Source: platform documentation, "发送消息" and the page of each kind; the newest where they differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from qqbot_cli.model.scene import Scene


class Access(Enum):
    """Whether a kind may be sent somewhere."""

    OPEN = "yes"
    GRANT = "by grant"
    """Bots that were given the right; the platform refuses others, and only it knows."""
    NO = "no"


@dataclass(frozen=True, slots=True)
class ContentKind:
    """One thing that a message can consist of."""

    field: str
    """Of the request."""
    name: str
    """In words."""
    access: Mapping[Scene, Access]
    msg_type: int | None = None
    """Groups and one-to-one chats; None where it cannot be sent there."""
    beside_text: bool = True
    """Whether ``content`` may stand next to it."""
    instead: str = ""
    """What to do where it cannot be sent."""


def _in(channel: Access, dms: Access, group: Access, c2c: Access) -> Mapping[Scene, Access]:
    return dict(zip(Scene, (channel, dms, group, c2c), strict=True))


_OPEN, _GRANT, _NO = Access.OPEN, Access.GRANT, Access.NO

TEXT: Final = ContentKind("content", "text", _in(_OPEN, _OPEN, _OPEN, _OPEN), 0)

KINDS: Final = (
    TEXT,
    ContentKind("markdown", "Markdown", _in(_GRANT, _GRANT, _OPEN, _OPEN), 2, beside_text=False),
    # That text may stand beside arks and media is documented nowhere for groups, and neither is that it
    # may not: people do it.
    ContentKind("ark", "ark", _in(_OPEN, _OPEN, _GRANT, _GRANT), 3),
    ContentKind(
        "embed", "embed", _in(_OPEN, _OPEN, _NO, _NO), 4, instead="write the lines as markdown or content"
    ),
    ContentKind(
        "image",
        "picture by address",
        _in(_OPEN, _OPEN, _NO, _NO),
        instead="upload the picture and send it as media",
    ),
    ContentKind(
        "file_image",
        "picture itself",
        _in(_OPEN, _OPEN, _NO, _NO),
        instead="upload the picture and send it as media",
    ),
    ContentKind(
        "media",
        "picture, video, voice or file",
        _in(_NO, _NO, _OPEN, _OPEN),
        7,
        instead="send a picture as image",
    ),
    ContentKind(
        "input_notify",
        "typing notice",
        _in(_NO, _NO, _NO, _OPEN),
        6,
        beside_text=False,
        instead="leave it out",
    ),
    # Known from one client only: sent as it is, and not looked into.
    ContentKind("card", "card", _in(_NO, _NO, _GRANT, _NO), 8, instead="send an ark"),
)
"""Every kind; of two the first decides ``msg_type``, text only if there is nothing else."""

KEYBOARD: Final = ContentKind("keyboard", "buttons, below Markdown", _in(_GRANT, _GRANT, _OPEN, _OPEN))
QUOTE: Final = ContentKind("message_reference", "quote of a message", _in(_OPEN, _OPEN, _OPEN, _OPEN))
STREAM: Final = ContentKind("stream_messages", "growing text", _in(_NO, _NO, _NO, _OPEN))
"""What goes along with a message, or is sent in another way; for the documentation."""

PLACES: Final = {
    Scene.CHANNEL: "a channel",
    Scene.DMS: "a direct message of a guild",
    Scene.GROUP: "a group",
    Scene.C2C: "a one-to-one chat",
}
"""Scenes in words."""
