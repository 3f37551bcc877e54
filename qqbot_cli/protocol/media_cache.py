"""What was uploaded and can be sent again: the memory that saves the second upload."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from qqbot_cli.model.answer.upload import Media
from qqbot_cli.model.body.upload import FileType
from qqbot_cli.model.scene import Scene

MOST: Final = 1_000
"""Entries; the one that was not used for longest goes first."""
_MARGIN: Final = (60.0, 0.1)
"""Seconds, or share of the lifetime if that is less, by which an entry ends before the platform's."""


class Key(NamedTuple):
    """What makes two uploads the same."""

    scene: Scene
    """What was uploaded for groups is of no use for users, but good for all groups."""
    sha1: str
    size: int
    file_type: FileType
    file_name: str
    """People see it beside plain files; empty for everything else."""


class MediaCache:
    """Remembers answers to uploads as long as the platform does."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: dict[Key, tuple[Media, float]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key, *, now: float) -> Media | None:
        """Return what was uploaded under *key*, if it can still be sent."""
        found = self._kept.pop(key, None)
        if found is None or found[1] <= now:
            return None
        self._kept[key] = found  # the newest is the last
        return found[0]

    def put(self, key: Key, media: Media, *, now: float) -> None:
        """Remember *media*; a ``ttl`` of 0 is for good."""
        seconds, share = _MARGIN
        until = now + media.ttl - min(seconds, media.ttl * share) if media.ttl > 0 else math.inf
        self._kept.pop(key, None)
        self._kept[key] = media, until
        while len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]

    def drop(self, file_info: str) -> None:
        """Forget what the platform does not take any more."""
        for key in [key for key, (media, _) in self._kept.items() if media.file_info == file_info]:
            del self._kept[key]
