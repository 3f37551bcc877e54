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

    def __contains__(self, event_id: str) -> bool:
        return event_id in self._young or event_id in self._old

    def add(self, event_id: str) -> bool:
        """Return True if *event_id* is new, and remember it."""
        young = self._young
        before = len(young)
        young.add(event_id)  # adding and counting is one look-up where asking first would be two
        if len(young) == before or event_id in self._old:
            return False
        if before >= self._capacity:
            self._old, self._young = young, set()
        return True
