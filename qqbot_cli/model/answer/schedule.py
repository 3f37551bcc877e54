"""Events in the calendar of a schedule channel.

Source: platform documentation, "日程".
"""

from __future__ import annotations

from datetime import UTC, datetime

from qqbot_cli.model.payload.shared import Member, Payload


class Schedule(Payload, frozen=True):
    """An event in the calendar."""

    id: str
    """Key of the event."""
    name: str = ""
    """What it is."""
    description: str = ""
    """More about it."""
    start_timestamp: str = ""
    """Milliseconds since 1970; see `starts_at`."""
    end_timestamp: str = ""
    """Milliseconds since 1970; see `ends_at`."""
    creator: Member | None = None
    """Who wrote it down."""
    jump_channel_id: str = ""
    """Channel it leads to; ``0`` for none."""
    remind_type: str = ""
    """When people are reminded; see `RemindType`."""

    @property
    def starts_at(self) -> datetime | None:
        """When it starts, or None if the platform did not say."""
        return _moment(self.start_timestamp)

    @property
    def ends_at(self) -> datetime | None:
        """When it ends, or None if the platform did not say."""
        return _moment(self.end_timestamp)


def _moment(milliseconds: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
