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

    async def settle(self, emit: Emit) -> None:
        """Let everything happen in its order, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tell_all(emit))
            group.create_task(self._finish_all())

    async def _tell_all(self, emit: Emit) -> None:
        while True:
            await emit(*await self._events.get())

    async def _finish_all(self) -> None:
        while True:
            seconds, work = await self._work.get()
            await asyncio.sleep(seconds)
            work()
