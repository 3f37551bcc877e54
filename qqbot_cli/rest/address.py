"""Addresses of REST calls: every character of an id that means something in a URL is quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from qqbot_cli.model.endpoints import Endpoint

_PLAIN: Final = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch
"""Of what `quote` leaves as it is; nearly every id, and `quote` takes its time."""

_WORD: Final = re.compile(r"v[0-9]{1,2}|@?[a-z][a-z_-]{0,31}").fullmatch
"""A part of a path that names something of the platform, as far as its calls are known."""


def address_of(endpoint: Endpoint, path: Mapping[str, str], query: Mapping[str, Any]) -> str:
    """Return path and query of a call.

    Args:
        endpoint: The row.
        path: Values of its path parameters.
        query: Values of its query parameters; None leaves one out.
    """
    address = endpoint.path.format_map({name: _quoted(value) for name, value in path.items()})
    if query or endpoint.fixed_query:
        address += query_text((*endpoint.fixed_query, *query.items()))
    return address


def kind_of(path: str) -> str:
    """Return *path* with ``{id}`` for what looks like an id, so that all calls of a kind have one name."""
    return "/".join(part if not part or _WORD(part) else "{id}" for part in path.split("/"))


def query_text(pairs: Iterable[tuple[str, Any]]) -> str:
    """Return *pairs* as they stand behind a path; None leaves one out."""
    text = "&".join(f"{name}={_quoted(value)}" for name, value in pairs if value is not None)
    return f"?{text}" if text else ""


def _quoted(value: object) -> str:
    """Return *value* as a part of a URL; an id must not lead elsewhere."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if _PLAIN(text) else quote(text, safe="")
