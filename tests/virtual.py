"""An event loop whose clock jumps: days pass in seconds, over real sockets.

When nothing is ready, time moves on to the next timer at once. On loopback that is sound, because what was
sent is there to be read before `send` returns; threads are not waited for, so nothing here may use any.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
Events = list[tuple[selectors.SelectorKey, int]]


class _Selector(selectors.DefaultSelector):
    """Never waits while there is a timer: it lets time pass."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Events:
        events: Events = super().select(0)
        if events or timeout == 0:
            return events
        if timeout is None:
            return super().select(None)
        time.sleep(0)  # a system under load may owe us something that was sent
        events = super().select(0)
        if not events:
            self.now += max(timeout, 0.0)
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its `time` begins at 0 and passes only while everybody waits."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now


def run_virtually(work: Coroutine[Any, Any, T]) -> T:
    """Return what *work* returns, run to its end on a `VirtualLoop`."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)
