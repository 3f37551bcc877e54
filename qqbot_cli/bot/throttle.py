"""Stops reading while the process has more memory than it may.

What has been read is in the hands of plugins and can only be waited for; what has not been read stays with
the platform, which sends it again. So reading stops before the system ends the process, heartbeats go on,
and the shards stay ready as with a full inbox.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from qqbot_cli.bot.memory import resident_memory
from qqbot_cli.gateway.connection import Sink
from qqbot_cli.model.frame import Frame

logger = logging.getLogger(__name__)

_LOOK_EVERY: Final = 0.5
"""Seconds between two measurements."""
_ENOUGH: Final = 0.9
"""Share of the limit below which reading goes on; at the limit itself it would stop and go."""
_MB: Final = 1_000_000


class MemoryThrottle:
    """A sink that has no room while there is too little memory; it exists only where there is a limit."""

    def __init__(
        self,
        sink: Sink,
        limit: int,
        *,
        busy: Callable[[], bool],
        measure: Callable[[], int | None] = resident_memory,
        look_every: float = _LOOK_EVERY,
    ) -> None:
        """Make a throttle that is open; `watch` measures.

        Args:
            sink: Where events go.
            limit: Bytes that the process may have.
            busy: Whether plugins have anything in their hands that may give memory back.
            measure: Answers the bytes that the process has, None if nobody knows.
            look_every: Seconds between two measurements.
        """
        self.trouble = ""
        """Why nothing is read right now, or empty."""
        self._sink = sink
        self._limit = limit
        self._busy = busy
        self._measure = measure
        self._look_every = look_every
        self._open = asyncio.Event()
        self._open.set()
        self._leaking = False
        """Whether it has been said that waiting frees nothing."""

    def put(self, shard: int, frame: Frame, received: float) -> bool:
        """Take an event; return False if the next should wait for `room`."""
        return self._sink.put(shard, frame, received) and self._open.is_set()

    async def room(self) -> None:
        """Wait until there is room again, in memory and in the sink."""
        while True:
            await self._open.wait()
            await self._sink.room()
            if self._open.is_set():
                return

    def forget(self, shard: int) -> None:
        """The session of *shard* cannot be resumed any more."""
        self._sink.forget(shard)

    async def watch(self) -> None:
        """Measure, for ever."""
        if self._measure() is None:
            logger.warning("this system does not tell how much memory the bot has: memory is not limited")
        while True:
            self.look()
            await asyncio.sleep(self._look_every)

    def look(self) -> None:
        """Measure, and close or open accordingly."""
        memory = self._measure()
        if memory is None:
            return
        if self._open.is_set():
            if memory > self._limit and self._busy():
                self._close(memory)
            elif memory > self._limit:
                self._tell_leak(memory)
        elif memory <= self._limit * _ENOUGH:
            self._leaking = False
            self._reopen(f"memory is down to {memory // _MB} MB")
        elif not self._busy():
            # Whatever holds the memory, it is no event: not reading would be a deaf bot and nothing won.
            self._reopen("no plugin has anything left to finish")
            self._tell_leak(memory)

    def _close(self, memory: int) -> None:
        self._open.clear()
        self.trouble = f"memory is at {memory // _MB} MB, the limit is {self._limit // _MB} MB"
        logger.error("%s: nothing is read until plugins have finished what they have", self.trouble)

    def _reopen(self, reason: str) -> None:
        self._open.set()
        self.trouble = ""
        logger.warning("%s: events are read again", reason)

    def _tell_leak(self, memory: int) -> None:
        if not self._leaking:
            self._leaking = True
            logger.warning(
                "memory is at %d MB, above the limit of %d MB, though no plugin has an event:"
                " something leaks, or the limit is too low",
                memory // _MB,
                self._limit // _MB,
            )
