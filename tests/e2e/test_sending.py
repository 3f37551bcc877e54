"""Everything that can be sent, over real sockets: it arrives as it was said, or it is not sent at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from qqbot_cli import (
    ApiError,
    Ark,
    Button,
    C2CMessageParams,
    Embed,
    EventHandler,
    GroupManageSession,
    GroupMessageParams,
    Intents,
    Keyboard,
    Markdown,
    Media,
    MemberSession,
    MessageAuditError,
    MessageAuditSession,
    MessageError,
    MessageParams,
    Plugin,
    ReactionSession,
    Reference,
    ReplyWindowError,
    Scene,
)
from qqbot_cli.model.outgoing import ContentKind, Outgoing
from qqbot_cli.simulator import Recalled, RestCalled, Simulator
from tests.e2e.bots import INTENTS, Recorder, running, simulating, until
from tests.outgoing import ALLOWED, KIND_SAMPLES, PARAMS, REFUSED

SAY = {Scene.CHANNEL: "channel", Scene.DMS: "private", Scene.GROUP: "group", Scene.C2C: "c2c"}


async def said(simulator: Simulator, handler: Recorder, scene: Scene) -> Any:  # noqa: ANN401
    """The session of a message that somebody has just written."""
    before = len(handler.sessions)
    await getattr(simulator, f"say_{SAY[scene]}")("hello")
    await until(lambda: len(handler.sessions) > before)
    return handler.sessions[-1]


def sample(simulator: Simulator, kind: ContentKind, scene: Scene) -> Outgoing:
    value: Any = Media(simulator.upload(scene)) if kind.field == "media" else KIND_SAMPLES[kind.field]
    return PARAMS[scene](**{kind.field: value})


def sends(simulator: Simulator) -> int:
    return sum(isinstance(record, RestCalled) and record.method == "POST" for record in simulator.history)


@pytest.mark.parametrize(
    ("scene", "kind"),
    [(scene, kind) for scene, kind in ALLOWED if kind.field != "input_notify"],
    ids=lambda value: getattr(value, "field", str(value)),
)
async def test_every_kind_arrives_as_it_was_said_wherever_it_may_be_sent(
    scene: Scene, kind: ContentKind
) -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, scene)
        message = sample(simulator, kind, scene)
        await session.send_message(message)

        body = dict(simulator.messages[0].body)
        assert body.pop("msg_id") == session.event.id
        assert body.pop("msg_seq", None) == (None if scene.in_guild else 1)
        said_so = msgspec.json.decode(msgspec.json.encode(message))
        if kind.field == "file_image":
            said_so["file_image"] = message.file_image  # in a form, as it is
        assert body == said_so
        assert simulator.stats.violations == 0


@pytest.mark.parametrize("message", [message for message, _ in REFUSED.values()], ids=REFUSED.keys())
async def test_what_would_be_refused_is_no_request_and_no_reply(message: Outgoing) -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, message.scene)
        before, remaining = sends(simulator), session.remaining_replies

        with pytest.raises(MessageError):
            await session.send_message(message)

        assert sends(simulator) == before
        assert session.remaining_replies == remaining
        await session.reply("fine")


async def test_the_api_refuses_before_the_wire_too() -> None:
    async with simulating() as simulator, running(simulator, Recorder()) as bot:
        assert bot.client.api is not None
        before = sends(simulator)
        with pytest.raises(MessageError, match="embed: cannot be sent to a group"):
            await bot.client.api.send_group_message("G", GroupMessageParams.new_embed(Embed("t", "p")))

        assert sends(simulator) == before


ROW = Keyboard.row(Button("yes", data="y"), Button("site", link="https://example.com"))

SHORT: dict[str, tuple[Callable[[Any], Any], str]] = {
    "text": (lambda s: s.reply("hi"), "content"),
    "markdown": (lambda s: s.reply(markdown="# hi"), "markdown"),
    "keyboard": (lambda s: s.reply(markdown=Markdown("# hi"), keyboard=ROW), "keyboard"),
    "ark": (lambda s: s.reply(ark=Ark.text_list(["x"])), "ark"),
    "send_text_message": (lambda s: s.send_text_message("hi"), "content"),
    "send_markdown_message": (lambda s: s.send_markdown_message("# hi"), "markdown"),
    "send_keyboard_message": (lambda s: s.send_keyboard_message("# hi", ROW), "keyboard"),
    "send_ark_message": (lambda s: s.send_ark_message(Ark.text_list(["x"])), "ark"),
}


@pytest.mark.parametrize("scene", Scene, ids=str)
async def test_the_short_ways_are_the_same_in_every_scene(scene: Scene) -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        for send, field in SHORT.values():
            session = await said(simulator, handler, scene)
            response = await send(session)

            (message,) = simulator.replies_to(session.event.id)
            assert message.body[field]
            assert message.id == response.id


@pytest.mark.parametrize("scene", Scene, ids=str)
async def test_embeds_belong_to_guilds_and_media_to_the_rest(scene: Scene) -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, scene)
        embed, media = Embed.lines("t", "x"), Media(simulator.upload(scene))
        if scene.in_guild:
            await session.send_embed_message(embed)
            with pytest.raises(MessageError, match="media: cannot be sent"):
                await session.send_media_message(media)
        else:
            await session.send_media_message(media)
            with pytest.raises(MessageError, match="embed: cannot be sent"):
                await session.send_embed_message(embed)

        assert len(simulator.messages) == 1


@pytest.mark.parametrize("scene", Scene, ids=str)
async def test_a_reply_can_quote_what_it_answers(scene: Scene) -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, scene)
        await session.reply("yes", quote=True)

        reference: Any = simulator.messages[0].body["message_reference"]
        expected = session.event.id if scene.in_guild else session.event.index
        assert reference["message_id"] == expected
        assert reference.get("ignore_get_message_error") is (True if scene.in_guild else None)


async def test_a_message_without_an_index_is_answered_without_a_quote() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        group = simulator.world.groups[0].openid
        body = {"id": "ROBOT1.0_x", "group_openid": group, "author": {"member_openid": "M"}}
        await simulator.emit("GROUP_AT_MESSAGE_CREATE", body)
        await until(lambda: handler.sessions)
        await handler.sessions[0].reply("yes", quote=True)

        assert "message_reference" not in simulator.messages[0].body


async def test_a_sent_message_can_be_quoted_by_what_its_answer_said() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, Scene.GROUP)
        first = await session.reply("one")
        await session.reply("two", message_reference=Reference(first.ext_info.ref_idx))

        assert simulator.messages[1].body["message_reference"] == {"message_id": first.ext_info.ref_idx}


@pytest.mark.parametrize("scene", Scene, ids=str)
async def test_a_reply_can_be_taken_back(scene: Scene) -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, scene)
        sent = await session.reply("oops")
        await session.recall(sent)

        assert simulator.messages == []
        assert Recalled(scene, simulator_target(session), sent.id) in simulator.history
        with pytest.raises(ApiError):
            await session.recall(sent.id)
        with pytest.raises(MessageError, match="did not tell the id"):
            await session.recall("")


def simulator_target(session: Any) -> str:  # noqa: ANN401
    return str(session._target)


async def test_typing_is_shown_and_is_no_reply() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, Scene.C2C)
        for _ in range(5):
            await session.typing(5)

        assert simulator.messages == []
        assert session.remaining_replies == 4
        for number in range(4):
            await session.reply(f"{number}")
        await session.typing()
        assert [message.msg_seq for message in simulator.messages] == [6, 7, 8, 9]
        with pytest.raises(MessageError, match="61 is not from 1 to 60"):
            await session.typing(61)


@pytest.mark.parametrize(
    ("scene", "params"),
    [(Scene.GROUP, GroupMessageParams), (Scene.CHANNEL, MessageParams), (Scene.C2C, C2CMessageParams)],
)
async def test_a_pressed_button_is_answered_with_anything(scene: Scene, params: type[Outgoing]) -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        await simulator.press_button("y", scene=scene)
        await until(lambda: handler.sessions)
        session = handler.sessions[0]
        await session.reply(markdown="# hi", keyboard=ROW)
        await session.send_message(params.new_text("more"))
        wrong = MessageParams if params is not MessageParams else GroupMessageParams
        with pytest.raises(MessageError, match=f"takes {params.__name__}"):
            await session.send_message(wrong.new_text("wrong kind"))

        first, second = simulator.messages
        assert first.body["keyboard"]
        assert second.content == "more"


async def test_events_that_are_no_messages_cannot_be_quoted_but_answered() -> None:
    class Others(EventHandler):
        def __init__(self) -> None:
            self.sessions: list[Any] = []

        async def message_reaction_add(self, session: ReactionSession) -> None:
            self.sessions.append(session)

        async def group_add_robot(self, session: GroupManageSession) -> None:
            self.sessions.append(session)

        async def guild_member_add(self, session: MemberSession) -> None:
            self.sessions.append(session)

    handler = Others()
    async with simulating() as simulator, running(simulator, handler, intents=Intents.all()):
        for name in ("MESSAGE_REACTION_ADD", "GROUP_ADD_ROBOT", "GUILD_MEMBER_ADD"):
            await simulator.emit(name)
        await until(lambda: len(handler.sessions) == 3)
        *others, member = sorted(
            handler.sessions, key=lambda session: type(session).__name__ == "MemberSession"
        )
        for session in others:
            with pytest.raises(MessageError, match="quote: what happened here is no message"):
                await session.reply("x", quote=True)
            await session.reply(markdown="# welcome")
        await member.send_text_message(simulator.world.guilds[0].channel_ids[0], "hello")
        with pytest.raises(MessageError, match="media: cannot be sent to a channel"):
            await member.send_message(
                simulator.world.guilds[0].channel_ids[0], MessageParams(media=Media("f"))
            )

        assert len(simulator.messages) == 3
        assert all(message.reply_to for message in simulator.messages)


async def test_what_is_answered_is_said_by_the_session_alone() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, Scene.GROUP)
        await session.send_message(GroupMessageParams(content="x", event_id="something else"))

        body = simulator.messages[0].body
        assert (body["msg_id"], "event_id" in body) == (session.event.id, False)


async def test_a_number_that_was_given_is_kept_and_counted_on_from() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, Scene.GROUP)
        await session.send_message(GroupMessageParams(content="x", msg_seq=7))
        await session.reply("y")

        assert [message.msg_seq for message in simulator.messages] == [7, 8]


async def test_messages_that_answer_nothing_go_by_the_api() -> None:
    async with simulating() as simulator, running(simulator, Recorder()) as bot:
        api = bot.client.api
        assert api is not None
        await api.send_group_message(simulator.world.groups[0].openid, GroupMessageParams.new_text("news"))
        await api.send_c2c_message(
            simulator.world.people[0].openid, C2CMessageParams(content="psst", is_wakeup=True)
        )

        assert [(message.content, message.reply_to) for message in simulator.messages] == [
            ("news", None),
            ("psst", None),
        ]


async def test_a_refused_reply_gives_its_place_back_and_not_its_number() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, Scene.GROUP)
        for code in (40034105, 22006, 304061):
            simulator.switches.rest_fail_next.append((400, {"code": code}))
            with pytest.raises(ApiError):
                await session.reply("x")
        for _ in range(5):
            await session.reply("y")

        assert [message.msg_seq for message in simulator.messages] == [4, 5, 6, 7, 8]
        with pytest.raises(ReplyWindowError):
            await session.reply("z")


async def test_plugins_that_send_different_things_use_different_numbers() -> None:
    async def text(session: Any) -> None:  # noqa: ANN401
        await asyncio.gather(session.reply("a"), session.reply("b"))

    async def card(session: Any) -> None:  # noqa: ANN401
        await asyncio.gather(session.reply(markdown="# c"), session.reply(ark=Ark.text_list(["d"])))

    plugins = [Plugin("text", Recorder(text)), Plugin("card", Recorder(card))]
    async with simulating() as simulator, running(simulator, plugins):
        await simulator.say_group("hello")
        await until(lambda: len(simulator.messages) == 4)

        assert len({message.msg_seq for message in simulator.messages}) == 4


async def test_f53_a_repeated_send_is_the_same_body_and_a_success() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, Scene.C2C)
        simulator.switches.lose_answers = 1
        response = await session.reply(markdown="# once", keyboard=ROW)

        (message,) = simulator.messages
        assert message.msg_seq == 1
        assert response.id == ""  # nobody knows: the platform recognised the repetition by its number
        assert session.remaining_replies == 3


class Auditor(Recorder):
    """Hears verdicts itself, too."""

    def __init__(self) -> None:
        super().__init__()
        self.audits: list[str] = []

    async def message_audit_pass(self, session: MessageAuditSession) -> None:
        self.audits.append(session.event.audit_id)


@pytest.mark.parametrize("scene", Scene, ids=str)
@pytest.mark.parametrize("kind", [Recorder, Auditor], ids=["nobody else listens", "a plugin listens too"])
async def test_a_review_that_passes_answers_with_the_message(scene: Scene, kind: type[Recorder]) -> None:
    handler = kind()
    async with (
        simulating() as simulator,
        running(simulator, handler, intents=INTENTS | Intents.MESSAGE_AUDIT),
    ):
        session = await said(simulator, handler, scene)
        simulator.switches.audit_next.append("pass")
        response = await session.reply("please", wait=5)

        assert response.id == simulator.messages[0].id
        assert response.audit_id
        if isinstance(handler, Auditor):
            await until(lambda: handler.audits == [response.audit_id])


async def test_a_review_that_refuses_is_an_error_that_says_so() -> None:
    handler = Recorder()
    async with (
        simulating() as simulator,
        running(simulator, handler, intents=INTENTS | Intents.MESSAGE_AUDIT),
    ):
        session = await said(simulator, handler, Scene.GROUP)
        simulator.switches.audit_next.append("reject")
        with pytest.raises(MessageAuditError) as caught:
            await session.reply("please", wait=5)

        assert caught.value.rejected
        assert simulator.messages == []
        assert session.remaining_replies == 4  # whether it counts is documented nowhere: better one too few


async def test_a_review_without_a_verdict_ends_with_the_time() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, Scene.CHANNEL)
        simulator.switches.audit_next.append("never")
        with pytest.raises(MessageAuditError) as caught:
            await session.reply("please", wait=0.05)

        assert not caught.value.rejected
        assert "MESSAGE_AUDIT" in caught.value.help


async def test_without_waiting_a_review_is_an_error_with_its_id() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        for scene in Scene:
            session = await said(simulator, handler, scene)
            simulator.switches.audit_next.append("pass")
            with pytest.raises(MessageAuditError) as caught:
                await session.reply("please")
            assert caught.value.audit_id
            assert not caught.value.rejected


async def test_a_message_that_is_not_reviewed_is_not_waited_for() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler, Scene.GROUP)
        response = await session.reply("at once", wait=30)

        assert response.id == simulator.messages[0].id
