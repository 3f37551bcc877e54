"""The end of a Windows console: its window is closed, or the user logs off.

Windows tells by calling a function in a thread of its own, and ends the process when that returns, or after
five seconds. So the function asks the event loop to drain, and returns when it has.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

ENDS: Final = {2: "close", 5: "logoff", 6: "shutdown"}
"""Events after which the process is ended. Source: Windows documentation, "HandlerRoutine"."""
PATIENCE: Final = 4.5
"""Seconds that the function may take."""
HURRY: Final = 2.0
"""Seconds of them that handlers have to finish; the rest is for connections and the store."""


class Farewell:
    """Answers events of the console."""

    def __init__(self, drain: Callable[[], object], *, patience: float = PATIENCE) -> None:
        """*drain* asks the event loop, from any thread, to bring everything to an end."""
        self._drain = drain
        self._patience = patience
        self._over = threading.Event()

    def __call__(self, event: int) -> bool:
        """Deal with *event*; return whether it was one for us. Waits if it is the end."""
        if event not in ENDS:
            return False  # Ctrl-C and Ctrl-Break are signals
        try:
            self._drain()
        except RuntimeError:
            return True  # the loop has ended already
        self._over.wait(self._patience)
        return True

    def over(self) -> None:
        """Everything has come to its end."""
        self._over.set()


@contextmanager
def console_events(farewell: Farewell) -> Iterator[None]:
    """Let the console ask *farewell* for the time of the block; elsewhere than on Windows there is none."""
    try:
        if sys.platform == "win32":
            import ctypes
            from ctypes import wintypes

            routine = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.DWORD)(farewell)
            kernel = ctypes.windll.kernel32
            kernel.SetConsoleCtrlHandler(routine, True)
            try:
                yield
            finally:
                farewell.over()
                kernel.SetConsoleCtrlHandler(routine, False)
        else:
            yield
    finally:
        farewell.over()
