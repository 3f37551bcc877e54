"""Where every call leads, and what keeps it out: rights, grants, rates, refusals on purpose."""

from __future__ import annotations

from typing import Any

import pytest

from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.model.simulation import Simulation
from qqbot_cli.simulator import Simulator
from qqbot_cli.simulator.http import Routes
from qqbot_cli.simulator.platform import Platform
from qqbot_cli.simulator.press import Press
from qqbot_cli.simulator.rest import HANDLERS
from qqbot_cli.simulator.rest.directory import addresses
from qqbot_cli.simulator.rest.rights import GRANTED, GROUP_ADMIN, GUILD_ADMIN, PRIVATE
from tests.simulator.client import Api, Clock
from tests.simulator.rest.places import Places


async def test_every_row_has_a_handler() -> None:
    platform = Platform(Simulation(users=0), appid="102000001", secret=None, clock=lambda: 0.0)
    own = Routes(platform, Press(platform, lambda _: None)).own

    assert {*own, *HANDLERS} == ENDPOINTS.keys()
    assert not own.keys() & HANDLERS.keys()


def test_what_a_call_needs_is_what_its_row_says() -> None:
    def needing(*words: str) -> set[str]:
        return {name for name, row in ENDPOINTS.items() if any(word in row.needs for word in words)}

    assert needing("private-domain") == PRIVATE
    assert needing("administrator of the guild") == GUILD_ADMIN
    assert needing("administrator of the group") == GROUP_ADMIN
    assert needing("grant of the platform", "special grant", "audio bot", "invitation") == GRANTED


def test_paths_without_parameters_come_before_patterns() -> None:
    counts = [len(rows[0].parameters) for rows in addresses().values()]

    assert counts == sorted(counts)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v2/groups/join_approval_strategy", 200),
        ("PUT", "/v2/groups/join_approval_strategy/x", 405),
        ("POST", "/v2/panels/x", 405),
        ("PUT", "/guilds/1/mute", 405),
        ("GET", "/guilds/1/messages/setting", 404),
        ("GET", "/guilds/1/api_permissions", 404),
        ("GET", "/v2/groups", 404),
    ],
)
async def test_a_wrong_path_is_unknown_and_a_wrong_verb_not_allowed(
    api: Api, method: str, path: str, status: int
) -> None:
    got, answer = await api.call(method, path)

    assert got == status
    assert (answer.get("code") == status) is (status >= 400)


WITHOUT: list[tuple[dict[str, Any], str, str, int]] = [
    ({"private_domain": False}, "GET", "/guilds/{guild}/members", 11253),
    ({"private_domain": False}, "GET", "/channels/{forum}/threads", 11253),
    ({"private_domain": False}, "DELETE", "/channels/{text}/messages/x", 11253),
    ({"bot_is_admin": False}, "POST", "/guilds/{guild}/roles", 11282),
    ({"bot_is_admin": False}, "PATCH", "/guilds/{guild}/mute", 11282),
    ({"bot_is_admin": False}, "GET", "/channels/{text}/roles/1/permissions", 11282),
    ({"bot_is_group_admin": False}, "GET", "/v2/groups/{group}/member_blacklist", 11703),
    ({"grants": frozenset()}, "GET", "/v2/groups/{group}/info", 11253),
    ({"grants": frozenset()}, "POST", "/channels/{voice}/audio", 11253),
    ({"grants": frozenset()}, "POST", "/guilds/{guild}/roles", 11264),
]


@pytest.mark.parametrize(("switches", "method", "path", "code"), WITHOUT, ids=str)
async def test_what_the_bot_may_not_do_is_refused(
    simulator: Simulator,
    api: Api,
    places: Places,
    switches: dict[str, Any],
    method: str,
    path: str,
    code: int,
) -> None:
    for name, value in switches.items():
        setattr(simulator.switches, name, value)

    assert await api.refused(method, places.fill(path)) == code


async def test_a_grant_opens_one_call(simulator: Simulator, api: Api, places: Places) -> None:
    simulator.switches.grants = frozenset({"get_group_info"})

    await api.done("GET", f"/v2/groups/{places.group}/info")
    assert await api.refused("GET", f"/v2/groups/{places.group}/bot_state") == 11253


async def test_calls_above_the_rate_are_told_when_to_come_back(
    simulator: Simulator, api: Api, clock: Clock
) -> None:
    simulator.switches.enforce_rates = True
    headers = {"Authorization": f"QQBot {api.token}"}
    url = f"{simulator.endpoints.api}/v2/menu"
    body: dict[str, Any] = {"menu": {"items": []}}
    for _ in range(5):
        await api.done("PUT", "/v2/menu", body)
        clock.advance(1)

    async with api.http.put(url, json=body, headers=headers) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "55")
    await api.done("GET", "/v2/menu")
    clock.advance(55)
    await api.done("PUT", "/v2/menu", body)


async def test_some_limits_are_those_of_one_channel(simulator: Simulator, api: Api, places: Places) -> None:
    simulator.switches.enforce_rates = True
    async with api.ready():
        for _ in range(5):
            await api.done("POST", f"/channels/{places.text}/messages", {"content": "一"})

        status, _ = await api.call("POST", f"/channels/{places.text}/messages", {"content": "一"})
        await api.done("POST", f"/channels/{places.other_text}/messages", {"content": "一"})
    assert status == 429


async def test_no_limit_is_enforced_unless_it_shall_be(api: Api) -> None:
    for _ in range(8):
        await api.done("PUT", "/v2/menu", {"menu": {"items": []}})


async def test_the_next_call_of_a_row_is_refused_on_purpose(
    simulator: Simulator, api: Api, places: Places
) -> None:
    simulator.switches.rest_refuse_next += [("get_guild", 500, 10004), ("mute_members", 403, 502009)]
    path = f"/guilds/{places.guild}"

    await api.done("GET", f"{path}/channels")
    assert (await api.call("GET", path))[0] == 500
    await api.done("GET", path)
    await api.nothing("PATCH", f"{path}/mute", {"mute_seconds": "0"})
    status, answer = await api.call("PATCH", f"{path}/mute", {"mute_seconds": "0", "user_ids": [places.user]})
    assert (status, answer["code"]) == (403, 502009)
    assert simulator.switches.rest_refuse_next == []
