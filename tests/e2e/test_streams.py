"""A text that grows while the user reads it, over a real socket."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from qqbot_cli import (
    ApiError,
    C2CReplySession,
    ContentType,
    MessageError,
    PlatformUnreachableError,
    Plugin,
    ReplyWindowError,
)
from qqbot_cli.simulator import BotMessage, RestCalled, Simulator
from tests.e2e.bots import Recorder, running, simulating, until


async def said(simulator: Simulator, handler: Recorder) -> C2CReplySession:
    await simulator.say_c2c("tell me")
    await until(lambda: handler.sessions)
    session = handler.sessions[-1]
    assert isinstance(session, C2CReplySession)
    return session


def states(message: BotMessage) -> list[object]:
    return [piece["input_state"] for piece in message.pieces]


async def test_a_text_grows_piece_by_piece_and_ends() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler)
        async with session.stream() as stream:
            for word in ["one", "two", "three", "four", "five"]:
                await stream.append(word + " ")
                await asyncio.sleep(0.1)

        (message,) = simulator.messages
        assert message.content == "one two three four five "
        assert message.id == stream.id
        assert states(message)[-1] == 10
        assert set(states(message)[:-1]) == {1}
        # Half a second of writing is two or three pieces, not five.
        assert 2 <= len(message.pieces) <= 4
        assert [piece["index"] for piece in message.pieces] == list(range(len(message.pieces)))
        assert {piece["msg_seq"] for piece in message.pieces} == {1}
        assert [piece.get("stream_msg_id") for piece in message.pieces[:2]] == [None, message.id]
        assert session.remaining_replies == 3
        assert stream.remaining == 10_000 - len(message.content)


async def test_what_is_written_at_once_is_one_piece_and_the_end() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler)
        async with session.stream(ContentType.TEXT) as stream:
            await stream.replace("all of it")

        (message,) = simulator.messages
        assert [(p["content_raw"], p["input_state"]) for p in message.pieces] == [
            ("all of it", 1),
            ("all of it", 10),
        ]
        assert message.pieces[0]["content_type"] == "text"


async def test_a_stream_ends_also_when_the_writer_fails() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler)

        async def write() -> None:
            async with session.stream() as stream:
                await stream.append("so far")
                await until(lambda: simulator.messages)
                await stream.append(", so good")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await write()

        (message,) = simulator.messages
        assert message.content == "so far, so good"
        assert states(message)[-1] == 10


async def test_a_stream_ends_also_when_its_handler_takes_too_long() -> None:
    async def tell(session: Any) -> None:  # noqa: ANN401
        async with session.stream() as stream:
            await stream.append("hm")
            await asyncio.sleep(60)

    handler = Recorder(tell)
    async with simulating() as simulator, running(simulator, [Plugin("p", handler, timeout=0.5)]):
        await simulator.say_c2c("tell me")
        await until(lambda: simulator.messages and states(simulator.messages[0])[-1] == 10)


async def test_a_stream_nobody_wrote_into_is_nothing() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler)
        async with session.stream():
            pass

        async def fail() -> None:
            async with session.stream() as stream:
                stream._text.append("never seen")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()

        assert simulator.messages == []
        assert session.remaining_replies == 4


async def test_what_is_shown_cannot_be_changed() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler)
        async with session.stream() as stream:
            await stream.replace("It is so")
            await until(lambda: simulator.messages)
            with pytest.raises(MessageError, match="must begin with the 8 characters"):
                await stream.replace("It is not so")
            await stream.replace("It is so, I think")

        assert simulator.messages[0].content == "It is so, I think"


async def test_what_is_refused_is_told_to_the_writer() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler)
        simulator.switches.rest_fail_next.append((400, {"code": 40054013, "message": "user refuses"}))

        async def write() -> None:
            async with session.stream() as stream:
                for _ in range(50):
                    await stream.append("x")
                    await asyncio.sleep(0.02)

        with pytest.raises(ApiError, match="user refuses"):
            await write()

        assert simulator.messages == []
        assert session.remaining_replies == 4


async def test_a_refusal_in_the_middle_ends_what_is_shown() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler)

        async def write() -> None:
            async with session.stream() as stream:
                await stream.append("a")
                await until(lambda: simulator.messages)
                simulator.switches.rest_fail_next.append((400, {"code": 40007, "message": "prefix changed"}))
                await stream.append("b")
                await asyncio.sleep(1)

        with pytest.raises(ApiError, match="prefix changed"):
            await write()

        assert states(simulator.messages[0])[-1] == 10


async def test_a_stream_that_is_too_fast_slows_down() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        simulator.switches.stream_gap = 0.5
        session = await said(simulator, handler)
        async with session.stream() as stream:
            for word in ["a", "b", "c", "d", "e", "f", "g", "h"]:
                await stream.append(word)
                await asyncio.sleep(0.1)

        (message,) = simulator.messages
        assert message.content == "abcdefgh"
        assert states(message)[-1] == 10
        assert any(isinstance(r, RestCalled) and r.status == 400 for r in simulator.history)


async def test_a_lost_answer_in_the_middle_changes_nothing() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler)
        async with session.stream() as stream:
            await stream.append("a")
            await until(lambda: simulator.messages and stream.id)
            simulator.switches.lose_answers = 1
            await stream.append("b")
            await until(lambda: len(simulator.messages[0].pieces) == 2)
            await stream.append("c")

        (message,) = simulator.messages
        assert message.content == "abc"
        assert states(message)[-1] == 10


async def test_a_stream_whose_first_answer_is_lost_cannot_go_on() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler)
        simulator.switches.lose_answers = 1

        async def write() -> None:
            async with session.stream() as stream:
                await stream.append("a")
                await asyncio.sleep(3)
                await stream.append("b")

        with pytest.raises(PlatformUnreachableError, match="the id of the stream was lost"):
            await write()

        assert simulator.messages[0].content == "a"
        assert session.remaining_replies == 3  # people saw it


async def test_a_stream_is_a_reply_and_not_for_one_who_is_too_late() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler)
        for _ in range(4):
            await session.reply("x")
        with pytest.raises(ReplyWindowError):
            async with session.stream():
                pass
        with pytest.raises(MessageError, match="inside async with"):
            await session.stream().append("x")


async def test_a_growing_text_can_be_taken_back() -> None:
    handler = Recorder()
    async with simulating() as simulator, running(simulator, handler):
        session = await said(simulator, handler)
        async with session.stream() as stream:
            await stream.append("oops")
        await session.recall(stream.id)

        assert simulator.messages == []
