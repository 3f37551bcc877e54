"""Orderly ends: the first Ctrl-C or SIGTERM drains, the second one hurries.

Plain signal handlers instead of the event loop's: they work on Windows too, and the second signal works
even while a handler blocks the loop. A plugin may set handlers of its own, and not even know that a library
does it; ours are put back.

A terminal that is closed says SIGHUP, and the bot goes on without it. On Windows a console that is closed
takes the process with it, after a few seconds in which we drain.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from qqbot_cli.bot.console import Farewell, console_events

logger = logging.getLogger(__name__)

_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)
)
_HANG_UP: Final = getattr(signal, "SIGHUP", None)
_LOOK_EVERY: Final = 1.0
"""Seconds between two looks whether the handlers are still ours."""


@contextmanager
def stop_signals(
    *, drain: Callable[[], None], again: Callable[[], None], hurry: Callable[[], None] | None = None
) -> Iterator[None]:
    """Let signals end what runs in the block.

    Args:
        drain: Called in the running loop at the first signal.
        again: Called at each later one, in the signal handler: the loop may be blocked.
        hurry: Called in the loop instead of *drain* where the system leaves us only seconds.
    """
    loop = asyncio.get_running_loop()
    seen = 0

    def begin() -> None:
        handlers.hold()  # or the second signal would be somebody else's
        drain()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        seen += 1
        if seen == 1:
            loop.call_soon_threadsafe(begin)
        else:
            again()

    def on_hang_up(_number: int, _frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(logger.info, "SIGHUP: the bot goes on; SIGTERM stops it")

    wanted: dict[int, Callable[[int, FrameType | None], None]] = dict.fromkeys(_SIGNALS, on_signal)
    if _HANG_UP is not None:
        wanted[_HANG_UP] = on_hang_up
    handlers = _Handlers(wanted)
    farewell = Farewell(lambda: loop.call_soon_threadsafe(hurry or drain))
    with handlers.held(loop), console_events(farewell):
        yield


class _Handlers:
    """Signal handlers that stay."""

    def __init__(self, wanted: dict[int, Callable[[int, FrameType | None], None]]) -> None:
        self._wanted = wanted
        self._timer: asyncio.TimerHandle | None = None

    @contextmanager
    def held(self, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
        """Set the handlers for the time of the block, and look after them."""
        before: dict[int, Any] = {number: signal.signal(number, own) for number, own in self._wanted.items()}
        self._look_after(loop)
        try:
            yield
        finally:
            if self._timer is not None:
                self._timer.cancel()
            for number, handler in before.items():
                signal.signal(number, handler)

    def hold(self) -> None:
        """Set those again that somebody has replaced."""
        lost = [number for number, own in self._wanted.items() if signal.getsignal(number) is not own]
        for number in lost:
            signal.signal(number, self._wanted[number])
        if lost:
            names = ", ".join(signal.Signals(number).name for number in lost)
            logger.warning("something has taken %s for itself, a plugin or its library; taken back", names)

    def _look_after(self, loop: asyncio.AbstractEventLoop) -> None:
        self.hold()
        self._timer = loop.call_later(_LOOK_EVERY, self._look_after, loop)
