"""Messages that are read, listed, changed and taken back; direct conversations; hints about settings."""

from __future__ import annotations

import pytest

from qqbot_cli.simulator import Recalled, Scene, Simulator
from tests.simulator.client import Api, Clock
from tests.simulator.rest.places import Places, told

KEYBOARD = {
    "content": {
        "rows": [
            {
                "buttons": [
                    {
                        "id": "1",
                        "render_data": {"label": "好", "visited_label": "好", "style": 1},
                        "action": {"type": 2, "permission": {"type": 2}, "data": "x"},
                    }
                ]
            }
        ]
    }
}
BUTTONS = {"markdown": {"content": "一"}, "keyboard": KEYBOARD}


async def test_what_was_said_can_be_read_and_listed(simulator: Simulator, api: Api, places: Places) -> None:
    path = f"/channels/{places.text}/messages"
    async with api.ready():
        said = [await simulator.say_channel(text, user=1) for text in "一二三"]
        sent = (await api.done("POST", path, {"content": "四"}))["id"]
        ids = [*said, sent]

        async def listed(query: str) -> list[str]:
            return [message["id"] for message in await api.listed(path + query)]

        assert (await api.done("GET", f"{path}/{said[0]}"))["author"]["id"] == places.admin
        assert (await api.done("GET", f"{path}/{sent}"))["author"]["id"] == places.bot
        assert await listed("") == ids
        assert await listed("?limit=2") == ids[2:]
        assert await listed(f"?before={ids[3]}&limit=2") == ids[1:3]
        assert await listed(f"?after={ids[1]}") == ids[2:]
        assert await listed(f"?around={ids[1]}&limit=3") == ids[:3]

    assert await api.refused("GET", f"{path}/unknown") == 306002
    assert await api.refused("GET", f"/channels/{places.other_text}/messages/{sent}") == 306002
    assert await api.refused("GET", f"{path}?limit=21") == 12002
    assert await api.refused("GET", f"{path}?after=unknown") == 306002
    assert await api.refused("GET", f"{path}?after={sent}&before={sent}") == 12002


async def test_a_message_with_buttons_can_be_changed(simulator: Simulator, api: Api, places: Places) -> None:
    path = f"/channels/{places.text}/messages"
    async with api.ready():
        sent = (await api.done("POST", path, BUTTONS))["id"]
        changed = await api.done("PATCH", f"{path}/{sent}", {**BUTTONS, "markdown": {"content": "二"}})

    assert (changed["content"], "edited_timestamp" in changed) == ("二", True)
    assert await api.done("GET", f"{path}/{sent}") == changed
    assert [message.content for message in simulator.messages] == ["二"]


async def test_other_messages_cannot_be_changed(simulator: Simulator, api: Api, places: Places) -> None:
    path = f"/channels/{places.text}/messages"
    async with api.ready():
        said = await simulator.say_channel("一")
        plain = (await api.done("POST", path, {"content": "二"}))["id"]
        sent = (await api.done("POST", path, BUTTONS))["id"]

    assert await api.refused("PATCH", f"{path}/unknown", BUTTONS) == 306002
    assert await api.refused("PATCH", f"{path}/{said}", BUTTONS) == 50051
    assert await api.refused("PATCH", f"{path}/{plain}", BUTTONS) == 50049
    assert await api.refused("PATCH", f"{path}/{sent}", {"markdown": {"content": "二"}}) == 50050
    assert await api.refused("PATCH", f"{path}/{sent}", {"keyboard": KEYBOARD}) == 50006
    assert await api.refused("PATCH", f"{path}/{sent}", {**BUTTONS, "nonsense": 1}) == 50035


async def test_the_bot_takes_back_its_own_messages_and_those_of_ordinary_members(
    simulator: Simulator, api: Api, places: Places
) -> None:
    path = f"/channels/{places.text}/messages"
    async with api.ready() as gateway:
        sent = (await api.done("POST", path, {"content": "一"}))["id"]
        await api.done("DELETE", f"{path}/{sent}?hidetip=true")
        own = await told(gateway, "MESSAGE_DELETE")
        said = await simulator.say_channel("二", user=2, to_bot=False)
        await gateway.event("MESSAGE_CREATE")
        await api.done("DELETE", f"{path}/{said}")
        other = await told(gateway, "MESSAGE_DELETE")

    assert (own["message"]["id"], own["message"]["author"]["id"]) == (sent, places.bot)
    assert (other["message"]["author"]["id"], other["op_user"]) == (places.user, {"id": places.bot})
    assert Recalled(Scene.CHANNEL, places.text, said) in simulator.history
    assert await api.refused("DELETE", f"{path}/{said}") == 306002
    assert await api.listed(path) == []


@pytest.mark.parametrize(("user", "is_admin"), [(0, True), (1, True), (2, False)])
async def test_a_message_of_somebody_above_the_bot_stays(
    simulator: Simulator, api: Api, places: Places, user: int, is_admin: bool
) -> None:
    simulator.switches.bot_is_admin = is_admin
    said = await simulator.say_channel("一", user=user)

    assert await api.refused("DELETE", f"/channels/{places.text}/messages/{said}") == 306004
    assert await api.refused("DELETE", f"/channels/{places.other_text}/messages/{said}") == 306007


