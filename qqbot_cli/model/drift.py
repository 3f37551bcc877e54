"""What frames carry beside what the table of events says: a change of the platform shows here first.

A field that is absent, null or empty is no drift, because the platform leaves everything out at some
date; a field nobody knows, one of another type, and a required one that is missing are.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final

from msgspec import inspect

from qqbot_cli.model.events import EVENTS
from qqbot_cli.model.payload.shared import Payload


class DriftKind(StrEnum):
    """How a frame differs from the table."""

    UNKNOWN_EVENT = "unknown event"
    UNKNOWN_FIELD = "unknown field"
    RETYPED_FIELD = "retyped field"
    MISSING_FIELD = "missing field"


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference; equal ones of many frames are equal values."""

    event: str
    kind: DriftKind
    path: str = ""
    """Where below ``d``, such as ``author.level`` or ``attachments[].size``; empty for a whole event."""
    expected: str = ""
    """Types that the table has there, in JSON's words."""
    found: str = ""
    """Type that the frame has there."""


_NAMES: Final[dict[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
    type(None): "null",
}
_KNOWN: Final[dict[type[inspect.Type], str]] = {
    inspect.StrType: "string",
    inspect.BoolType: "boolean",
    inspect.IntType: "integer",
    inspect.FloatType: "number",
    inspect.NoneType: "null",
    inspect.VarTupleType: "array",
    inspect.TupleType: "array",
    inspect.ListType: "array",
    inspect.DictType: "object",
    inspect.StructType: "object",
}
_NUMBERS: Final = frozenset({"integer", "number"})


def drifts_of(event: str, d: object) -> Iterator[Drift]:
    """Yield where a DISPATCH of *event* with the payload *d*, any JSON value, differs from the table."""
    row = EVENTS.get(event)
    if row is None:
        fields = d.items() if isinstance(d, dict) else ()
        yield Drift(event, DriftKind.UNKNOWN_EVENT, found=_type_name(d))
        for key, value in fields:
            yield Drift(event, DriftKind.UNKNOWN_FIELD, key, found=_type_name(value))
        return
    if not isinstance(d, dict):
        if row.payload.__struct_fields__:  # RESUMED has none, its ``d`` is an empty text
            yield Drift(event, DriftKind.RETYPED_FIELD, "$", "object", _type_name(d))
        return
    found = list(_below(event, d, _inspected(row.payload), ""))
    if found:
        # An older shape that is known, and read, is nothing new.
        found = list(_below(event, row.payload.reshape(copy.deepcopy(d)), _inspected(row.payload), ""))
    yield from found


@cache
def _inspected(payload: type[Payload]) -> inspect.Type:
    return inspect.type_info(payload)


def _below(event: str, value: Any, kind: inspect.Type, path: str) -> Iterator[Drift]:  # noqa: ANN401 - JSON
    """Yield the differences between *value* and *kind*, which is what the table has at *path*."""
    options = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    if any(isinstance(option, inspect.AnyType) for option in options):
        return
    name = _type_name(value)
    fitting = [option for option in options if _fits(name, _KNOWN[type(option)])]
    if not fitting:
        if value is not None:
            expected = " or ".join(_KNOWN[type(option)] for option in options)
            yield Drift(event, DriftKind.RETYPED_FIELD, path, expected, name)
        return
    inner = fitting[0]
    if isinstance(inner, inspect.StructType):
        yield from _in_object(event, value, inner, path)
    elif isinstance(inner, inspect.VarTupleType):
        for item in value:
            yield from _below(event, item, inner.item_type, f"{path}[]")


def _in_object(event: str, value: dict[str, Any], kind: inspect.StructType, path: str) -> Iterator[Drift]:
    fields = {field.encode_name: field for field in kind.fields}
    for key, inner in value.items():
        place = f"{path}.{key}" if path else key
        field = fields.get(key)
        if field is None:
            yield Drift(event, DriftKind.UNKNOWN_FIELD, place, found=_type_name(inner))
        elif inner is not None:
            yield from _below(event, inner, field.type, place)
    for key, field in fields.items():
        if field.required and value.get(key) is None:
            place = f"{path}.{key}" if path else key
            yield Drift(event, DriftKind.MISSING_FIELD, place)


def _type_name(value: object) -> str:
    return _NAMES.get(type(value), type(value).__name__)


def _fits(found: str, known: str) -> bool:
    return found == known or (known == "number" and found in _NUMBERS)
