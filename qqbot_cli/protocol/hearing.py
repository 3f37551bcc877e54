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
    """Events of one session; judged at each heartbeat.

    Silence is only what is listened to: without a connection, or while reading has stopped, no event can be
    heard. It adds up over the connections of a session, or one that is resumed every few minutes and never
    delivers would pass for healthy.
    """

    def __init__(self, patience: Patience | None, *, began: float | None) -> None:
        """Make one that does not listen yet.

        Args:
            patience: None never doubts.
            began: When the session began, perhaps in an earlier process; None never doubts either.
        """
        self.events = 0
        """Heard so far, replayed ones included; counted by whoever hears them."""
        self.heard_until = 0.0
        """Until then, at least, nothing was withheld."""
        self._patience = patience
        self._began = began
        self._watched_since: float | None = None
        self._events_then = 0
        self._silence = 0.0
        self._judged_at = 0.0
        self._listening = False

    def listen(self, *, now: float) -> None:
        """Expect events from *now* on, for the first time or again."""
        if self._watched_since is None:
            self._watched_since = self._judged_at = self.heard_until = now
            # What came before is of a time that nobody watched: it does not tell how usual events are.
            self.events = 0
        self._note_events()
        self._judged_at, self._listening = now, True

    def pause(self) -> None:
        """Expect nothing until `listen`."""
        self._listening = False

    def is_deaf(self, *, now: float) -> bool:
        """Whether the session is old and has been silent for too long; to be asked now and then."""
        heard = self._note_events()
        before, self._judged_at = self._judged_at, now
        if self._patience is None or self._began is None or self._watched_since is None or heard:
            return False
        if self._listening:
            self._silence += now - before
        usual = (now - self._watched_since) / self.events if self.events else 0.0
        silence = max(self._patience.silence, _USUAL_GAPS * usual)
        return now - self._began >= self._patience.age and self._silence >= silence

    def _note_events(self) -> bool:
        """Return whether anything was heard since this was asked last."""
        if self.events == self._events_then:
            return False
        self._events_then = self.events
        self._silence = 0.0
        self.heard_until = self._judged_at
        return True
