"""Guilds, channels, members, roles, rights: what is created can be read, and what is wrong is refused."""

from __future__ import annotations

import pytest

from qqbot_cli.model.simulation import Simulation
from qqbot_cli.simulator import Scene, Simulator
from tests.simulator.client import Api, api_of
from tests.simulator.rest.places import Places, told


async def test_a_guild_counts_its_members_and_the_bot(simulator: Simulator, api: Api, places: Places) -> None:
    guild = await api.done("GET", f"/guilds/{places.guild}")

    assert (guild["id"], guild["owner_id"], guild["owner"]) == (places.guild, places.owner, False)
    assert guild["member_count"] == len(simulator.world.people) + 1


async def test_the_guilds_of_the_bot_come_in_pages() -> None:
    simulation = Simulation(users=0, shards=3)
    async with Simulator(simulation) as simulator, api_of(simulator) as api:
        ids = sorted((guild.id for guild in simulator.world.guilds), key=int)

        async def page(query: str) -> list[str]:
            return [guild["id"] for guild in await api.listed(f"/users/@me/guilds{query}")]

        assert await page("") == ids
        assert await page("?limit=2") == ids[:2]
        assert await page(f"?after={ids[0]}") == ids[1:]
        assert await page(f"?before={ids[2]}&after={ids[0]}") == [ids[1], ids[0]]
        assert await api.refused("GET", "/users/@me/guilds?limit=101") == 12002


async def test_a_channel_is_created_read_changed_and_deleted(
    simulator: Simulator, api: Api, places: Places
) -> None:
    async with api.ready() as gateway:
        made = await api.done(
            "POST",
            f"/guilds/{places.guild}/channels",
            {"name": "新闻", "type": 0, "sub_type": 1, "position": 2, "parent_id": places.category},
        )
        created = await told(gateway, "CHANNEL_CREATE")
        path = f"/channels/{made['id']}"
        assert await api.done("GET", path) == made

        changed = await api.done("PATCH", path, {"name": "旧闻", "speak_permission": 2})
        updated = await told(gateway, "CHANNEL_UPDATE")
        sent = await api.done("POST", f"{path}/messages", {"content": "好"})
        await api.done("DELETE", path)
        deleted = await told(gateway, "CHANNEL_DELETE")

    assert (made["name"], made["position"], made["parent_id"]) == ("新闻", 2, places.category)
    assert sent["guild_id"] == places.guild
    assert created["op_user_id"] == places.bot
    assert (changed["name"], changed["speak_permission"]) == ("旧闻", 2)
    assert updated["name"] == deleted["name"] == "旧闻"
    assert await api.refused("GET", path) == 10003
    assert await api.refused("POST", f"{path}/messages", {"content": "好"}) == 12001


async def test_a_channel_goes_before_the_one_whose_place_it_takes(api: Api, places: Places) -> None:
    body = {"name": "新", "type": 0, "position": 2, "parent_id": places.category}
    made = await api.done("POST", f"/guilds/{places.guild}/channels", body)
    last = await api.done("POST", f"/guilds/{places.guild}/channels", {**body, "position": 99})

    channels = await api.listed(f"/guilds/{places.guild}/channels")
    positions = {
        channel["id"]: channel["position"] for channel in channels if channel["parent_id"] == places.category
    }
    assert positions[places.text] == 1
    assert positions[made["id"]] == 2
    assert positions[places.other_text] == 3
    assert positions[last["id"]] == len(positions)


async def test_channels_of_a_deleted_category_have_none(api: Api, places: Places) -> None:
    await api.done("DELETE", f"/channels/{places.category}")

    assert (await api.done("GET", f"/channels/{places.text}"))["parent_id"] == "0"


async def test_who_is_in_a_voice_channel_is_counted(simulator: Simulator, api: Api, places: Places) -> None:
    where = {"guild_id": places.guild, "channel_id": places.voice, "channel_type": 2, "user_id": places.user}
    await simulator.emit("AUDIO_OR_LIVE_CHANNEL_MEMBER_ENTER", where)

    assert await api.done("GET", f"/channels/{places.voice}/online_nums") == {"online_nums": 1}
    (member,) = await api.listed(f"/channels/{places.voice}/voice/members")
    assert member["user"]["id"] == places.user

    await simulator.emit("AUDIO_OR_LIVE_CHANNEL_MEMBER_EXIT", where)
    assert await api.done("GET", f"/channels/{places.voice}/online_nums") == {"online_nums": 0}


