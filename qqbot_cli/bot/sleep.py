"""Notices that the computer has slept, which the clock of the event loop does not count everywhere.

On Linux it stands still meanwhile: timers go on as if nothing had been, on connections that are long gone.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

_EVERY: Final = 2.0
_SHORTEST: Final = 1.0
"""Seconds; two clocks are not read at the same moment."""


def lived() -> float:
    """Return seconds, those asleep among them."""
    # Windows' monotonic clock counts them by itself, and so does this one of macOS.
    clock: int | None = getattr(time, "CLOCK_BOOTTIME", None) or getattr(time, "CLOCK_MONOTONIC", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


async def watch_sleep(slept: Callable[[float], Awaitable[None]], clock: Callable[[], float] = lived) -> None:
    """Tell *slept* for how many seconds the loop's clock stood still while *clock* went on; for ever."""
    loop = asyncio.get_running_loop()
    ahead = clock() - loop.time()
    while True:
        await asyncio.sleep(_EVERY)
        before, ahead = ahead, clock() - loop.time()
        if ahead - before > _SHORTEST:
            await slept(ahead - before)
