"""A REST call as the rooms see it, and how its fields are read. No I/O.

What is wrong is refused by raising: reading a field and judging its type are one step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, NoReturn, Self, TypeVar

from qqbot_cli.simulator.refusals import BAD_REQUEST, Refusal, RefusedError

if TYPE_CHECKING:
    from qqbot_cli.simulator.rest.site import Site

T = TypeVar("T")
Json = dict[str, object]
_DIGITS: Final = 20


@dataclass(frozen=True, slots=True)
class Call:
    """One call that may be made."""

    path: Mapping[str, str]
    """Values of its path parameters."""
    query: Mapping[str, str]
    body: object = None
    """What the JSON says; None without a body, and for a body that is no JSON."""

    def fields(self, refusal: Refusal = BAD_REQUEST) -> Fields:
        """Return the body, to be read; what is wrong in it is refused with *refusal*."""
        return Fields(self.body, refusal)

    def number(self, name: str, default: int, numbers: range, refusal: Refusal = BAD_REQUEST) -> int:
        """Return a number of the query that lies in *numbers*."""
        text = self.query.get(name)
        if text is None:
            return default
        if not is_number(text) or int(text) not in numbers:
            refuse(refusal)
        return int(text)


Handler = Callable[["Site", Call], object]
"""Carries out a call and returns the JSON of the answer; None for a call that answers nothing."""


class Fields:
    """A JSON object whose fields are wanted with certain types; nulls count as missing."""

    def __init__(self, value: object, refusal: Refusal) -> None:
        self.refusal = refusal
        self._values = (
            {name: item for name, item in value.items() if item is not None}
            if isinstance(value, Mapping)
            else {}
        )

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def raw(self, name: str) -> object:
        """Return a field as it came."""
        return self._values.get(name)

    def text(self, name: str, refusal: Refusal | None = None) -> str | None:
        """Return a text."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, str):
            refuse(refusal or self.refusal)
        return value

    def number(self, name: str, refusal: Refusal | None = None) -> int | None:
        """Return a whole number, which may come as digits."""
        value = self._values.get(name)
        if isinstance(value, str) and is_number(value.removeprefix("-")):
            return int(value)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            refuse(refusal or self.refusal)
        return value

    def flag(self, name: str) -> bool | None:
        """Return a boolean."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, bool):
            refuse(self.refusal)
        return value

    def texts(self, name: str) -> list[str] | None:
        """Return a list of texts."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, list):
            refuse(self.refusal)
        found = [item for item in value if isinstance(item, str)]
        if len(found) != len(value):
            refuse(self.refusal)
        return found

    def inner(self, name: str, refusal: Refusal | None = None) -> Self | None:
        """Return an object."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            refuse(refusal or self.refusal)
        return type(self)(value, self.refusal)

    def inners(self, name: str) -> list[Self] | None:
        """Return a list of objects."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            refuse(self.refusal)
        return [type(self)(item, self.refusal) for item in value]


def is_number(text: str) -> bool:
    """Whether *text* is a number that fits into 64 bits, as all numbers of the platform do."""
    return text.isdecimal() and len(text) < _DIGITS


def seconds_of(text: str) -> float | None:
    """Return the moment *text*, in RFC 3339, as seconds since 1970; None if it is none."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.timestamp() if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def refuse(refusal: Refusal) -> NoReturn:
    """Refuse the call."""
    raise RefusedError(refusal)


def needed(value: T | None, refusal: Refusal) -> T:
    """Return *value*, which may not be missing."""
    if value is None:
        refuse(refusal)
    return value


def filled(text: str | None, refusal: Refusal) -> str:
    """Return *text*, which may be neither missing nor blank."""
    if text is None or not text.strip():
        refuse(refusal)
    return text


def page_of(
    items: Sequence[T], cursor: str | None, limit: int, refusal: Refusal = BAD_REQUEST
) -> tuple[list[T], str]:
    """Return a page and the cursor of the next one, which is empty on the last page."""
    if cursor and not is_number(cursor):
        refuse(refusal)
    start = int(cursor or 0)
    end = start + limit
    return list(items[start:end]), str(end) if end < len(items) else ""
