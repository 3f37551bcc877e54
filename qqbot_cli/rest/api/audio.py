# Generated from model/endpoints by tools/generate.py. Do not edit.

"""Playback and microphone of audio bots."""

from __future__ import annotations

from qqbot_cli.model.body.audio import AudioControl
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.rest.api.base import Calls


class AudioCalls(Calls):
    """Playback and microphone of audio bots."""

    async def post_audio(self, channel_id: str, body: AudioControl) -> None:
        """Play something in a voice channel, or pause, resume or stop it.

        ``POST /channels/{channel_id}/audio``. Needs: audio bot. Not repeated after a time-out: it
        would happen twice.

        Args:
            channel_id: The channel.
            body: What to play, or what becomes of what is played.

        Raises:
            ApiError: 13011.

        Source: platform documentation, 音频控制.
        """
        await self.client.call(ENDPOINTS["post_audio"], {"channel_id": channel_id}, body=body)

    async def put_mic(self, channel_id: str) -> None:
        """Take the microphone in a voice channel.

        ``PUT /channels/{channel_id}/mic``. Needs: audio bot.

        Args:
            channel_id: The channel.

        Raises:
            ApiError: 13011.

        Source: platform documentation, 机器人上麦.
        """
        await self.client.call(ENDPOINTS["put_mic"], {"channel_id": channel_id})

    async def delete_mic(self, channel_id: str) -> None:
        """Leave the microphone in a voice channel.

        ``DELETE /channels/{channel_id}/mic``. Needs: audio bot.

        Args:
            channel_id: The channel.

        Raises:
            ApiError: 13011.

        Source: platform documentation, 机器人下麦.
        """
        await self.client.call(ENDPOINTS["delete_mic"], {"channel_id": channel_id})
