"""Command panels, and the menu of one-to-one chats. Since 2026.

Panels, menus and what is in them are sent and received as the same objects: read one, change it with
`msgspec.structs.replace`, send it back.
Source: platform documentation, "指令面板" and "单聊菜单".
"""

from __future__ import annotations

from datetime import datetime

from qqbot_cli.model.payload.shared import Payload, parse_time


class PanelItem(Payload, frozen=True, kw_only=True, omit_defaults=True):
    """An entry of a panel."""

    type: str
    """``command`` puts `name` into the input box, ``link`` opens `link`."""
    name: str
    """At most 14 characters, a Chinese one counting as two."""
    desc: str = ""
    """At most 30 characters."""
    only_admin: bool = False
    """Shown to administrators only."""
    link: str = ""
    """An https address, for ``link``."""


class Panel(Payload, frozen=True, kw_only=True, omit_defaults=True):
    """A command panel."""

    items: tuple[PanelItem, ...] = ()
    """At most 20."""
    remark: str = ""
    """A note that people do not see; at most 255 characters."""
    version: int = 0
    """Counted by the platform."""


class PanelCreated(Payload, frozen=True):
    """A panel was created."""

    panel_id: str
    """Names the panel, ``p_…``."""


class PanelRecord(Payload, frozen=True):
    """A panel and who sees it."""

    panel_id: str
    """Names the panel, ``p_…``."""
    scope: str = ""
    """``c2c``, ``group``, ``channel`` or ``dm``."""
    target_type: str = ""
    """``all`` or ``specific``."""
    panel: Panel = Panel()
    """The panel."""
    created_at: str = ""
    """RFC 3339; see `created`."""
    updated_at: str = ""
    """RFC 3339; see `updated`."""
    version: int = 0
    """Counted by the platform."""
    user_openids: tuple[str, ...] = ()
    """For ``specific``: up to 1000 users who see it."""
    group_openids: tuple[str, ...] = ()
    """For ``specific``: up to 1000 groups that see it."""

    @property
    def created(self) -> datetime | None:
        """When it was created, or None if the platform did not say."""
        return parse_time(self.created_at)

    @property
    def updated(self) -> datetime | None:
        """When it was changed last, or None if the platform did not say."""
        return parse_time(self.updated_at)


class Panels(Payload, frozen=True):
    """A page of panels."""

    records: tuple[PanelRecord, ...] = ()
    """The panels."""
    next_cursor: str = ""
    """Asks for the next page; missing on the last one."""
    is_end: bool = False
    """Whether this was the last page."""


class Version(Payload, frozen=True):
    """A panel or the menu was replaced."""

    version: int = 0
    """Counted by the platform."""


class MenuSwitch(Payload, frozen=True, omit_defaults=True):
    """A switch; while it is on, messages carry ``<switch_id>=1`` in ``message_scene.ext``."""

    switch_id: str
    """Names the switch."""
    default: bool = False
    """Whether it is on at first."""


class SubMenuItem(Payload, frozen=True, kw_only=True, omit_defaults=True):
    """An entry below an entry of the menu."""

    type: str
    """``send_message`` or ``link``."""
    name: str
    """At most 14 characters."""
    send_message: str = ""
    """Text put into the input box, for ``send_message``."""
    link: str = ""
    """An https address, for ``link``."""


class MenuItem(Payload, frozen=True, kw_only=True, omit_defaults=True):
    """An entry of the menu."""

    type: str
    """``switch``, ``send_message``, ``link`` or ``menu``."""
    name: str
    """At most 10 characters, a Chinese one counting as two."""
    sub_menu_items: tuple[SubMenuItem, ...] = ()
    """At most 5, for ``menu``."""
    send_message: str = ""
    """Text put into the input box, for ``send_message``."""
    link: str = ""
    """An https address, for ``link``."""
    switch: MenuSwitch | None = None
    """For ``switch``."""


class Menu(Payload, frozen=True):
    """The menu of all one-to-one chats."""

    items: tuple[MenuItem, ...] = ()
    """From left to right, at most 10."""


class MenuRecord(Payload, frozen=True):
    """The menu as it is."""

    version: int = 0
    """Counted by the platform."""
    menu: Menu = Menu()
    """Empty if none was ever set."""
