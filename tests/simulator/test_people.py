"""Simulated people talk by themselves and notice whether they are answered."""

from __future__ import annotations

import asyncio
from itertools import islice

from qqbot_cli.model.simulation import Simulation
from qqbot_cli.simulator import Answered, Emitted, Scene, Simulator, Unanswered
from qqbot_cli.simulator.people import Act, Deed, life
from tests.simulator.client import Api, Clock, api_of


def acts(*, person: int = 0, seed: int = 1, count: int = 500, say: tuple[str, ...] = ()) -> list[Act]:
    return list(islice(life(person, seed=seed, pace=2.0, people=3, guilds=2, say=say), count))


def test_equal_seeds_give_equal_lives() -> None:
    assert acts() == acts()


def test_other_seeds_and_other_people_live_otherwise() -> None:
    assert acts(seed=2) != acts()
    assert acts(person=1) != acts()


def test_people_speak_everywhere_and_press_buttons() -> None:
    assert {act.scene for act in acts()} == set(Scene)
    assert any(act.deed is Deed.PRESS for act in acts())
    assert any(act.text == "/echo 你好 😀" for act in acts())
    assert any(act.mentions for act in acts())
    assert any(not act.to_bot for act in acts())


def test_people_say_to_the_bot_what_they_are_told_to() -> None:
    said = [act for act in acts(say=("/dice", "/coin")) if act.deed is Deed.SAY]

    assert {act.text for act in said if act.to_bot} == {"/dice", "/coin"}
    assert any(not act.to_bot for act in said)


def test_the_pace_is_the_average_pause() -> None:
    pauses = [act.pause for act in acts(count=5000)]

    assert 1.8 < sum(pauses) / len(pauses) < 2.2


async def test_equal_seeds_give_equal_worlds() -> None:
    first, second, other = Simulator(), Simulator(), Simulator(Simulation(seed=2))

    assert (first.world, first.secret) == (second.world, second.secret)
    assert first.world != other.world


async def test_people_wait_for_a_bot_and_then_talk() -> None:
    simulation = Simulation(users=3, shards=1, pace=0.01)
    async with Simulator(simulation) as simulator, api_of(simulator) as api:
        assert simulator.stats.emitted == 0
        async with api.ready() as gateway:
            await simulator.wait_for(lambda: simulator.stats.delivered >= 20)
            await gateway.frame()

    assert any(isinstance(record, Emitted) for record in simulator.history)


async def test_a_reply_in_time_makes_a_person_feel_answered(
    simulator: Simulator, api: Api, clock: Clock
) -> None:
    async with api.ready():
        said = await simulator.say_c2c("你好")
        clock.advance(3)
        for seq in (1, 2):
            body = {"content": "好", "msg_id": said, "msg_seq": seq}
            await api.done("POST", f"/v2/users/{simulator.world.people[0].openid}/messages", body)

    assert simulator.stats.answered == 1
    assert Answered(said, 3.0) in simulator.history


async def test_a_person_gives_up_after_ten_seconds(simulator: Simulator, api: Api, clock: Clock) -> None:
    async with api.ready():
        said = await simulator.say_group("你好")
        clock.advance(11)
        await simulator.wait_for(lambda: simulator.stats.unanswered)

    assert Unanswered(said) in simulator.history


async def test_what_nobody_heard_needs_no_answer(simulator: Simulator, api: Api, clock: Clock) -> None:
    await simulator.say_group("有人吗？")
    async with api.ready():
        await simulator.say_group("闲聊", group=1, to_bot=False)
        said = await simulator.say_group("你好")
        clock.advance(11)
        await simulator.wait_for(lambda: simulator.stats.unanswered)

    assert [record for record in simulator.history if isinstance(record, Unanswered)] == [Unanswered(said)]


async def test_no_task_is_left_behind() -> None:
    before = asyncio.all_tasks()
    async with Simulator(Simulation(pace=0.01)) as simulator, api_of(simulator) as api, api.ready():
        await simulator.wait_for(lambda: simulator.stats.delivered >= 5)

    assert asyncio.all_tasks() == before
