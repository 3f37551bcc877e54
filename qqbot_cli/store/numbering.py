"""Rows for new events: which events are new, and what number each of them gets.

The owner of a store is the only one that adds events, so it need not ask the database: what it has to know
is in memory, some seventy bytes for each key, and eight in the file. An index on keys that come in no
order would have to be written at a random place for each event, which took longer than all the rest.
"""

from __future__ import annotations

import sys
from array import array
from collections import deque
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Final

from qqbot_cli.model.inbox import Received

_BITS: Final = 60
"""Of a digest: as many as the smallest integers of Python have room for, and no two of a million keys share
them in a lifetime."""
_DIGEST: Final = "Q"


class Numbering:
    """The newest row, and the keys that are known."""

    def __init__(
        self, newest: int = 0, kept: Iterable[tuple[int, bytes]] = (), *, most: int = sys.maxsize
    ) -> None:
        """Go on after the row *newest*; *kept* is what `number` returned: rows and packed keys.

        About *most* keys are known at once; older ones are forgotten before anybody prunes.
        """
        self._newest = newest
        self._most = most
        self._forgotten = 0
        self._kept = deque(kept)
        self._known: set[int] = set()
        for _, packed in self._kept:
            self._known.update(array(_DIGEST, packed))

    def number(self, events: Sequence[Received]) -> tuple[list[int | None], bytes]:
        """Return the row of each event, None for a repetition, and the new keys, packed.

        They are to be kept under the last of the rows.
        """
        known, newest = self._known, self._newest
        rows: list[int | None] = []
        fresh = array(_DIGEST)
        for event in events:
            if event.key:
                digest = _digest(event.key)
                if digest in known:
                    rows.append(None)
                    continue
                known.add(digest)
                fresh.append(digest)
            newest += 1
            rows.append(newest)
        self._newest = newest
        packed = fresh.tobytes()
        if packed:
            self._kept.append((newest, packed))
            while len(known) > self._most and len(self._kept) > 1:
                self._forget_oldest()
        return rows, packed

    def forget(self, before: int) -> int:
        """Forget keys that are kept under rows below *before*; return how many were, since the last time."""
        while self._kept and self._kept[0][0] < before:
            self._forget_oldest()
        forgotten, self._forgotten = self._forgotten, 0
        return forgotten

    def _forget_oldest(self) -> None:
        digests = array(_DIGEST, self._kept.popleft()[1])
        self._known.difference_update(digests)
        self._forgotten += len(digests)


def _digest(key: str) -> int:
    hashed = blake2b(key.encode(), digest_size=8).digest()
    return int.from_bytes(hashed, "little") >> (64 - _BITS)
