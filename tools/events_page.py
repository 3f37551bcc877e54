"""Tables and pages about events, made from EVENTS and the payloads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

from qqbot_cli.cli.manual import FieldEntry, PayloadEntry, example, payload_entries
from qqbot_cli.model.events import EVENTS, EventSpec
from qqbot_cli.model.intents import AUDIENCES, DISPUTES, INTENT_NAMES, Intents

Words = tuple[str, str, str, str, str, str, str]
"""Four column heads, "cannot be answered", "replies", "min"."""
ENGLISH: Final[Words] = ("callbacks", "session", "intent", "answers", "none", "replies", "min")
CHINESE: Final[Words] = ("回调", "会话类型", "intent", "可回复", "不能回复", "条", "分钟")


def short_table(words: Words) -> str:
    """Return one line for the events that have session, intent and window in common."""
    *heads, none, replies, minutes = words
    together: dict[tuple[object, ...], list[EventSpec]] = {}
    for row in EVENTS.values():
        together.setdefault((row.session, row.intent, row.window, row.by_own_id), []).append(row)
    lines = []
    for rows in together.values():
        first = rows[0]
        answers = none
        if first.window is not None:
            limit = "" if first.window.limit is None else f"{first.window.limit} {replies} / "
            answers = f"{limit}{first.window.seconds / 60:.0f} {minutes}"
        intent = f"`{first.intent.name}`" if first.intent else "–"
        lines.append([" ".join(f"`{row.callback}`" for row in rows), f"`{first.session}`", intent, answers])
    return table(heads, lines)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def sections() -> dict[str, Callable[[], str]]:
    """Return what `docs/events.md` takes from the tables, by the name of the section."""
    return {
        "events": _events,
        "intents": _intents,
        "disputes": _disputes,
        "payloads": _payloads,
        **{f"example {row.name}": partial(_example, row) for row in EVENTS.values()},
    }


def _example(row: EventSpec) -> str:
    return f"\n```python\n{example(row)}```\n"


def _events() -> str:
    rows = [
        [f"`{row.name}`", f"`{row.callback}`", f"`{row.session}`", f"`{row.payload.__name__}`", row.summary]
        for row in EVENTS.values()
    ]
    return table(["event", "callback", "session", "payload", "when"], rows)


def _intents() -> str:
    rows = []
    for flag, audience in AUDIENCES.items():
        spellings = sorted(name for name, named in INTENT_NAMES.items() if named is flag)
        events = [f"`{row.name}`" for row in EVENTS.values() if row.intents & flag]
        rows.append(
            [f"`{flag.name}`", str(flag.bit_length() - 1), audience, " ".join(events), ", ".join(spellings)]
        )
    return table(["intent", "bit", "who may ask", "events", "spellings"], rows)


def _disputes() -> str:
    rows = [
        [
            " ".join(f"`{row.name}`" for row in EVENTS.values() if row.dispute is dispute),
            _bits(dispute.followed),
            _bits(dispute.other),
            dispute.reason,
        ]
        for dispute in DISPUTES
    ]
    return table(["events", "asked for", "accepted too", "why"], rows)


def _bits(intents: Intents) -> str:
    return f"`{intents.name}` (bit {intents.bit_length() - 1})"


def _payloads() -> str:
    """Return every class once, under the first event that has it."""
    seen: set[str] = set()
    parts = []
    for row in EVENTS.values():
        for entry in payload_entries(row.payload):
            if entry.name not in seen:
                seen.add(entry.name)
                parts.append(_payload(entry))
    return "\n".join(parts)


def _payload(entry: PayloadEntry) -> str:
    text = f"### {entry.name}\n\n{_code(entry.text)}\n"
    if entry.fields:
        text += "\n" + table(["field", "type", "meaning"], map(_field, entry.fields)) + "\n"
    if entry.values:
        text += "\n" + table(["worked out", "type", "meaning"], map(_field, entry.values)) + "\n"
    return text


def _field(field: FieldEntry) -> list[str]:
    meaning = f"required. {field.text}" if field.required else field.text
    return [f"`{field.name}`", f"`{field.type}`".replace("|", "\\|"), _code(meaning)]


def _code(text: str) -> str:
    return text.replace("``", "`").replace("<", "\\<")
