"""Events in the calendar of a schedule channel.

Source: platform documentation, "日程".
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import UNSET, UnsetType

from qqbot_cli.errors import InvalidRequestError
from qqbot_cli.model.body.base import Body, Digits, Name


class RemindType(StrEnum):
    """When people are reminded."""

    NEVER = "0"
    AT_START = "1"
    MINUTES_5 = "2"
    MINUTES_15 = "3"
    MINUTES_30 = "4"
    MINUTES_60 = "5"


class ScheduleFields(Body, frozen=True, kw_only=True):
    """An event; `at` fills in the times."""

    name: Name
    """What it is."""
    description: str | UnsetType = UNSET
    """More about it."""
    start_timestamp: Digits
    """Milliseconds since 1970, not in the past."""
    end_timestamp: Digits
    """Milliseconds since 1970, after the start and at most 7 days later."""
    jump_channel_id: str | UnsetType = UNSET
    """Channel of the same guild it leads to, no schedule channel; ``0`` for none."""
    remind_type: RemindType | UnsetType = UNSET
    """When people are reminded."""

    @classmethod
    def at(
        cls,
        start: datetime,
        end: datetime,
        name: str,
        *,
        description: str | UnsetType = UNSET,
        jump_channel_id: str | UnsetType = UNSET,
        remind_type: RemindType | UnsetType = UNSET,
    ) -> ScheduleFields:
        """Return an event from *start* to *end*, both aware."""
        return cls(
            name=name,
            description=description,
            start_timestamp=_milliseconds(start),
            end_timestamp=_milliseconds(end),
            jump_channel_id=jump_channel_id,
            remind_type=remind_type,
        )


class ScheduleParams(Body, frozen=True, kw_only=True):
    """An event to create, or what is to become of one."""

    schedule: ScheduleFields
    """The event."""


def _milliseconds(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise InvalidRequestError("start / end", "must know its time zone")
    return str(round(moment.timestamp() * 1000))
