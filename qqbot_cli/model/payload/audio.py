"""Playback and microphone of the bot; people in voice and live channels.

Source: platform documentation, "音频事件" and "音视频/直播子频道成员进出事件".
"""

from __future__ import annotations

from qqbot_cli.model.payload.shared import Payload


class Audio(Payload, frozen=True):
    """The bot's playback began or ended, or it took or left the microphone."""

    guild_id: str
    """In which guild."""
    channel_id: str
    """In which voice channel."""
    audio_url: str = ""
    """What is played; playback only."""
    text: str = ""
    """What is shown; playback only."""


class PublicAudio(Payload, frozen=True):
    """Somebody entered or left a voice or live channel."""

    guild_id: str
    """In which guild."""
    channel_id: str
    """Which channel."""
    user_id: str
    """Who."""
    channel_type: int = 2
    """2 voice, 5 live: not the numbers of `Channel.type`."""

    @property
    def is_live(self) -> bool:
        """Whether it is a live channel."""
        return self.channel_type == 5
