from __future__ import annotations

import asyncio

import aiohttp
import pytest

from qqbot_cli.model.simulation import FaultKind
from qqbot_cli.simulator import Acknowledged, RestCalled, Scene, Simulator
from tests.simulator.client import Api, Clock


def group_path(simulator: Simulator) -> str:
    return f"/v2/groups/{simulator.world.groups[0].openid}/messages"


def channel_path(simulator: Simulator) -> str:
    return f"/channels/{simulator.world.guilds[0].channel_ids[0]}/messages"


@pytest.mark.parametrize(
    ("authorization", "code"),
    [("", 11241), ("QQBot ", 11241), ("Bearer abc", 11241), ("QQBot abc", 11244), ("Bot 1.abc", 11245)],
    ids=["none", "no token", "another scheme", "unknown token", "retired form"],
)
async def test_calls_without_a_valid_token_are_401(api: Api, authorization: str, code: int) -> None:
    status, answer = await api.call("GET", "/users/@me", authorization=authorization)

    assert (status, answer["code"], answer["err_code"]) == (401, code, code)


async def test_every_answer_has_a_trace_id_and_errors_repeat_it(simulator: Simulator, api: Api) -> None:
    async with api.http.get(simulator.endpoints.api + "/nowhere") as response:
        answer = await response.json()

    assert response.headers["X-Tps-trace-ID"] == answer["trace_id"]
    assert response.headers["Content-Type"] == "application/json"
    assert "Date" in response.headers


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("POST", "/gateway", 405)], ids=["404", "405"]
)
async def test_unknown_paths_and_wrong_verbs_are_json_errors(
    api: Api, method: str, path: str, status: int
) -> None:
    assert (await api.call(method, path))[0] == status


async def test_the_bot_is_described(simulator: Simulator, api: Api) -> None:
    me = await api.done("GET", "/users/@me")

    assert me["id"] == simulator.bot_user_id
    assert {"username", "avatar", "share_url", "welcome_msg"} <= me.keys()


async def test_the_gateway_tells_shards_and_what_is_left_of_the_day(api: Api, clock: Clock) -> None:
    clock.advance(400)
    async with api.ready():
        answer = await api.done("GET", "/gateway/bot")

    assert answer["url"].startswith("ws://127.0.0.1:")
    assert answer["shards"] == 1
    assert answer["session_start_limit"] == {
        "total": 1000,
        "remaining": 999,
        "reset_after": 86_000_000,
        "max_concurrency": 100,
    }


async def test_the_quota_of_session_starts_comes_back(simulator: Simulator, api: Api, clock: Clock) -> None:
    await simulator.inject(FaultKind.REMAINING, 0)
    clock.advance(86_400)
    api.token = (await api.ask_token())["access_token"]

    answer = await api.done("GET", "/gateway/bot")

    assert answer["session_start_limit"]["remaining"] == 1000
    assert answer["session_start_limit"]["reset_after"] == 86_400_000


async def test_a_group_message_can_be_answered_once_with_each_msg_seq(simulator: Simulator, api: Api) -> None:
    async with api.ready():
        said = await simulator.say_group("你好")
        reply = {"content": "好", "msg_type": 0, "msg_id": said, "msg_seq": 1}
        answer = await api.done("POST", group_path(simulator), reply)

        assert await api.refused("POST", group_path(simulator), reply) == 40054005

    assert answer["timestamp"].endswith("+08:00")
    assert answer["ext_info"]["ref_idx"].startswith("REFIDX_")
    assert [(message.id, message.content) for message in simulator.replies_to(said)] == [(answer["id"], "好")]


async def test_a_channel_message_is_answered_with_a_whole_message(simulator: Simulator, api: Api) -> None:
    async with api.ready():
        said = await simulator.say_channel("你好")
        answer = await api.done("POST", channel_path(simulator), {"content": "好", "msg_id": said})

    assert answer["guild_id"] == simulator.world.guilds[0].id
    assert answer["author"]["id"] == simulator.bot_user_id
    assert answer["content"] == "好"


async def test_a_direct_message_is_answered_at_its_own_guild(simulator: Simulator, api: Api) -> None:
    async with api.ready() as gateway:
        said = await simulator.say_private("你好")
        d = (await gateway.frame())["d"]
        await api.done("POST", f"/dms/{d['guild_id']}/messages", {"content": "好", "msg_id": said})

    assert [message.scene for message in simulator.messages] == [Scene.DMS]


async def test_a_picture_may_come_as_a_form(simulator: Simulator, api: Api) -> None:
    async with api.ready():
        said = await simulator.say_channel("图？")
        form = aiohttp.FormData({"msg_id": said})
        form.add_field("file_image", b"\x89PNG", filename="a.png", content_type="image/png")
        async with api.http.post(
            simulator.endpoints.api + channel_path(simulator),
            data=form,
            headers={"Authorization": f"QQBot {api.token}"},
        ) as response:
            assert response.status == 200

    assert simulator.replies_to(said)[0].body["file_image"] == b"\x89PNG"


