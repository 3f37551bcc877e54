"""Replies: in all scenes, numbered once for all plugins, within their window."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from qqbot_cli import (
    ApiError,
    EventHandler,
    GroupMessageParams,
    GroupReplySession,
    InteractionSession,
    MessageAuditError,
    NotFoundError,
    PermissionDeniedError,
    Plugin,
    RateLimitedError,
    Reference,
    ReplyWindowError,
)
from qqbot_cli.model.fact import EventGivenUp
from qqbot_cli.model.simulation import FaultKind
from qqbot_cli.simulator import Acknowledged, RestCalled, Scene
from tests.e2e.bots import Recorder, running, simulating, until


async def answer(session: Any) -> None:  # noqa: ANN401
    await session.reply(f"你说：{session.event.text} 😀")


@pytest.mark.parametrize("scene", ["group", "channel", "private", "c2c"])
async def test_a_reply_arrives_in_every_scene(scene: str) -> None:
    async with simulating() as simulator, running(simulator, Recorder(answer)):
        message = await getattr(simulator, f"say_{scene}")("/ping 你好")
        await until(lambda: simulator.replies_to(message))

        (reply,) = simulator.replies_to(message)
        assert reply.content == "你说：/ping 你好 😀"
        assert reply.msg_seq == (1 if scene in ("group", "c2c") else None)
        assert simulator.stats.violations == 0


@pytest.mark.parametrize("scene", [Scene.GROUP, Scene.CHANNEL, Scene.C2C])
async def test_a_pressed_button_is_acknowledged_and_then_answered(scene: Scene) -> None:
    async def press(session: Any) -> None:  # noqa: ANN401
        await session.ack()
        await session.reply(session.event.data.resolved.button_data)

    async with simulating() as simulator, running(simulator, Recorder(press)):
        await simulator.press_button("vote=yes", scene=scene)
        await until(lambda: simulator.messages)

        assert simulator.messages[0].content == "vote=yes"


async def test_two_plugins_that_answer_one_message_use_different_numbers() -> None:
    plugins = [Plugin(name, Recorder(answer)) for name in ("first", "second")]
    async with simulating() as simulator, running(simulator, plugins):
        message = await simulator.say_group("hello")
        await until(lambda: len(simulator.replies_to(message)) == 2)

        assert len({reply.msg_seq for reply in simulator.replies_to(message)}) == 2


@pytest.mark.parametrize(("scene", "limit"), [("group", 5), ("c2c", 4)])
async def test_one_reply_too_many_is_an_error_and_no_request(scene: str, limit: int) -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        await getattr(simulator, f"say_{scene}")("hello")
        await until(lambda: handler.sessions)
        session = handler.sessions[0]
        for _ in range(limit):
            await session.reply("again")
        calls = sum(isinstance(record, RestCalled) for record in simulator.history)

        assert session.remaining_replies == 0
        with pytest.raises(ReplyWindowError, match=f"answered {limit} times"):
            await session.reply("once more")
        assert sum(isinstance(record, RestCalled) for record in simulator.history) == calls


async def test_a_message_that_was_old_when_it_arrived_is_known_to_be_expired() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        body = {
            "id": "ROBOT1.0_old",
            "group_openid": simulator.world.groups[0].openid,
            "author": {"member_openid": "M"},
            "content": "long ago",
            "timestamp": "2020-01-01T00:00:00+08:00",
        }
        await simulator.emit("GROUP_AT_MESSAGE_CREATE", body)
        await until(lambda: handler.sessions)

        assert handler.sessions[0].reply_expired
        with pytest.raises(ReplyWindowError, match="5 minutes"):
            await handler.sessions[0].reply("too late")


async def test_a_reply_can_quote_a_message() -> None:
    async def quote(session: GroupReplySession) -> None:
        scene = session.event.message_scene
        assert scene is not None
        await session.reply("yes", message_reference=Reference(scene.value("msg_idx")))

    async with simulating() as simulator, running(simulator, Recorder(quote)):
        message = await simulator.say_group("?")
        await until(lambda: simulator.replies_to(message))

        reference = simulator.replies_to(message)[0].body["message_reference"]
        assert str(reference).startswith("{'message_id': 'REFIDX_")


async def test_explicit_fields_are_completed_to_a_reply() -> None:
    async def send(session: GroupReplySession) -> None:
        await session.send_message(GroupMessageParams(content="full"))
        await session.send_text_message("short")

    async with simulating() as simulator, running(simulator, Recorder(send)):
        message = await simulator.say_group("?")
        await until(lambda: len(simulator.replies_to(message)) == 2)
        assert [reply.content for reply in simulator.replies_to(message)] == ["full", "short"]


async def test_f53_a_reply_whose_answer_was_lost_is_repeated_and_visible_once() -> None:
    async with simulating() as simulator, running(simulator, Recorder(answer)) as bot:
        simulator.switches.lose_answers = 1
        message = await simulator.say_group("hello")
        await until(lambda: bot.client.snapshot().handled >= 1 or bot.client.snapshot().plugins[0].failed)

        assert bot.client.snapshot().plugins[0].failed == 0
        assert len(simulator.replies_to(message)) == 1


async def test_f53_an_interaction_whose_confirmation_had_no_answer_is_confirmed_once_and_no_failure() -> None:
    async def confirm(session: InteractionSession) -> None:
        await session.ack()

    async with simulating() as simulator, running(simulator, Recorder(confirm)) as bot:
        simulator.switches.lose_answers = 1
        await simulator.press_button()
        await until(lambda: bot.client.snapshot().handled or bot.client.snapshot().failed)

        assert bot.client.snapshot().failed == 0
        assert sum(isinstance(record, Acknowledged) for record in simulator.history) == 1


async def test_f53_a_channel_message_is_not_repeated_because_people_would_see_it_twice() -> None:
    async with simulating() as simulator, running(simulator, Recorder(answer)) as bot:
        simulator.switches.lose_answers = 1
        message = await simulator.say_channel("hello")
        await until(lambda: bot.client.snapshot().plugins[0].failed)

        assert len(simulator.replies_to(message)) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (202, {"code": 304023, "data": {"message_audit": {"audit_id": "a-1"}}}, MessageAuditError),
        (400, {"code": 40034105, "err_code": 40034105, "message": "m"}, PermissionDeniedError),
        (400, {"code": 40054003}, NotFoundError),
        (400, {"code": 304049}, RateLimitedError),
        (400, {"code": 22006}, ApiError),
        (500, "<html>", ApiError),
        (400, {"code": 40034128}, ReplyWindowError),
    ],
)
async def test_a_refusal_is_an_exception_named_after_what_can_be_done(
    status: int, body: object, kind: type[Exception]
) -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        await simulator.say_channel("hello")
        await until(lambda: handler.sessions)
        simulator.switches.rest_fail_next.append((status, body))

        with pytest.raises(kind) as caught:
            await handler.sessions[0].reply("x")
        assert type(caught.value) is kind
        assert simulator.messages == []


async def test_f52_a_rate_limit_is_waited_for() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        message = await simulator.say_group("hello")
        await until(lambda: handler.sessions)
        simulator.switches.rest_fail_next.append((429, {"message": "slow down"}))

        await handler.sessions[0].reply("x")

        assert len(simulator.replies_to(message)) == 1


async def test_sent_messages_can_be_recalled() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler) as bot:
        message = await simulator.say_group("hello")
        await until(lambda: handler.sessions)
        sent = await handler.sessions[0].reply("oops")
        assert bot.client.api is not None

        await bot.client.api.recall_group_message(handler.sessions[0].group_openid, sent.id)

        assert simulator.replies_to(message) == []


async def test_a_group_that_lets_the_bot_read_everything_reaches_only_what_wants_it() -> None:
    class Everything(EventHandler):
        def __init__(self) -> None:
            self.texts: list[str] = []

        async def group_full_message_create(self, session: GroupReplySession) -> None:
            self.texts.append(session.event.text)

    spoken_to, everything = Recorder(), Everything()
    plugins = [Plugin("spoken", spoken_to), Plugin("everything", everything)]
    async with simulating() as simulator, running(simulator, plugins):
        await simulator.say_group("chatter", group=1, to_bot=False)
        await simulator.say_group("for you", group=1)
        await until(lambda: len(everything.texts) == 2 and spoken_to.sessions)
        await asyncio.sleep(0.02)

        assert everything.texts == ["chatter", "for you"]
        assert [session.event.text for session in spoken_to.sessions] == ["for you"]


async def test_a_message_that_comes_under_two_names_is_handled_once() -> None:
    from qqbot_cli import Intents

    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler, intents=Intents.all()):
        await simulator.say_channel("hello")  # MESSAGE_CREATE and AT_MESSAGE_CREATE
        await simulator.say_c2c("the end")
        await until(lambda: len(handler.sessions) >= 2)

        assert [session.event.text for session in handler.sessions] == ["hello", "the end"]


async def test_paths_are_quoted_so_that_an_id_leads_nowhere_else() -> None:
    async with simulating() as simulator, running(simulator, Recorder()) as bot:
        assert bot.client.api is not None
        with pytest.raises(ApiError):
            await bot.client.api.recall_group_message("../../users/@me", "x?y#z")

        paths = [record.path for record in simulator.history if isinstance(record, RestCalled)]
        assert json.dumps(paths).count('/users/@me"') == 1  # the one at the start


@pytest.mark.parametrize("scene", ["channel", "private"])
async def test_a_reply_that_came_while_the_gateway_was_away_is_sent_when_it_is_back(scene: str) -> None:
    async def wait_and_answer(session: Any) -> None:  # noqa: ANN401
        if len(handler.sessions) == 1:
            simulator.switches.upgrade = "502"
            await simulator.inject(FaultKind.DROP)
            await until(lambda: bot.ready == 0)
            asyncio.get_running_loop().call_later(0.5, setattr, simulator.switches, "upgrade", "ok")
        await session.reply("pong")

    handler = Recorder(wait_and_answer)
    async with simulating() as simulator, running(simulator, handler) as bot:
        message = await getattr(simulator, f"say_{scene}")("/ping")
        await until(lambda: simulator.replies_to(message))

        assert not [fact for fact in bot.facts if isinstance(fact, EventGivenUp)]


@pytest.mark.parametrize("outage", ["refuse", "garbage"])
async def test_a_platform_that_is_out_of_service_for_ten_seconds_costs_no_event(outage: Any) -> None:  # noqa: ANN401
    async def answer_in_time(session: Any) -> None:  # noqa: ANN401
        if len(handler.sessions) == 1:
            simulator.switches.rest_down = outage
        else:
            simulator.switches.rest_down = None
        await session.reply("pong")

    handler = Recorder(answer_in_time)
    async with simulating() as simulator, running(simulator, handler):
        message = await simulator.say_group("/ping")
        await until(lambda: simulator.replies_to(message), timeout=15)

        assert len(handler.sessions) == 2
