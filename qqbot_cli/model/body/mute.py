"""Muting people in guilds.

Source: platform documentation, "禁言".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import UNSET, UnsetType

from qqbot_cli.errors import InvalidRequestError
from qqbot_cli.model.body.base import Body, Digits, require_any


class GuildMute(Body, frozen=True, kw_only=True):
    """For how long, and whom. Administrators cannot be muted. See `lasting`, `until` and `lifted`."""

    mute_end_timestamp: Digits | UnsetType = UNSET
    """Seconds since 1970 as text; goes before `mute_seconds`. ``0`` lets people speak again."""
    mute_seconds: Digits | UnsetType = UNSET
    """Seconds from now as text. ``0`` lets people speak again."""
    user_ids: tuple[str, ...] | UnsetType = UNSET
    """Whom; for `mute_members` only."""

    def __post_init__(self) -> None:
        require_any(mute_end_timestamp=self.mute_end_timestamp, mute_seconds=self.mute_seconds)

    @classmethod
    def lasting(cls, seconds: float, *, user_ids: Iterable[str] | UnsetType = UNSET) -> GuildMute:
        """Return a mute of *seconds* from now."""
        return cls(mute_seconds=str(round(seconds)), user_ids=_people(user_ids))

    @classmethod
    def until(cls, moment: datetime, *, user_ids: Iterable[str] | UnsetType = UNSET) -> GuildMute:
        """Return a mute that ends at *moment*, which is aware."""
        if moment.tzinfo is None:
            raise InvalidRequestError("mute_end_timestamp", "the moment must know its time zone")
        return cls(mute_end_timestamp=str(round(moment.timestamp())), user_ids=_people(user_ids))

    @classmethod
    def lifted(cls, *, user_ids: Iterable[str] | UnsetType = UNSET) -> GuildMute:
        """Return what lets people speak again."""
        return cls(mute_seconds="0", user_ids=_people(user_ids))


def _people(user_ids: Iterable[str] | UnsetType) -> tuple[str, ...] | UnsetType:
    return UNSET if isinstance(user_ids, UnsetType) else tuple(user_ids)
