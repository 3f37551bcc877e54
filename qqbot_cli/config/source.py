"""The text of a configuration file as it may be shown: no secret, no control character, not too wide.

Hiding works on lines, not on the parsed tree, because a file that cannot be parsed has secrets too. It
would rather hide too much: the line and column are printed in any case.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

MAX_COLUMNS: Final = 100
"""Wider source lines are cut around the caret."""

MAX_SEARCHED: Final = 4_000
"""Characters of a line that are searched for secrets; what follows is never shown."""

HIDDEN: Final = "****"

_LINE_BREAK: Final = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""What YAML, and so the line numbers of its parser, count as the end of a line."""

_TOKEN_SECTION: Final = re.compile(r"""\ufeff?["']?token["']?\s*[:：]\s*""")
_KEY: Final = re.compile(r"""\s*(?:-\s+)?["']?([\w-]+)["']?\s*[:：]\s*""")
_SECRET_KEY: Final = re.compile(
    r"""(?:sec(?:re|er)t|passw|api_?key|credential|token)[\w-]{0,40}["']?(?:\s*[:=：]|\s)\s*""",
    re.IGNORECASE,
)
_HARMLESS: Final = re.compile(
    r"""["']?(?:\$\{\w+\}|https?://[^@]*|wss?://[^@]*)["']?\s*(?:#.*)?|\s*#.*|[|>&][-+\d]*|"""
)
"""Values that are no secret themselves: a variable's name, a plain address, a comment, nothing."""
_PATH_LIKE: Final = re.compile(r"[^\s{\[]*[./\\][^\s]*")
_USER_INFO: Final = re.compile(r"(?<=://)[^/\s]*(?=@)")
_APPID_KEYS: Final = frozenset({"appid", "app_id", "appId"})


def printable(text: str, limit: int | None = None) -> str:
    r"""Return *text* with control and invisible characters spelled as ``\x1b``, cut at *limit* characters."""
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + "…"
    return "".join(map(_visible, text))


@dataclass(frozen=True, slots=True)
class Source:
    """A file's name, as the user gave it, and its text."""

    name: str
    text: str = field(default="", repr=False)
    lines: tuple[str, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", tuple(_LINE_BREAK.split(self.text)))

    def position(self, index: int) -> tuple[int, int]:
        """Return line and column, both from 1, of the character at *index*."""
        line, start = 1, 0
        for end in _LINE_BREAK.finditer(self.text, 0, index):
            line, start = line + 1, end.end()
        return line, index - start + 1

    def excerpt(self, line: int, column: int) -> tuple[str, int]:
        """Return the line as it may be shown, and how many display columns stand before *column*."""
        if not 1 <= line <= len(self.lines):
            return "", 0
        raw = self.lines[line - 1]
        cells: list[str] = []
        caret = 0
        hidden = dict(self._hidden(line))
        index = 0
        while index < len(raw):
            end = hidden.get(index, index)
            if index < column:
                caret = len(cells)
            cells += HIDDEN if end > index else _visible(raw[index])
            index = max(end, index + 1)
        if column > len(raw):
            caret = len(cells)
        return _cut(cells, caret)

    def _hidden(self, line: int) -> list[tuple[int, int]]:
        """Return the spans (start, end) of a line that must not be shown."""
        raw = self.lines[line - 1]
        if len(raw) > MAX_SEARCHED:
            short = Source(self.name, "\n".join((*self.lines[: line - 1], raw[:MAX_SEARCHED])))
            return [*short._hidden(line), (MAX_SEARCHED, len(raw))]
        section = self._secret_section(line)
        if section is None:
            return self._hidden_values(raw)
        key = _KEY.match(raw)
        if section == "token" and key is not None and _shows(key[1], raw[key.end() :]):
            return []
        start = key.end() if section == "token" and key else len(raw) - len(raw.lstrip())
        return [(start, len(raw))] if start < len(raw) else []

    def _hidden_values(self, raw: str) -> list[tuple[int, int]]:
        for key in (_TOKEN_SECTION.match(raw), *_SECRET_KEY.finditer(raw)):
            if key and not _HARMLESS.fullmatch(raw, key.end()) and not _shows(key[0], raw[key.end() :]):
                return [(key.end(), len(raw))]
        return [found.span() for found in _USER_INFO.finditer(raw)]

    def _secret_section(self, line: int) -> str | None:
        """Return what encloses a line: ``token``, another key that names a ``secret``, or None.

        A line belongs to the lines above it that are indented less.
        """
        indent = _indent(self.lines[line - 1])
        for above in reversed(self.lines[: line - 1]):
            if not above.strip() or _indent(above) >= indent:
                continue
            indent = _indent(above)
            if _TOKEN_SECTION.match(above):
                return "token"
            key = _KEY.match(above)
            if key and _SECRET_KEY.match(key[0].lstrip(" -")) and key[1] != "token":
                return "secret"
            if indent == 0:
                break
        return None


def _shows(key: str, value: str) -> bool:
    """Whether the value of a key inside ``token`` may be shown."""
    name = key.strip(" \"':：-")
    if name in _APPID_KEYS:
        return "," not in value
    if name == "secret_file":
        # Somebody may have put the secret itself here.
        return _PATH_LIKE.fullmatch(value) is not None
    return _HARMLESS.fullmatch(value) is not None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _visible(char: str) -> str:
    if char.isprintable():
        return char
    if char == "\t":
        return r"\t"
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _width(char: str) -> int:
    """Return the columns a terminal uses: two for CJK, none for marks that combine with the letter before."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _cut(cells: list[str], caret: int) -> tuple[str, int]:
    """Return the cells that fit, about the caret in the middle, and the columns before the caret."""
    widths = [_width(char) for char in cells]
    if sum(widths) <= MAX_COLUMNS:
        return "".join(cells), sum(widths[:caret])
    room = MAX_COLUMNS - 2  # an ellipsis at either end
    start, columns = caret, 0
    while start > 0 and columns + widths[start - 1] <= room // 2:
        start -= 1
        columns += widths[start]
    end, columns = start, 0
    while end < len(cells) and columns + widths[end] <= room:
        columns += widths[end]
        end += 1
    before, after = "…" if start else "", "…" if end < len(cells) else ""
    return before + "".join(cells[start:end]) + after, len(before) + sum(widths[start:caret])
