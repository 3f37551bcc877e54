"""Whether a session that looks healthy has gone deaf: connected, acknowledged, and no events any more.

Resumed sessions of old age have been seen to deliver nothing while their heartbeats were answered. No
protocol tells that apart from a quiet evening, so an old session that has been silent for much longer
than it usually is is replaced by a new one.

The old session ends before the new one is asked for, because the platform is not known to allow two sessions
of one shard at once. The price: what happens in the second between them is lost. What the deaf session
withheld is lost either way; the gap that is told begins with it.
Source: reports of bot owners about sessions of several days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_USUAL_GAPS: Final = 3.0
"""Times the usual time between two events; a shorter silence is nothing special."""


@dataclass(frozen=True, slots=True)
class Patience:
    """When silence is too long, in seconds."""

    age: float = 86_400.0
    """A session younger than this is never replaced."""
    silence: float = 1_800.0
    """Shortest silence that counts; longer where events are rare."""


USUAL_PATIENCE: Final = Patience()


class Hearing:
    """Events of one session; judged at each heartbeat."""

    def __init__(self, patience: Patience | None, *, now: float, began: float) -> None:
        """*patience* None never doubts; *began* is when the session began, perhaps in an earlier process."""
        self.events = 0
        """Heard so far; counted by whoever hears them."""
        self._patience = patience
        self._began = began
        self._watched_since = now
        self._events_then = 0
        self._silent_since = self._judged_at = now
        self.heard_until = now
        """Until then, at least, nothing was withheld."""

    def is_deaf(self, *, now: float) -> bool:
        """Whether the session is old and has been silent for too long; to be asked now and then."""
        patience = self._patience
        if patience is None:
            return False
        before, self._judged_at = self._judged_at, now
        if self.events != self._events_then:
            self._events_then = self.events
            self._silent_since = now
            self.heard_until = before
            return False
        usual = (now - self._watched_since) / self.events if self.events else 0.0
        silence = max(patience.silence, _USUAL_GAPS * usual)
        return now - self._began >= patience.age and now - self._silent_since >= silence
