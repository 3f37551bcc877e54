"""Names the line that blocks the event loop while it still does.

A handler that waits without `await` stops heartbeats, panel and every other plugin, and nothing inside of
the loop can notice. A thread of its own does, and reads from the stack who it is.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from typing import Final

from qqbot_cli.bot import worker
from qqbot_cli.bot.blame import blamed

logger = logging.getLogger(__name__)

_LOOKS: Final = 5
"""Looks of the thread within the limit."""
_AGAIN: Final = 60.0
"""Seconds after which the same stack is worth its lines again."""
_PLUGIN: Final = "plugin "
"""How the tasks that run handlers are called."""


async def watch_loop(limit: float) -> None:
    """Watch the running loop, for ever; it is blocked if it does nothing for *limit* seconds."""
    watchdog = _Watchdog(asyncio.get_running_loop(), limit)
    watchdog.start()
    try:
        while True:
            watchdog.alive()
            await asyncio.sleep(limit / _LOOKS)
    finally:
        watchdog.stop()


class _Watchdog(threading.Thread):
    def __init__(self, loop: asyncio.AbstractEventLoop, limit: float) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._loop = loop
        self._limit = limit
        self._thread = threading.get_ident()
        self._alive_at = time.monotonic()
        self._tell_after = limit
        """Seconds of standing still after which it is said, again with twice as many."""
        self._shown: tuple[str, float] = "", 0.0
        """Whose stack was shown last, and when."""
        self._stopped = threading.Event()

    def alive(self) -> None:
        """The loop runs; called in it."""
        now, before = time.monotonic(), self._alive_at
        self._alive_at = now
        if self._tell_after > self._limit:
            self._tell_after = self._limit
            logger.warning("the event loop runs again, it was blocked for %.0f s", now - before)

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()
        self.join()

    def run(self) -> None:
        """Look now and then whether the loop lives."""
        while not self._stopped.wait(self._limit / _LOOKS):
            if time.monotonic() - self._alive_at >= self._tell_after:
                seconds, self._tell_after = self._tell_after, 2 * self._tell_after
                self._accuse(seconds)

    def _accuse(self, seconds: float) -> None:
        """Say who blocks the loop, with the stack if it was not shown just now."""
        frame = sys._current_frames().get(self._thread)
        stack = traceback.extract_stack(frame) if frame is not None else traceback.StackSummary()
        task = asyncio.current_task(self._loop)
        name = task.get_name() if task is not None else ""
        who = name if name.startswith(_PLUGIN) else f"task {name}" if name else "a callback"
        line = blamed([(entry.filename, entry.lineno) for entry in stack])
        place = f" ({line})" if line else ""
        message = "the event loop is blocked for %.0f s by %s%s: heartbeats and all plugins wait"
        now, text = time.monotonic(), None
        if self._shown[0] != who + place or now - self._shown[1] >= _AGAIN:
            self._shown = who + place, now
            text = "".join(traceback.format_list(_below_worker(stack)))
        record = logger.makeRecord(
            logger.name, logging.ERROR, __file__, 0, message, (seconds, who, place), None, sinfo=text
        )
        logger.handle(record)


def _below_worker(stack: Sequence[traceback.FrameSummary]) -> Sequence[traceback.FrameSummary]:
    """Return what a handler has called, all of *stack* if it is none."""
    ours = [number for number, entry in enumerate(stack, 1) if entry.filename == worker.__file__]
    return stack[ours[-1] :] if ours and ours[-1] < len(stack) else stack
