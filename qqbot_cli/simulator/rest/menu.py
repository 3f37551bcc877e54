"""The menu of one-to-one chats.

Source: platform documentation, "单聊菜单".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from qqbot_cli.model.grapheme import columns
from qqbot_cli.simulator.refusals import Refusal
from qqbot_cli.simulator.rest.call import Call, Fields, Handler, Json, filled, needed, refuse
from qqbot_cli.simulator.rest.panel import MISSING, REFUSED, TOO_MANY, WRONG, secure_link
from qqbot_cli.simulator.rest.site import Site

ITEMS: Final = 10
BELOW: Final = 5
"""Entries below an entry."""
NAME: Final = 10
NAME_BELOW: Final = 14
"""Columns; a Chinese character has two."""

TYPE_WRONG: Final = Refusal(40030014, "菜单元素类型无效")


@dataclass(slots=True)
class _Menu:
    version: int = 0
    menu: Json = field(default_factory=dict)


def _get_menu(site: Site, call: Call) -> Json:
    state = site.room(_Menu)
    return {"version": state.version, "menu": state.menu}


def _put_menu(site: Site, call: Call) -> Json:
    menu = needed(call.fields(WRONG).inner("menu"), MISSING)
    items = menu.inners("items")
    if items is None:
        refuse(MISSING)
    if len(items) > ITEMS:
        refuse(TOO_MANY)
    state = site.room(_Menu)
    state.menu = {"items": [_item(site, item, NAME, top=True) for item in items]}
    state.version += 1
    return {"version": state.version}


def _item(site: Site, item: Fields, width: int, *, top: bool) -> Json:
    name, kind = filled(item.text("name"), MISSING), needed(item.text("type"), MISSING)
    if columns(name) > width:
        refuse(TOO_MANY)
    if site.is_forbidden(name):
        refuse(REFUSED)
    match kind:
        case "send_message":
            more: Json = {"send_message": filled(item.text("send_message"), MISSING)}
        case "link":
            more = {"link": secure_link(item)}
        case "switch" if top:
            switch = needed(item.inner("switch"), MISSING)
            switch_id = filled(switch.text("switch_id"), MISSING)
            more = {"switch": {"switch_id": switch_id, "default": switch.flag("default") or False}}
        case "menu" if top:
            below = item.inners("sub_menu_items") or refuse(MISSING)
            if len(below) > BELOW:
                refuse(TOO_MANY)
            more = {"sub_menu_items": [_item(site, entry, NAME_BELOW, top=False) for entry in below]}
        case _:
            refuse(TYPE_WRONG)
    return {"name": name, "type": kind, **more}


HANDLERS: Final[dict[str, Handler]] = {"get_menu": _get_menu, "put_menu": _put_menu}
