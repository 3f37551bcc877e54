"""RESUME: what is replayed, what is refused, who keeps the session."""

from __future__ import annotations

import aiohttp
import pytest

from qqbot_cli.simulator import Closed, Resumed, Simulator, wire
from tests.simulator.client import Api, Clock, Gateway


async def leave(simulator: Simulator, gateway: Gateway) -> None:
    """Disconnect, and wait until the simulator knows."""
    ended = sum(isinstance(record, Closed) for record in simulator.history)
    await gateway.ws.close(code=4000)
    await simulator.wait_for(lambda: sum(isinstance(record, Closed) for record in simulator.history) > ended)


async def away(simulator: Simulator, api: Api, *missed: str) -> str:
    """A session whose connection was lost before the events called *missed*; its seq was 1."""
    async with api.ready() as gateway:
        await leave(simulator, gateway)
    for event_id in missed:
        await simulator.emit("C2C_MESSAGE_CREATE", event_id=event_id)
    return gateway.session_id


async def test_missed_events_are_replayed_with_their_numbers_then_resumed(
    simulator: Simulator, api: Api
) -> None:
    session_id = await away(simulator, api, "a", "b")
    async with api.gateway() as gateway:
        await gateway.frame()
        await gateway.resume(session_id, 1)
        frames = [await gateway.frame() for _ in range(3)]
        await simulator.emit("C2C_MESSAGE_CREATE", event_id="c")
        frames.append(await gateway.frame())

    assert [(frame["s"], frame.get("id")) for frame in frames] == [(2, "a"), (3, "b"), (4, None), (5, "c")]
    assert frames[2] == {"op": 0, "s": 4, "t": "RESUMED", "d": ""}
    assert Resumed(session_id, (0, 1), 1, 2) in simulator.history


async def test_the_token_may_come_without_its_prefix(simulator: Simulator, api: Api) -> None:
    session_id = await away(simulator, api)
    async with api.gateway() as gateway:
        await gateway.frame()
        await gateway.resume(session_id, 1, prefix="")

        await gateway.event("RESUMED")


async def test_a_resume_costs_no_session_start(simulator: Simulator, api: Api) -> None:
    session_id = await away(simulator, api)
    async with api.gateway() as gateway:
        await gateway.frame()
        await gateway.resume(session_id, 1)
        await gateway.event("RESUMED")

    assert (await api.done("GET", "/gateway/bot"))["session_start_limit"]["remaining"] == 999


async def test_a_seq_ahead_of_the_session_is_refused(simulator: Simulator, api: Api) -> None:
    session_id = await away(simulator, api, "a")
    async with api.gateway() as gateway:
        await gateway.resume(session_id, 3)

        assert await gateway.closed() == 4007


async def test_a_seq_that_is_no_longer_remembered_is_refused(simulator: Simulator, api: Api) -> None:
    simulator.switches.replay_frames = 2
    session_id = await away(simulator, api, "a", "b", "c")
    async with api.gateway() as gateway:
        await gateway.resume(session_id, 1)
        assert await gateway.closed() == 4006
    async with api.gateway() as gateway:
        await gateway.frame()
        await gateway.resume(session_id, 2)

        assert (await gateway.frame())["id"] == "b"


async def test_events_are_remembered_for_five_minutes(simulator: Simulator, api: Api, clock: Clock) -> None:
    session_id = await away(simulator, api, "a")
    clock.advance(301)
    async with api.gateway() as gateway:
        await gateway.resume(session_id, 1)

        assert await gateway.closed() == 4006


async def test_a_refusal_can_come_as_op_9(simulator: Simulator, api: Api) -> None:
    simulator.switches.refuse_resume_by_op9 = True
    async with api.gateway() as gateway:
        await gateway.frame()
        await gateway.resume("?", 1)

        assert await gateway.frame() == {"op": 9, "d": False}
        assert await gateway.closed() == 4903


async def test_a_refusal_can_be_ordered(simulator: Simulator, api: Api) -> None:
    simulator.switches.refuse_resume_with = 4902
    session_id = await away(simulator, api)
    async with api.gateway() as gateway:
        await gateway.resume(session_id, 1)

        assert await gateway.closed() == 4902


async def test_a_resume_takes_the_session_from_a_live_connection(simulator: Simulator, api: Api) -> None:
    async with api.ready() as first, api.gateway() as second:
        await second.frame()
        await second.resume(first.session_id, 1)
        await second.event("RESUMED")

        assert await first.closed() == 4902
        await simulator.emit("C2C_MESSAGE_CREATE")
        await second.event("C2C_MESSAGE_CREATE")


async def test_forgotten_sessions_live_as_long_as_their_connection(simulator: Simulator, api: Api) -> None:
    async with api.ready() as gateway:
        simulator.forget_sessions()
        await simulator.emit("C2C_MESSAGE_CREATE")
        await gateway.event("C2C_MESSAGE_CREATE")
        await leave(simulator, gateway)
    async with api.gateway() as other:
        await other.resume(gateway.session_id, 2)

        assert await other.closed() == 4006


async def test_a_new_session_replaces_the_lost_one_of_its_shard(simulator: Simulator, api: Api) -> None:
    session_id = await away(simulator, api, "a")
    async with api.ready(), api.gateway() as gateway:
        await gateway.resume(session_id, 1)

        assert await gateway.closed() == 4006


async def beat(simulator: Simulator, gateway: Gateway, seq: int) -> None:
    await gateway.send(1, seq)
    assert await gateway.frame() == {"op": 11}


@pytest.mark.parametrize(("trims", "code"), [(False, None), (True, 4006)], ids=["keeps", "trims"])
async def test_what_a_heartbeat_confirmed_may_be_forgotten(
    simulator: Simulator, api: Api, trims: bool, code: int | None
) -> None:
    simulator.switches.trim_on_heartbeat = trims
    async with api.ready() as gateway:
        await simulator.emit("C2C_MESSAGE_CREATE", event_id="a")
        assert (await gateway.frame())["s"] == 2
        await beat(simulator, gateway, 2)
        await leave(simulator, gateway)
    async with api.gateway() as other:
        await other.frame()
        await other.resume(gateway.session_id, 1)
        if code is None:
            assert (await other.frame())["id"] == "a"
        else:
            assert await other.closed() == code


async def test_what_no_heartbeat_confirmed_is_kept_also_by_a_platform_that_trims(
    simulator: Simulator, api: Api
) -> None:
    simulator.switches.trim_on_heartbeat = True
    async with api.ready() as gateway:
        for event_id in "abc":
            await simulator.emit("C2C_MESSAGE_CREATE", event_id=event_id)
            await gateway.frame()
        await beat(simulator, gateway, 3)
        await leave(simulator, gateway)
    async with api.gateway() as other:
        await other.frame()
        await other.resume(gateway.session_id, 3)

        assert (await other.frame())["id"] == "c"
        await other.event("RESUMED")


async def test_a_poisoned_resume_never_gets_further(simulator: Simulator, api: Api) -> None:
    simulator.switches.poison = wire.MALFORMED["reserved bits"]
    session_id = await away(simulator, api, "a")
    async with api.gateway() as gateway:
        await gateway.frame()
        await gateway.resume(session_id, 1)

        assert (await gateway.ws.receive(timeout=2)).type is aiohttp.WSMsgType.ERROR
