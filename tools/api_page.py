"""`docs/api.md`: every REST call with its arguments, limits, answers and errors, made from ENDPOINTS."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

import msgspec

from qqbot_cli.cli.manual import PayloadEntry, payload_entries
from qqbot_cli.model.endpoints import FAMILIES, Endpoint, Host
from qqbot_cli.model.endpoints.parameters import meaning
from tools.calls import (
    errors,
    facts,
    full_path,
    harmless,
    heading,
    iterator_name,
    iterator_signature,
    limit_in_words,
    metas,
    query_in_words,
    repeat_in_words,
    result_type,
    signature,
    source_in_words,
)
from tools.events_page import table


def sections() -> dict[str, Callable[[], str]]:
    """Return what `docs/api.md` takes from the rows, by the name of the section."""
    return {"calls": _calls}


def _calls() -> str:
    seen: set[str] = set()
    return "\n".join(part for family in FAMILIES for part in _family(family, seen))


def _family(family: str, seen: set[str]) -> Iterator[str]:
    """Give the parts about one family; objects that are in *seen* stand further up."""
    rows = FAMILIES[family]
    yield f"\n## {heading(family).rstrip('.')}\n"
    yield table(["method", "call", "limit", "what it does"], map(_line, rows))
    for row in rows:
        yield from _call(row)
    for kind in _kinds(rows):
        for entry in payload_entries(kind):
            if entry.name not in seen:
                seen.add(entry.name)
                yield from _object(_class_of(kind, entry.name), entry)
    for enum in _enums(rows):
        if enum.__name__ not in seen:
            seen.add(enum.__name__)
            yield f"\n#### {enum.__name__}\n\n{_code(inspect.getdoc(enum) or '')}\n"
            yield table(["value", "name"], ([f"`{item.value}`", f"`{item.name}`"] for item in enum))


def _line(row: Endpoint) -> list[str]:
    limit = limit_in_words(row.rate) if row.rate else ""
    mark = " *(legacy)*" if row.legacy else ""
    return [f"[`{row.name}`](#{row.name}){mark}", f"`{row.method} {full_path(row)}`", limit, row.summary]


def _call(row: Endpoint) -> Iterator[str]:
    yield f"\n### {row.name}\n"
    if row.host is Host.TOKEN:
        yield "Made by the library itself, on the host that gives access tokens.\n"
    else:
        yield f"```text\nawait api.{row.name}({', '.join(signature(row))}) -> {result_type(row)}"
        if row.paging:
            yield f"async for item in api.{iterator_name(row)}({', '.join(iterator_signature(row))})"
        yield "```\n"
    yield _code(f"{row.summary} {row.details}".strip()) + "\n"
    yield "\n".join(f"- {name}: {text}" for name, text in _facts(row))
    arguments = [[f"`{name}`", _code(meaning(row, name))] for name in row.parameters]
    arguments += [[f"`{query.name}`", _code(query_in_words(query))] for query in row.query]
    if arguments:
        yield ""
        yield table(["argument", "meaning"], arguments)


def _facts(row: Endpoint) -> Iterator[tuple[str, str]]:
    yield "Call", f"`{row.method} {full_path(row)}`"
    yield from facts(row)
    if row.body is not None:
        yield "Body", _link(row.body.__name__) + (", may be left out" if row.body_optional else "")
    if row.result is not None:
        yield "Answer", ("a list of " if row.many else "") + _link(row.result.__name__)
    if words := repeat_in_words(row):
        yield "Repetition", _code(words)
    if row.host is Host.TOKEN:
        yield "Codes", ", ".join(map(str, row.codes))
    else:
        for name, codes in errors(row).items():
            yield f"`{name}`", ", ".join(map(str, codes))
        if words := harmless(row):
            yield "Codes", words
    yield "Legacy" if row.legacy else "Source", _code(source_in_words(row))


def _link(name: str) -> str:
    return f"[`{name}`](#{name.lower()})"


def _kinds(rows: tuple[Endpoint, ...]) -> list[type[msgspec.Struct]]:
    """Return the types of bodies and results of *rows*, each once, in their order."""
    return list(dict.fromkeys(kind for row in rows for kind in (row.body, row.result) if kind is not None))


def _enums(rows: tuple[Endpoint, ...]) -> list[type[Enum]]:
    """Return the closed sets of values inside the bodies of *rows*."""
    found: dict[type[Enum], None] = {}
    for row in rows:
        for kind in _structs(row.body) if row.body is not None else ():
            for field in msgspec.structs.fields(kind):
                found |= dict.fromkeys(
                    item for item in _parts(field.type) if inspect.isclass(item) and issubclass(item, Enum)
                )
    return list(found)


def _structs(kind: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    """Return *kind* and every class inside it."""
    found = [kind]
    for field in msgspec.structs.fields(kind):
        for part in _parts(field.type):
            if inspect.isclass(part) and issubclass(part, msgspec.Struct) and part not in found:
                found += [inner for inner in _structs(part) if inner not in found]
    return found


def _class_of(kind: type[msgspec.Struct], name: str) -> type[msgspec.Struct]:
    (found,) = (inner for inner in _structs(kind) if inner.__name__ == name)
    return found


def _parts(annotation: Any) -> Iterator[Any]:  # noqa: ANN401 - any annotation
    yield annotation
    for argument in typing.get_args(annotation):
        yield from _parts(argument)


def _object(kind: type[msgspec.Struct], entry: PayloadEntry) -> Iterator[str]:
    yield f"\n#### {entry.name}\n\n{_code(entry.text)}\n"
    described = {field.name: field for field in entry.fields}
    rows = [_field(field, described[field.name].text) for field in msgspec.structs.fields(kind)]
    if rows:
        yield table(["field", "type", "meaning"], rows)
    if entry.values:
        yield ""
        worked_out = ([f"`{value.name}`", _cell(value.type), _code(value.text)] for value in entry.values)
        yield table(["worked out", "type", "meaning"], worked_out)


def _field(field: msgspec.structs.FieldInfo, text: str) -> list[str]:
    words = f"required. {text}" if field.required else text
    return [
        f"`{field.encode_name}`",
        _cell(_type(field.type)),
        _code(f"{words} {_limits(field.type)}".strip()),
    ]


def _cell(type_: str) -> str:
    return f"`{type_}`".replace("|", "\\|")


def _type(annotation: Any) -> str:  # noqa: ANN401 - any annotation
    """Return a type as people write it, without what it is limited to."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " | ".join(_type(item) for item in arguments if item is not msgspec.UnsetType)
    if origin is not None:
        return f"{origin.__name__}[{', '.join('...' if a is ... else _type(a) for a in arguments)}]"
    return "None" if annotation is type(None) else getattr(annotation, "__name__", str(annotation))


def _limits(annotation: Any) -> str:  # noqa: ANN401 - any annotation
    """Return what a value is limited to, in words."""
    found = []
    for limit in metas(annotation):
        if limit.ge is not None:
            found.append(f"at least {limit.ge}" if limit.le is None else f"{limit.ge} to {limit.le}")
        if limit.min_length == 1:
            found.append("not empty")
        if limit.max_length is not None:
            found.append(f"at most {limit.max_length} {'characters' if _is_text(annotation) else 'entries'}")
    text = ", ".join(found)
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _is_text(annotation: Any) -> bool:  # noqa: ANN401 - any annotation
    return _type(annotation) == "str"


def _code(text: str) -> str:
    return text.replace("``", "`").replace("<", "\\<")
