"""Growing texts, as the platform judges them: in order, not too fast, and nothing shown is taken back."""

from __future__ import annotations

from typing import Any

import pytest

from qqbot_cli.simulator import Simulator
from tests.simulator.client import Api, Clock


def path(simulator: Simulator, person: int = 0) -> str:
    return f"/v2/users/{simulator.world.people[person].openid}/stream_messages"


def piece(index: int, text: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "input_mode": "replace",
        "input_state": 1,
        "index": index,
        "content_type": "markdown",
        "content_raw": text,
        "msg_seq": 7,
        **more,
    }


class Chat:
    """A stream that has begun."""

    def __init__(self, simulator: Simulator, api: Api, clock: Clock, msg_id: str) -> None:
        self.simulator, self.api, self.clock, self.msg_id = simulator, api, clock, msg_id
        self.id = ""

    async def begin(self, text: str = "Hel", **more: Any) -> dict[str, Any]:  # noqa: ANN401
        answer = await self.api.done("POST", path(self.simulator), piece(0, text, msg_id=self.msg_id, **more))
        self.id = answer["id"]
        self.clock.advance(1)
        return answer

    def next(self, index: int, text: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        return piece(index, text, **{"msg_id": self.msg_id, "stream_msg_id": self.id, **more})

    async def done(self, index: int, text: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        answer = await self.api.done("POST", path(self.simulator), self.next(index, text, **more))
        self.clock.advance(1)
        return answer

    async def refused(self, index: int, text: str, **more: Any) -> int:  # noqa: ANN401
        return await self.api.refused("POST", path(self.simulator), self.next(index, text, **more))


@pytest.fixture
async def chat(simulator: Simulator, api: Api, clock: Clock) -> Chat:
    async with api.ready():
        return Chat(simulator, api, clock, await simulator.say_c2c("tell me"))


async def test_pieces_make_one_message(simulator: Simulator, chat: Chat) -> None:
    first = await chat.begin()
    second = await chat.done(1, "Hello", input_state=10)

    (message,) = simulator.replies_to(chat.msg_id)
    assert (message.id, message.content, len(message.pieces)) == (first["id"], "Hello", 2)
    assert message.body["input_state"] == 10
    assert second["id"] == first["id"]
    assert (first["remain_msg_len"], second["remain_msg_len"]) == (9997, 9995)
    assert first["ext_info"]["ref_idx"].startswith("REFIDX_")
    assert simulator.stats.replies == 1


async def test_pieces_may_be_appended(simulator: Simulator, chat: Chat) -> None:
    await chat.begin(input_mode="append")
    await chat.done(1, "lo", input_mode="append")

    assert simulator.messages[0].content == "Hello"


async def test_a_piece_that_is_repeated_changes_nothing(simulator: Simulator, chat: Chat) -> None:
    await chat.begin(input_mode="append")
    await chat.done(1, "lo", input_mode="append")
    await chat.done(1, "lo", input_mode="append")

    assert simulator.messages[0].content == "Hello"
    assert len(simulator.messages[0].pieces) == 2


async def test_what_is_shown_stays(chat: Chat) -> None:
    await chat.begin("Hello")

    assert await chat.refused(1, "Help") == 40007
    assert await chat.refused(1, "Hell") == 40007


async def test_pieces_keep_their_distance(chat: Chat) -> None:
    await chat.begin()
    chat.clock.advance(-0.9)

    assert await chat.refused(1, "Hello") == 50002


@pytest.mark.parametrize(
    "more",
    [
        {"index": 2},
        {"index": 0},
        {"msg_seq": 8},
        {"stream_msg_id": "?"},
        {"input_state": 5},
        {"content_raw": 5},
        {"input_mode": "insert"},
        {"content_type": "html"},
        {"colour": "red"},
    ],
    ids=str,
)
async def test_a_piece_out_of_order_is_refused(chat: Chat, more: dict[str, Any]) -> None:
    await chat.begin()
    wrong = {**chat.next(1, "Hello"), **more}

    assert await chat.api.refused("POST", path(chat.simulator), wrong) == 40011000


async def test_after_the_last_piece_comes_nothing(chat: Chat) -> None:
    await chat.begin()
    await chat.done(1, "Hello", input_state=10)

    assert await chat.refused(2, "Hello again") == 40011000


async def test_the_stream_of_another_person_is_unknown(simulator: Simulator, chat: Chat) -> None:
    await chat.begin()
    wrong = chat.next(1, "Hello")

    assert await chat.api.refused("POST", path(simulator, person=1), wrong) == 40011000


async def test_a_stream_answers_something_in_time_and_with_a_number_of_its_own(
    simulator: Simulator, api: Api, chat: Chat
) -> None:
    assert await api.refused("POST", path(simulator), piece(0, "x")) == 40034024
    assert await api.refused("POST", path(simulator), piece(0, "x", msg_id="?")) == 40034024
    assert await api.refused("POST", path(simulator), piece(1, "x", msg_id=chat.msg_id)) == 40011000
    await chat.begin()
    assert await api.refused("POST", path(simulator), piece(0, "x", msg_id=chat.msg_id)) == 40054005
    chat.clock.advance(3600)
    late = piece(0, "x", msg_id=chat.msg_id, msg_seq=8)
    assert await api.refused("POST", path(simulator), late) == 40034005


async def test_a_stream_counts_as_one_answer(simulator: Simulator, api: Api, chat: Chat) -> None:
    user = f"/v2/users/{simulator.world.people[0].openid}/messages"
    await chat.begin()
    await chat.done(1, "Hello", input_state=10)
    for seq in range(1, 4):
        await api.done("POST", user, {"content": "x", "msg_id": chat.msg_id, "msg_seq": seq})

    assert await api.refused("POST", user, {"content": "x", "msg_id": chat.msg_id, "msg_seq": 9}) == 40034128


async def test_a_wake_up_stream_answers_nothing(simulator: Simulator, api: Api, chat: Chat) -> None:
    await api.done("POST", path(simulator), piece(0, "hi", is_wakeup=True))
    wrong = piece(0, "hi", is_wakeup=True, msg_id=chat.msg_id)
    assert await api.refused("POST", path(simulator), wrong) == 40011000

    assert simulator.messages[0].reply_to is None


async def test_a_growing_text_has_the_limits_of_any_text(simulator: Simulator, chat: Chat) -> None:
    simulator.switches.longest_text = 10
    simulator.switches.registered_hosts = frozenset()
    await chat.begin("12345", input_mode="append")

    assert await chat.refused(1, "678901", input_mode="append") == 40054007
    assert await chat.refused(1, " a.cn", input_mode="append") == 40054010


async def test_a_stream_is_for_one_to_one_chats(simulator: Simulator, api: Api, chat: Chat) -> None:
    group = simulator.world.groups[0].openid

    assert await api.refused("POST", f"/v2/groups/{group}/stream_messages", piece(0, "x")) == 404
    assert await api.refused("POST", "/v2/users/nobody/stream_messages", piece(0, "x")) == 40011028
