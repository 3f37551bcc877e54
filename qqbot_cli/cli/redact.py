"""What may leave the process as text: no secret, and nothing a terminal would obey.

Two filters stand before every log line, panel cell and JSON value. `clean` takes away what text
of strangers could do to a terminal; `Redactor` takes away what text of ours could give away.
"""

from __future__ import annotations

import json
import logging
import re
from typing import Final
from urllib.parse import quote

MASK: Final = "****"

_SHORTEST_SECRET: Final = 6
"""Characters. A shorter word is no secret worth its name, and masking it would garble every line."""

_KEY_END: Final = r"""(?:\\*["']\s*[:=,]|\s*[:=])\s*(?:b(?=["']))?\\*["']?"""
"""What stands between a key and its value in headers, JSON, `repr` and query strings."""
_TELLTALE: Final = re.compile(
    rf"""
      (?P<lead> \bQQBot\s+ (?=[\w.~+/=-]*\d | [\w.~+/=-]{{16}}) ) [\w.~+/=-]{{6,}}
    | (?P<header> (?i:authorization) {_KEY_END} ) (?:[A-Za-z]+\s+)? [^\s"',;)}}\\]+
    | (?<![A-Za-z])
      (?P<key> (?i:client_?secret|app_?secret|bot_?secret|access_?token) {_KEY_END} ) [^\s"',;&)}}\\]+
    """,
    re.VERBOSE,
)
"""A word after `QQBot` counts as a token if it is long or has a digit, so that prose stays readable."""

_ESCAPE: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, clear screen
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"  # OSC: window title …
    r"|\x1b[ -/]*[0-~]?"
)
_LINE_END: Final = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


def clean(text: str, *, newline: str = "⏎") -> str:
    r"""Return *text* without control characters, escape sequences and marks that turn its direction.

    Ends of lines become *newline*; pass ``"\n"`` to keep them. Lone surrogates, which no encoding
    can write, become U+FFFD.
    """
    if text.isprintable():
        return text
    text = _ESCAPE.sub("", text)
    text = _LINE_END.sub("\n", text).replace("\t", "    ")
    text = _SURROGATE.sub("\ufffd", text)
    return newline.join(_CONTROL.sub("", line) for line in text.split("\n"))


def encodable(text: str, encoding: str) -> str:
    """Return *text* with a question mark for each character that *encoding* lacks."""
    return text.encode(encoding, "replace").decode(encoding, "replace")


class Redactor:
    """Replaces every known secret, and whatever looks like one, by a mask."""

    def __init__(self) -> None:
        self._known: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def add(self, secret: str) -> None:
        """Never let *secret* through again, neither plain nor as it looks in JSON or in a URL."""
        if len(secret) < _SHORTEST_SECRET:
            return
        spellings = {secret, json.dumps(secret)[1:-1], quote(secret, safe="")}
        if spellings <= self._known:
            return
        self._known |= spellings
        # The longest first: a secret that begins with another one must not leave its tail behind.
        ordered = sorted(self._known, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, ordered)))

    def __call__(self, text: str) -> str:
        """Return *text* without secrets."""
        if self._pattern is not None:
            text = self._pattern.sub(MASK, text)
        return _TELLTALE.sub(_masked, text)

    def safe(self, text: str, *, newline: str = "⏎") -> str:
        """Return *text* fit for a terminal: `clean`, then without secrets."""
        # In this order, or a control character inside a secret would hide it from the search.
        return self(clean(text, newline=newline))


def _masked(match: re.Match[str]) -> str:
    return (match["lead"] or match["header"] or match["key"]) + MASK


class SafeFormatter(logging.Formatter):
    """Makes one safe line of a record; the lines of its traceback follow, indented."""

    def __init__(self, secrets: Redactor) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return message and traceback, both cleaned and redacted."""
        return "\n".join([self.message(record), *indented(self.traceback(record))])

    def message(self, record: logging.LogRecord) -> str:
        """Return the message of *record* as one line."""
        try:
            text = record.getMessage()
        except (TypeError, ValueError, KeyError):
            text = f"{record.msg} (its arguments do not fit)"
        return self._secrets.safe(text)

    def traceback(self, record: logging.LogRecord) -> str:
        """Return the traceback and stack of *record*, or an empty string."""
        parts = []
        # Not record.exc_text: another handler may have cached it there, unredacted.
        if record.exc_info and record.exc_info[0] is not None:
            parts.append(self.formatException(record.exc_info))
        elif record.exc_text:
            parts.append(record.exc_text)
        if record.stack_info:
            parts.append(self.formatStack(record.stack_info))
        return self._secrets.safe("\n".join(parts), newline="\n")


def indented(text: str) -> list[str]:
    """Return the lines of *text*, set off from the log line they belong to."""
    return [f"    {line}" for line in text.split("\n") if line]
