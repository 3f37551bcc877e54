"""What follows from a call once it is answered: events, and work the platform finishes later."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

Emit = Callable[[str, object], Awaitable[object]]


class Aftermath:
    """Calls put it in, the simulator carries it out."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[tuple[str, object]] = asyncio.Queue()
        self._work: asyncio.Queue[tuple[float, Callable[[], None]]] = asyncio.Queue()

    def tell(self, name: str, d: object) -> None:
        """Let the event *name* follow."""
        self._events.put_nowait((name, d))

    def later(self, seconds: float, work: Callable[[], None]) -> None:
        """Let *work* follow after *seconds*, and after what was put off before it."""
        self._work.put_nowait((seconds, work))

    async def tell_all(self, emit: Emit) -> None:
        """Let the events happen in their order, for ever."""
        while True:
            await emit(*await self._events.get())

    async def finish_all(self) -> None:
        """Do the work that was put off in its order, for ever."""
        while True:
            seconds, work = await self._work.get()
            await asyncio.sleep(seconds)
            work()
