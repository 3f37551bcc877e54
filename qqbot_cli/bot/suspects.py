"""Which events that an earlier process had begun may run now: one may have been its end. Pure."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from qqbot_cli.model.inbox import StoredEvent

_CAREFUL: Final = 16
"""Events that run at once while it is unknown which of them has ended the last process."""


class Suspects:
    """The events that are not done, and had begun."""

    def __init__(self, *, begun: int, crashed: bool) -> None:
        """*begun* is the row up to which an earlier process had handed events out; perhaps it *crashed*."""
        self._begun = begun
        self._careful = crashed
        self._alone = 0
        """Row of the event that runs alone, or did."""

    @property
    def most(self) -> int:
        """Events that it makes sense to look at."""
        return _CAREFUL if self._careful else sys.maxsize

    def include(self, event: StoredEvent) -> bool:
        """Whether an earlier process handed *event* out, which may have been the end of it."""
        return event.row <= self._begun

    def clear(self) -> None:
        """All of them have had their turn."""
        self._careful = False

    def may_run(self, events: Sequence[StoredEvent], running: AbstractSet[int]) -> Sequence[StoredEvent]:
        """Return those at the beginning of *events* that may run beside the rows that are *running*.

        To find out which of them ended the last process, few run at once, and one that ran at such an end
        runs alone.
        """
        old = [event for event in events if self.include(event)]
        if not self._careful:
            return old
        if self._alone in running:
            return ()
        if old[0].crashes:
            if running:
                return ()
            self._alone = old[0].row
            return old[:1]
        suspicious = next((index for index, event in enumerate(old) if event.crashes), len(old))
        return old[: min(suspicious, max(0, _CAREFUL - len(running)))]