async def test_what_botpy_sends_is_accepted(simulator: Simulator, api: Api) -> None:
    nothing = dict.fromkeys(
        ("embed", "ark", "message_reference", "media", "event_id", "markdown", "keyboard")
    )
    group = simulator.world.groups[0].openid
    async with api.ready():
        said = await simulator.say_group("你好")
        body = {"group_openid": group, "msg_type": 0, "content": "好", "msg_id": said, "msg_seq": 1}

        await api.done("POST", group_path(simulator), {**nothing, **body})


async def test_guild_messages_need_a_gateway_connection(simulator: Simulator, api: Api) -> None:
    assert await api.refused("POST", channel_path(simulator), {"content": "好"}) == 304018


async def test_a_reply_after_the_window_is_refused(simulator: Simulator, api: Api, clock: Clock) -> None:
    async with api.ready():
        said = await simulator.say_group("你好")
        clock.advance(301)

        code = await api.refused("POST", group_path(simulator), {"content": "好", "msg_id": said})

    assert code == 40034005


async def test_a_body_that_is_no_object_is_refused(simulator: Simulator, api: Api) -> None:
    assert await api.refused("POST", group_path(simulator), ["好"]) == 40011000
    assert await api.refused("POST", channel_path(simulator), ["好"]) == 50035


async def test_typing_is_not_a_message_and_not_an_answer(simulator: Simulator, api: Api) -> None:
    async with api.ready():
        said = await simulator.say_c2c("你好")
        notice = {"msg_type": 6, "input_notify": {"input_type": 1, "input_second": 60}, "msg_id": said}
        await api.done("POST", f"/v2/users/{simulator.world.people[0].openid}/messages", notice)

    assert simulator.messages == []
    assert simulator.stats.answered == 0


async def test_a_message_can_be_recalled_once(simulator: Simulator, api: Api) -> None:
    sent = await api.done("POST", group_path(simulator), {"content": "好"})
    path = f"{group_path(simulator)}/{sent['id']}"

    await api.done("DELETE", path)

    assert simulator.messages == []
    status, answer = await api.call("DELETE", path)
    assert (status, answer["code"], answer["err_code"]) == (400, 306002, 40061002)


async def test_a_group_message_cannot_be_recalled_after_two_minutes(
    simulator: Simulator, api: Api, clock: Clock
) -> None:
    sent = await api.done("POST", group_path(simulator), {"content": "好"})
    clock.advance(121)

    assert await api.refused("DELETE", f"{group_path(simulator)}/{sent['id']}") == 40064004


async def test_an_interaction_is_acknowledged_once(simulator: Simulator, api: Api) -> None:
    async with api.ready():
        interaction = await simulator.press_button("vote=yes", scene=Scene.GROUP)
        answer = await api.done("PUT", f"/interactions/{interaction}", {"code": 0})

        assert await api.refused("PUT", f"/interactions/{interaction}", {"code": 0}) == 630001

    assert answer == {}
    assert Acknowledged(interaction, 0) in simulator.history


@pytest.mark.parametrize("body", [{"code": 6}, {"code": -1}, {"code": "0"}, {}, None], ids=str)
async def test_a_bad_acknowledgement_is_refused(simulator: Simulator, api: Api, body: object) -> None:
    interaction = await simulator.press_button()

    assert await api.refused("PUT", f"/interactions/{interaction}", body) == 630001


async def test_a_send_can_be_made_to_fail_without_effect(simulator: Simulator, api: Api) -> None:
    simulator.switches.rest_fail_next.append((500, {"code": 50001, "message": "busy"}))

    failed = await api.call("POST", group_path(simulator), {"content": "一"})
    await api.done("POST", group_path(simulator), {"content": "二"})

    assert failed == (500, {"code": 50001, "message": "busy"})
    assert [message.content for message in simulator.messages] == ["二"]


async def test_a_lost_answer_leaves_a_message_that_is_there(simulator: Simulator, api: Api) -> None:
    simulator.switches.lose_answers = 1

    with pytest.raises(aiohttp.ClientConnectionError):
        await api.call("POST", group_path(simulator), {"content": "一"})

    assert [message.content for message in simulator.messages] == ["一"]
    await api.done("POST", group_path(simulator), {"content": "二"})


async def test_outages_of_rest_and_token_are_separate(simulator: Simulator, api: Api) -> None:
    simulator.switches.rest_down = "refuse"

    assert (await api.call("GET", "/gateway"))[0] == 503
    assert "access_token" in await api.ask_token()


async def test_an_outage_may_answer_with_something_that_is_not_json(simulator: Simulator, api: Api) -> None:
    simulator.switches.token_down = "garbage"

    async with api.http.post(simulator.endpoints.token, json={}) as response:
        assert (await response.text()).startswith("<html>")


async def test_an_outage_that_hangs_ends_with_the_simulator() -> None:
    async with aiohttp.ClientSession() as http:
        async with Simulator() as simulator:
            simulator.switches.token_down = "hang"
            call = asyncio.ensure_future(http.post(simulator.endpoints.token, json={}))
            done, _ = await asyncio.wait([call], timeout=0.05)
            assert not done
        response = await call

    assert response.status == 503


async def test_calls_are_remembered_in_order(simulator: Simulator, api: Api) -> None:
    await api.done("GET", "/gateway")

    assert simulator.history[-1] == RestCalled("GET", "/gateway", 200)
