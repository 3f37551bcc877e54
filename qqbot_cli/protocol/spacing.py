"""When a shard may identify: the platform's pace and the day's budget of session starts.

The platform allows `max_concurrency` session starts every five seconds and a number of them a day;
what exceeds the pace is refused, what exceeds the budget locks the bot out until tomorrow. A permit is
asked for, granted, and then either used (`started`) or given back, so that a connection that fails
before IDENTIFY costs nothing.

Source: platform documentation, "获取带分片 WSS 接入点" (``session_start_limit``).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Final

WINDOW: Final = 5.0
"""Seconds in which `max_concurrency` sessions may be started; official SDKs use two, the text says five."""

_MARGIN: Final = 0.1
"""Seconds added to the window: the platform measures when IDENTIFY arrives, we when it leaves."""

DAY: Final = 86_400.0
"""Seconds for which the budget lasts, where the platform has not been asked again since."""

RESERVE: Final = 0.05
"""Share of the day's budget that reconnects may not touch, so that a person can still start the bot."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What ``/gateway/bot`` said about session starts."""

    total: int
    remaining: int
    reset_at: float
    """Monotonic seconds at which `remaining` is `total` again."""
    max_concurrency: int


class Spacing:
    """Grants permits to identify, in the order in which they were asked for."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._remaining = budget.remaining
        self._waiting: deque[int] = deque()
        self._granted: set[int] = set()
        self._started: deque[float] = deque()
        self._known: set[int] = set()

    @property
    def remaining(self) -> int:
        """Session starts left today, by our own count."""
        return self._remaining

    @property
    def reset_at(self) -> float:
        """When the budget is full again, in monotonic seconds."""
        return self._budget.reset_at

    def refresh(self, budget: Budget) -> None:
        """Take over what the platform says now."""
        self._budget = budget
        self._remaining = budget.remaining

    def ask(self, shard: int) -> None:
        """Put *shard* into the queue; asking twice changes nothing."""
        if shard not in self._waiting and shard not in self._granted:
            self._waiting.append(shard)

    def withdraw(self, shard: int) -> None:
        """Forget that *shard* waits, or take back a permit it did not use."""
        self._granted.discard(shard)
        if shard in self._waiting:
            self._waiting.remove(shard)

    def started(self, shard: int, *, now: float) -> None:
        """*shard* sent IDENTIFY: the permit is used up and the budget is one smaller."""
        self._granted.discard(shard)
        self._known.add(shard)
        self._started.append(now)
        self._remaining = max(0, self._remaining - 1)

    def grant(self, *, now: float) -> list[int]:
        """Return the shards that may identify now, first come first served."""
        while self._started and now - self._started[0] >= WINDOW + _MARGIN:
            self._started.popleft()
        granted: list[int] = []
        while self._waiting and self._free() and self._affordable(self._waiting[0], now):
            shard = self._waiting.popleft()
            self._granted.add(shard)
            granted.append(shard)
        return granted

    def next_grant(self, *, now: float) -> float | None:
        """Return when `grant` should be called again, or None if only `started` or `withdraw` can help.

        While the budget is used up this is the moment at which it is renewed.
        """
        if not self._waiting:
            return None
        if not self._affordable(self._waiting[0], now):
            return self._budget.reset_at
        if not self._free():
            return self._started[0] + WINDOW + _MARGIN if self._started else None
        return now

    def turns(self, *, now: float) -> dict[int, float]:
        """Return when each waiting shard may expect its permit, if those before it use theirs at once."""
        first = self.next_grant(now=now)
        if first is None:
            return {}
        concurrent = max(1, self._budget.max_concurrency)
        left = self._remaining - len(self._granted)
        turns = {}
        for place, shard in enumerate(self._waiting):
            due = first + place // concurrent * (WINDOW + _MARGIN)
            turns[shard] = due if place < left else max(due, self._budget.reset_at)
        return turns

    def exhausted(self, *, now: float) -> bool:
        """Whether somebody waits for the budget rather than for the pace."""
        return bool(self._waiting) and not self._affordable(self._waiting[0], now)

    def _free(self) -> bool:
        limit = max(1, self._budget.max_concurrency)
        return len(self._started) + len(self._granted) < limit

    def _affordable(self, shard: int, now: float) -> bool:
        """A shard's first start may use the whole budget, every further one leaves the reserve alone."""
        if now >= self._budget.reset_at:
            self._remaining = self._budget.total
            self._budget = replace(self._budget, reset_at=now + DAY)
        reserve = int(self._budget.total * RESERVE) if shard in self._known else 0
        return self._remaining - len(self._granted) > reserve
