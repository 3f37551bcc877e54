"""The echo of a terminal, switched off for as long as something is drawn in place.

Terminals show what is typed where the cursor stands: Ctrl-C as ``^C``, Enter as a new line. Whoever moves the
cursor back over what was drawn before is a row off after each of them, and leaves that row in the log.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
from typing import TextIO


class Echo:
    """What the terminal that a stream leads to shows of what is typed."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._taken = 0
        """Bits of the terminal's local modes that we have switched off; no others are ours to give back."""

    def switch_off(self) -> None:
        """Have nothing shown, if the terminal is ours to change; cheap where nothing is.

        To be repeated: a shell gives itself the echo back while it has us stopped.
        """
        if sys.platform == "win32":
            return  # consoles show only what somebody reads
        import termios

        off = self._change(termios.ECHO | termios.ECHONL, on=False)
        if off and not self._taken:
            atexit.register(self.give_back)
        self._taken |= off

    def give_back(self) -> None:
        """Have shown again what we have switched off; may be called twice."""
        if self._taken:
            self._change(self._taken, on=True)
            self._taken = 0
            atexit.unregister(self.give_back)

    def _change(self, bits: int, *, on: bool) -> int:
        """Switch *bits* of the terminal and return those that were not so already."""
        if sys.platform == "win32":
            return 0
        import termios

        with contextlib.suppress(OSError, ValueError, termios.error):  # no terminal, not ours, or gone
            descriptor = self._stream.fileno()
            if os.tcgetpgrp(descriptor) != os.getpgrp():
                return 0  # in the background: the terminal is somebody else's, and changing it would stop us
            modes = termios.tcgetattr(descriptor)
            changed: int = bits & (~modes[3] if on else modes[3])
            if changed:
                modes[3] ^= changed
                # At once, not when everything is written: nobody may read what is (Ctrl-S).
                termios.tcsetattr(descriptor, termios.TCSANOW, modes)
            return changed
        return 0
