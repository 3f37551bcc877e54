"""Command panels, the menu, links and sessions of webhooks."""

from __future__ import annotations

from typing import Any

import pytest

from qqbot_cli.simulator import Simulator
from tests.simulator.client import Api

COMMAND = {"type": "command", "name": "天气", "desc": "今天"}
LINK = {"type": "link", "name": "更多", "link": "https://example.com"}
PANEL = {"items": [COMMAND, LINK], "remark": "注"}
WHOLE = {"scope": "c2c", "panel": PANEL}
SPECIFIC = {**WHOLE, "target_type": "specific", "user_openids": ["A"]}
HELLO = {"type": "send_message", "name": "你好", "send_message": "你好"}


async def test_a_panel_is_created_replaced_and_deleted(api: Api) -> None:
    panel_id = (await api.done("POST", "/v2/panels", SPECIFIC))["panel_id"]
    path = f"/v2/panels/{panel_id}"
    record = await api.done("GET", path)

    assert (record["scope"], record["target_type"], record["version"]) == ("c2c", "specific", 1)
    assert record["panel"]["items"] == [
        {**COMMAND, "only_admin": False},
        {**LINK, "desc": "", "only_admin": False},
    ]
    assert (await api.done("GET", "/v2/panels?scope=c2c"))["records"] == [record]
    assert (await api.done("GET", "/v2/panels?scope=group"))["records"] == []
    assert await api.done("PUT", path, {"panel": {"items": [COMMAND]}}) == {"version": 2}
    assert await api.done("PUT", f"{path}/target", {"op": "add", "user_openids": ["B"]}) == {}
    assert await api.done("PUT", f"{path}/target", {"op": "del", "user_openids": ["A"]}) == {}
    record = await api.done("GET", path)
    assert (record["version"], record["user_openids"], len(record["panel"]["items"])) == (2, ["B"], 1)
    assert await api.done("DELETE", path) == {}
    for method, body in (("GET", None), ("PUT", {"panel": PANEL}), ("DELETE", None)):
        assert await api.refused(method, path, body) == 40030006


async def test_a_bot_has_twenty_panels_that_come_in_pages(api: Api) -> None:
    for _ in range(20):
        await api.done("POST", "/v2/panels", WHOLE)

    assert await api.refused("POST", "/v2/panels", WHOLE) == 40030013
    first = await api.done("GET", "/v2/panels?scope=c2c&limit=15")
    second = await api.done("GET", f"/v2/panels?scope=c2c&cursor={first['next_cursor']}")
    assert [len(page["records"]) for page in (first, second)] == [15, 5]
    assert (first["is_end"], second["is_end"], "next_cursor" in second) == (False, True, False)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"panel": PANEL}, 40030016),
        ({**WHOLE, "scope": "world"}, 40030011),
        ({**WHOLE, "target_type": "some"}, 40030012),
        ({**WHOLE, "user_openids": ["A"]}, 40030021),
        ({**WHOLE, "scope": "dm", "target_type": "specific"}, 40030018),
        ({**WHOLE, "target_type": "specific"}, 40030016),
        ({**WHOLE, "target_type": "specific", "group_openids": ["A"]}, 40030018),
        ({**WHOLE, "target_type": "specific", "user_openids": ["A"] * 21}, 40030013),
        ({"scope": "c2c"}, 40030016),
        ({**WHOLE, "panel": {"items": []}}, 40030016),
        ({**WHOLE, "panel": {"items": [COMMAND] * 21}}, 40030013),
        ({**WHOLE, "panel": {**PANEL, "remark": "x" * 256}}, 40030013),
        ({**WHOLE, "panel": {"items": [{**COMMAND, "type": "button"}]}}, 40030015),
        ({**WHOLE, "panel": {"items": [{"type": "command"}]}}, 40030016),
        ({**WHOLE, "panel": {"items": [{**COMMAND, "name": "八个汉字太长了吧"}]}}, 40030013),
        ({**WHOLE, "panel": {"items": [{**COMMAND, "desc": "x" * 31}]}}, 40030013),
        ({**WHOLE, "panel": {"items": [{**COMMAND, "name": "禁词"}]}}, 40030020),
        ({**WHOLE, "panel": {"items": [{"type": "link", "name": "x"}]}}, 40030016),
        ({**WHOLE, "panel": {"items": [{**LINK, "link": "http://example.com"}]}}, 40030008),
        ({**WHOLE, "panel": {"items": "x"}}, 40030001),
    ],
)
async def test_a_wrong_panel_is_refused(
    simulator: Simulator, api: Api, body: dict[str, Any], code: int
) -> None:
    simulator.switches.forbidden_words = frozenset({"禁词"})

    assert await api.refused("POST", "/v2/panels", body) == code


