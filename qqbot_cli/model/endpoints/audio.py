"""Playback and microphone of audio bots."""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.body.audio import AudioControl
from qqbot_cli.model.endpoints.row import Endpoint

_AUDIO_BOT: Final = "audio bot"

ROWS: Final = (
    Endpoint(
        "post_audio",
        "POST",
        "/channels/{channel_id}/audio",
        "Play something in a voice channel, or pause, resume or stop it.",
        body=AudioControl,
        needs=_AUDIO_BOT,
        codes=(13011,),
        source="音频控制",
    ),
    Endpoint(
        "put_mic",
        "PUT",
        "/channels/{channel_id}/mic",
        "Take the microphone in a voice channel.",
        needs=_AUDIO_BOT,
        codes=(13011,),
        source="机器人上麦",
    ),
    Endpoint(
        "delete_mic",
        "DELETE",
        "/channels/{channel_id}/mic",
        "Leave the microphone in a voice channel.",
        needs=_AUDIO_BOT,
        codes=(13011,),
        source="机器人下麦",
    ),
)
