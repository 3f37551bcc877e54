"""Rules by which applicants are let into groups without being asked. Since 2026.

Source: platform documentation, "入群审批策略".
"""

from __future__ import annotations

from datetime import datetime

from qqbot_cli.model.payload.shared import Payload, parse_time


class JoinStrategyState(Payload, frozen=True):
    """Whether and how long a rule is in force."""

    is_enable: str = ""
    """``on`` or ``off``."""
    expire_at: str = ""
    """RFC 3339; see `expires_at`."""

    @property
    def enabled(self) -> bool:
        """Whether it is switched on."""
        return self.is_enable == "on"

    @property
    def expires_at(self) -> datetime | None:
        """Until when, or None if the platform did not say."""
        return parse_time(self.expire_at)


class JoinStrategyCreated(JoinStrategyState, frozen=True, kw_only=True):
    """A rule was created."""

    strategy_id: str
    """Names the rule."""


class JoinStrategy(JoinStrategyState, frozen=True, kw_only=True):
    """A rule: who is on its list of QQ numbers may join its groups."""

    strategy_id: str
    """Names the rule."""
    group_openids: tuple[str, ...] = ()
    """Groups it is for."""
    group_ids: tuple[str, ...] = ()
    """The same as group numbers, partly hidden."""
    whitelist_user_count: int = 0
    """About how many QQ numbers are on its list."""
    created_at: str = ""
    """RFC 3339."""
    updated_at: str = ""
    """RFC 3339."""
    remark: str = ""
    """Note of whoever created it."""


class JoinStrategies(Payload, frozen=True):
    """A page of rules."""

    strategies: tuple[JoinStrategy, ...] = ()
    """The rules."""
    next_cursor: str = ""
    """Asks for the next page; empty on the last one."""


class WhitelistChanged(Payload, frozen=True):
    """The list of a rule was changed."""

    strategy_id: str = ""
    """The rule."""
    whitelist_user_count: int = 0
    """About how many QQ numbers are on its list now."""
    updated_at: str = ""
    """RFC 3339; see `changed_at`."""

    @property
    def changed_at(self) -> datetime | None:
        """When, or None if the platform did not say."""
        return parse_time(self.updated_at)
