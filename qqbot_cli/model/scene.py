"""The four places a bot can speak in."""

from __future__ import annotations

from enum import StrEnum


class Scene(StrEnum):
    """A kind of conversation."""

    CHANNEL = "channel"
    DMS = "dms"
    GROUP = "group"
    C2C = "c2c"

    @property
    def in_guild(self) -> bool:
        """Whether the older rules of guilds hold here."""
        return self in (Scene.CHANNEL, Scene.DMS)