CHANNEL_REFUSALS = [
    ("GET", "/guilds/1", None, 10004),
    ("GET", "/guilds/1/channels", None, 10004),
    ("GET", "/channels/1", None, 10003),
    ("POST", "/guilds/{guild}/channels", {"name": " ", "type": 0}, 200016),
    ("POST", "/guilds/{guild}/channels", {"type": 0}, 200016),
    ("POST", "/guilds/{guild}/channels", {"name": "x"}, 12002),
    ("POST", "/guilds/{guild}/channels", {"name": "x", "type": 1}, 12002),
    ("POST", "/guilds/{guild}/channels", {"name": "x", "type": 4, "position": 1}, 200017),
    ("POST", "/guilds/{guild}/channels", {"name": "x", "type": 0, "position": 0}, 200017),
    ("POST", "/guilds/{guild}/channels", {"name": "x", "type": 4, "parent_id": "{category}"}, 130008),
    ("POST", "/guilds/{guild}/channels", {"name": "x", "type": 0, "parent_id": "{text}"}, 12002),
    ("POST", "/guilds/{guild}/channels", {"name": "禁词", "type": 0}, 200011),
    ("PATCH", "/channels/{text}", {}, 12002),
    ("PATCH", "/channels/{text}", {"name": ""}, 200016),
    ("PATCH", "/channels/{text}", {"private_type": 3}, 12002),
    ("DELETE", "/channels/1", None, 10003),
    ("GET", "/channels/{text}/online_nums", None, 13011),
    ("GET", "/channels/{text}/voice/members", None, 13011),
]
MEMBER_REFUSALS = [
    ("GET", "/guilds/{guild}/members?limit=401", None, 12002),
    ("GET", "/guilds/{guild}/members?after=x", None, 12002),
    ("GET", "/guilds/{guild}/members/1", None, 10001),
    ("DELETE", "/guilds/{guild}/members/1", None, 10001),
    ("DELETE", "/guilds/{guild}/members/{owner}", None, 11282),
    ("DELETE", "/guilds/{guild}/members/{admin}", None, 11282),
    ("DELETE", "/guilds/{guild}/members/{user}", {"add_blacklist": "yes"}, 12002),
    ("GET", "/guilds/{guild}/roles/77/members", None, 12002),
    ("GET", "/guilds/{guild}/roles/1/members?limit=0", None, 12002),
]
ROLE_REFUSALS = [
    ("POST", "/guilds/{guild}/roles", {}, 12002),
    ("POST", "/guilds/{guild}/roles", {"hoist": 2}, 12002),
    ("POST", "/guilds/{guild}/roles", {"color": -1}, 12002),
    ("PATCH", "/guilds/{guild}/roles/77", {"name": "x"}, 12002),
    ("DELETE", "/guilds/{guild}/roles/2", None, 12002),
    ("PUT", "/guilds/{guild}/members/{user}/roles/4", None, 12002),
    ("PUT", "/guilds/{guild}/members/{user}/roles/5", {}, 12002),
    ("PUT", "/guilds/{guild}/members/{user}/roles/5", {"channel": {"id": "1"}}, 10003),
    ("PUT", "/guilds/{guild}/members/1/roles/2", None, 10001),
    ("GET", "/channels/{text}/members/1/permissions", None, 301006),
    ("GET", "/channels/{text}/roles/77/permissions", None, 301000),
    ("PUT", "/channels/{text}/members/{user}/permissions", {}, 301000),
    ("PUT", "/channels/{text}/members/{user}/permissions", {"add": "x"}, 301000),
    ("PUT", "/channels/{text}/members/{user}/permissions", {"add": "2"}, 301000),
    ("PUT", "/channels/{text}/roles/1/permissions", {"remove": 4}, 301000),
]


@pytest.mark.parametrize(
    ("method", "path", "body", "code"), [*CHANNEL_REFUSALS, *MEMBER_REFUSALS, *ROLE_REFUSALS], ids=str
)
async def test_what_is_wrong_is_refused(
    simulator: Simulator, api: Api, places: Places, method: str, path: str, body: object, code: int
) -> None:
    simulator.switches.forbidden_words = frozenset({"禁词"})
    if isinstance(body, dict):
        body = {name: places.fill(value) if isinstance(value, str) else value for name, value in body.items()}

    assert await api.refused(method, places.fill(path), body) == code


async def test_members_come_in_pages_until_an_empty_one(
    simulator: Simulator, api: Api, places: Places
) -> None:
    found: list[str] = []
    after = "0"
    while page := await api.listed(f"/guilds/{places.guild}/members?limit=3&after={after}"):
        found += [member["user"]["id"] for member in page]
        after = found[-1]

    assert sorted(found) == sorted([places.bot, *(person.id for person in simulator.world.people)])


async def test_a_removed_member_is_gone_and_what_they_said_too(
    simulator: Simulator, api: Api, places: Places
) -> None:
    async with api.ready() as gateway:
        said = await simulator.say_channel("你好", user=2)
        await gateway.event("MESSAGE_CREATE")
        await gateway.event("AT_MESSAGE_CREATE")
        path = f"/guilds/{places.guild}/members/{places.user}"
        await api.nothing("DELETE", path, {"add_blacklist": True, "delete_history_msg_days": 7})
        gone = await told(gateway, "GUILD_MEMBER_REMOVE")

    assert (gone["user"]["id"], gone["op_user_id"]) == (places.user, places.bot)
    assert await api.refused("GET", path) == 10001
    assert await api.refused("GET", f"/channels/{places.text}/messages/{said}") == 306002
    assert not simulator.admits(Scene.CHANNEL, user=2, group=0, guild=0, channel=0)
    assert not simulator.admits(Scene.CHANNEL, user=2, group=0, guild=0, channel=0, joining=True)
    await simulator.emit("GUILD_MEMBER_ADD", user=2)
    assert await api.refused("GET", path) == 10001


