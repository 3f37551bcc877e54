"""What a client sees of each fault, and when a script lets it happen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlsplit

import pytest

from qqbot_cli.model.simulation import NETWORK_FAULTS, Fault, FaultKind, Simulation, Way
from qqbot_cli.simulator import (
    Bandwidth,
    Blackhole,
    Closed,
    Hang,
    Latency,
    Limit,
    Refuse,
    Rst,
    Simulator,
    Slice,
    SlowClose,
    Toxic,
)
from tests.simulator.client import Api, Gateway, api_of

HANDSHAKE = (
    b"GET /websocket/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@pytest.fixture
async def gateway(api: Api) -> AsyncIterator[Gateway]:
    async with api.ready() as gateway:
        yield gateway


async def nothing_comes(gateway: Gateway) -> bool:
    try:
        await gateway.ws.receive(timeout=0.05)
    except TimeoutError:
        return True
    return False


async def test_close_sends_the_code_it_is_given(simulator: Simulator, gateway: Gateway) -> None:
    await simulator.inject(FaultKind.CLOSE, 4914)

    assert await gateway.closed() == 4914


async def test_reconnect_is_op_7_and_then_4009(simulator: Simulator, gateway: Gateway) -> None:
    await simulator.inject(FaultKind.RECONNECT)

    assert await gateway.frame() == {"op": 7}
    assert await gateway.closed() == 4009


@pytest.mark.parametrize(("amount", "code"), [(0, 4006), (1, None)], ids=["lost", "resumable"])
async def test_invalid_session_is_op_9_and_then_4903(
    simulator: Simulator, api: Api, gateway: Gateway, amount: int, code: int | None
) -> None:
    await simulator.inject(FaultKind.INVALID_SESSION, amount)

    assert await gateway.frame() == {"op": 9, "d": amount == 1}
    assert await gateway.closed() == 4903
    async with api.gateway() as other:
        await other.frame()
        await other.resume(gateway.session_id, 1)
        if code is None:
            await other.event("RESUMED")
        else:
            assert await other.closed() == code


async def test_drop_ends_without_a_close_frame(simulator: Simulator, gateway: Gateway) -> None:
    await simulator.inject(FaultKind.DROP)

    assert await gateway.closed() is None
    await simulator.wait_for(lambda: Closed(1006, by_simulator=False, shard=(0, 1)) in simulator.history)


@pytest.mark.parametrize(
    ("kind", "last"),
    [(FaultKind.RST, b""), (FaultKind.RST_MID_FRAME, b'\x81\x7e\x00\xc8{"op":0,"s":')],
    ids=["rst", "rst_mid_frame"],
)
async def test_a_reset_comes_at_once_or_inside_a_frame(
    simulator: Simulator, kind: FaultKind, last: bytes
) -> None:
    port = urlsplit(simulator.endpoints.api).port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HANDSHAKE)
    await reader.readuntil(b'{"op":10,"d":{"heartbeat_interval":45000}}')
    await simulator.inject(kind)

    assert await reader.read(len(last)) == last
    with pytest.raises(ConnectionResetError):
        await reader.read(1)
    writer.close()


async def test_a_half_open_connection_says_nothing_until_it_heals(
    simulator: Simulator, gateway: Gateway
) -> None:
    await simulator.inject(FaultKind.HALF_OPEN)
    await gateway.send(1, 1)
    await simulator.emit("C2C_MESSAGE_CREATE")

    assert await nothing_comes(gateway)
    assert simulator.stats.heartbeats == 0
    simulator.heal()
    await gateway.event("C2C_MESSAGE_CREATE")
    assert await gateway.frame() == {"op": 11}


async def test_in_a_blackhole_nothing_gets_through_and_nobody_new_comes_in(
    simulator: Simulator, api: Api, gateway: Gateway
) -> None:
    await simulator.inject(FaultKind.BLACKHOLE, seconds=0.1)
    await gateway.send(1, 1)
    call = asyncio.ensure_future(api.call("GET", "/gateway"))

    assert await nothing_comes(gateway)
    assert not call.done()
    assert await gateway.frame() == {"op": 11}
    assert (await call)[0] == 200


async def test_delay_holds_frames_back(simulator: Simulator, gateway: Gateway) -> None:
    await simulator.inject(FaultKind.DELAY, 0.1)
    await simulator.emit("C2C_MESSAGE_CREATE")

    assert await nothing_comes(gateway)
    await gateway.event("C2C_MESSAGE_CREATE")


async def test_duplicate_sends_an_event_twice_with_the_same_number(
    simulator: Simulator, gateway: Gateway
) -> None:
    await simulator.inject(FaultKind.DUPLICATE, 1)
    for event_id in ("a", "b"):
        await simulator.emit("C2C_MESSAGE_CREATE", event_id=event_id)

    frames = [await gateway.frame() for _ in range(3)]
    assert [(frame["s"], frame["id"]) for frame in frames] == [(2, "a"), (2, "a"), (3, "b")]


async def test_reorder_sends_events_backwards(simulator: Simulator, gateway: Gateway) -> None:
    await simulator.inject(FaultKind.REORDER, 3)
    for event_id in ("a", "b", "c", "d"):
        await simulator.emit("C2C_MESSAGE_CREATE", event_id=event_id)

    frames = [await gateway.frame() for _ in range(4)]
    assert [(frame["s"], frame["id"]) for frame in frames] == [(4, "c"), (3, "b"), (2, "a"), (5, "d")]


async def test_silence_acks_delivers_events_but_answers_no_heartbeat(
    simulator: Simulator, gateway: Gateway
) -> None:
    await simulator.inject(FaultKind.SILENCE_ACKS)
    await gateway.send(1, 1)
    await simulator.wait_for(lambda: simulator.stats.heartbeats)
    await simulator.emit("C2C_MESSAGE_CREATE")

    await gateway.event("C2C_MESSAGE_CREATE")


async def test_a_muted_session_gets_no_events_though_its_heartbeats_are_answered(
    simulator: Simulator, gateway: Gateway, api: Api
) -> None:
    await simulator.inject(FaultKind.MUTE)
    await simulator.emit("C2C_MESSAGE_CREATE", event_id="withheld")
    await gateway.send(1, 1)
    assert (await gateway.frame())["op"] == 11

    await gateway.ws.close()
    async with api.gateway() as again:
        assert (await again.frame())["op"] == 10
        await again.resume(gateway.session_id, 1)
        assert (await again.event("RESUMED"))["s"] == 2  # what was withheld is not kept
        await simulator.emit("C2C_MESSAGE_CREATE", event_id="withheld too")
        simulator.heal()
        await simulator.emit("C2C_MESSAGE_CREATE", event_id="heard")
        assert (await again.frame())["id"] == "heard"


async def test_remaining_is_what_the_gateway_tells(simulator: Simulator, api: Api) -> None:
    await simulator.inject(FaultKind.REMAINING, 3)

    answer = await api.done("GET", "/gateway/bot")

    assert answer["session_start_limit"]["remaining"] == 3


async def test_a_fault_can_hit_one_shard(simulator: Simulator, api: Api) -> None:
    async with api.ready(shard=(0, 2)) as first, api.ready(shard=(1, 2)) as second:
        await simulator.inject(FaultKind.CLOSE, 4009, shard=1)

        assert await second.closed() == 4009
        await simulator.emit("C2C_MESSAGE_CREATE")
        await first.event("C2C_MESSAGE_CREATE")


@pytest.mark.parametrize("raw", ["{", b"\x00\xff"], ids=["text", "binary"])
async def test_anything_can_be_sent(simulator: Simulator, gateway: Gateway, raw: str | bytes) -> None:
    await simulator.send_raw(raw)

    assert (await gateway.ws.receive(timeout=1)).data == raw


async def test_a_reader_that_does_not_read_is_dropped_and_may_resume(
    simulator: Simulator, api: Api, gateway: Gateway
) -> None:
    simulator.switches.replay_frames = 50_000
    padding = {"author": {"user_openid": "x"}, "content": "字" * 5000}
    for _ in range(10_500):
        await simulator.emit("C2C_MESSAGE_CREATE", padding)

    await simulator.wait_for(lambda: Closed(4008, by_simulator=True, shard=(0, 1)) in simulator.history)
    async with api.gateway() as other:
        await other.frame()
        await other.resume(gateway.session_id, 10_000)
        assert (await other.frame())["s"] == 10_001


SCRIPTS = {
    "at a seq": Fault(FaultKind.CLOSE, 4009, at_seq=3),
    "at an event": Fault(FaultKind.CLOSE, 4009, at_event=2),
    "after a time": Fault(FaultKind.CLOSE, 4009, after=0.1),
    "again and again": Fault(FaultKind.CLOSE, 4009, every=0.1),
    "from a time on": Fault(FaultKind.CLOSE, 4009, start=0.1),
}


@pytest.mark.parametrize("fault", SCRIPTS.values(), ids=SCRIPTS.keys())
async def test_a_script_lets_faults_happen(fault: Fault) -> None:
    simulation = Simulation(users=0, max_concurrency=10, faults=(fault,))
    async with Simulator(simulation) as simulator, api_of(simulator) as api, api.ready() as gateway:
        for _ in range(2):
            await simulator.emit("C2C_MESSAGE_CREATE")

        for seq in (2, 3):
            assert (await gateway.frame())["s"] == seq
        assert await gateway.closed() == 4009


async def test_a_fault_at_a_seq_happens_once_in_a_session() -> None:
    simulation = Simulation(users=0, faults=(Fault(FaultKind.CLOSE, 4009, at_seq=2),))
    async with Simulator(simulation) as simulator, api_of(simulator) as api:
        async with api.ready() as gateway:
            await simulator.emit("C2C_MESSAGE_CREATE")
            assert await gateway.closed() == 4009
        async with api.gateway() as other:
            await other.frame()
            await other.resume(gateway.session_id, 1)
            await other.event("C2C_MESSAGE_CREATE")
            await other.event("RESUMED")
            await simulator.emit("C2C_MESSAGE_CREATE")

            await other.event("C2C_MESSAGE_CREATE")


async def test_a_period_of_a_script_ends() -> None:
    period = Fault(FaultKind.BLACKHOLE, start=0.0, end=0.1)
    async with Simulator(Simulation(users=0, faults=(period,))) as simulator:
        began = asyncio.get_running_loop().time()
        async with api_of(simulator):
            assert asyncio.get_running_loop().time() - began > 0.08


# --- the network

NETWORK: dict[FaultKind, tuple[float, Toxic]] = {
    FaultKind.LATENCY: (0.2, Latency(0.2)),
    FaultKind.JITTER: (0.05, Latency(0.0, jitter=0.05)),
    FaultKind.BANDWIDTH: (1000, Bandwidth(1000)),
    FaultKind.SLICE: (2, Slice(2)),
    FaultKind.LIMIT: (9, Limit(9)),
    FaultKind.RST_AFTER: (6, Rst(6)),
    FaultKind.NO_ROUTE: (0, Blackhole()),
    FaultKind.SLOW_CLOSE: (5, SlowClose(5)),
    FaultKind.REFUSE: (0, Refuse()),
    FaultKind.HANG: (0, Hang()),
}


@pytest.mark.parametrize("kind", sorted(NETWORK_FAULTS))
async def test_a_script_spoils_the_network_for_a_period(kind: FaultKind) -> None:
    amount, toxic = NETWORK[kind]
    period = Fault(kind, amount, start=0.0, end=0.2)
    async with Simulator(Simulation(users=0, faults=(period,))) as simulator:
        await until(lambda: simulator.front.toxics == [toxic])
        await until(lambda: simulator.front.toxics == [])


async def test_a_period_without_an_end_lasts_until_it_is_healed() -> None:
    faults = (Fault(FaultKind.LIMIT, 10**6, start=0.0), Fault(FaultKind.LATENCY, 0.01, start=0.0))
    async with Simulator(Simulation(users=0, faults=faults)) as simulator:
        await until(lambda: simulator.front.toxics == [Limit(10**6), Latency(0.01)])

        simulator.heal()

        assert simulator.front.toxics == []


async def test_a_network_fault_that_comes_again_replaces_itself() -> None:
    again = Fault(FaultKind.LATENCY, 0.01, every=0.02, way=Way.DOWN)
    async with Simulator(Simulation(users=0, faults=(again,))) as simulator:
        await until(lambda: simulator.front.toxics)
        await asyncio.sleep(0.1)

        assert simulator.front.toxics == [Latency(0.01)]
        assert [*simulator.front.in_force(Way.UP)] == []


@pytest.mark.parametrize("kind", [FaultKind.RST_AFTER, FaultKind.LIMIT])
async def test_a_script_cuts_the_connections_of_a_moment_in_mid_frame(kind: FaultKind) -> None:
    moment = Fault(kind, 6, at_seq=2, way=Way.DOWN)
    async with Simulator(Simulation(users=0, faults=(moment,))) as simulator, api_of(simulator) as api:
        async with api.ready() as gateway:
            await simulator.emit("C2C_MESSAGE_CREATE")
            assert await gateway.closed() is None
        async with api.gateway() as other:  # and leaves those alone that come later
            await other.frame()
            await other.resume(gateway.session_id, 1)
            await other.event("C2C_MESSAGE_CREATE")


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)
