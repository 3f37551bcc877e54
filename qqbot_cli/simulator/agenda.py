"""What is planned, one thing after another in the order of its time."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator, Sequence

Plan = tuple[float, float | None]
"""Seconds from now until it happens, and between two times if it happens again."""


async def each_when_due(plans: Sequence[Plan]) -> AsyncIterator[int]:
    """Yield the number of each of *plans* when it is due; ends when none of them comes again."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    agenda = [(first, number) for number, (first, _) in enumerate(plans)]
    heapq.heapify(agenda)
    while agenda:
        due, number = heapq.heappop(agenda)
        await asyncio.sleep(started + due - loop.time())
        yield number
        pause = plans[number][1]
        if pause is not None:
            heapq.heappush(agenda, (due + pause, number))
