"""Addresses of REST calls: every character of an id that means something in a URL is quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from qqbot_cli.model.endpoints import Endpoint

_PLAIN: Final = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch
"""Of what `quote` leaves as it is; nearly every id, and `quote` takes its time."""


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


def query_text(pairs: Iterable[tuple[str, Any]]) -> str:
    """Return *pairs* as they stand behind a path; None leaves one out."""
    text = "&".join(f"{name}={_quoted(value)}" for name, value in pairs if value is not None)
    return f"?{text}" if text else ""


def _quoted(value: object) -> str:
    """Return *value* as a part of a URL; an id must not lead elsewhere."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if _PLAIN(text) else quote(text, safe="")
