"""Heartbeats of one connection: when the next is due, and when silence means that nobody is there.

TCP alone takes minutes to hours to notice that the peer is gone. A heartbeat that is not acknowledged in
time ends the connection, unless other frames arrived meanwhile: any frame is a sign of life. But three
acknowledgements in a row that never come end it too.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import Final

DEFAULT_INTERVAL: Final = 45.0
"""Seconds between heartbeats if HELLO does not say."""

MAX_MISSED: Final = 3
"""Heartbeats in a row without an answer while other frames arrive."""


def clamped(asked: object, limits: tuple[float, float]) -> float:
    """Return as seconds the milliseconds that HELLO *asked* for, within *limits*.

    Nonsense must neither spin nor starve the connection.
    """
    try:
        seconds = float(asked) / 1000 if isinstance(asked, (int, float, str)) else DEFAULT_INTERVAL
    except (ValueError, OverflowError):
        return DEFAULT_INTERVAL
    return DEFAULT_INTERVAL if math.isnan(seconds) else min(max(seconds, limits[0]), limits[1])


class Silence(Enum):
    """What a missing acknowledgement means."""

    NONE = "none is missing"
    TOLERABLE = "other frames arrived since"
    DEAD = "nobody is there"


class Pulse:
    """The heartbeat of one connection; born with it, so that nothing late counts for the next."""

    def __init__(self, *, patience: float) -> None:
        """*patience* is the longest wait for an acknowledgement in seconds; half an interval if shorter."""
        self.interval = DEFAULT_INTERVAL
        self.missed = 0
        self.heard_at = -math.inf
        """When any frame arrived last."""
        self._longest_patience = patience
        self._next_beat = math.inf
        self._sent_at: float | None = None
        self._answer_due = math.inf
        self._reading = True

    @property
    def deadline(self) -> float:
        """When a beat is due or an answer overdue."""
        return min(self._next_beat, self._answer_due)

    def begin(self, interval: float, *, jitter: float, now: float) -> None:
        """Beat every *interval* seconds; the first beat comes after a part of it, so that shards spread."""
        self.interval = interval
        self._next_beat = now + interval * jitter

    def due(self, *, now: float) -> bool:
        """Whether a beat should be sent."""
        return now >= self._next_beat

    def sent(self, *, now: float) -> None:
        """A beat was sent. Later ones count from now: after a pause, missed beats are not caught up with."""
        self._next_beat = now + self.interval
        if self._sent_at is None:
            self._sent_at = now
        self._answer_due = now + self._patience if self._reading else math.inf

    def acknowledged(self, *, now: float) -> float | None:
        """Return the round trip in seconds, or None if no answer was expected (they may come twice)."""
        self.missed = 0
        self._answer_due = math.inf
        sent_at, self._sent_at = self._sent_at, None
        return None if sent_at is None else now - sent_at

    def silence(self, *, now: float) -> Silence:
        """Judge a missing answer, and count it."""
        if now < self._answer_due or self._sent_at is None:
            return Silence.NONE
        self._answer_due = math.inf
        self.missed += 1
        if self.heard_at < self._sent_at or self.missed >= MAX_MISSED:
            return Silence.DEAD
        self._sent_at = None  # the next beat is measured by itself
        return Silence.TOLERABLE

    def reading_paused(self) -> None:
        """Frames are left in the socket, and the acknowledgement may be among them: do not wait for it."""
        self._reading = False
        self._answer_due = math.inf

    def reading_continued(self, *, now: float) -> None:
        """Frames are read again."""
        self._reading = True
        self.heard_at = now
        if self._sent_at is not None:
            self._answer_due = now + self._patience

    @property
    def _patience(self) -> float:
        return min(self.interval / 2, self._longest_patience)
