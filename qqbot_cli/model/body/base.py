"""What all bodies have in common."""

from __future__ import annotations

from collections.abc import Sized
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from qqbot_cli.errors import InvalidRequestError
from qqbot_cli.model.grapheme import columns

Digits = Annotated[str, msgspec.Meta(pattern=r"^\d+$")]
"""A number that goes over the wire as text."""
Name = Annotated[str, msgspec.Meta(min_length=1)]
"""Text that may not be empty."""
People = Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=20)]
"""Openids of one call."""


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """Base of everything that is sent, messages aside: immutable, `UNSET` fields left out."""


def require_one(**fields: object) -> None:
    """Refuse a body that has none of *fields*, or more than one.

    Raises:
        InvalidRequestError: Naming all of them.
    """
    if sum(value is not UNSET for value in fields.values()) != 1:
        raise InvalidRequestError(" / ".join(fields), "give exactly one of them")


def require_any(**fields: object) -> None:
    """Refuse a body that has none of *fields*.

    Raises:
        InvalidRequestError: Naming all of them.
    """
    if all(value is UNSET for value in fields.values()):
        raise InvalidRequestError(" / ".join(fields), "give at least one of them")


def at_most(limit: int, unit: str, **fields: Sized | UnsetType) -> None:
    """Refuse a body in which one of *fields* is longer than *limit*.

    For objects that are received too: there a limit in the type would turn an answer away.

    Raises:
        InvalidRequestError: Naming the field and the limit.
    """
    for name, value in fields.items():
        if not isinstance(value, UnsetType) and len(value) > limit:
            raise InvalidRequestError(name, f"at most {limit} {unit}, not {len(value)}")


def at_most_wide(limit: int, **fields: str) -> None:
    """Refuse a body in which one of *fields* is longer than *limit*, a Chinese character counting as two.

    Raises:
        InvalidRequestError: Naming the field and the limit.
    """
    for name, value in fields.items():
        if (width := columns(value)) > limit:
            allowed = f"at most {limit} characters, a Chinese one counting as two, not {width}"
            raise InvalidRequestError(name, allowed)
