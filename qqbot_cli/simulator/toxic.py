"""What a bad network does to bytes: toxics, and the timetable they make of a stream. No I/O, no clock.

The names are those of toxiproxy. A `Course` is told what was read and when, and answers which pieces of it
are to be written when, and how the connection ends; `front` carries that out.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeVar

T = TypeVar("T")

_STEPS: Final = 20
"""Pieces that a bandwidth makes of what it lets through in one second."""


class Ending(Enum):
    """How a connection is ended on purpose."""

    CLOSE = "close"
    """With FIN, both ways."""
    RESET = "reset"
    """With RST, both ways."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Everything arrives later; nothing gets slower."""

    seconds: float
    jitter: float = 0.0
    """Seconds that `seconds` may be off in either direction."""


@dataclass(frozen=True, slots=True)
class Bandwidth:
    """No more than so many bytes a second."""

    rate: float


@dataclass(frozen=True, slots=True)
class Slice:
    """What was one segment arrives as many."""

    size: int = 1
    """Bytes of one slice."""
    delay: float = 0.0
    """Seconds between two slices."""
    spread: int = 0
    """Bytes that `size` may be off in either direction."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Each connection is closed when so many more bytes have passed."""

    size: int = 0


@dataclass(frozen=True, slots=True)
class Rst:
    """Each connection is reset when so many more bytes have passed; inside a frame, if they end there."""

    size: int = 0


@dataclass(frozen=True, slots=True)
class Blackhole:
    """Nothing passes, and nobody is told. What waits goes on when the network is back."""


@dataclass(frozen=True, slots=True)
class SlowClose:
    """The end of a stream arrives so many seconds after its last byte."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Refuse:
    """New connections are refused: nobody listens. Directions do not matter."""


@dataclass(frozen=True, slots=True)
class Hang:
    """New connections hang: their first packet is not answered. Directions do not matter."""


Toxic = Latency | Bandwidth | Slice | Limit | Rst | Blackhole | SlowClose | Refuse | Hang


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes to be written together, not before `due`."""

    due: float
    data: bytes


class Course:
    """One direction of one connection."""

    def __init__(self, chance: random.Random) -> None:
        self.taken = 0
        """Bytes that were let through so far."""
        self._chance = chance
        self._latest = -math.inf
        """When the newest piece is due; none may overtake another."""
        self._clear_at = -math.inf
        """When the bandwidth has carried everything there was."""
        self._ends: dict[Ending, int] = {}
        """Bytes after which the connection ends."""

    def arm(self, toxic: Toxic) -> None:
        """Count the bytes of a `Limit` or `Rst` from here on; other toxics count nothing."""
        match toxic:
            case Limit(size):
                self._arm(Ending.CLOSE, size)
            case Rst(size):
                self._arm(Ending.RESET, size)
            case _:
                pass

    def _arm(self, ending: Ending, size: int) -> None:
        end = self.taken + max(0, size)
        self._ends[ending] = min(end, self._ends.get(ending, end))

    @property
    def ending(self) -> Ending | None:
        """How the connection ends once everything that was taken is written; None if it goes on."""
        for ending, end in self._ends.items():
            if self.taken >= end:
                return ending
        return None

    def take(self, data: bytes, toxics: Iterable[Toxic], *, now: float) -> list[Piece]:
        """Return what becomes of *data*, read at *now*; what is beyond an end is left out."""
        toxics = list(toxics)
        if self._ends:
            data = data[: max(0, min(self._ends.values()) - self.taken)]
        self.taken += len(data)
        due = max(now + self._latency(toxics), self._latest)
        pieces = []
        for number, part in enumerate(self._cut(data, toxics)):
            if number:
                due += sum(toxic.delay for toxic in _all(toxics, Slice))
            due = self._carried(len(part), due, toxics)
            pieces.append(Piece(due, part))
        self._latest = max(self._latest, due)
        return pieces

    def end_due(self, toxics: Iterable[Toxic], *, now: float) -> float:
        """Return when the end of the stream, seen at *now*, arrives."""
        return max(now, self._latest) + sum(toxic.seconds for toxic in _all(toxics, SlowClose))

    def _latency(self, toxics: Iterable[Toxic]) -> float:
        total = 0.0
        for toxic in _all(toxics, Latency):
            total += toxic.seconds + self._chance.uniform(-toxic.jitter, toxic.jitter)
        return max(0.0, total)

    def _cut(self, data: bytes, toxics: Iterable[Toxic]) -> Iterator[bytes]:
        slices = _all(toxics, Slice)
        largest = [max(1, int(toxic.rate / _STEPS)) for toxic in _all(toxics, Bandwidth)]
        begin = 0
        while begin < len(data):
            sizes = [
                max(1, toxic.size + self._chance.randint(-toxic.spread, toxic.spread)) for toxic in slices
            ]
            end = begin + min([*sizes, *largest], default=len(data))
            yield data[begin:end]
            begin = end

    def _carried(self, size: int, due: float, toxics: Iterable[Toxic]) -> float:
        """Return when *size* bytes that could arrive at *due* have been carried."""
        for toxic in _all(toxics, Bandwidth):
            self._clear_at = max(self._clear_at, due) + size / toxic.rate
            due = self._clear_at
        return due


def _all(toxics: Iterable[Toxic], kind: type[T]) -> list[T]:
    return [toxic for toxic in toxics if isinstance(toxic, kind)]
