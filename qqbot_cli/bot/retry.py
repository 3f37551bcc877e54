"""When a handler that failed is tried again.

Only for what time mends: a network that is down, a platform that is busy or out of service, a gateway
that is not connected again yet. A fault in the code of a plugin would fail again, perhaps after having done
half of its work once more; that event is given up at once and kept, to be run again by hand when the plugin
has been repaired.
"""

from __future__ import annotations

from typing import Final

import aiohttp

from qqbot_cli.errors import ApiError, PlatformUnreachableError, RateLimitedError
from qqbot_cli.protocol.request import is_passing

DELAYS: Final = (1.0, 5.0, 30.0, 30.0)
"""Seconds before the second run, the third and so on; an event runs at most five times."""
_PASSING: Final = (
    PlatformUnreachableError,
    RateLimitedError,
    ConnectionError,
    TimeoutError,
    aiohttp.ClientError,
)


def delay_after(exc: BaseException, failures: int, earlier: int = 0) -> float | None:
    """Return the seconds until the next run, None for never.

    Args:
        exc: Why the last one failed.
        failures: Runs before it that failed.
        earlier: Runs of earlier processes. They count, but since then so much has changed that the pauses
            begin anew.
    """
    passing = isinstance(exc, _PASSING) or (isinstance(exc, ApiError) and is_passing(exc))
    if not passing or earlier + failures >= len(DELAYS):
        return None
    delay = DELAYS[failures]
    if isinstance(exc, RateLimitedError) and exc.retry_after is not None:
        delay = max(delay, min(exc.retry_after, max(DELAYS)))
    return delay
