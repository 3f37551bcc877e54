"""What the table of events and the docstrings of payloads say, as a manual: for `qqbot events` and the docs.

A row of EVENTS is the only source about an event, the class of a payload the only source about its
fields; texts below fields are not kept by Python, so they are read from the source files.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import msgspec

from qqbot_cli.bot.session import SESSIONS, AnswerSession, ReplySession
from qqbot_cli.model.body.base import Body
from qqbot_cli.model.events import EVENTS, EventSpec, ReplyWindow
from qqbot_cli.model.intents import PRIVILEGED_INTENTS
from qqbot_cli.model.payload.shared import Payload

_BASES: Final = (msgspec.Struct, Payload, Body)


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """One field, or one property, of a payload."""

    name: str
    type: str
    """As in the source."""
    required: bool
    text: str
    """Meaning, unit, range."""


@dataclass(frozen=True, slots=True)
class PayloadEntry:
    """One class of payload, or of what is inside one."""

    name: str
    text: str
    fields: tuple[FieldEntry, ...]
    """What is on the wire."""
    values: tuple[FieldEntry, ...]
    """What is worked out from it."""


def payload_entries(payload: type[msgspec.Struct]) -> list[PayloadEntry]:
    """Return *payload*, or a body, and every class inside it, each once, outermost first."""
    found: dict[type[msgspec.Struct], None] = {payload: None}
    queue = [payload]
    while queue:
        for kind in _inside(queue.pop(0)):
            if kind not in found:
                found[kind] = None
                queue.append(kind)
    return [_entry(kind) for kind in found]


def _inside(payload: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for field in msgspec.structs.fields(payload):
        yield from _payloads(field.type)


def _payloads(annotation: Any) -> Iterator[type[msgspec.Struct]]:  # noqa: ANN401 - any annotation
    if inspect.isclass(annotation) and issubclass(annotation, msgspec.Struct):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _payloads(argument)


@cache
def _entry(payload: type[msgspec.Struct]) -> PayloadEntry:
    sources: dict[str, FieldEntry] = {}
    values: dict[str, FieldEntry] = {}
    for kind in reversed(payload.__mro__):
        if issubclass(kind, msgspec.Struct) and kind not in _BASES:
            fields, properties = _read(kind)
            sources |= fields
            values |= properties
    required = {field.name for field in msgspec.structs.fields(payload) if field.required}
    return PayloadEntry(
        payload.__name__,
        inspect.getdoc(payload) or "",
        tuple(
            FieldEntry(name, sources[name].type, name in required, sources[name].text)
            for name in payload.__struct_fields__
        ),
        tuple(values.values()),
    )


def _read(kind: type[msgspec.Struct]) -> tuple[dict[str, FieldEntry], dict[str, FieldEntry]]:
    """Return the fields and the properties that the source of *kind* defines."""
    (tree,) = ast.parse(inspect.getsource(kind)).body
    assert isinstance(tree, ast.ClassDef)
    fields: dict[str, FieldEntry] = {}
    properties: dict[str, FieldEntry] = {}
    for node, following in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
            fields[name] = FieldEntry(name, ast.unparse(node.annotation), False, _string(following))
        elif isinstance(node, ast.FunctionDef) and isinstance(getattr(kind, node.name), property):
            assert node.returns is not None
            text = inspect.cleandoc(ast.get_docstring(node) or "").split("\n")[0]
            properties[node.name] = FieldEntry(node.name, ast.unparse(node.returns), False, text)
    return fields, properties


def _string(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return " ".join(inspect.cleandoc(str(node.value.value)).split())
    return ""


def in_words(window: ReplyWindow | None) -> str:
    """Return how an event can be answered: "5 replies within 5 min, by msg_id"."""
    if window is None:
        return "cannot be answered"
    count = "replies" if window.limit is None else f"{window.limit} replies"
    return f"{count} within {window.seconds / 60:.0f} min, by {window.against}"


def groups(rows: Iterable[EventSpec] = EVENTS.values()) -> dict[str, list[EventSpec]]:
    """Return rows that differ in little, by a heading that says what they have in common."""
    found: dict[str, list[EventSpec]] = {}
    for row in rows:
        need = f"{' | '.join(row.intents.names())} ({row.audience})" if row.intent else "no intent"
        found.setdefault(f"{row.family} · {need} · {in_words(row.window)}", []).append(row)
    return found


def as_json(row: EventSpec) -> dict[str, Any]:
    """Return what `qqbot events --json` says about an event."""
    window = row.window
    return {
        "name": row.name,
        "callback": row.callback,
        "summary": row.summary,
        "family": row.family,
        "session": row.session,
        "payload": row.payload.__name__,
        "intents": row.intents.names(),
        "intent_bits": int(row.intent),
        "privileged": bool(row.intent & PRIVILEGED_INTENTS),
        "dispute": row.dispute.reason if row.dispute else None,
        "audience": row.audience,
        "forwards_to": row.forwards_to,
        "reply_window": None
        if window is None
        else {"seconds": window.seconds, "limit": window.limit, "against": window.against},
    }


def payload_as_json(row: EventSpec) -> list[dict[str, Any]]:
    """Return what `qqbot events NAME --json` adds: the classes of the payload."""
    return [msgspec.to_builtins(entry) for entry in payload_entries(row.payload)]


_EXAMPLE: Final = """\
from qqbot_cli import EventHandler, {session}


class Example(EventHandler):
    async def {callback}(self, session: {session}) -> None:
        {body}
"""
_BODIES: Final = {
    "InteractionSession": 'await session.ack()\n        await session.reply(f"you did {session.event.kind}")',
    "ChannelReplySession": 'await session.reply(f"you said {session.event.text}")',
    "DirectReplySession": 'await session.reply(f"you said {session.event.text}")',
    "GroupReplySession": 'await session.reply(f"you said {session.event.text}")',
    "C2CReplySession": 'await session.reply(f"you said {session.event.text}")',
}
"""What examples do, by the session, where more can be said than "hello"."""


def example(row: EventSpec) -> str:
    """Return a complete plugin class for the event."""
    kind = SESSIONS[row.session]
    if issubclass(kind, ReplySession):
        body = _BODIES.get(row.session, 'await session.reply("hello")')
    elif issubclass(kind, AnswerSession):
        body = 'await session.send_text_message("1699792", f"noticed: {session.event}")  # a channel id'
    else:
        body = "print(session.name, session.event)"
    return _EXAMPLE.format(session=row.session, callback=row.callback, body=body)
