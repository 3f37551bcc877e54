"""Command panels, and the menu of one-to-one chats. Since 2026."""

from __future__ import annotations

from typing import Any, Final

from qqbot_cli.model.answer.panel import MenuRecord, PanelCreated, PanelRecord, Panels, Version
from qqbot_cli.model.body.panel import (
    CreatePanelParams,
    PanelScope,
    PanelTargetParams,
    PutMenuParams,
    PutPanelParams,
)
from qqbot_cli.model.endpoints.group import CURSOR
from qqbot_cli.model.endpoints.row import Endpoint, Paging, Query, a_minute

_ALL: Final = "/v2/panels"
_ONE: Final = "/v2/panels/{panel_id}"
_WRITE_CODES: Final = (40030001, 40030008, 40030009, 40030013, 40030015, 40030016, 40030018, 40030020)
_NO_PANEL: Final = 40030006


def _row(name: str, method: str, path: str, summary: str, calls: int, **more: Any) -> Endpoint:  # noqa: ANN401
    """Row of a call about panels, *calls* a minute."""
    return Endpoint(name, method, path, summary, rate=a_minute(calls), **{"source": "指令面板", **more})


ROWS: Final = (
    _row(
        "list_panels",
        "GET",
        _ALL,
        "Return a page of the panels that are shown in one place.",
        30,
        query=(
            Query("scope", str, "Where they are shown.", choices=(*PanelScope,), required=True),
            CURSOR,
            Query("limit", int, "Panels in a page; 20 without it.", least=1, most=50),
        ),
        result=Panels,
        codes=(40030001, 40030011),
        paging=Paging(send="cursor", items="records", next="next_cursor", end="is_end", key="panel_id"),
    ),
    _row(
        "create_panel",
        "POST",
        _ALL,
        "Create a panel.",
        10,
        body=CreatePanelParams,
        result=PanelCreated,
        quota="20 panels for each bot",
        codes=(*_WRITE_CODES, 40030011, 40030012, 40030021),
    ),
    _row(
        "get_panel",
        "GET",
        _ONE,
        "Return a panel and who sees it.",
        30,
        result=PanelRecord,
        codes=(40030001, _NO_PANEL),
    ),
    _row(
        "put_panel",
        "PUT",
        _ONE,
        "Replace the entries and the note of a panel; who sees it stays.",
        10,
        body=PutPanelParams,
        result=Version,
        codes=(*_WRITE_CODES, _NO_PANEL),
    ),
    _row(
        "delete_panel",
        "DELETE",
        _ONE,
        "Delete a panel.",
        10,
        codes=(40030001, _NO_PANEL, 40030009),
    ),
    _row(
        "put_panel_targets",
        "PUT",
        f"{_ONE}/target",
        "Change who sees a panel; not for channels, direct messages and panels for all.",
        60,
        body=PanelTargetParams,
        codes=(40030001, _NO_PANEL, 40030009, 40030013, 40030016, 40030017, 40030018, 40030021),
    ),
    _row("get_menu", "GET", "/v2/menu", "Return the menu.", 30, result=MenuRecord, source="单聊菜单"),
    _row(
        "put_menu",
        "PUT",
        "/v2/menu",
        "Replace the menu of all one-to-one chats.",
        5,
        body=PutMenuParams,
        result=Version,
        codes=(40030001, 40030008, 40030009, 40030013, 40030014, 40030016, 40030020),
        source="单聊菜单",
    ),
)
