"""How often a REST call may be made, as the documentation says it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """A limit on one REST call."""

    calls: int
    """Calls allowed within `seconds`, on average where `burst` is larger."""
    seconds: float
    burst: int = 0
    """Calls allowed within `seconds` once in a while; 0 if no more than `calls`."""
    per: str = "bot"
    """Who shares the limit: "bot", or the path parameter each value of which has a limit of its own."""
