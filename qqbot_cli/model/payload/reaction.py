"""Emoji reactions to messages and forum posts.

Source: platform documentation, "表情表态事件"; the texts for the kind of target from captured frames.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from qqbot_cli.model.payload.shared import Emoji, Payload


class TargetKind(IntEnum):
    """What somebody reacted to."""

    MESSAGE = 0
    POST = 1
    """A thread of a forum."""
    COMMENT = 2
    """A comment under a thread."""
    REPLY = 3
    """A reply to a comment."""


_KINDS: Final = {
    "ReactionTargetType_MSG": TargetKind.MESSAGE,
    "ReactionTargetType_FEED": TargetKind.POST,
    "ReactionTargetType_COMMNENT": TargetKind.COMMENT,  # the platform spells it so
    "ReactionTargetType_COMMENT": TargetKind.COMMENT,
    "ReactionTargetType_REPLY": TargetKind.REPLY,
    **{str(kind.value): kind for kind in TargetKind},
}


class ReactionTarget(Payload, frozen=True):
    """What somebody reacted to."""

    id: str
    """Message, post, comment or reply."""
    type: int | str = 0
    """A number by the documentation, a text on the wire; see `kind`."""

    @property
    def kind(self) -> TargetKind | None:
        """What it is, or None for a kind that is not known yet."""
        return _KINDS.get(str(self.type))


class Reaction(Payload, frozen=True):
    """Somebody put a reaction, or took it away."""

    user_id: str
    """Who."""
    guild_id: str
    """In which guild."""
    channel_id: str
    """In which channel."""
    emoji: Emoji
    """With what."""
    target: ReactionTarget
    """To what."""
