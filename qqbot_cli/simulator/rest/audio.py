"""Playback and microphone of audio bots.

Source: platform documentation, "音频".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from qqbot_cli.simulator import refusals
from qqbot_cli.simulator.refusals import BAD_REQUEST
from qqbot_cli.simulator.rest.call import Call, Handler, filled, refuse
from qqbot_cli.simulator.rest.guilds import Channel
from qqbot_cli.simulator.rest.site import Site

START: Final = 0
STOP: Final = 3


@dataclass(slots=True)
class _Studio:
    """What is played where, and where the bot has the microphone."""

    playing: dict[str, dict[str, str]] = field(default_factory=dict)
    on_mic: set[str] = field(default_factory=set)


def _post_audio(site: Site, call: Call) -> None:
    channel, body = _voice(site, call), call.fields()
    status = body.number("status") or START
    if status not in range(STOP + 1) or (status != START and ("audio_url" in body or "text" in body)):
        refuse(BAD_REQUEST)
    playing = site.room(_Studio).playing
    if status == START:
        sound = {"audio_url": filled(body.text("audio_url"), BAD_REQUEST), "text": body.text("text") or ""}
        playing[channel.id] = sound
        site.tell("AUDIO_START", {**_place(channel), **sound})
    elif status == STOP and channel.id in playing:
        site.tell("AUDIO_FINISH", {**_place(channel), **playing.pop(channel.id)})


def _put_mic(site: Site, call: Call) -> None:
    channel, on_mic = _voice(site, call), site.room(_Studio).on_mic
    if channel.id not in on_mic:
        on_mic.add(channel.id)
        site.tell("AUDIO_ON_MIC", _place(channel))


def _delete_mic(site: Site, call: Call) -> None:
    channel, on_mic = _voice(site, call), site.room(_Studio).on_mic
    if channel.id in on_mic:
        on_mic.discard(channel.id)
        site.tell("AUDIO_OFF_MIC", _place(channel))


def _voice(site: Site, call: Call) -> Channel:
    channel = site.channel(call.path["channel_id"])
    return channel if channel.is_spoken else refuse(refusals.NOT_VOICE)


def _place(channel: Channel) -> dict[str, str]:
    return {"guild_id": channel.guild_id, "channel_id": channel.id}


HANDLERS: Final[dict[str, Handler]] = {
    "post_audio": _post_audio,
    "put_mic": _put_mic,
    "delete_mic": _delete_mic,
}
