"""`qqbot events`: which events there are, and what one of them carries."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Final

import typer

from qqbot_cli.cli.json_object import print_object
from qqbot_cli.cli.manual import (
    FieldEntry,
    as_json,
    example,
    groups,
    in_words,
    payload_as_json,
    payload_entries,
)
from qqbot_cli.errors import ExitCode, QQBotError
from qqbot_cli.model.events import EVENTS, EventSpec

_WIDTHS: Final = (72, 100)
"""Narrowest and widest lines of a page."""


class UnknownEventNameError(QQBotError):
    """No event has the name that was asked for."""

    exit_code = ExitCode.USAGE


def show_events(name: str | None, *, json_wanted: bool) -> None:
    """Print the table, or the page of the event *name*, given as on the platform or as its callback."""
    if name is None:
        if json_wanted:
            print_object({"events": [as_json(row) for row in EVENTS.values()]})
        else:
            typer.echo("\n".join(_table()))
        return
    row = event_named(name)
    if json_wanted:
        print_object({**as_json(row), "classes": payload_as_json(row), "example": example(row)})
    else:
        typer.echo("\n".join(_page(row)))


def event_named(name: str) -> EventSpec:
    """Return the row of *name*, an event in any case or a callback.

    Two events have the name of another one's callback: in lower case the callback is meant.

    Raises:
        UnknownEventNameError: If there is none; the help suggests one.
    """
    by_callback = {row.callback: row for row in EVENTS.values()}
    wanted = name.strip().replace("-", "_")
    row = by_callback.get(wanted) or EVENTS.get(wanted.upper()) or by_callback.get(wanted.lower())
    if row is None:
        close = get_close_matches(wanted, by_callback, n=1) or get_close_matches(wanted.upper(), EVENTS, n=1)
        way_out = f"did you mean {close[0]}?" if close else "qqbot events lists them all"
        raise UnknownEventNameError(f"no event is called {name!r}", help=way_out)
    return row


def _table() -> Iterator[str]:
    width = max(map(len, EVENTS))
    for heading, rows in groups().items():
        yield heading
        for row in rows:
            yield f"  {row.name:{width}}  {row.callback}"
        yield ""
    yield "qqbot events NAME shows what one carries"


def _page(row: EventSpec) -> Iterator[str]:
    least, most = _WIDTHS
    width = max(least, min(most, shutil.get_terminal_size((most, 0)).columns))
    yield row.name
    yield f"  {row.summary}"
    yield ""
    yield f"callback  {row.callback}(session: {row.session})"
    if row.intent:
        yield f"intent    {' | '.join(row.intents.names())} ({row.audience})"
    if row.dispute is not None:
        yield from textwrap.indent(textwrap.fill(row.dispute.reason, width - 10), " " * 10).splitlines()
    yield f"replies   {in_words(row.window)}"
    if row.forwards_to is not None:
        yield f"forwards  to {row.forwards_to} if addressed to the bot, in plugins without this callback"
    for entry in payload_entries(row.payload):
        yield ""
        yield f"{entry.name}: {entry.text.splitlines()[0] if entry.text else ''}"
        yield from _fields(entry.fields, width)
        if entry.values:
            yield "  worked out:"
            yield from _fields(entry.values, width)
    yield ""
    yield "example:"
    yield ""
    yield from textwrap.indent(example(row), "    ").splitlines()


def _fields(fields: Sequence[FieldEntry], width: int) -> Iterator[str]:
    names = max((len(field.name) for field in fields), default=0)
    kinds = max((len(field.type) for field in fields), default=0)
    for field in fields:
        text = f"required. {field.text}" if field.required else field.text
        head = f"  {field.name:{names}}  {field.type:{kinds}}  "
        lines = textwrap.wrap(text, max(24, width - len(head))) or [""]
        yield (head + lines[0]).rstrip()
        yield from (" " * len(head) + line for line in lines[1:])
