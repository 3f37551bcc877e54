"""The time of day as the platform writes it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Final

CHINA: Final = timezone(timedelta(hours=8))


def timestamp() -> str:
    """Return now in RFC 3339, as messages and interactions carry it."""
    return datetime.now(CHINA).isoformat(timespec="seconds")


def unix_time() -> int:
    """Return now in seconds, as management events of groups and friends carry it."""
    return int(datetime.now(CHINA).timestamp())
