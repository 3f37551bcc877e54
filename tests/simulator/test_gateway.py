"""What a client may do on a connection, and the close code for everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from qqbot_cli.model.intents import Intents
from qqbot_cli.model.simulation import FaultKind, Simulation
from qqbot_cli.simulator import Closed, HeartbeatSeen, Identified, Simulator, Violation
from tests.simulator.client import Api, Clock, Gateway, api_of


def violations(simulator: Simulator) -> list[str]:
    return [record.what for record in simulator.history if isinstance(record, Violation)]


async def test_ready_is_the_first_event_and_echoes_the_shard(simulator: Simulator, api: Api) -> None:
    async with api.gateway() as gateway:
        assert await gateway.frame() == {"op": 10, "d": {"heartbeat_interval": 45000}}
        await gateway.identify(shard=[2, 3])
        ready = await gateway.event("READY")

    assert ready["s"] == 1
    assert ready["d"]["shard"] == [2, 3]
    assert ready["d"]["user"]["id"] == simulator.bot_user_id
    assert "id" not in ready
    assert any(isinstance(record, Identified) for record in simulator.history)


REFUSED: dict[str, tuple[Callable[[Gateway], object], int]] = {
    "text that is not JSON": (lambda gateway: gateway.ws.send_str("{"), 4002),
    "bytes that are not UTF-8": (lambda gateway: gateway.ws.send_bytes(b"\xff\xfe"), 4002),
    "a frame without op": (lambda gateway: gateway.ws.send_json({"d": 1}), 4002),
    "a frame that is no object": (lambda gateway: gateway.ws.send_json([2]), 4002),
    "identify without a body": (lambda gateway: gateway.send(2), 4002),
    "something else before identify": (lambda gateway: gateway.send(11), 4003),
    "no token": (lambda gateway: gateway.send(2, {"intents": 1, "shard": [0, 1]}), 4004),
    "a wrong token": (lambda gateway: gateway.identify(token="QQBot abc"), 4004),
    "a token without prefix": (lambda gateway: gateway.identify(token=gateway.token), 4004),
    "intents as text": (lambda gateway: gateway.identify(intents="1"), 4013),
    "intents as bool": (lambda gateway: gateway.identify(intents=True), 4013),
    "a bit nobody has": (lambda gateway: gateway.identify(intents=1 << 5), 4014),
    "a shard beyond the count": (lambda gateway: gateway.identify(shard=[1, 1]), 4010),
    "a negative shard": (lambda gateway: gateway.identify(shard=[-1, 1]), 4010),
    "a shard of no shards": (lambda gateway: gateway.identify(shard=[0, 0]), 4010),
    "no shard": (lambda gateway: gateway.identify(shard=None), 4010),
    "an unknown session": (lambda gateway: gateway.resume("?", 1), 4006),
    "a seq as text": (lambda gateway: gateway.resume("?", "1"), 4002),
    "a resume with a wrong token": (lambda gateway: gateway.resume("?", 1, prefix="QQBot x"), 4004),
}


@pytest.mark.parametrize(("act", "code"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_wrong_beginning_is_closed(api: Api, act: Callable[[Gateway], object], code: int) -> None:
    async with api.gateway() as gateway:
        await act(gateway)  # type: ignore[misc]  # every act is a coroutine

        assert await gateway.closed() == code


BROKEN: dict[str, tuple[Callable[[Gateway], object], int]] = {
    "a second identify": (lambda gateway: gateway.identify(), 4005),
    "a resume": (lambda gateway: gateway.resume(gateway.session_id, 1), 4005),
    "an unknown op": (lambda gateway: gateway.send(3), 4001),
    "an op of the server": (lambda gateway: gateway.send(0, {}), 4001),
    "a heartbeat ahead of the events": (lambda gateway: gateway.send(1, 2), 4007),
    "a heartbeat with text": (lambda gateway: gateway.send(1, "1"), 4002),
    "a negative heartbeat": (lambda gateway: gateway.send(1, -1), 4002),
}


@pytest.mark.parametrize(("act", "code"), BROKEN.values(), ids=BROKEN.keys())
async def test_a_rule_broken_later_is_a_violation_and_closed(
    simulator: Simulator, api: Api, act: Callable[[Gateway], object], code: int
) -> None:
    async with api.ready() as gateway:
        await act(gateway)  # type: ignore[misc]  # every act is a coroutine

        assert await gateway.closed() == code
    await simulator.wait_for(lambda: Closed(code, by_simulator=True, shard=(0, 1)) in simulator.history)
    assert len(violations(simulator)) == 1


@pytest.mark.parametrize(
    "beat", [{"op": 1, "d": 1}, {"op": 1, "d": 0}, {"op": 1, "d": None}, {"op": 1}], ids=str
)
async def test_every_way_to_beat_is_acknowledged(api: Api, beat: dict[str, object]) -> None:
    async with api.ready() as gateway:
        await gateway.ws.send_json(beat)

        assert await gateway.frame() == {"op": 11}


async def test_a_heartbeat_may_lag_but_not_go_back(simulator: Simulator, api: Api) -> None:
    async with api.ready() as gateway:
        for _ in range(3):
            await simulator.emit("C2C_MESSAGE_CREATE")
            await gateway.event("C2C_MESSAGE_CREATE")
        await gateway.send(1, 3)
        assert await gateway.frame() == {"op": 11}
        await gateway.send(1, 2)

        assert await gateway.closed() == 4007
    assert violations(simulator) == ["heartbeat 2 after 3"]


async def test_beats_before_identify_are_acknowledged(simulator: Simulator, api: Api) -> None:
    async with api.gateway() as gateway:
        await gateway.frame()
        await gateway.send(1, 77)
        assert await gateway.frame() == {"op": 11}

    assert HeartbeatSeen(77) in simulator.history


async def test_the_server_may_be_answered_with_an_ack(simulator: Simulator, api: Api) -> None:
    async with api.ready() as gateway:
        await simulator.send_raw('{"op":1,"d":1}')
        assert (await gateway.frame())["op"] == 1
        await gateway.send(11)
        await gateway.send(1, 1)

        assert await gateway.frame() == {"op": 11}


async def test_the_sixty_first_frame_of_a_minute_is_too_much(simulator: Simulator, api: Api) -> None:
    async with api.ready() as gateway:
        for _ in range(60):
            await gateway.send(1, None)

        assert await gateway.closed() == 4008
    assert violations(simulator) == ["more than 60 frames within 60 s"]


async def test_more_identifies_than_allowed_in_five_seconds_are_refused(clock: Clock) -> None:
    simulation = Simulation(users=0, max_concurrency=1)
    async with Simulator(simulation, clock=clock) as simulator, api_of(simulator) as api, api.ready():
        async with api.gateway() as second:
            await second.frame()
            await second.identify(shard=(1, 2))
            assert await second.frame() == {"op": 9, "d": False}
            assert await second.closed() == 4903
        clock.advance(5)
        async with api.ready(shard=(1, 2)):
            pass

        assert violations(simulator) == ["more than 1 IDENTIFY within 5 s"]


async def test_no_session_can_start_when_the_day_is_used_up(simulator: Simulator, api: Api) -> None:
    await simulator.inject(FaultKind.REMAINING, 0)
    async with api.gateway() as gateway:
        await gateway.frame()
        await gateway.identify()

        assert await gateway.frame() == {"op": 9, "d": False}
        assert await gateway.closed() == 4903
    assert simulator.stats.violations == 1


async def test_intents_that_are_not_granted_are_refused(simulator: Simulator, api: Api) -> None:
    simulator.switches.granted_intents = Intents.PUBLIC_MESSAGES
    async with api.gateway() as gateway:
        await gateway.identify(intents=Intents.GUILD_MESSAGES.value)

        assert await gateway.closed() == 4014


async def test_two_intervals_without_a_heartbeat_end_the_connection(clock: Clock) -> None:
    simulation = Simulation(users=0, heartbeat_interval=0.02)
    async with (
        Simulator(simulation, clock=clock) as simulator,
        api_of(simulator) as api,
        api.ready() as gateway,
    ):
        assert await gateway.closed() == 4009


async def test_a_silent_client_is_kept_if_that_is_wanted(clock: Clock) -> None:
    simulation = Simulation(users=0, heartbeat_interval=0.02)
    async with Simulator(simulation, clock=clock) as simulator, api_of(simulator) as api:
        simulator.switches.end_silent = False
        async with api.ready() as gateway:
            await asyncio.sleep(0.1)
            await gateway.send(1, None)

            assert await gateway.frame() == {"op": 11}
            simulator.switches.end_silent = True
            assert await gateway.closed() == 4009


async def test_a_refusal_can_be_ordered(simulator: Simulator, api: Api) -> None:
    simulator.switches.refuse_identify_with = 4914
    async with api.gateway() as gateway:
        await gateway.identify()

        assert await gateway.closed() == 4914


async def test_an_identify_can_be_left_unanswered(simulator: Simulator, api: Api) -> None:
    simulator.switches.answer_identify = False
    async with api.gateway() as gateway:
        await gateway.frame()
        await gateway.identify()
        await gateway.send(1, None)

        assert await gateway.frame() == {"op": 11}


@pytest.mark.parametrize("value", [0, -1, None, "45000", 1e300, {}], ids=str)
async def test_hello_can_tell_any_interval(simulator: Simulator, api: Api, value: object) -> None:
    simulator.switches.hello_interval = value
    async with api.gateway() as gateway:
        assert await gateway.frame() == {"op": 10, "d": {"heartbeat_interval": value}}


async def test_something_else_can_come_in_place_of_hello(simulator: Simulator, api: Api) -> None:
    simulator.switches.first_frame = '{"op":0,"t":"?"}'
    async with api.gateway() as gateway:
        assert await gateway.frame() == {"op": 0, "t": "?"}


@pytest.mark.parametrize(("upgrade", "status"), [("html", 200), ("502", 502), ("403", 403)], ids=str)
async def test_the_handshake_can_fail(simulator: Simulator, api: Api, upgrade: str, status: int) -> None:
    simulator.switches.upgrade = upgrade  # type: ignore[assignment]
    url = simulator.endpoints.api + "/websocket/"
    async with api.http.get(url, headers={"Connection": "Upgrade", "Upgrade": "websocket"}) as response:
        assert response.status == status
