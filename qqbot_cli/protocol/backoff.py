"""How long to wait before the next attempt.

The delay doubles with each failure up to a cap and is spread by jitter, so that shards that were cut
off together do not come back together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class BackoffRule:
    """Growth and spread of one kind of delay."""

    base: float
    """Seconds of the first delay before jitter."""
    cap: float
    """Longest delay in seconds."""
    spread: float = 1.0
    """Part of the delay that jitter may take away: 1 is "full jitter", 0 none."""


CONNECT_BACKOFF: Final = BackoffRule(1.0, 15.0)
"""A refused TCP connection costs nothing, so it may be tried often."""
CLOSE_BACKOFF: Final = BackoffRule(1.0, 60.0)
"""The server ended a connection; the first attempt to resume follows within a second."""
IDENTIFY_BACKOFF: Final = BackoffRule(5.0, 300.0, spread=0.2)
"""An IDENTIFY costs one of the day's session starts: at most 20 an hour, and never at once."""
TOKEN_BACKOFF: Final = BackoffRule(1.0, 15.0)
"""The token endpoint does not answer; without a token no shard comes back, so it is asked as often."""
UNTRUSTED_PAUSE: Final = 60.0
"""A certificate that is refused, or none: somebody has to act, or to set the clock; seconds between tries."""

_MAX_DOUBLINGS: Final = 32


class Backoff:
    """Counts failures of one kind and answers the next delay."""

    def __init__(self, rule: BackoffRule, jitter: Callable[[], float]) -> None:
        """*jitter* answers a number from 0 to 1."""
        self._rule = rule
        self._jitter = jitter
        self.failures = 0

    def next(self, *, took: float = 0.0) -> float:
        """Return the delay before the next attempt, in seconds, and count a failure.

        The attempt that failed *took* so long. It is part of the delay: what hangs until a time-out has
        waited already, and a network that comes back meanwhile must not be missed for both.
        """
        full = min(self._rule.cap, self._rule.base * 2.0 ** min(self.failures, _MAX_DOUBLINGS))
        self.failures += 1
        return max(0.0, full * (1.0 - self._rule.spread * self._jitter()) - took)

    def reset(self) -> None:
        """Forget all failures."""
        self.failures = 0
