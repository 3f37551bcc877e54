"""A real bot behind a network that is spoilt: faults by their numbers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from qqbot_cli.model.fact import GapRecorded
from qqbot_cli.model.simulation import FaultKind, Simulation
from qqbot_cli.protocol.limits import Limits
from qqbot_cli.simulator import (
    Bandwidth,
    Blackhole,
    Front,
    Hang,
    Latency,
    Limit,
    Refuse,
    Rst,
    Simulator,
    Slice,
    Way,
    wire,
)
from tests.e2e.bots import CANARY, Recorder, running, until
from tests.turns import NOISE
from tests.virtual import run_virtually

INTERVAL = 0.4


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    simulation = Simulation(users=0, shards=1, max_concurrency=10, heartbeat_interval=INTERVAL)
    async with Simulator(simulation, secret=CANARY, front=True) as made:
        yield made


def patient() -> Simulator:
    """For what must not end a connection: it is the network that is slow, and not this machine."""
    simulation = Simulation(users=0, shards=1, max_concurrency=10, heartbeat_interval=1.5)
    return Simulator(simulation, secret=CANARY, front=True)


async def say(simulator: Simulator, count: int) -> set[str]:
    return {await simulator.say_group(f"message {number}") for number in range(count)}


def heard(handler: Recorder) -> list[str]:
    return [session.event.id for session in handler.sessions]


async def heard_once_each(handler: Recorder, said: set[str]) -> None:
    await until(lambda: set(heard(handler)) == said)
    assert len(heard(handler)) == len(said)


@pytest.mark.parametrize("way", list(Way))
@pytest.mark.parametrize("toxic", [Rst(6), Rst(0), Limit(6), Limit(0)], ids=str)
async def test_f01_f02_a_connection_that_ends_in_mid_frame_is_resumed_and_nothing_is_lost(
    simulator: Simulator, toxic: Rst | Limit, way: Way
) -> None:
    handler = Recorder()
    async with running(simulator, handler):
        said = await say(simulator, 2)
        await heard_once_each(handler, said)
        begun = time.monotonic()
        simulator.front.add(toxic, way, seconds=0)
        said |= await say(simulator, 5)
        await until(lambda: simulator.stats.resumes == 1)
        await heard_once_each(handler, said)

        assert time.monotonic() - begun <= 2 + NOISE
        assert simulator.stats.identifies == 1


@pytest.mark.parametrize("ways", [(Way.UP,), (Way.DOWN,), tuple(Way)], ids=str)
async def test_f03_f04_a_direction_that_is_dead_is_noticed_by_the_missing_heartbeat(
    simulator: Simulator, ways: tuple[Way, ...]
) -> None:
    handler = Recorder()
    async with running(simulator, handler):
        hole = simulator.front.add(Blackhole(), *ways)
        begun = time.monotonic()
        said = await say(simulator, 3)
        if Way.DOWN not in ways:  # events are life, so nothing but heartbeats may come to an end
            await heard_once_each(handler, said)
        await asyncio.sleep(INTERVAL + INTERVAL / 2 + 0.2)
        simulator.front.remove(hole)
        await until(lambda: simulator.stats.resumes >= 1)

        assert time.monotonic() - begun <= INTERVAL + INTERVAL / 2 + NOISE
        await heard_once_each(handler, said)
        assert simulator.stats.identifies == 1


@pytest.mark.parametrize("toxic", [Refuse(), Hang(), Blackhole()], ids=str)
async def test_f05_a_network_that_comes_back_finds_the_bot_trying(
    simulator: Simulator, toxic: Refuse | Hang | Blackhole
) -> None:
    handler = Recorder()
    limits = Limits(interval=(0.1, 120), connecting=0.5)
    async with running(simulator, handler, limits=limits) as bot:
        simulator.front.add(toxic)
        simulator.front.reset()
        said = await say(simulator, 2)
        await until(lambda: bot.states() == ["backoff"])
        await asyncio.sleep(0.5)
        simulator.front.clear()
        await until(lambda: bot.ready == 1)
        await heard_once_each(handler, said)

        assert simulator.stats.identifies == 1


@pytest.mark.alone
@pytest.mark.long
async def test_f05_waiting_for_the_network_takes_less_than_a_hundredth_of_a_processor() -> None:
    async with patient() as simulator, running(simulator, Recorder()) as bot:
        simulator.front.add(Refuse())
        simulator.front.reset()
        await until(lambda: bot.states() == ["backoff"])
        begun, busy = time.monotonic(), time.process_time()
        await asyncio.sleep(5)

        assert time.process_time() - busy < 0.01 * (time.monotonic() - begun)
        assert bot.client.snapshot().shards[0].reconnects >= 3


async def test_f09_a_hello_of_one_byte_at_a_time_is_left_at_the_deadline_in_all(simulator: Simulator) -> None:
    limits = Limits(interval=(0.1, 120), hello=0.4, connecting=0.4)
    async with running(simulator, Recorder(), limits=limits) as bot:
        simulator.front.add(Slice(1, delay=0.2), Way.DOWN)
        simulator.front.reset()
        await until(lambda: bot.states() == ["connecting"])
        begun = time.monotonic()
        await until(lambda: bot.states() == ["backoff"])

        assert 0.3 <= time.monotonic() - begun <= 0.4 + NOISE  # and not 0.4 s after each byte


def test_f11_an_hour_of_a_slow_network_with_jitter_is_no_dead_one() -> None:
    async def hour() -> None:
        handler = Recorder()
        clock = asyncio.get_running_loop().time
        simulation = Simulation(users=0, shards=1, max_concurrency=10)
        async with (
            Simulator(simulation, secret=CANARY, front=True, clock=clock) as simulator,
            running(simulator, handler, store=None, limits=Limits(), blocked_after=None) as bot,
        ):
            simulator.front.add(Latency(2.0, jitter=0.6))
            simulator.front.add(Bandwidth(1000))
            said = set()
            for _ in range(60):
                said |= await say(simulator, 1)
                await asyncio.sleep(60)
            await heard_once_each(handler, said)

            assert simulator.stats.heartbeats >= 3600 / 45 - 1
            assert (simulator.stats.identifies, simulator.stats.resumes) == (1, 0)
            shard = bot.client.snapshot().shards[0]
            assert (bot.ready, shard.reconnects) == (1, 0)
            assert shard.latency is not None
            assert 2.8 <= shard.latency <= 5.5  # the network was slow indeed

    run_virtually(hour())


@pytest.mark.parametrize("size", [1, 100])
async def test_f12_slices_and_fragments_with_pings_change_nothing(size: int) -> None:
    whole, cut = Recorder(), Recorder()
    payload = {"id": "m", "content": "你好" * 40, "group_openid": "G", "author": {"member_openid": "U"}}

    async def digest(handler: Recorder, prepare: Callable[[Simulator], Any]) -> list[bytes]:
        async with patient() as simulator, running(simulator, handler):
            prepare(simulator)
            for number in range(5):
                await simulator.emit("GROUP_AT_MESSAGE_CREATE", {**payload, "id": f"m{number}"})
            await until(lambda: len(handler.sessions) == 5)
            assert simulator.stats.resumes == 0
        return [bytes(session.body) for session in handler.sessions]

    def spoil(simulator: Simulator) -> None:
        simulator.switches.fragment_size = size
        simulator.front.add(Slice(1), Way.DOWN)

    assert await digest(whole, lambda _: None) == await digest(cut, spoil)


@pytest.mark.parametrize("what", sorted(wire.MALFORMED))
async def test_f14_a_malformed_frame_ends_the_connection_and_nothing_is_lost(
    simulator: Simulator, what: str
) -> None:
    handler = Recorder()
    async with running(simulator, handler):
        await simulator.send_below(wire.MALFORMED[what])
        said = await say(simulator, 3)
        await until(lambda: simulator.stats.resumes == 1)
        await heard_once_each(handler, said)

        assert simulator.stats.identifies == 1


async def test_f14_an_empty_close_frame_is_no_code(simulator: Simulator) -> None:
    async with running(simulator, Recorder()) as bot:
        await simulator.send_below(wire.close_frame(None))
        await until(lambda: simulator.stats.resumes == 1)

        assert "0" not in bot.client.snapshot().shards[0].last_error


async def test_a_masked_frame_is_put_up_with() -> None:
    handler = Recorder()
    async with patient() as simulator, running(simulator, handler):
        await simulator.send_below(wire.frame(b'{"op":11}', mask=b"abcd"))
        await heard_once_each(handler, await say(simulator, 1))

        assert simulator.stats.resumes == 0


async def test_f14_bad_utf_8_inside_of_an_event_is_asked_for_again(simulator: Simulator) -> None:
    handler = Recorder()
    async with running(simulator, handler):
        # The envelope is well-formed, and nobody looks into `d` before a plugin has it.
        await simulator.send_below(wire.frame(b'{"op":0,"s":900,"t":"NEW","d":{"name":"\xff\xfe"}}'))
        await until(lambda: simulator.stats.resumes == 1)
        await heard_once_each(handler, await say(simulator, 3))

        assert simulator.stats.identifies == 1


@pytest.mark.long
@pytest.mark.parametrize("what", ["reserved bits", "invalid UTF-8"])
async def test_f14_a_session_that_cannot_be_resumed_is_given_up_at_the_third_attempt(
    simulator: Simulator, what: str
) -> None:
    async with running(simulator, Recorder(), jitter=lambda: 1.0) as bot:
        simulator.switches.poison = wire.MALFORMED[what]
        await simulator.inject(FaultKind.DROP)
        await until(lambda: simulator.stats.identifies == 2 and bot.ready == 1, timeout=20)

        assert simulator.stats.resumes <= 3
        assert len([fact for fact in bot.facts if isinstance(fact, GapRecorded)]) == 1


@pytest.mark.long
async def test_f13_an_event_of_five_megabytes_does_not_keep_the_bot_from_the_others(
    simulator: Simulator,
) -> None:
    handler = Recorder()
    async with running(simulator, handler, jitter=lambda: 1.0) as bot:
        await simulator.emit("GROUP_AT_MESSAGE_CREATE", {"content": "x" * (5 << 20)})
        await until(lambda: simulator.stats.identifies == 2 and bot.ready == 1, timeout=20)
        said = await say(simulator, 1)
        await heard_once_each(handler, said)

        assert simulator.stats.resumes == 2  # and once when it came: three tries
        assert len([fact for fact in bot.facts if isinstance(fact, GapRecorded)]) == 1


async def test_f53_an_answer_that_a_reset_swallows_is_one_visible_message(simulator: Simulator) -> None:
    front: Front = simulator.front

    async def answer(session: Any) -> None:  # noqa: ANN401
        # The request passes, the answer does not.
        front.add(Blackhole(), Way.DOWN, seconds=0.3)
        sending = asyncio.ensure_future(session.reply("pong"))
        await simulator.wait_for(lambda: simulator.messages)
        front.reset()
        await sending

    handler = Recorder(answer)
    async with running(simulator, handler):
        said = await simulator.say_group("/ping")
        await until(lambda: handler.sessions and handler.sessions[0].unfinished == 0, timeout=15)

        assert len(simulator.replies_to(said)) == 1
