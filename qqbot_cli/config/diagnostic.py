"""One thing that is wrong with a configuration: its place, its code, what is wrong and the way out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from qqbot_cli.config.source import Source, printable

KeyPath = tuple[str | int, ...]
"""The way from the top of the file to a value: keys and list indices."""

MAX_REPORTED: Final = 20
"""Diagnostics shown in one report; the rest is counted."""

MAX_WORD: Final = 40
"""Characters shown of a key or word that was not understood."""

_SIGN: Final = re.compile(r"[:：=\s]")
"""What people write between a key and its value."""


class Code(StrEnum):
    """What kind of mistake it is; stable, so that it can be searched for."""

    UNREADABLE = "QB001"
    """The file is missing, empty, too large, a directory, not permitted or not UTF-8."""
    DUPLICATE_KEY = "QB002"
    """A key is given twice in one mapping."""
    SYNTAX = "QB003"
    """The text is not YAML."""
    LIMIT = "QB004"
    """YAML that a configuration does not need: deep nesting, very many nodes, anchors, aliases, tags."""
    UNKNOWN_KEY = "QB101"
    """No such key exists here."""
    MISSING_KEY = "QB102"
    """A key without a default is left out."""
    BAD_VALUE = "QB103"
    """The value has the right type but cannot be used."""
    WRONG_TYPE = "QB104"
    """Text where a number is expected, a list where a mapping is expected, and so on."""
    NOT_FOUND = "QB105"
    """An environment variable is not set, or a file with a secret cannot be read."""
    UNKNOWN_PLUGIN = "QB106"
    """No installed package offers a plugin of this name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value was written: a file with line and column from 1, or a variable or flag without them."""

    name: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        numbers = [str(number) for number in (self.line, self.column) if number is not None]
        return ":".join([printable(self.name), *numbers])


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake; `path` is empty where no key is concerned."""

    place: Place
    code: Code
    message: str
    help: str = ""
    path: KeyPath = ()

    @property
    def headline(self) -> str:
        """The first line of the drawing, complete by itself."""
        # A variable or flag says which key it is; only in a file the key needs to be named.
        key = f"{dotted(self.path)}: " if self.path and self.place.line is not None else ""
        return f"{self.place}: error[{self.code}]: {key}{self.message}"


def dotted(path: KeyPath) -> str:
    """Return ``plugins.echo.config`` for a path, safe to print."""
    return ".".join(shown_key(str(part)) for part in path)


def word_of(key: str) -> str:
    """Return the part of *key* that is one, where somebody has written a value into it as well."""
    return _SIGN.split(key, maxsplit=1)[0]


def shown_key(key: str) -> str:
    """Return *key* safe to print: what follows a sign like a colon may be a value, and a secret."""
    word = word_of(key)
    return printable(word, MAX_WORD) if word == key else f"{printable(word, MAX_WORD)}…"


def closest(word: str, options: Iterable[str]) -> str | None:
    """Return the option that *word* is probably a misspelling of, or None."""
    spellings = {option.lower().replace("-", "_"): option for option in options}
    matches = difflib.get_close_matches(word[:MAX_WORD].lower().replace("-", "_"), spellings, n=1)
    return str(spellings[matches[0]]) if matches else None


def did_you_mean(word: str, options: Sequence[str]) -> str:
    """Return a help line for a word that should have been one of *options*."""
    match = closest(word, options)
    return f"did you mean {match!r}?" if match else f"use one of: {', '.join(options)}"


def full_width_colon(line: int) -> str:
    """Return the help for a *line* with the colon of a Chinese keyboard, which YAML takes for a letter."""
    return f"line {line} has a full-width colon ：; write : and a space"


def report(diagnostics: Iterable[Diagnostic], source: Source) -> str:
    """Return the drawings of all diagnostics in the order of their places, the first twenty in full."""
    ordered = sorted(dict.fromkeys(diagnostics), key=lambda d: (d.place.line or 0, d.place.column or 0))
    drawings = [_drawing(diagnostic, source) for diagnostic in ordered[:MAX_REPORTED]]
    if len(ordered) > MAX_REPORTED:
        drawings.append(f"… and {len(ordered) - MAX_REPORTED} more")
    return "\n\n".join(drawings)


def _drawing(diagnostic: Diagnostic, source: Source) -> str:
    place = diagnostic.place
    lines = [diagnostic.headline]
    width = max(3, len(str(place.line or 0)))
    if place.line is not None and place.column is not None:
        text, caret = source.excerpt(place.line, place.column)
        lines += [
            f"{'':{width}}|",
            f"{place.line:{width}}| {text}".rstrip(),
            f"{'':{width}}| {'':{caret}}^",
        ]
    if diagnostic.help:
        lines.append(f"{'':{width}}= help: {diagnostic.help}")
    return "\n".join(lines)
