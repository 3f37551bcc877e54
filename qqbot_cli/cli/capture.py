"""Everything that wants to reach the terminal past its owner: log records and printed text."""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TextIO

from qqbot_cli.bot.wording import LogLine
from qqbot_cli.cli.redact import Redactor, SafeFormatter

Push = Callable[[LogLine], None]
"""Where captured lines go; from any thread, must not wait."""

_LONGEST_LINE: Final = 8192
"""Characters after which a line is shown though it has not ended."""


class RecordHandler(logging.Handler):
    """Log records of every thread become lines of the terminal."""

    def __init__(self, push: Push, secrets: Redactor) -> None:
        super().__init__()
        self._push = push
        self._words = SafeFormatter(secrets)

    def emit(self, record: logging.LogRecord) -> None:
        """Hand *record* on, cleaned and redacted."""
        text = self._words.message(record)
        subject = record.name.removeprefix("qqbot_cli.")
        fields = {"logger": record.name, "text": text}
        detail = self._words.traceback(record)
        self._push(LogLine(record.levelno, "log", subject, text, fields, detail))


class Printed(io.TextIOBase):
    """Stands in for `sys.stdout` and `sys.stderr`: printed lines become lines of the terminal."""

    encoding = "utf-8"

    def __init__(self, push: Push, name: str, level: int) -> None:
        self._push = push
        self._name = name
        self._level = level
        self._begun = ""
        self._lock = threading.Lock()

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Show every line that *text* completes."""
        with self._lock:
            *lines, self._begun = (self._begun + text).split("\n")
            if len(self._begun) > _LONGEST_LINE:
                lines.append(self._begun)
                self._begun = ""
        for line in lines:
            self._show(line)
        return len(text)

    def finish(self) -> None:
        """Show the line that was begun."""
        with self._lock:
            line, self._begun = self._begun, ""
        self._show(line)

    def _show(self, line: str) -> None:
        if line.strip():
            self._push(LogLine(self._level, "print", self._name, line, {"stream": self._name, "text": line}))


@contextlib.contextmanager
def standing_in(name: str, printed: Printed) -> Iterator[None]:
    """Let *printed* take the place of `sys.stdout` or `sys.stderr`."""
    before = getattr(sys, name)
    setattr(sys, name, printed)
    try:
        yield
    finally:
        # Somebody may have put a stream of their own on top of ours; it is theirs to take away.
        if getattr(sys, name) is printed:
            setattr(sys, name, before)


@contextlib.contextmanager
def logging_through(handler: logging.Handler, level: int, streams: Sequence[TextIO]) -> Iterator[None]:
    """Send every record to *handler*, and none past it to one of *streams*."""
    root = logging.getLogger()
    rivals = [
        rival
        for rival in root.handlers
        if isinstance(rival, logging.StreamHandler) and any(rival.stream is stream for stream in streams)
    ]
    level_before = root.level
    for rival in rivals:
        root.removeHandler(rival)
    root.addHandler(handler)
    root.setLevel(level)
    try:
        yield
    finally:
        root.setLevel(level_before)
        root.removeHandler(handler)
        for rival in rivals:
            root.addHandler(rival)
