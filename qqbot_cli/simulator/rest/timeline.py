"""What was said in guild channels, and by whom elsewhere: what calls can read, pin, react to, take back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from qqbot_cli.simulator.rest.call import Json
from qqbot_cli.simulator.routing import message_place
from qqbot_cli.simulator.scene import Scene

KEPT: Final = 1000
"""Messages each channel keeps; the oldest are forgotten first."""
REMEMBERED: Final = 10_000
"""Messages of people whose authors are known."""


@dataclass(frozen=True, slots=True)
class Said:
    """Who said something where."""

    scene: Scene
    target: str
    author: str
    role: str
    """Role of the author in a group; empty elsewhere."""
    at: float


class Timeline:
    """The memory of all channels; people's messages come in by events, the bot's when they are shown."""

    def __init__(self) -> None:
        self._channels: dict[str, dict[str, Json]] = {}
        self.said: dict[str, Said] = {}
        """Messages of people, by id."""

    def add(self, message: Mapping[str, object]) -> None:
        """Remember a message of a guild channel; one that is there already stays what it is."""
        channel = self._channels.setdefault(str(message.get("channel_id")), {})
        channel.setdefault(str(message.get("id")), dict(message))
        if len(channel) > KEPT:
            del channel[next(iter(channel))]

    def note(self, name: str, d: Mapping[str, object], *, now: float) -> None:
        """Remember what was said, by its event."""
        place = message_place(name, d)
        author = d.get("author")
        if place is None or not isinstance(author, Mapping) or not isinstance(d.get("id"), str):
            return
        scene, target = place
        if scene is Scene.CHANNEL:
            self.add(d)
        who = author.get("member_openid") or author.get("user_openid") or author.get("id")
        self.said[str(d["id"])] = Said(scene, target, str(who), str(author.get("member_role") or ""), now)
        if len(self.said) > REMEMBERED:
            del self.said[next(iter(self.said))]

    def get(self, channel_id: str, message_id: str) -> Json | None:
        """Return a message of a channel, None if it is not there."""
        return self._channels.get(channel_id, {}).get(message_id)

    def channel_of(self, message_id: str) -> str | None:
        """Return the channel a message is in, None if nobody has seen it."""
        return next((place for place, row in self._channels.items() if message_id in row), None)

    def messages(self, channel_id: str) -> list[Json]:
        """Return the messages of a channel, oldest first."""
        return list(self._channels.get(channel_id, {}).values())

    def remove(self, message_id: str) -> None:
        """Forget a message: nobody sees it any more."""
        for channel in self._channels.values():
            channel.pop(message_id, None)
        self.said.pop(message_id, None)

    def remove_channel(self, channel_id: str) -> None:
        """Forget what was said in a channel that is gone."""
        self._channels.pop(channel_id, None)
