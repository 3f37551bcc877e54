"""Which row of ENDPOINTS a request is about. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qqbot_cli.model.endpoints import ENDPOINTS, Endpoint

Address = tuple[str, str]
"""Method and path."""


def addresses() -> dict[Address, tuple[Endpoint, ...]]:
    """Return the rows by method and path; paths without parameters first, because patterns match them too."""
    found: dict[Address, tuple[Endpoint, ...]] = {}
    for row in sorted(ENDPOINTS.values(), key=lambda row: len(row.parameters)):
        address = row.method, row.path
        found[address] = (*found.get(address, ()), row)
    return found


def row_for(rows: Sequence[Endpoint], body: object) -> Endpoint:
    """Return the one of *rows*, all at one address, that a request with *body* is about."""
    given = (
        {name for name, value in body.items() if value is not None} if isinstance(body, Mapping) else set()
    )
    wanted = (row for row in rows if row.requires and given.issuperset(row.requires))
    return next(wanted, rows[0])