async def test_people_join_and_leave_by_events(simulator: Simulator, api: Api, places: Places) -> None:
    path = f"/guilds/{places.guild}/members/{places.user}"
    await simulator.emit("GUILD_MEMBER_REMOVE", user=2)
    assert await api.refused("GET", path) == 10001

    await simulator.emit("GUILD_MEMBER_ADD", user=2)
    assert (await api.done("GET", path))["user"]["id"] == places.user


async def test_a_role_is_created_held_and_deleted(simulator: Simulator, api: Api, places: Places) -> None:
    roles = f"/guilds/{places.guild}/roles"
    async with api.ready() as gateway:
        made = await api.done("POST", roles, {"name": "喵", "color": 4278245297, "hoist": 1})
        role_id = made["role_id"]
        held = f"/guilds/{places.guild}/members/{places.user}/roles/{role_id}"
        await api.nothing("PUT", held)
        given = await told(gateway, "GUILD_MEMBER_UPDATE")
        page = await api.done("GET", f"{roles}/{role_id}/members?limit=10")
        changed = await api.done("PATCH", f"{roles}/{role_id}", {"name": "汪"})
        await api.nothing("DELETE", held)
        taken = await told(gateway, "GUILD_MEMBER_UPDATE")
        await api.nothing("DELETE", f"{roles}/{role_id}")

    assert made["role"] == {**made["role"], "id": role_id, "name": "喵", "hoist": 1, "number": 0}
    assert role_id in given["roles"]
    assert [member["user"]["id"] for member in page["data"]] == [places.user]
    assert page["next"] == "0"
    assert changed["role"] == {**made["role"], "name": "汪", "number": 1}
    assert role_id not in taken["roles"]
    listed = await api.done("GET", roles)
    assert [role["id"] for role in listed["roles"]] == ["1", "2", "4", "5"]
    assert listed["role_num_limit"] == "30"


async def test_a_role_may_come_wrapped_as_older_clients_send_it(api: Api, places: Places) -> None:
    body = {"guild_id": places.guild, "filter": {"name": 1}, "info": {"name": "喵", "hoist": "1"}}
    made = await api.done("POST", f"/guilds/{places.guild}/roles", body)

    assert (made["role"]["name"], made["role"]["hoist"]) == ("喵", 1)


async def test_a_guild_has_thirty_roles_at_most(api: Api, places: Places) -> None:
    path = f"/guilds/{places.guild}/roles"
    for _ in range(26):
        await api.done("POST", path, {"name": "x"})

    assert await api.refused("POST", path, {"name": "x"}) == 12002


async def test_channel_administrators_administer_one_channel(api: Api, places: Places) -> None:
    held = f"/guilds/{places.guild}/members/{places.user}/roles/5"
    rights = "/channels/{}/members/" + places.user + "/permissions"
    await api.nothing("PUT", held, {"channel": {"id": places.text}})

    assert (await api.done("GET", rights.format(places.text)))["permissions"] == "7"
    assert (await api.done("GET", rights.format(places.other_text)))["permissions"] == "5"
    await api.nothing("DELETE", held, {"channel": {"id": places.text}})
    assert (await api.done("GET", rights.format(places.text)))["permissions"] == "5"


@pytest.mark.parametrize("who", ["members/{user}", "roles/1"])
async def test_rights_are_given_and_taken(api: Api, places: Places, who: str) -> None:
    path = places.fill(f"/channels/{{text}}/{who}/permissions")
    assert (await api.done("GET", path))["permissions"] == "5"

    await api.nothing("PUT", path, {"add": "8", "remove": "4"})
    assert (await api.done("GET", path))["permissions"] == "9"
    await api.nothing("PUT", path, {"add": "4", "remove": "4"})
    assert (await api.done("GET", path))["permissions"] == "9"


async def test_a_private_channel_is_seen_by_chosen_members(api: Api, places: Places) -> None:
    body = {"name": "密", "type": 0, "private_type": 2, "private_user_ids": [places.user]}
    made = await api.done("POST", f"/guilds/{places.guild}/channels", body)

    async def rights(user_id: str) -> str:
        path = f"/channels/{made['id']}/members/{user_id}/permissions"
        return str((await api.done("GET", path))["permissions"])

    assert [await rights(user_id) for user_id in (places.user, places.owner)] == ["5", "7"]
    assert (await api.done("GET", f"/channels/{made['id']}/roles/1/permissions"))["permissions"] == "0"
