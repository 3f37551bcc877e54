"""Stored events whose plugins are not here: they were wanted when they came, and wait for another start.

A plugin may be left out on purpose (``--only``, ``--no-plugins``) or because it cannot be loaded any more;
neither is a reason to throw away what it has not handled.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from itertools import takewhile
from typing import Final

from qqbot_cli.bot.wording import counted
from qqbot_cli.model.inbox import Batch, Failure, StoredEvent

logger = logging.getLogger(__name__)

ABSENT: Final = "waits for a start with a plugin that wants it"
"""The error of such an event: whoever looks into the inbox sees why it does not run."""


class Absentees:
    """The events that nobody here wants."""

    def __init__(self, wants: Callable[[str, Collection[str]], bool]) -> None:
        """*wants* answers whether a plugin handles events of a name, among some plugins if there are any."""
        self.rows: set[int] = set()
        self._wants = wants

    def include(self, event: StoredEvent) -> bool:
        """Whether nobody here wants *event*."""
        return not self._wants(event.received.name, event.plugins)

    def split(self, events: Sequence[StoredEvent]) -> tuple[list[StoredEvent], list[StoredEvent]]:
        """Return the first of *events* as far as nobody wants them, then the next as far as somebody does."""
        absent = list(takewhile(self.include, events))
        wanted = takewhile(lambda event: not self.include(event), events[len(absent) :])
        return absent, list(wanted)

    def leave(self, events: Sequence[StoredEvent]) -> Batch:
        """Say that *events* are left alone; return what to store of that."""
        self.rows.update(event.row for event in events)
        names = ", ".join(sorted({event.received.name for event in events}))
        number = counted(len(events), "stored event")
        logger.warning("%s left for a later start, no plugin that is loaded wants them: %s", number, names)
        return Batch(failed=[Failure(event.row, ABSENT, tuple(event.plugins)) for event in events])
