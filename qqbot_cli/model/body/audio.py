"""Playback in voice channels.

Source: platform documentation, "音频".
"""

from __future__ import annotations

from enum import IntEnum

from msgspec import UNSET, UnsetType

from qqbot_cli.errors import InvalidRequestError
from qqbot_cli.model.body.base import Body


class AudioStatus(IntEnum):
    """What to do."""

    START = 0
    PAUSE = 1
    RESUME = 2
    STOP = 3


class AudioControl(Body, frozen=True, kw_only=True):
    """What to play, or what becomes of what is played."""

    status: AudioStatus
    """What to do."""
    audio_url: str | UnsetType = UNSET
    """Address of the sound; with `AudioStatus.START` only."""
    text: str | UnsetType = UNSET
    """What is shown; with `AudioStatus.START` only."""

    def __post_init__(self) -> None:
        if self.status != AudioStatus.START and (self.audio_url, self.text) != (UNSET, UNSET):
            raise InvalidRequestError("audio_url / text", "only when playback starts")
