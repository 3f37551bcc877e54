"""What to do after a connection ended, by its close code and by what happened before.

`model.opcode` says what a code means. Some rules depend on history: a session that leads nowhere is given
up at the third attempt, a refused token or a fault of ours is not repeated for ever.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from qqbot_cli.model.opcode import CloseRule, Recovery
from qqbot_cli.protocol.backoff import UNTRUSTED_PAUSE

RECONNECT: Final = CloseRule("platform asked to reconnect", Recovery.RESUME, planned=True)
INVALID_ON_RESUME: Final = CloseRule("session is not valid any more", Recovery.IDENTIFY)
INVALID_ON_IDENTIFY: Final = CloseRule(
    "the platform refused to create a session", Recovery.IDENTIFY, fresh_token=True
)
INVALID_ON_IDENTIFY_AGAIN: Final = CloseRule(INVALID_ON_IDENTIFY.meaning, Recovery.IDENTIFY)
"""The token was fetched anew and is not to blame: refusing it too would look like a changed secret."""
INVALID_FOR_NOW: Final = CloseRule("session is not valid for now", Recovery.RESUME, pause=(1.0, 5.0))
NO_CONNECTION: Final = CloseRule("cannot connect", Recovery.RESUME)
UNTRUSTED: Final = CloseRule("cannot connect", Recovery.RESUME, pause=(UNTRUSTED_PAUSE, UNTRUSTED_PAUSE))
NO_HELLO: Final = CloseRule("no hello in time", Recovery.RESUME)
NO_READY: Final = CloseRule("identify was not answered", Recovery.IDENTIFY)
NO_PROGRESS: Final = CloseRule("replay came to a halt", Recovery.RESUME)
NO_ACK: Final = CloseRule("heartbeat not acknowledged", Recovery.RESUME)
ASLEEP: Final = CloseRule("this machine was asleep", Recovery.RESUME, planned=True)
STOOD_STILL: Final = CloseRule("this process stood still", Recovery.RESUME, planned=True)
"""Stopped, blocked by a plugin, or asleep with its machine."""
OUT_OF_TURN: Final = CloseRule("first frame was not hello", Recovery.RESUME)
GARBAGE: Final = CloseRule("too many undecodable frames", Recovery.RESUME)
SILENT: Final = CloseRule("no events for too long, a new session is started", Recovery.IDENTIFY)
SKIPPED: Final = CloseRule("sequence numbers were skipped", Recovery.RESUME, planned=True)
THROTTLED: Final = CloseRule("handlers cannot keep up, reading stopped", Recovery.RESUME, planned=True)
STOPPING: Final = CloseRule("the bot is stopping", Recovery.RESUME)
"""Ends that we cause ourselves; they replace whatever code the socket then reports."""

MAX_STUCK: Final = 3
"""Connections in a row that failed alike without one new event: the session leads nowhere."""
STUCK_FOR: Final = 30.0
"""Seconds they have to go on for, unless a code says that it is the session: a network may well cut three
connections within one second, and nothing is lost as long as the session is kept."""
MAX_FAULTS: Final = (3, 3600.0)
"""Ends that were our fault, and the seconds within which so many are too many."""
MAX_REFUSED: Final = (3, 600.0)
"""Refused tokens, and the seconds within which so many are too many."""


def worded(code: int | None, meaning: str, reason: str) -> str:
    """Return close code, its meaning and the words that came with it, as far as there are any."""
    words = meaning if code is None else f"{code} {meaning}"
    return f"{words}: {reason}" if reason and reason.lower() not in words.lower() else words


class History:
    """What earlier connections of one shard ended with."""

    def __init__(self) -> None:
        self._stuck = 0
        self._stuck_since = 0.0
        self._faults: deque[float] = deque(maxlen=MAX_FAULTS[0])
        self._refused: deque[float] = deque(maxlen=MAX_REFUSED[0])

    def progressed(self) -> None:
        """An event arrived that had not been there before."""
        self._stuck = 0

    def decide(self, rule: CloseRule, *, while_resuming: bool, now: float) -> Recovery:
        """Return RESUME, IDENTIFY, RESHARD or STOP, and remember the end."""
        if rule.recovery is Recovery.IDENTIFY_RARELY:
            return Recovery.STOP if _fills(self._faults, MAX_FAULTS[1], now) else Recovery.IDENTIFY
        if rule.fresh_token and rule.remedy and _fills(self._refused, MAX_REFUSED[1], now):
            return Recovery.STOP
        doubtful = rule.recovery is Recovery.RESUME_TWICE or (
            rule.recovery is Recovery.RESUME and while_resuming
        )
        if not doubtful:
            return rule.recovery
        if not self._stuck:
            self._stuck_since = now
        self._stuck += 1
        told = rule.recovery is Recovery.RESUME_TWICE
        if self._stuck < MAX_STUCK or not (told or now - self._stuck_since >= STUCK_FOR):
            return Recovery.RESUME
        self._stuck = 0
        return Recovery.IDENTIFY


def _fills(times: deque[float], window: float, now: float) -> bool:
    """Note *now* in *times* and return whether they are as many as allowed within *window* seconds."""
    times.append(now)
    return len(times) == times.maxlen and now - times[0] <= window
