"""One output stream, written by a thread of its own.

A terminal that was stopped with Ctrl-S, or a reader that does not read, blocks whoever writes. If
that were the event loop, the heartbeats of every shard would stop with it. And a stream that is
gone for good (`| head`, a closed window) must end the writing, not the bot.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from typing import Final, TextIO

from qqbot_cli.cli.redact import encodable

_PATIENCE: Final = 0.5
"""Seconds that closing waits for a reader who does not read."""
_FULL: Final = 100
"""Texts in waiting from which `full` is true."""


def own_copy(stream: TextIO) -> TextIO:
    """Return another way to where *stream* leads: a plugin may close the one that everybody knows."""
    try:
        descriptor = os.dup(stream.fileno())
    except (OSError, ValueError):
        return stream
    return os.fdopen(descriptor, "w", encoding=stream.encoding, errors=stream.errors)


def forget(stream: TextIO) -> None:
    """Let what *stream*, which nobody reads, still buffers go nowhere, or Python fails on it at its exit."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


class Channel:
    """Writes texts in order and never makes the caller wait."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._encoding = stream.encoding or "utf-8"
        self._texts: deque[str] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._gone = False
        self._closing = False
        self._writing = False

    @property
    def gone(self) -> bool:
        """Whether nobody reads the stream any more."""
        return self._gone

    @property
    def busy(self) -> bool:
        """Whether text waits for the stream."""
        return self._writing or bool(self._texts)

    @property
    def full(self) -> bool:
        """Whether so much text waits that the caller should keep the rest."""
        return len(self._texts) >= _FULL

    def write(self, text: str) -> None:
        """Write *text* soon; from any thread. Nothing is left out: half a frame is worse than none."""
        with self._changed:
            if self._gone or self._closing:
                return
            self._texts.append(text)
            self._changed.notify_all()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="terminal", daemon=True)
                self._thread.start()

    def flush(self) -> None:
        """Wait until everything is written, though not for ever."""
        with self._changed:
            self._changed.wait_for(lambda: not self.busy, _PATIENCE)

    def close(self) -> None:
        """Write what waits, then stop; the stream stays open, as it is not ours."""
        self.flush()
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread is not None and not self.busy:
            self._thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._writing = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._texts or self._closing)
                if not self._texts:
                    return
                text = "".join(self._texts)
                self._texts.clear()
                self._writing = True
            self._put(text)

    def _put(self, text: str) -> None:
        if self._gone:
            return
        try:
            self.stream.write(encodable(text, self._encoding))
            self.stream.flush()
        except (OSError, ValueError):
            self._gone = True
            forget(self.stream)
