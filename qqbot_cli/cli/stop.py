"""Orderly ends: the first Ctrl-C or SIGTERM drains, the second one leaves at once.

Plain signal handlers instead of the event loop's: they work on Windows too, and the second signal works
even while a handler blocks the loop.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from qqbot_cli.errors import ExitCode

_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)
)


@contextmanager
def stop_signals(*, drain: Callable[[], None], restore: Callable[[], None]) -> Iterator[None]:
    """Call *drain* in the running loop at the first signal; *restore* the terminal and exit at the second."""
    loop = asyncio.get_running_loop()
    seen = 0

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        nonlocal seen
        seen += 1
        if seen == 1:
            loop.call_soon_threadsafe(drain)
            return
        try:
            restore()
        finally:
            os._exit(ExitCode.INTERRUPTED)

    before = {number: signal.signal(number, on_signal) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
