"""Everything that wants to reach the terminal past its owner: log records and printed text."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Final, TextIO

from qqbot_cli.bot.wording import LogLine
from qqbot_cli.cli.redact import Redactor, SafeFormatter

Push = Callable[[LogLine], None]
"""Where captured lines go; from any thread, must not wait."""

_LONGEST_LINE: Final = 8192
"""Characters after which a line is shown though it has not ended."""


_PRINTED: Final = {"stdout": logging.INFO, "stderr": logging.WARNING}
"""Streams whose text is caught, and the level of its lines."""
_OURS: Final = "qqbot_cli"


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

    def close(self) -> None:
        """Stay open: it is everybody's."""

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


class Capture:
    """Holds on to logging, `sys.stdout` and `sys.stderr` while it is open.

    A plugin may take them away, by `logging.basicConfig(force=True)`, `dictConfig` or an assignment; `hold`
    takes them back.
    """

    def __init__(self, push: Push, secrets: Redactor, *, level: int, streams: Sequence[TextIO]) -> None:
        """*streams* are those that belong to the terminal: nobody else may write to them."""
        self._handler = RecordHandler(push, secrets)
        self._level = level
        self._printed = {name: Printed(push, name, level) for name, level in _PRINTED.items()}
        self._before: dict[str, TextIO] = {name: getattr(sys, name) for name in _PRINTED}
        self._streams = [*streams, *self._before.values()]
        self._rivals: list[logging.Handler] = []
        """What was put aside at the beginning."""

    def open(self) -> None:
        """Take over."""
        root = logging.getLogger()
        self._level_before = root.level
        self._rivals = self._put_aside(root)
        self._attach(root)
        for name, printed in self._printed.items():
            setattr(sys, name, printed)

    def hold(self) -> None:
        """Take back what somebody has taken away meanwhile; cheap if nobody has."""
        root = logging.getLogger()
        if self._handler not in root.handlers:
            self._put_aside(root)
            self._attach(root)
        if root.level != self._level:
            root.setLevel(self._level)
        if root.manager.disable:
            logging.disable(logging.NOTSET)
        for name, logger in root.manager.loggerDict.items():
            # dictConfig disables every logger that it does not name.
            if name.startswith(_OURS) and isinstance(logger, logging.Logger):
                logger.disabled = False
        for name, printed in self._printed.items():
            # A stream of their own on top of ours is theirs to take away; only the real ones are not allowed.
            if any(getattr(sys, name) is stream for stream in (None, *self._streams)):
                setattr(sys, name, printed)

    def finish(self) -> None:
        """Show the printed lines that have begun."""
        for printed in self._printed.values():
            printed.finish()

    def close(self) -> None:
        """Give everything back."""
        for name, printed in self._printed.items():
            # Somebody may have put a stream of their own on top of ours; it is theirs to take away.
            if getattr(sys, name) is printed:
                setattr(sys, name, self._before[name])
        root = logging.getLogger()
        root.setLevel(self._level_before)
        root.removeHandler(self._handler)
        for rival in self._rivals:
            root.addHandler(rival)

    def _attach(self, root: logging.Logger) -> None:
        self._handler.setLevel(logging.NOTSET)
        root.addHandler(self._handler)
        root.setLevel(self._level)

    def _put_aside(self, root: logging.Logger) -> list[logging.Handler]:
        """Remove handlers that write past the terminal, or a second time into it, and return them."""
        taken = (*self._streams, *self._printed.values())
        rivals: list[logging.Handler] = [
            rival
            for rival in root.handlers
            if isinstance(rival, logging.StreamHandler) and any(rival.stream is stream for stream in taken)
        ]
        for rival in rivals:
            root.removeHandler(rival)
        return rivals
