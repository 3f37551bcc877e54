"""An event loop whose clock jumps: days pass in seconds, over real sockets.

When nothing is ready, time moves on to the next timer at once. On loopback that is sound, because what was
sent is there to be read before `send` returns. Threads are not waited for: who asks one has to say so with
`time_stands_still`, as `HeldStore` does.
"""

from __future__ import annotations

import asyncio
import selectors
import sqlite3
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final, Self, TypeVar

from qqbot_cli.model.inbox import Batch
from qqbot_cli.store.sqlite import SqliteStore

T = TypeVar("T")
Events = list[tuple[selectors.SelectorKey, int]]


PATIENCE: Final = 20.0
"""Real seconds that a thread may take for one answer."""


class _Selector(selectors.DefaultSelector):
    """Never waits while there is a timer: it lets time pass."""

    now = 0.0
    held = 0
    """How many answers of threads are awaited."""

    def select(self, timeout: float | None = None) -> Events:
        events: Events = super().select(0)
        if events or timeout == 0:
            return events
        if self.held:
            events = super().select(PATIENCE)
            assert events, "a thread owes an answer"
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

    @contextmanager
    def time_stands_still(self) -> Iterator[None]:
        """Let no time pass within: a thread is at work, which takes none."""
        self._virtual.held += 1
        try:
            yield
        finally:
            self._virtual.held -= 1


def run_virtually(work: Coroutine[Any, Any, T]) -> T:
    """Return what *work* returns, run to its end on a `VirtualLoop`."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


def time_stands_still() -> AbstractContextManager[None]:
    """Let no time of the running loop pass within."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop.time_stands_still()


class HeldStore(SqliteStore):
    """A store whose thread and disk are real, but take no virtual time: it stands still until they are done.

    All that anybody asks of a store goes through these.
    """

    async def __aenter__(self) -> Self:
        with time_stands_still():
            return await super().__aenter__()

    async def __aexit__(self, *exc_info: object) -> None:
        with time_stands_still():
            await super().__aexit__(*exc_info)

    async def write(self, batch: Batch) -> list[int | None]:
        with time_stands_still():
            return await super().write(batch)

    async def _look(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with time_stands_still():
            return await super()._look(work)

    async def _change(self, work: Callable[[sqlite3.Connection], T], rows: Sequence[int] | None = None) -> T:
        with time_stands_still():
            return await super()._change(work, rows)
