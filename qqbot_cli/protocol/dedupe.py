"""Which events were seen before.

The platform may push one event twice, and a message may arrive under two event names. Memory is bounded
by forgetting in two generations: cheaper than an ordered structure, and between one and two capacities
of the newest ids are always known.
"""

from __future__ import annotations


class SeenIds:
    """A bounded set of ids."""

    def __init__(self, capacity: int) -> None:
        """Remember at least the *capacity* newest ids."""
        self._capacity = capacity
        self._young: set[str] = set()
        self._old: set[str] = set()

    def add(self, event_id: str) -> bool:
        """Return True if *event_id* is new, and remember it."""
        if event_id in self._young or event_id in self._old:
            return False
        if len(self._young) >= self._capacity:
            self._old, self._young = self._young, set()
        self._young.add(event_id)
        return True
