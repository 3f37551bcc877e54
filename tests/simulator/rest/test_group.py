"""Groups: who is in them, who may not join, who asks to, who is muted; and rules for those who ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from qqbot_cli.model.simulation import Simulation
from qqbot_cli.simulator import Scene, Simulator
from qqbot_cli.simulator.wallclock import CHINA
from tests.simulator.client import Api, Clock, api_of
from tests.simulator.rest.places import Places, places_of, told

APPLICANT = "A" * 32


def moment(**ahead: float) -> str:
    """A moment in RFC 3339, by the clock that the simulator read when it started."""
    return (datetime.now(CHINA) + timedelta(**ahead)).isoformat(timespec="seconds")


async def apply(simulator: Simulator, number: str = "R1", openid: str = APPLICANT) -> None:
    request = {
        "group_openid": simulator.world.groups[0].openid,
        "join_request_id": number,
        "member_openid": openid,
        "username": "新人",
        "apply_source": "self_apply",
    }
    await simulator.emit("GROUP_JOIN_REQUEST", request)


@pytest.fixture
def path(places: Places) -> str:
    return f"/v2/groups/{places.group}"


async def test_a_group_and_the_bot_in_it_are_described(simulator: Simulator, api: Api, path: str) -> None:
    info, state = await api.done("GET", f"{path}/info"), await api.done("GET", f"{path}/bot_state")

    assert info["group_member_num"] == len(simulator.world.people) + 1
    assert (state["member_role"], state["recv_msg_setting"]) == ("admin", "only_mention")
    simulator.switches.bot_is_group_admin = False
    assert (await api.done("GET", f"{path}/bot_state"))["member_role"] == "member"
    other = f"/v2/groups/{simulator.world.groups[1].openid}/bot_state"
    assert (await api.done("GET", other))["recv_msg_setting"] == "all"
    assert await api.refused("GET", "/v2/groups/unknown/info") == 40011028


async def test_members_come_thirty_a_page() -> None:
    async with Simulator(Simulation(users=65)) as simulator, api_of(simulator) as api:
        path = f"/v2/groups/{simulator.world.groups[0].openid}/members"
        sizes, openids, cursor = [], [], ""
        while True:
            page = await api.done("GET", f"{path}?cursor={cursor}")
            sizes.append(len(page["members"]))
            openids += [member["member_openid"] for member in page["members"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        by_index, start = [], 0
        while True:
            page = await api.done("POST", path, {"limit": 50, "start_index": start})
            by_index += [member["member_openid"] for member in page["members"]]
            start = page["next_index"]
            if not start:
                break

        assert sizes == [30, 30, 6]
        assert by_index == openids
        assert len(set(openids)) == 66
        assert await api.refused("GET", f"{path}?cursor=x") == 40011000
        assert await api.refused("POST", path, {"limit": 501}) == 40011000


async def test_a_member_is_described(api: Api, places: Places, path: str) -> None:
    member = await api.done("GET", f"{path}/members/{places.group_owner}")

    assert (member["member_openid"], member["member_role"]) == (places.group_owner, "owner")
    assert await api.refused("GET", f"{path}/members/unknown") == 40011028


async def test_a_removed_member_is_gone_and_banned(
    simulator: Simulator, api: Api, places: Places, path: str
) -> None:
    body = {"member_openids": [places.group_member], "add_to_member_blacklist": True}
    async with api.ready() as gateway:
        removed = await api.done("POST", f"{path}/batch_remove_members", body)
        gone = await told(gateway, "GROUP_MEMBER_REMOVE")

    assert removed == {"remove_members_result": "success", "add_to_member_blacklist_fail_openids": []}
    assert (gone["group_openid"], gone["member_openid"]) == (places.group, places.group_member)
    assert await api.refused("GET", f"{path}/members/{places.group_member}") == 40011028
    (banned,) = (await api.done("GET", f"{path}/member_blacklist"))["users"]
    assert (banned["member_openid"], banned["username"]) == (
        places.group_member,
        simulator.world.people[2].username,
    )
    assert not simulator.admits(Scene.GROUP, user=2, group=0, guild=0, channel=0)
    assert not simulator.admits(Scene.GROUP, user=2, group=0, guild=0, channel=0, joining=True)
    assert await api.refused("POST", f"{path}/batch_remove_members", body) == 40011000


async def test_the_blacklist_is_edited_and_comes_in_pages(api: Api, places: Places, path: str) -> None:
    blacklist = f"{path}/member_blacklist"
    people = [f"P{number}" for number in range(3)]
    add = {"op": "add", "member_openids": [*people, places.group_owner]}
    assert await api.done("POST", blacklist, add) == {"fail_openids": [places.group_owner]}

    first = await api.done("GET", f"{blacklist}?limit=2")
    second = await api.done("GET", f"{blacklist}?limit=2&cursor={first['next_cursor']}")
    found = [user["member_openid"] for page in (first, second) for user in page["users"]]
    assert (found, second["next_cursor"]) == (people, "")
    remove = {"op": "del", "member_openids": ["P0", "other"]}
    assert await api.done("POST", blacklist, remove) == {"fail_openids": ["other"]}
    assert len((await api.done("GET", blacklist))["users"]) == 2


async def test_an_applicant_is_let_in(simulator: Simulator, api: Api, path: str) -> None:
    async with api.ready() as gateway:
        await apply(simulator)
        await gateway.event("GROUP_JOIN_REQUEST")
        (request,) = (await api.done("GET", f"{path}/join_request_list"))["list"]
        decision = {"op": "approve", "join_request_id": request["join_request_id"]}
        assert await api.done("POST", f"{path}/approval_join_request/{APPLICANT}", decision) == {}
        came = await told(gateway, "GROUP_MEMBER_ADD")

    assert came["member_openid"] == APPLICANT
    assert (await api.done("GET", f"{path}/members/{APPLICANT}"))["username"] == "新人"
    assert (await api.done("GET", f"{path}/join_request_list"))["list"] == []
    assert await api.refused("POST", f"{path}/approval_join_request/{APPLICANT}", decision) == 40011028


async def test_an_applicant_is_turned_away_for_good(simulator: Simulator, api: Api, path: str) -> None:
    await apply(simulator)
    decision = {"op": "decline", "reject_reason": "满了", "add_to_member_blacklist": True}
    await api.done("POST", f"{path}/approval_join_request/{APPLICANT}", decision)

    assert await api.refused("GET", f"{path}/members/{APPLICANT}") == 40011028
    (banned,) = (await api.done("GET", f"{path}/member_blacklist"))["users"]
    assert (banned["member_openid"], banned["username"]) == (APPLICANT, "新人")
    await apply(simulator, "R2")
    assert (await api.done("GET", f"{path}/join_request_list"))["list"] == []


async def test_requests_come_in_pages(simulator: Simulator, api: Api, path: str) -> None:
    for number in range(3):
        await apply(simulator, f"R{number}", f"{number}" * 32)

    first = await api.done("GET", f"{path}/join_request_list?limit=2")
    second = await api.done("GET", f"{path}/join_request_list?cursor={first['next_cursor']}")
    assert [request["join_request_id"] for page in (first, second) for request in page["list"]] == [
        "R0",
        "R1",
        "R2",
    ]


async def test_a_mute_ends_by_itself_or_when_it_is_lifted(
    simulator: Simulator, api: Api, places: Places, path: str, clock: Clock
) -> None:
    setting = f"{path}/restrict_chat_setting"

    async def set_mute(op: str, **more: str) -> None:
        await api.done(
            "POST", setting, {"members": [{"op": op, "member_openid": places.group_member, **more}]}
        )

    async def muted() -> list[str]:
        return [member["member_openid"] for member in (await api.done("GET", setting))["members"]]

    await set_mute("add", mute_expire_at=moment(minutes=1))
    assert await muted() == [places.group_member]
    await set_mute("update", mute_expire_at=moment(minutes=2))
    clock.advance(90)
    assert await muted() == [places.group_member]
    await set_mute("del")
    assert await muted() == []
    await set_mute("add", mute_expire_at=moment(minutes=3))
    clock.advance(91)
    assert await muted() == []
    assert (await api.done("GET", setting))["global_rule"]["mode"] == "none"


async def refusals(places: Places) -> AsyncIterator[tuple[str, object]]:
    """What bad data is, by the path below the group."""
    mute = {"op": "add", "member_openid": places.group_member}
    later, far = moment(days=1), moment(days=31)
    for members in (
        [],
        [{**mute, "mute_expire_at": later}] * 11,
        [mute],
        [{**mute, "mute_expire_at": far}],
        [{**mute, "mute_expire_at": moment(days=-1)}],
        [{**mute, "mute_expire_at": "soon"}],
        [{**mute, "mute_expire_at": later, "op": "set"}],
        [{**mute, "mute_expire_at": later, "member_openid": places.group_owner}],
        [{**mute, "mute_expire_at": later, "member_openid": "unknown"}],
    ):
        yield "restrict_chat_setting", {"members": members}
    for openids in ([], ["x"] * 21, ["unknown"], [places.group_owner], "x", [1]):
        yield "batch_remove_members", {"member_openids": openids}
    yield "member_blacklist", {"op": "set", "member_openids": ["x"]}
    yield "member_blacklist", {"op": "add"}
    yield f"approval_join_request/{APPLICANT}", {"op": "maybe"}
    yield f"approval_join_request/{APPLICANT}", {"op": "approve", "reject_reason": "x"}


async def test_bad_data_is_refused(simulator: Simulator, api: Api, places: Places, path: str) -> None:
    async for below, body in refusals(places):
        assert await api.refused("POST", f"{path}/{below}", body) == 40011000, (below, body)
    for query in ("member_blacklist?limit=101", "join_request_list?limit=51", "member_blacklist?cursor=x"):
        assert await api.refused("GET", f"{path}/{query}") == 40011000, query


STRATEGIES = "/v2/groups/join_approval_strategy"


async def test_a_rule_is_created_changed_run_and_deleted(
    simulator: Simulator, api: Api, places: Places
) -> None:
    made = await api.done("POST", STRATEGIES, {"group_openids": [places.group], "remark": "注"})
    path = f"{STRATEGIES}/{made['strategy_id']}"
    other = simulator.world.groups[1].openid
    changes = {"is_enable": "off", "group_action": {"op": "add", "group_openids": [other]}}

    assert await api.done("PATCH", path, changes) == {
        "is_enable": "off",
        "expire_at": made["expire_at"],
    }
    numbers = {"op": "add", "whitelist_users": ["10001", "10002"]}
    assert (await api.done("POST", f"{path}/whitelist_users", numbers))["whitelist_user_count"] == 2
    numbers = {"op": "del", "whitelist_users": ["10002", "10003"]}
    assert (await api.done("POST", f"{path}/whitelist_users", numbers))["whitelist_user_count"] == 1
    assert await api.done("POST", f"{path}/execute") == {}
    (rule,) = (await api.done("GET", STRATEGIES))["strategies"]
    assert (rule["group_openids"], rule["is_enable"]) == ([places.group, other], "off")
    assert (rule["remark"], rule["whitelist_user_count"]) == ("注", 1)
    assert await api.done("DELETE", path) == {}
    assert (await api.done("GET", STRATEGIES))["strategies"] == []
    assert await api.refused("DELETE", path) == 40011028


async def test_a_bot_has_twenty_rules_that_come_in_pages(api: Api) -> None:
    for number in range(20):
        await api.done("POST", STRATEGIES, {"group_ids": [10000 + number]})

    assert await api.refused("POST", STRATEGIES, {"group_ids": [1]}) == 40011000
    first = await api.done("GET", f"{STRATEGIES}?limit=15")
    second = await api.done("GET", f"{STRATEGIES}?cursor={first['next_cursor']}")
    assert [len(page["strategies"]) for page in (first, second)] == [15, 5]
    assert first["strategies"][0]["group_ids"] == ["10000"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"group_openids": ["{group}"], "group_ids": [1]},
        {"group_openids": []},
        {"group_openids": ["unknown"]},
        {"group_ids": list(range(101))},
        {"group_ids": ["x"]},
        {"group_ids": [1], "is_enable": True},
        {"group_ids": [1], "is_enable": "maybe"},
        {"group_ids": [1], "expire_at": "2020-01-01T00:00:00+08:00"},
        {"group_ids": [1], "expire_at": "soon"},
        {"group_ids": [1], "remark": "注" * 256},
    ],
    ids=lambda body: "-".join(body)[:40],
)
async def test_a_wrong_rule_is_refused(api: Api, body: dict[str, Any]) -> None:
    assert await api.refused("POST", STRATEGIES, body) == 40011000


async def test_a_wrong_change_of_a_rule_is_refused(api: Api, places: Places) -> None:
    made = await api.done("POST", STRATEGIES, {"group_openids": [places.group]})
    path = f"{STRATEGIES}/{made['strategy_id']}"
    for change in ({}, {"group_action": {"op": "add", "group_ids": [1]}}, {"group_action": {"op": "set"}}):
        assert await api.refused("PATCH", path, change) == 40011000
    for numbers in ([], ["x"], ["1"] * 10_001):
        body = {"op": "add", "whitelist_users": numbers}
        assert await api.refused("POST", f"{path}/whitelist_users", body) == 40011000


async def test_equal_seeds_give_equal_places() -> None:
    found = []
    for _ in range(2):
        async with Simulator(Simulation(users=3, seed=7)) as simulator, api_of(simulator) as api:
            found.append(
                (await places_of(simulator, api), await api.done("POST", STRATEGIES, {"group_ids": [1]}))
            )
            found[-1][1].pop("expire_at")

    assert found[0] == found[1]
