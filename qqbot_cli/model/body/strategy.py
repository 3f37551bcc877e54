"""Rules by which applicants are let into groups without being asked. Since 2026.

Source: platform documentation, "入群审批策略".
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from qqbot_cli.model.body.base import Body, require_any, require_one
from qqbot_cli.model.body.group import ListOp

GroupOpenids = Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=100)]
GroupIds = Annotated[tuple[int, ...], msgspec.Meta(min_length=1, max_length=100)]
Remark = Annotated[str, msgspec.Meta(max_length=255)]


class StrategySwitch(StrEnum):
    """Whether a rule is in force."""

    ON = "on"
    OFF = "off"


class CreateJoinStrategyParams(Body, frozen=True, kw_only=True):
    """A rule; name the groups by openid or by number, not both."""

    group_openids: GroupOpenids | UnsetType = UNSET
    """Groups it is for."""
    group_ids: GroupIds | UnsetType = UNSET
    """Groups it is for, by their numbers."""
    is_enable: StrategySwitch | UnsetType = UNSET
    """On if left out."""
    expire_at: str | UnsetType = UNSET
    """RFC 3339; a year from now if left out."""
    remark: Remark | UnsetType = UNSET
    """A note."""

    def __post_init__(self) -> None:
        require_one(group_openids=self.group_openids, group_ids=self.group_ids)


class GroupAction(Body, frozen=True, kw_only=True):
    """Groups the rule shall be for, or no longer; named as they were when it was created."""

    op: ListOp
    """Which of the two."""
    group_openids: GroupOpenids | UnsetType = UNSET
    """The groups."""
    group_ids: GroupIds | UnsetType = UNSET
    """The groups, by their numbers."""

    def __post_init__(self) -> None:
        require_one(group_openids=self.group_openids, group_ids=self.group_ids)


class UpdateJoinStrategyParams(Body, frozen=True, kw_only=True):
    """What is to change about a rule; at least one field."""

    is_enable: StrategySwitch | UnsetType = UNSET
    """Whether it is in force."""
    expire_at: str | UnsetType = UNSET
    """RFC 3339."""
    remark: Remark | UnsetType = UNSET
    """A note."""
    group_action: GroupAction | UnsetType = UNSET
    """Groups to add or to take away."""

    def __post_init__(self) -> None:
        require_any(
            is_enable=self.is_enable,
            expire_at=self.expire_at,
            remark=self.remark,
            group_action=self.group_action,
        )


class WhitelistParams(Body, frozen=True, kw_only=True):
    """Who is let in by the rule, or no longer; 100000 people in total."""

    op: ListOp
    """Which of the two."""
    whitelist_users: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=10000)]
    """QQ numbers."""