async def test_in_groups_it_depends_on_the_role_and_on_two_minutes(
    simulator: Simulator, api: Api, places: Places, clock: Clock
) -> None:
    path = f"/v2/groups/{places.group}/messages"
    ordinary, owner = [await simulator.say_group("一", user=user) for user in (2, 0)]
    late = await simulator.say_group("二", user=2)

    await api.done("DELETE", f"{path}/{ordinary}")
    assert await api.refused("DELETE", f"{path}/{owner}") == 40062003
    simulator.switches.bot_is_group_admin = False
    assert await api.refused("DELETE", f"{path}/{late}") == 40062003
    simulator.switches.bot_is_group_admin = True
    clock.advance(121)
    assert await api.refused("DELETE", f"{path}/{late}") == 40064004


async def test_what_a_person_said_in_private_cannot_be_taken_back(simulator: Simulator, api: Api) -> None:
    person = simulator.world.people[0]
    said, private = await simulator.say_c2c("一"), await simulator.say_private("二")

    assert await api.refused("DELETE", f"/v2/users/{person.openid}/messages/{said}") == 40061002
    assert await api.refused("DELETE", f"/dms/{person.dm_guild_id}/messages/{private}") == 306008


async def test_a_direct_conversation_is_opened_and_written_to(
    simulator: Simulator, api: Api, places: Places
) -> None:
    body = {"recipient_id": places.user, "source_guild_id": places.guild}
    async with api.ready() as gateway:
        opened = await api.done("POST", "/users/@me/dms", body)
        sent = await api.done("POST", f"/dms/{opened['guild_id']}/messages", {"content": "你好"})
        await api.done("DELETE", f"/dms/{opened['guild_id']}/messages/{sent['id']}")
        gone = await told(gateway, "DIRECT_MESSAGE_DELETE")

    assert opened["create_time"].isdecimal()
    assert await api.done("POST", "/users/@me/dms", body) == opened
    assert (sent["guild_id"], sent["channel_id"]) == (opened["guild_id"], opened["channel_id"])
    assert gone["message"]["direct_message"]
    assert await api.refused("POST", "/users/@me/dms", {**body, "recipient_id": "1"}) == 10001
    assert await api.refused("POST", "/users/@me/dms", {**body, "recipient_id": places.bot}) == 10001
    assert await api.refused("POST", "/users/@me/dms", {**body, "source_guild_id": "1"}) == 10004
    assert await api.refused("POST", "/users/@me/dms", {}) == 12002


async def test_the_setting_says_what_the_bot_may_do(simulator: Simulator, api: Api, places: Places) -> None:
    path = f"/guilds/{places.guild}/message/setting"
    setting = await api.done("GET", path)
    assert setting["channel_ids"] == [places.text, places.other_text]
    assert (setting["disable_create_dm"], setting["disable_push_msg"]) == (False, False)

    simulator.switches.open_direct_messages = simulator.switches.push_messages = False
    setting = await api.done("GET", path)
    assert (setting["disable_create_dm"], setting["disable_push_msg"]) == (True, True)
    body = {"recipient_id": places.user, "source_guild_id": places.guild}
    assert await api.refused("POST", "/users/@me/dms", body) == 304031
    async with api.ready():
        code = await api.refused("POST", f"/channels/{places.text}/messages", {"content": "一"})
    assert code == 304048
    assert await api.refused("GET", "/guilds/1/message/setting") == 504001


async def test_a_hint_about_the_settings_is_a_message(
    simulator: Simulator, api: Api, places: Places, clock: Clock
) -> None:
    path = f"/channels/{places.text}/settingguide"
    hint = await api.done("POST", path, {"content": f"<@{places.owner}> <@!{places.admin}>"})

    assert await api.done("GET", f"/channels/{places.text}/messages/{hint['id']}") == hint
    assert await api.refused("POST", path, {"content": f"<@{places.owner}> 请"}) == 304051
    for _ in range(2):
        await api.done("POST", path, {"content": f"<@{places.owner}>"})
    assert await api.refused("POST", path, {"content": f"<@{places.owner}>"}) == 304052
    clock.advance(86_400)
    api.token = (await api.ask_token())["access_token"]
    await api.done("POST", path, {"content": f"<@{places.owner}>"})


async def test_a_hint_in_a_conversation_leads_to_a_guild(
    simulator: Simulator, api: Api, places: Places
) -> None:
    conversation = simulator.world.people[0].dm_guild_id
    path = f"/dms/{conversation}/settingguide"
    hint = await api.done("POST", path, {"setting_guide": {"guild_id": places.guild}})

    assert hint["guild_id"] == conversation
    assert await api.refused("POST", path, {"setting_guide": {"guild_id": "1"}}) == 304051
    assert await api.refused("POST", path, {}) == 304051
    assert await api.refused("POST", "/dms/1/settingguide", {}) == 304032
