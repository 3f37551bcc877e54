"""How often something may be done."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """A documented limit of calls."""

    calls: int
    """How many, in any stretch of `seconds`."""
    seconds: float
    burst: int = 0
    """How many may be made at once now and then; 0 if nothing is said about it."""
    per: str = "bot"
    """Whose calls are counted together: ``bot``, or a path parameter whose every value is counted alone."""
