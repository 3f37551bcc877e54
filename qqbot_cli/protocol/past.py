"""What is known of a shard from before the process started."""

from __future__ import annotations

from dataclasses import dataclass

from qqbot_cli.protocol.action import GatewaySession


@dataclass(frozen=True, slots=True)
class Past:
    """The session that may be resumed, or why there is none."""

    session: GatewaySession | None = None
    """The session to resume; None if there is none, or if it is of no use any more."""
    session_began: float | None = None
    """When it began, in monotonic seconds (which may be negative)."""
    lived_at: float | None = None
    """When the old session was last known to live; makes the first new one a gap."""
    reason: str = ""
    """Why there is nothing to resume, although there was a session; makes the first new one a gap too."""
