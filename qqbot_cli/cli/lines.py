"""The two forms of a log line on the screen, and the one for programs."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from rich.text import Text

from qqbot_cli.bot.wording import LogLine, Scalar
from qqbot_cli.cli.redact import indented

_BARE: Final = re.compile(r"[\w.:/@+~-]+")
"""Values that need no quotes in a line of `key=value`."""
_LEVELS: Final = {
    logging.DEBUG: ("DEBUG", "dim"),
    logging.INFO: ("INFO", "green"),
    logging.WARNING: ("WARN", "yellow"),
    logging.ERROR: ("ERROR", "bold red"),
    logging.CRITICAL: ("FATAL", "bold red"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line in the queue, already cleaned and redacted."""

    at: datetime
    line: LogLine
    is_fact: bool


def worded(entry: Entry, *, for_people: bool) -> Text:
    """Return "14:02:11.204 WARN  shard 3  closed …", or the event with its fields."""
    line = entry.line
    text = line_head(entry.at, line.level, for_people=for_people)
    if for_people:
        text.append(f"{line.subject:<8} ", "bold").append(line.text)
    else:
        text.append(
            " ".join([line.event, *(f"{key}={_quoted(value)}" for key, value in line.fields.items())])
        )
    for detail in indented(line.detail):
        text.append("\n" + detail, "dim")
    return text


def line_head(at: datetime, level: int, *, for_people: bool) -> Text:
    """Return what every line begins with: time and level."""
    name, style = _level_name(level)
    if for_people:
        return Text.assemble((f"{at:%H:%M:%S}.{at.microsecond // 1000:03} ", "dim"), (f"{name:<5} ", style))
    return Text.assemble(f"{_iso(at)} ", (name, style), " ")


def _level_name(level: int) -> tuple[str, str]:
    return _LEVELS[max((known for known in _LEVELS if known <= level), default=logging.DEBUG)]


def _quoted(value: Scalar) -> str:
    text = str(value)
    return text if _BARE.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def entry_as_json(entry: Entry) -> str:
    """Return *entry* as a line for programs."""
    fields = dict(entry.line.fields)
    if entry.line.detail:
        fields["traceback"] = entry.line.detail
    return as_json(entry.at, entry.line.event, fields)


def as_json(at: datetime, event: str, fields: Mapping[str, Any]) -> str:
    """Return one JSON object and the end of its line."""
    whole = {"ts": _iso(at), "ev": event, **fields}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")) + "\n"