async def test_wrong_targets_and_pages_are_refused(api: Api) -> None:
    specific = (await api.done("POST", "/v2/panels", SPECIFIC))["panel_id"]
    whole = (await api.done("POST", "/v2/panels", WHOLE))["panel_id"]
    channel = (await api.done("POST", "/v2/panels", {**WHOLE, "scope": "channel"}))["panel_id"]

    async def refused(panel_id: str, **body: object) -> int:
        return await api.refused("PUT", f"/v2/panels/{panel_id}/target", body)

    assert await refused(specific, op="set", user_openids=["A"]) == 40030017
    assert await refused(specific, op="add") == 40030016
    assert await refused(specific, op="add", user_openids=["A"] * 21) == 40030013
    assert await refused(specific, op="add", group_openids=["A"]) == 40030018
    assert await refused(whole, op="add", user_openids=["A"]) == 40030021
    assert await refused(channel, op="add", user_openids=["A"]) == 40030018
    assert await refused("unknown", op="add", user_openids=["A"]) == 40030006
    assert await api.refused("GET", "/v2/panels") == 40030011
    assert await api.refused("GET", "/v2/panels?scope=c2c&limit=51") == 40030001


async def test_the_menu_is_empty_until_it_is_replaced(api: Api) -> None:
    assert await api.done("GET", "/v2/menu") == {"version": 0, "menu": {}}
    items = [
        {"name": "深度思考", "type": "switch", "switch": {"switch_id": "deep", "default": True}},
        {"name": "更多", "type": "menu", "sub_menu_items": [HELLO, {**LINK}]},
        HELLO,
    ]
    assert await api.done("PUT", "/v2/menu", {"menu": {"items": items}}) == {"version": 1}

    menu = (await api.done("GET", "/v2/menu"))["menu"]
    assert menu["items"] == items
    assert await api.done("PUT", "/v2/menu", {"menu": {"items": []}}) == {"version": 2}


@pytest.mark.parametrize(
    ("items", "code"),
    [
        (None, 40030016),
        ([HELLO] * 11, 40030013),
        ([{**HELLO, "name": "六个汉字太长"}], 40030013),
        ([{**HELLO, "name": ""}], 40030016),
        ([{**HELLO, "name": "禁词"}], 40030020),
        ([{**HELLO, "type": "page"}], 40030014),
        ([{"name": "x", "type": "send_message"}], 40030016),
        ([{"name": "x", "type": "switch", "switch": {}}], 40030016),
        ([{**LINK, "link": "http://example.com"}], 40030008),
        ([{"name": "x", "type": "menu"}], 40030016),
        ([{"name": "x", "type": "menu", "sub_menu_items": [HELLO] * 6}], 40030013),
        ([{"name": "x", "type": "menu", "sub_menu_items": [{"name": "y", "type": "menu"}]}], 40030014),
        ("x", 40030001),
    ],
)
async def test_a_wrong_menu_is_refused(simulator: Simulator, api: Api, items: object, code: int) -> None:
    simulator.switches.forbidden_words = frozenset({"禁词"})

    assert await api.refused("PUT", "/v2/menu", {"menu": {"items": items}}) == code


async def test_a_link_answers_in_a_shape_of_its_own(simulator: Simulator, api: Api) -> None:
    link = await api.done("POST", "/v2/generate_url_link", {"callback_data": "x" * 32})
    refused = await api.done("POST", "/v2/generate_url_link", {"callback_data": "x" * 33})

    assert (link["retcode"], simulator.appid in link["data"]["url"]) == (0, True)
    assert refused["retcode"] == 10001


async def test_webhook_sessions_are_opened_checked_and_closed(api: Api) -> None:
    path = "/gateway/webhook/sessions"
    body = {"intents": 1, "shards": [0, 1], "callback_url": "https://example.com"}
    made = await api.done("POST", path, body)

    (session,) = await api.listed(path)
    assert (session["session_id"], session["callback_url"]) == (made["session_id"], "https://example.com")
    status, checked = await api.call("PATCH", f"{path}?action=check")
    assert (status, len(checked)) == (200, 1)
    assert await api.refused("PATCH", path) == 12002
    assert await api.done("DELETE", f"{path}/{made['session_id']}") == {}
    assert await api.refused("DELETE", f"{path}/{made['session_id']}") == 40011028
    for wrong in ({}, {**body, "shards": [1, 1]}, {**body, "shards": 1}, {**body, "callback_url": ""}):
        assert await api.refused("POST", path, wrong) == 12002
