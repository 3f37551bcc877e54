"""Sequence numbers of one session: which is the newest, and from where to ask again.

Frames may arrive out of order. The newest number received never falls; while an older one is still
outstanding, RESUME asks from before it, and what then arrives twice is recognised by its id.

Heartbeats and RESUME tell the same story: a platform may forget what a heartbeat confirmed, and would refuse
a RESUME from before it. Some numbers never come, so what is outstanding for a whole interval is not expected
any more. Where numbers count when they are stored, that too has to be stored before anybody is told: the
next process must not ask for less than what was confirmed.
"""

from __future__ import annotations

import math
from typing import Final

_MAX_OUTSTANDING: Final = 64
"""More numbers than this are not late, they do not exist: the platform may skip some."""


class Sequence:
    """The position in a session."""

    def __init__(self, newest: int | None = None, *, durable: bool = False) -> None:
        """Begin after *newest*; with *durable*, a number is given up by `give_up` only."""
        self.skips = 0
        """How often numbers were left out since RESUME asked last, whether they came later or not."""
        self.newest = newest
        """The highest number received; None before the first."""
        self.receive: Final = self.count if durable else self.advance
        """Is given the number of each frame that comes; a method that is chosen once."""
        self._durable = durable
        self._received = self._noted = 0
        """Frames that came, and those of them whose numbers have been noted; counted where *durable*."""
        self._outstanding: set[int] = set()
        self._doubtful: set[int] = set()
        """Those that were outstanding at the last heartbeat, or at the RESUME that asked for them."""
        self._asked_again: float = newest or 0
        """Numbers up to this one may well come again."""
        self.new_skips = 0
        """How often numbers were left out since `oddities` were asked for."""
        self._repeated = self._told_repeated = False
        """Whether a number came that had been there, although nobody had asked for it again."""
        self._overdue: set[int] = set()
        """Those that were doubtful at the last heartbeat, when `_mark` frames had come."""
        self._mark = 0
        self._hopeless: set[int] = set()
        """Those that will not come any more."""

    def count(self, _seq: int | None) -> None:
        """A frame came; `advance` takes note of its number when it is stored."""
        self._received += 1

    def advance(self, seq: int | None) -> None:
        """Take note of the number of a frame; None and 0 are none."""
        newest = self.newest
        self._noted += 1
        if not seq:
            return
        if newest is None or seq == newest + 1:
            self.newest = seq
            return
        if seq > newest:
            self.skips += 1
            self.new_skips += 1
            if len(self._outstanding) + seq - newest - 1 > _MAX_OUTSTANDING:
                self._outstanding.clear()
            else:
                self._outstanding.update(range(newest + 1, seq))
            self.newest = seq
        elif seq in self._outstanding:
            self._outstanding.remove(seq)
        elif seq > self._asked_again:
            self._repeated = True

    def oddities(self, hint: str) -> list[str]:
        """Return what has been odd since this was asked last; *hint* follows what is said of skips.

        That numbers come again is said once only, because it may be so with every event.
        """
        told: list[str] = []
        if self.new_skips:
            told.append(f"sequence numbers were skipped {self.new_skips} times{hint}")
            self.new_skips = 0
        if self._repeated and not self._told_repeated:
            told.append("a sequence number came again, or too late; its event is handled all the same")
            self._told_repeated = True
        return told

    @property
    def complete(self) -> int | None:
        """The number up to which nothing is outstanding; None before the first."""
        return self._before(self._outstanding)

    @property
    def settled(self) -> int | None:
        """The number up to which nothing is expected any more; None before the first."""
        return self._before(self._outstanding - self._hopeless)

    def _before(self, missing: set[int]) -> int | None:
        oldest = min(missing, default=None)
        return self.newest if oldest is None else oldest - 1

    def give_up(self, up_to: int) -> None:
        """Wait no longer for numbers up to *up_to*."""
        self._outstanding = {seq for seq in self._outstanding if seq > up_to}

    def confirm(self, *, settled: bool) -> int | None:
        """Return the number to send in a heartbeat: everything up to it need not be sent again.

        *settled* is whether what was asked for by RESUME has come, as far as it exists.
        """
        if settled:
            self._judge()
            self._overdue, self._mark = self._doubtful & self._outstanding, self._received
            self._judge()
            self._doubtful = set(self._outstanding)
            if not self._durable and self.settled is not None:
                self.give_up(self.settled)
        return self.complete

    def _judge(self) -> None:
        """Lose hope for what is overdue, unless it may have come in time and is still being stored."""
        if self._noted >= self._mark:
            self._hopeless = self._overdue

    def resume_from(self) -> int | None:
        """Return the number to send in RESUME; what a replay does not bring will not come any more."""
        self._doubtful = set(self._outstanding)
        self._asked_again = math.inf
        self.skips = 0
        self._overdue = self._hopeless = set()
        return self.complete

    def replayed(self, seq: int | None) -> None:
        """All that RESUME asked for has come, up to *seq*; some of it may wait to be taken note of twice."""
        self._asked_again = max(self.newest or 0, seq or 0)
