"""From the raw ``d`` of an event to its typed payload, in two passes.

The first is strict and fast. The platform adds, drops and retypes fields without notice, so where it
fails a second pass brings older shapes that are known into today's (`Payload.reshape`) and repairs just the
places the type checker complains about: nulls are dropped, numbers become text where text is expected and
the reverse, and an optional field that still does not fit is left out. Only what then lacks a required field
cannot be typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import GenericAlias
from typing import Any, Final

import msgspec

from qqbot_cli.model.payload.shared import Payload

_MAX_REPAIRS: Final = 64
"""A payload with more misfits than this is another payload."""

_PLACE: Final = re.compile(
    r"^Expected `([^`]*)`, got `[^`]*` - at `(\$[^`]*)`$|^Expected `([^`]*)`, got `[^`]*`$"
)
_INSIDE: Final = re.compile(r"- at `\$(.+)`$")
_NUMBER_TYPES: Final = {"int": int, "float": float}


STRICT_ERRORS: Final = (msgspec.MsgspecError, ValueError, RecursionError)
"""What decoding may raise, whatever arrives."""


class PayloadError(ValueError):
    """The payload cannot be typed; the message names the path, never a value."""


class PayloadDecoder:
    """Decodes payloads of one type."""

    def __init__(self, payload: type[Payload], *, wrapped: str = "") -> None:
        """*wrapped* is a key under which an object may hold the payload."""
        self._type = payload
        self._wrapped = wrapped
        self.strict = msgspec.json.Decoder(payload).decode
        """The first pass alone; what it raises is in `STRICT_ERRORS`, and `forgive` comes next."""
        self._opening = f'{{"{wrapped}":'.encode() if wrapped else b""
        self._box = (
            msgspec.json.Decoder(msgspec.defstruct("Box", [(wrapped, payload)])).decode if wrapped else None
        )
        """The first pass for an object that begins with the key, so that it costs no second one."""

    def decode(self, raw: bytes | memoryview) -> Payload:
        """Return the payload in *raw*, which is JSON text, in one pass or two.

        Raises:
            PayloadError: If a required field is missing or of no use.
        """
        try:
            if self._box is not None and raw[: len(self._opening)] == self._opening:
                inside: Payload = getattr(self._box(raw), self._wrapped)
                return inside
            return self.strict(raw)
        except STRICT_ERRORS:
            return self.forgive(raw)

    def forgive(self, raw: bytes | memoryview) -> Payload:
        """Return the payload in *raw* as far as it can be repaired.

        Raises:
            PayloadError: If a required field is missing or of no use.
        """
        value = _json(raw)
        inside = value.get(self._wrapped) if self._wrapped and isinstance(value, dict) else None
        return self.repair(inside if isinstance(inside, dict) else value)

    def repair(self, value: Any) -> Payload:  # noqa: ANN401 - any JSON
        """Return the payload in *value*, JSON that is decoded but not typed; *value* is changed.

        Raises:
            PayloadError: If a required field is missing or of no use.
        """
        if not isinstance(value, dict):
            value = {}
        value = self._type.reshape(value)
        left_out = trouble = ""
        for _ in range(_MAX_REPAIRS):
            try:
                return msgspec.convert(value, self._type)
            except msgspec.ValidationError as exc:
                trouble = str(exc)
                if _repair(value, trouble):
                    continue
                if not _leave_out(value, trouble):
                    break
                left_out = left_out or trouble
        raise PayloadError(left_out or trouble)


class ListDecoder:
    """Decodes lists of payloads of one type."""

    def __init__(self, payload: type[Payload], *, wrapped: str = "") -> None:
        """*wrapped* is a key under which an object may hold the list."""
        self._item = PayloadDecoder(payload)
        self._wrapped = wrapped
        strict = msgspec.json.Decoder(GenericAlias(list, payload)).decode
        self._strict: Callable[[bytes | memoryview], list[Payload]] = strict

    def decode(self, raw: bytes | memoryview) -> list[Payload]:
        """Return the list in *raw*, which is JSON text; ``null`` and ``{}`` are empty lists.

        Raises:
            PayloadError: If it is no list, or an item lacks a required field: half a list would be taken
                for a whole one.
        """
        try:
            return self._strict(raw)
        except STRICT_ERRORS:
            value = _json(raw)
        if isinstance(value, dict):
            value = value.get(self._wrapped, value or None)
        if value is None:
            return []
        if not isinstance(value, list):
            raise PayloadError(f"Expected `array`, got `{type(value).__name__}`")
        return [self._item.repair(item) for item in value]


def _json(raw: bytes | memoryview) -> Any:  # noqa: ANN401 - any JSON
    try:
        return msgspec.json.decode(raw)
    except STRICT_ERRORS as exc:
        raise PayloadError(f"not JSON ({type(exc).__name__})") from None


def _repair(value: dict[str, Any], trouble: str) -> bool:
    """Change what *trouble*, a message of msgspec, complains about; return False if nothing can be done."""
    match = _PLACE.match(trouble)
    if match is None or match[2] is None:
        return False
    expected = [kind.strip() for kind in match[1].split("|")]
    return _repair_at(value, _steps(match[2][1:]), expected)


def _leave_out(value: dict[str, Any], trouble: str) -> bool:
    """Remove the part of *value* that *trouble* is about, as a whole; return False if it is all of it."""
    match = _INSIDE.search(trouble)
    if match is None or "[...]" in match[1]:
        return False  # "[...]" is any value of a mapping, which no payload has
    node: Any = value
    *way, last = [int(step[1:-1]) if step.startswith("[") else step for step in _steps(match[1])]
    for step in way:
        node = node[step]
    del node[last]
    return True


def _steps(path: str) -> list[str]:
    return [step for step in re.split(r"\.|(?=\[)", path) if step]


def _repair_at(node: Any, path: list[str], expected: list[str]) -> bool:  # noqa: ANN401 - any JSON
    """Repair all places below *node* that *path* leads to; a list step leads to every item."""
    step, rest = path[0], path[1:]
    if step.startswith("["):
        if not isinstance(node, list):
            return False
        if rest:
            # A list, not a generator: every item has to be repaired, not only the first.
            return any([_repair_at(item, rest, expected) for item in node])  # noqa: C419
        repaired = [fixed for item in node if (fixed := _fitting(item, expected)) is not None]
        changed = repaired != node or any(
            type(a) is not type(b) for a, b in zip(repaired, node, strict=False)
        )
        node[:] = repaired
        return changed
    if not isinstance(node, dict) or step not in node:
        return False
    if rest:
        return _repair_at(node[step], rest, expected)
    fixed = _fitting(node[step], expected)
    if fixed is None:
        del node[step]
        return True
    changed = fixed != node[step] or type(fixed) is not type(node[step])
    node[step] = fixed
    return changed  # False for an item that fits: the trouble is with another one


def _fitting(item: object, expected: list[str]) -> object:
    """Return *item* as one of the *expected* types, itself if it is one already, or None to leave it out."""
    if "str" in expected and isinstance(item, (int, float)) and not isinstance(item, bool):
        return str(item)
    if isinstance(item, str):
        if "str" in expected:
            return item
        for name, convert in _NUMBER_TYPES.items():
            if name in expected:
                try:
                    return convert(item)
                except ValueError:
                    return None
        if "bool" in expected:
            return {"true": True, "1": True, "false": False, "0": False}.get(item.lower())
    if "bool" in expected and isinstance(item, int):
        return bool(item)
    if "int" in expected and isinstance(item, float) and item.is_integer():
        return int(item)
    kinds = {"object": dict, "array": list, "int": int, "bool": bool, "str": str}
    return item if any(isinstance(item, kinds[name]) for name in expected if name in kinds) else None
