"""Announcements, pins, schedules, reactions, mutes, audio, forums and grants of guilds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from qqbot_cli.simulator import Simulator
from qqbot_cli.simulator.wallclock import unix_time
from tests.simulator.client import Api, Clock
from tests.simulator.rest.places import Places, told

DAY = 86_400_000


@pytest.fixture
async def said(simulator: Simulator, places: Places) -> str:
    """A message in the first text channel."""
    return await simulator.say_channel("你好", user=2)


def schedule(**changes: object) -> dict[str, Any]:
    start = unix_time() * 1000 + 3_600_000  # the tables of this file are made when the suite begins
    event = {"name": "会", "start_timestamp": str(start), "end_timestamp": str(start + 60_000)}
    return {"schedule": {**event, **changes}}


async def test_a_message_is_announced_and_taken_down(api: Api, places: Places, said: str) -> None:
    path = f"/guilds/{places.guild}/announces"
    announce = await api.done("POST", path, {"message_id": said, "channel_id": places.text})

    assert (announce["message_id"], announce["announces_type"]) == (said, 0)
    assert await api.refused("DELETE", f"{path}/other") == 501008
    await api.nothing("DELETE", f"{path}/{said}")
    assert await api.refused("DELETE", f"{path}/{said}") == 501008


async def test_recommended_channels_take_the_place_of_a_message(api: Api, places: Places, said: str) -> None:
    path = f"/guilds/{places.guild}/announces"
    await api.done("POST", path, {"message_id": said, "channel_id": places.text})
    channels = [{"channel_id": places.text, "introduce": "来"}]
    announce = await api.done("POST", path, {"announces_type": 1, "recommend_channels": channels})

    assert (announce["message_id"], announce["recommend_channels"]) == ("", channels)
    assert await api.refused("DELETE", f"{path}/{said}") == 501008
    await api.nothing("DELETE", f"{path}/all")


async def test_a_channel_can_still_be_announced_in(api: Api, places: Places, said: str) -> None:
    path = f"/channels/{places.text}/announces"
    assert (await api.done("POST", path, {"message_id": said}))["message_id"] == said

    await api.nothing("DELETE", f"{path}/{said}")
    assert await api.refused("DELETE", f"{path}/{said}") == 501005
    assert await api.refused("POST", path, {}) == 501001
    assert await api.refused("POST", path, {"message_id": "x"}) == 501008


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 501001),
        ({"message_id": "x"}, 501001),
        ({"message_id": "x", "channel_id": "{text}"}, 501008),
        ({"message_id": 7, "channel_id": "{text}"}, 501005),
        ({"message_id": "{said}", "channel_id": "{other_text}"}, 501010),
        ({"message_id": "{said}", "channel_id": "{text}", "announces_type": 2}, 501019),
        ({"recommend_channels": [{"channel_id": "1"}]}, 501018),
        ({"recommend_channels": [{"channel_id": "1"}] * 4}, 501016),
        ({"message_id": "{said}", "recommend_channels": [{"channel_id": "1"}]}, 501001),
    ],
    ids=str,
)
async def test_a_wrong_announcement_is_refused(
    api: Api, places: Places, said: str, body: dict[str, Any], code: int
) -> None:
    filled = {
        name: places.fill(value.replace("{said}", said)) if isinstance(value, str) else value
        for name, value in body.items()
    }
    assert await api.refused("POST", f"/guilds/{places.guild}/announces", filled) == code


async def test_twenty_messages_are_pinned_and_no_more(simulator: Simulator, api: Api, places: Places) -> None:
    path = f"/channels/{places.text}/pins"
    said = [await simulator.say_channel("一", to_bot=False) for _ in range(21)]
    for message in said[:20]:
        pins = await api.done("PUT", f"{path}/{message}")

    assert pins["message_ids"] == said[:20]
    assert (await api.done("PUT", f"{path}/{said[0]}"))["message_ids"] == said[:20]
    assert await api.refused("PUT", f"{path}/{said[20]}") == 501013
    await api.nothing("DELETE", f"{path}/{said[0]}")
    assert await api.refused("DELETE", f"{path}/{said[0]}") == 501008
    assert (await api.done("GET", path))["message_ids"] == said[1:20]
    await api.nothing("DELETE", f"{path}/all")
    assert (await api.done("GET", path))["message_ids"] == []
    assert await api.refused("PUT", f"{path}/unknown") == 501008
    assert await api.refused("PUT", f"/channels/{places.other_text}/pins/{said[0]}") == 501010


async def test_what_is_taken_back_is_pinned_no_longer(
    simulator: Simulator, api: Api, places: Places, said: str
) -> None:
    path = f"/channels/{places.text}/pins"
    await api.done("PUT", f"{path}/{said}")
    await simulator.emit("MESSAGE_DELETE", about=said)

    assert (await api.done("GET", path))["message_ids"] == []


async def test_a_schedule_is_created_read_changed_and_deleted(api: Api, places: Places) -> None:
    path = f"/channels/{places.calendar}/schedules"
    made = await api.done("POST", path, schedule(remind_type="2", jump_channel_id=places.text))

    assert made["creator"]["user"]["id"] == places.bot
    assert await api.done("GET", f"{path}/{made['id']}") == made
    assert await api.listed(f"{path}?since=1") == [made]
    assert await api.listed(f"{path}?since={made['end_timestamp']}") == []
    assert await api.listed(path, {"since": "1"}) == [made]
    changed = await api.done("PATCH", f"{path}/{made['id']}", schedule(name="改"))
    assert (changed["id"], changed["name"], changed["remind_type"]) == (made["id"], "改", "0")
    await api.nothing("DELETE", f"{path}/{made['id']}")
    assert await api.refused("GET", f"{path}/{made['id']}") == 302011


async def test_without_a_moment_the_events_of_today_are_listed(
    api: Api, places: Places, clock: Clock
) -> None:
    path = f"/channels/{places.calendar}/schedules"
    made = await api.done("POST", path, schedule())

    clock.advance(60.0)
    listed = await api.listed(path)
    clock.advance(2 * 86_400.0)
    api.token = (await api.ask_token())["access_token"]

    assert listed in ([made], [])  # an hour before midnight it is tomorrow's
    assert await api.listed(path) == []


NOW = unix_time() * 1000


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 302017),
        ({"schedule": "x"}, 302017),
        (schedule(name=""), 302000),
        (schedule(start_timestamp=None), 302000),
        (schedule(start_timestamp="x"), 302018),
        (schedule(start_timestamp="1000"), 302015),
        (schedule(end_timestamp="1000"), 302016),
        (schedule(end_timestamp=str(NOW + 8 * DAY)), 302014),
        (schedule(remind_type="6"), 302000),
        (schedule(name="禁词"), 302013),
        (schedule(jump_channel_id="1"), 302024),
        (schedule(jump_channel_id="{calendar}"), 302023),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)
async def test_a_wrong_schedule_is_refused(
    simulator: Simulator, api: Api, places: Places, body: dict[str, Any], code: int
) -> None:
    simulator.switches.forbidden_words = frozenset({"禁词"})
    event = body.get("schedule")
    if isinstance(event, dict) and isinstance(event.get("jump_channel_id"), str):
        body = {"schedule": {**event, "jump_channel_id": places.fill(event["jump_channel_id"])}}

    assert await api.refused("POST", f"/channels/{places.calendar}/schedules", body) == code


async def test_ten_schedules_are_created_in_a_day(api: Api, places: Places, clock: Clock) -> None:
    path = f"/channels/{places.calendar}/schedules"
    far = unix_time() * 1000 + 3 * DAY
    body = schedule(start_timestamp=str(far), end_timestamp=str(far + 1000))
    for _ in range(10):
        await api.done("POST", path, body)

    assert await api.refused("POST", path, body) == 302012
    assert await api.refused("POST", f"/channels/{places.text}/schedules", body) == 302000
    clock.advance(86_400.0)
    api.token = (await api.ask_token())["access_token"]
    await api.done("POST", path, body)


async def test_a_reaction_is_set_once_and_taken_back_once(
    simulator: Simulator, api: Api, places: Places, said: str
) -> None:
    path = f"/channels/{places.text}/messages/{said}/reactions/1/277"
    async with api.ready() as gateway:
        await api.nothing("PUT", path)
        added = await told(gateway, "MESSAGE_REACTION_ADD")
        assert await api.refused("PUT", path) == 620003
        await simulator.emit("MESSAGE_REACTION_ADD", user=1, about=said)
        await gateway.event("MESSAGE_REACTION_ADD")
        users = await api.done("GET", path)
        await api.nothing("DELETE", path)
        removed = await told(gateway, "MESSAGE_REACTION_REMOVE")

    assert added == removed
    assert (added["user_id"], added["target"]["id"]) == (places.bot, said)
    assert [user["id"] for user in users["users"]] == [places.bot, places.admin]
    assert users["is_end"]
    assert await api.refused("DELETE", path) == 620004


async def test_users_of_a_reaction_come_in_pages(
    simulator: Simulator, api: Api, places: Places, said: str
) -> None:
    for user in range(3):
        await simulator.emit("MESSAGE_REACTION_ADD", user=user, about=said)
    path = f"/channels/{places.text}/messages/{said}/reactions/1/277"

    first = await api.done("GET", f"{path}?limit=2")
    second = await api.done("GET", f"{path}?cookie={first['cookie']}&limit=50")

    assert [len(page["users"]) for page in (first, second)] == [2, 1]
    assert [page["is_end"] for page in (first, second)] == [False, True]


async def test_wrong_reactions_are_refused(simulator: Simulator, api: Api, places: Places, said: str) -> None:
    message = f"/channels/{places.text}/messages/{said}/reactions"
    assert await api.refused("PUT", f"{message}/3/277") == 620001
    assert await api.refused("PUT", f"{message}/1/x") == 620001
    assert await api.refused("PUT", f"/channels/{places.text}/messages/x/reactions/1/1") == 620001
    assert await api.refused("GET", f"{message}/1/277?limit=51") == 620001
    assert await api.refused("GET", f"{message}/1/277?cookie=x") == 620001
    for number in range(20):
        await api.nothing("PUT", f"{message}/1/{number}")
    assert await api.refused("PUT", f"{message}/1/20") == 620002


async def test_people_are_muted_and_administrators_never(api: Api, places: Places, clock: Clock) -> None:
    async def muted(user_id: str) -> bool:
        member = await api.done("GET", f"/guilds/{places.guild}/members/{user_id}")
        return bool(member["mute"])

    path = f"/guilds/{places.guild}/mute"
    both = {"mute_seconds": "60", "user_ids": [places.user, places.admin, "1"]}
    assert await api.done("PATCH", path, both) == {"user_ids": [places.user]}
    assert [await muted(places.user), await muted(places.admin)] == [True, False]
    clock.advance(61)
    assert not await muted(places.user)
    await api.nothing("PATCH", path, {"mute_seconds": "60"})
    assert [await muted(places.user), await muted(places.admin)] == [True, False]
    await api.nothing("PATCH", path, {"mute_seconds": "0"})
    assert not await muted(places.user)
    one = f"/guilds/{places.guild}/members/{places.user}/mute"
    await api.nothing("PATCH", one, {"mute_end_timestamp": str(unix_time() + 600), "mute_seconds": "0"})
    assert await muted(places.user)


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/guilds/1/mute", {"mute_seconds": "60"}, 502001),
        ("/guilds/{guild}/mute", {}, 502006),
        ("/guilds/{guild}/mute", {"mute_seconds": 60}, 502005),
        ("/guilds/{guild}/mute", {"mute_seconds": "-1"}, 502005),
        ("/guilds/{guild}/mute", {"mute_end_timestamp": "1000"}, 502006),
        ("/guilds/{guild}/mute", {"mute_seconds": "60", "user_ids": []}, 502004),
        ("/guilds/{guild}/members/1/mute", {"mute_seconds": "60"}, 502003),
    ],
    ids=str,
)
async def test_a_wrong_mute_is_refused(api: Api, places: Places, path: str, body: object, code: int) -> None:
    assert await api.refused("PATCH", places.fill(path), body) == code


async def test_playback_and_microphone_are_told(api: Api, places: Places) -> None:
    path = f"/channels/{places.voice}"
    sound = {"audio_url": "https://example.com/a.mp3", "text": "歌"}
    async with api.ready() as gateway:
        assert await api.done("POST", f"{path}/audio", {"status": 0, **sound}) == {}
        started = await told(gateway, "AUDIO_START")
        await api.done("POST", f"{path}/audio", {"status": 1})
        await api.done("POST", f"{path}/audio", {"status": 3})
        finished = await told(gateway, "AUDIO_FINISH")
        assert await api.done("PUT", f"{path}/mic") == {}
        await told(gateway, "AUDIO_ON_MIC")
        assert await api.done("DELETE", f"{path}/mic") == {}
        await told(gateway, "AUDIO_OFF_MIC")

    assert started == finished == {"guild_id": places.guild, "channel_id": places.voice, **sound}
    assert await api.refused("POST", f"/channels/{places.text}/audio", {"status": 0, **sound}) == 13011
    assert await api.refused("PUT", f"/channels/{places.text}/mic") == 13011
    assert await api.refused("POST", f"{path}/audio", {"status": 4}) == 12002
    assert await api.refused("POST", f"{path}/audio", {"status": 0}) == 12002
    assert await api.refused("POST", f"{path}/audio", {"status": 1, **sound}) == 12002


async def test_a_thread_is_published_after_a_review(simulator: Simulator, api: Api, places: Places) -> None:
    path = f"/channels/{places.forum}/threads"
    async with api.ready() as gateway:
        task = await api.done("PUT", path, {"title": "题", "content": "文", "format": 1})
        assert (await api.done("GET", path))["threads"] == []
        result = await told(gateway, "FORUM_PUBLISH_AUDIT_RESULT")
        created = await told(gateway, "FORUM_THREAD_CREATE")
        await told(gateway, "OPEN_FORUM_THREAD_CREATE")
        thread_id = created["thread_info"]["thread_id"]
        (thread,) = (await api.done("GET", path))["threads"]
        assert (await api.done("GET", f"{path}/{thread_id}"))["thread"] == thread
        await api.nothing("DELETE", f"{path}/{thread_id}")
        await told(gateway, "FORUM_THREAD_DELETE")

    assert (result["task_id"], result["result"], result["thread_id"]) == (task["task_id"], 0, thread_id)
    assert thread["thread_info"]["title"] == "题"
    assert json.loads(created["thread_info"]["title"])["paragraphs"][0]["elems"][0]["text"]["text"] == "题"
    assert created["thread_info"]["content"] == thread["thread_info"]["content"]
    assert await api.refused("GET", f"{path}/{thread_id}") == 503012


async def test_a_review_may_refuse_a_thread(simulator: Simulator, api: Api, places: Places) -> None:
    simulator.switches.forbidden_words = frozenset({"禁词"})
    path = f"/channels/{places.forum}/threads"
    async with api.ready() as gateway:
        await api.done("PUT", path, {"title": "题", "content": "禁词", "format": 3})
        result = await told(gateway, "FORUM_PUBLISH_AUDIT_RESULT")

    assert (result["result"], result["thread_id"], bool(result["err_msg"])) == (1, "", True)
    assert (await api.done("GET", path))["threads"] == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": ""}, 503005),
        ({"content": None}, 503006),
        ({"format": 5}, 503015),
        ({"format": 4}, 503014),
        ({"format": 4, "content": "[]"}, 503014),
        ({"title": "题" * 101}, 503020),
        ({"content": "文" * 10_001}, 503017),
    ],
    ids=str,
)
async def test_a_wrong_thread_is_refused(
    api: Api, places: Places, changes: dict[str, Any], code: int
) -> None:
    body = {"title": "题", "content": "文", "format": 1, **changes}

    assert await api.refused("PUT", f"/channels/{places.forum}/threads", body) == code


async def test_threads_are_published_at_a_certain_pace_in_forums_only(api: Api, places: Places) -> None:
    path, body = f"/channels/{places.forum}/threads", {"title": "题", "content": "<b>文</b>", "format": 2}
    for _ in range(10):
        await api.done("PUT", path, body)

    assert await api.refused("PUT", path, body) == 503004
    assert await api.refused("PUT", f"/channels/{places.text}/threads", body) == 10003
    assert await api.refused("GET", f"{path}/x") == 503009


async def test_a_grant_is_asked_for_three_times_a_day(
    simulator: Simulator, api: Api, places: Places, clock: Clock
) -> None:
    path = f"/guilds/{places.guild}/api_permission"
    api_identify = {"path": "/guilds/{guild_id}/members", "method": "GET"}
    body = {"channel_id": places.text, "api_identify": api_identify, "desc": "名单"}

    async def status() -> int:
        apis = (await api.done("GET", path))["apis"]
        (found,) = (one for one in apis if (one["path"], one["method"]) == tuple(api_identify.values()))
        return int(found["auth_status"])

    assert await status() == 1
    assert await api.refused("POST", f"{path}/demand", body) == 610010
    simulator.switches.grants = frozenset()
    assert await status() == 0
    assert await api.refused("GET", f"/guilds/{places.guild}/members") == 11264
    demand = await api.done("POST", f"{path}/demand", body)
    assert (demand["api_identify"], demand["desc"]) == (api_identify, "名单")
    for _ in range(2):
        await api.done("POST", f"{path}/demand", body)
    assert await api.refused("POST", f"{path}/demand", body) == 610013
    unknown = {"path": "/nowhere", "method": "GET"}
    assert await api.refused("POST", f"{path}/demand", {**body, "api_identify": unknown}) == 610009
    assert await api.refused("POST", f"{path}/demand", {**body, "desc": ""}) == 610008
    assert await api.refused("POST", f"{path}/demand", {**body, "channel_id": "1"}) == 610008
    assert await api.refused("GET", "/guilds/1/api_permission") == 610007
    clock.advance(86_400)
    api.token = (await api.ask_token())["access_token"]
    await api.done("POST", f"{path}/demand", body)
