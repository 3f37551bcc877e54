"""Command panels, and the menu of one-to-one chats. Since 2026.

Source: platform documentation, "指令面板" and "单聊菜单".
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import UNSET, UnsetType

from qqbot_cli.errors import InvalidRequestError
from qqbot_cli.model.answer.panel import Menu, Panel
from qqbot_cli.model.body.base import Body, People, at_most, at_most_wide, require_one
from qqbot_cli.model.body.group import ListOp


class PanelScope(StrEnum):
    """Where a panel is shown."""

    C2C = "c2c"
    GROUP = "group"
    CHANNEL = "channel"
    DM = "dm"


class PanelTarget(StrEnum):
    """To whom a panel is shown."""

    ALL = "all"
    SPECIFIC = "specific"
    """One-to-one chats and groups only."""


class CreatePanelParams(Body, frozen=True, kw_only=True):
    """A panel, where it is shown and to whom."""

    scope: PanelScope
    """Where."""
    target_type: PanelTarget | UnsetType = UNSET
    """To whom."""
    user_openids: People | UnsetType = UNSET
    """The users, for one-to-one chats and ``specific``."""
    group_openids: People | UnsetType = UNSET
    """The groups, for groups and ``specific``."""
    panel: Panel
    """The panel."""

    def __post_init__(self) -> None:
        _check_panel(self.panel)
        if self.target_type == PanelTarget.SPECIFIC and self.scope in (PanelScope.CHANNEL, PanelScope.DM):
            raise InvalidRequestError("target_type", f"{self.scope} panels are for all")


class PutPanelParams(Body, frozen=True, kw_only=True):
    """What takes the place of a panel; who sees it stays."""

    panel: Panel
    """The panel."""

    def __post_init__(self) -> None:
        _check_panel(self.panel)


class PanelTargetParams(Body, frozen=True, kw_only=True):
    """Who shall see a panel, or no longer."""

    op: ListOp
    """Which of the two."""
    user_openids: People | UnsetType = UNSET
    """The users."""
    group_openids: People | UnsetType = UNSET
    """The groups."""

    def __post_init__(self) -> None:
        require_one(user_openids=self.user_openids, group_openids=self.group_openids)


class PutMenuParams(Body, frozen=True, kw_only=True):
    """What takes the place of the menu."""

    menu: Menu
    """The menu."""

    def __post_init__(self) -> None:
        at_most(10, "items", **{"menu.items": self.menu.items})
        for number, item in enumerate(self.menu.items):
            place = f"menu.items[{number}]"
            at_most_wide(10, **{f"{place}.name": item.name})
            at_most(5, "items", **{f"{place}.sub_menu_items": item.sub_menu_items})
            for below, entry in enumerate(item.sub_menu_items):
                at_most_wide(14, **{f"{place}.sub_menu_items[{below}].name": entry.name})


def _check_panel(panel: Panel) -> None:
    at_most(20, "items", **{"panel.items": panel.items})
    at_most(255, "characters", **{"panel.remark": panel.remark})
    for number, item in enumerate(panel.items):
        at_most_wide(14, **{f"panel.items[{number}].name": item.name})
        at_most(30, "characters", **{f"panel.items[{number}].desc": item.desc})
