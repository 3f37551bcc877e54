"""Command panels.

Source: platform documentation, "指令面板".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from qqbot_cli.model.grapheme import columns
from qqbot_cli.simulator.refusals import Refusal
from qqbot_cli.simulator.rest.call import Call, Fields, Handler, Json, filled, needed, page_of, refuse
from qqbot_cli.simulator.rest.site import Site

PANELS: Final = 20
"""Panels of a bot."""
ITEMS: Final = 20
NAME: Final = 14
"""Columns; a Chinese character has two."""
DESC: Final = 30
REMARK: Final = 255
TARGETS: Final = 20
"""Targets of one call."""
SHOWN_TARGETS: Final = 1000
PAGE: Final = 50
USUAL_PAGE: Final = 20
_SCOPES: Final = {"c2c": "user_openids", "group": "group_openids", "channel": None, "dm": None}
"""Where panels are shown, and who can be named there."""
_TARGET_FIELDS: Final = ("user_openids", "group_openids")

WRONG: Final = Refusal(40030001, "参数错误")
NO_PANEL: Final = Refusal(40030006, "面板不存在")
URL_WRONG: Final = Refusal(40030008, "url格式错误，仅支持https")
SCOPE_WRONG: Final = Refusal(40030011, "scope无效")
TARGET_WRONG: Final = Refusal(40030012, "target_type无效")
TOO_MANY: Final = Refusal(40030013, "数量超过上限")
TYPE_WRONG: Final = Refusal(40030015, "面板元素类型无效")
MISSING: Final = Refusal(40030016, "缺少必填字段")
OP_WRONG: Final = Refusal(40030017, "op无效")
NOT_HERE: Final = Refusal(40030018, "该场景不支持此操作")
REFUSED: Final = Refusal(40030020, "内容未通过安全审核")
FOR_ALL: Final = Refusal(40030021, "全量面板不支持指定目标")


@dataclass(slots=True)
class _Panel:
    """One panel."""

    id: str
    scope: str
    target_type: str
    panel: Json
    created_at: str
    updated_at: str
    targets: list[str]
    version: int = 1

    def card(self) -> Json:
        card: Json = {
            "panel_id": self.id,
            "scope": self.scope,
            "target_type": self.target_type,
            "panel": {**self.panel, "version": self.version},
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "version": self.version,
        }
        named = _SCOPES[self.scope]
        if named is not None and self.target_type == "specific":
            card[named] = self.targets[:SHOWN_TARGETS]
        return card


@dataclass(slots=True)
class _Panels:
    by_id: dict[str, _Panel] = field(default_factory=dict)


def _list_panels(site: Site, call: Call) -> Json:
    scope = call.query.get("scope")
    if scope not in _SCOPES:
        refuse(SCOPE_WRONG)
    limit = call.number("limit", USUAL_PAGE, range(1, PAGE + 1), WRONG)
    found = [panel for panel in site.room(_Panels).by_id.values() if panel.scope == scope]
    page, cursor = page_of(found, call.query.get("cursor"), limit, WRONG)
    answer: Json = {"records": [panel.card() for panel in page], "is_end": not cursor}
    return {**answer, "next_cursor": cursor} if cursor else answer


def _create_panel(site: Site, call: Call) -> Json:
    panels, body = site.room(_Panels).by_id, call.fields(WRONG)
    scope = needed(body.text("scope"), MISSING)
    if scope not in _SCOPES:
        refuse(SCOPE_WRONG)
    target_type, targets = _audience(body, scope)
    panel = judged_panel(site, body)
    if len(panels) >= PANELS:
        refuse(TOO_MANY)
    now = site.stamp()
    made = _Panel(f"p_{site.ids.number(12)}", scope, target_type, panel, now, now, targets)
    panels[made.id] = made
    return {"panel_id": made.id}


def _audience(body: Fields, scope: str) -> tuple[str, list[str]]:
    """Return to whom a panel of *scope* is shown, and the names if not to all."""
    target_type = body.text("target_type") or "all"
    if target_type not in ("all", "specific"):
        refuse(TARGET_WRONG)
    given = [name for name in _TARGET_FIELDS if name in body]
    if target_type == "all":
        return refuse(FOR_ALL) if given else (target_type, [])
    named = _SCOPES[scope]
    if named is None or any(name != named for name in given):
        refuse(NOT_HERE)
    return target_type, _targets(body, named)


def _get_panel(site: Site, call: Call) -> Json:
    return _panel(site, call).card()


def _put_panel(site: Site, call: Call) -> Json:
    panel = _panel(site, call)
    panel.panel = judged_panel(site, call.fields(WRONG))
    panel.version += 1
    panel.updated_at = site.stamp()
    return {"version": panel.version}


def _delete_panel(site: Site, call: Call) -> None:
    del site.room(_Panels).by_id[_panel(site, call).id]


def _put_panel_targets(site: Site, call: Call) -> None:
    panel, body = _panel(site, call), call.fields(WRONG)
    op, named = body.text("op"), _SCOPES[panel.scope]
    if op not in ("add", "del"):
        refuse(OP_WRONG)
    if named is None:
        refuse(NOT_HERE)
    if panel.target_type == "all":
        refuse(FOR_ALL)
    if any(name in body for name in _TARGET_FIELDS if name != named):
        refuse(NOT_HERE)
    targets = _targets(body, named)
    kept = [name for name in panel.targets if name not in targets]
    panel.targets = [*kept, *targets] if op == "add" else kept
    panel.updated_at = site.stamp()


def _targets(body: Fields, name: str) -> list[str]:
    targets = body.texts(name) or refuse(MISSING)
    return targets if len(targets) <= TARGETS else refuse(TOO_MANY)


def _panel(site: Site, call: Call) -> _Panel:
    return site.room(_Panels).by_id.get(call.path["panel_id"]) or refuse(NO_PANEL)


def judged_panel(site: Site, body: Fields) -> Json:
    """Return a panel that may be, as the platform keeps it."""
    panel = needed(body.inner("panel"), MISSING)
    items, remark = panel.inners("items") or refuse(MISSING), panel.text("remark") or ""
    if len(items) > ITEMS or len(remark) > REMARK:
        refuse(TOO_MANY)
    return {"items": [_item(site, item) for item in items], "remark": remark}


def _item(site: Site, item: Fields) -> Json:
    name = filled(item.text("name"), MISSING)
    kind, desc = needed(item.text("type"), MISSING), item.text("desc") or ""
    if kind not in ("command", "link"):
        refuse(TYPE_WRONG)
    if columns(name) > NAME or len(desc) > DESC:
        refuse(TOO_MANY)
    if site.is_forbidden(name, desc):
        refuse(REFUSED)
    kept: Json = {"type": kind, "name": name, "desc": desc, "only_admin": item.flag("only_admin") or False}
    return {**kept, "link": secure_link(item)} if kind == "link" else kept


def secure_link(item: Fields) -> str:
    """Return the address an entry leads to."""
    link = filled(item.text("link"), MISSING)
    return link if link.startswith("https://") else refuse(URL_WRONG)


HANDLERS: Final[dict[str, Handler]] = {
    "list_panels": _list_panels,
    "create_panel": _create_panel,
    "get_panel": _get_panel,
    "put_panel": _put_panel,
    "delete_panel": _delete_panel,
    "put_panel_targets": _put_panel_targets,
}
