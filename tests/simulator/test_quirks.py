"""Events as they really come: odd, twice, and by plan."""

from __future__ import annotations

import random

import msgspec
import pytest

from qqbot_cli.model.events import EVENTS
from qqbot_cli.model.simulation import Emission, FaultKind, Simulation
from qqbot_cli.simulator import Simulator
from qqbot_cli.simulator.defaults import DEFAULTS, Stage, default_payload
from qqbot_cli.simulator.ids import Ids
from qqbot_cli.simulator.quirks import QUIRKS, quirky
from qqbot_cli.simulator.scribe import Scribe
from qqbot_cli.simulator.world import make_world
from tests.simulator.client import Api, api_of


def stage() -> Stage:
    ids = Ids(1)
    world = make_world(5, 1, ids)
    return Stage(world, ids, Scribe(world, ids, appid="102000001"))


@pytest.mark.parametrize("quirk", QUIRKS, ids=lambda quirk: getattr(quirk, "__doc__", "") or quirk.__name__)
def test_every_quirk_fits_some_event_and_is_survived_by_the_typed_payload(quirk: object) -> None:
    fitting = []
    for name in DEFAULTS:
        payload = default_payload(name, stage())
        assert callable(quirk)
        if isinstance(payload, dict) and quirk(payload):
            fitting.append(name)
            EVENTS[name].decode(msgspec.json.encode(payload))  # raises if it cannot be typed

    assert fitting


def test_a_quirk_changes_a_copy() -> None:
    payload = default_payload("GROUP_AT_MESSAGE_CREATE", stage())
    before = msgspec.json.encode(payload)

    assert quirky(payload, random.Random(1)) != payload
    assert msgspec.json.encode(payload) == before


async def test_quirky_events_are_odd_on_the_wire_only() -> None:
    simulation = Simulation(users=0, shards=1, quirks=1.0)
    async with Simulator(simulation) as simulator, api_of(simulator) as api, api.ready() as gateway:
        said = await simulator.say_group("/ping")
        frame = await gateway.event("GROUP_AT_MESSAGE_CREATE")
        body = {"content": "pong", "msg_id": said, "msg_seq": 1}
        await api.done("POST", f"/v2/groups/{simulator.world.groups[0].openid}/messages", body)

    assert shape(frame["d"]) != shape(default_payload("GROUP_AT_MESSAGE_CREATE", stage()))
    assert simulator.replies_to(said)[0].content == "pong"


def shape(value: object) -> object:
    """Keys and types of a JSON value."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else type(value)


async def test_a_resumed_session_brings_the_last_events_once_more(simulator: Simulator, api: Api) -> None:
    simulator.switches.repeats = 2
    async with api.ready() as gateway:
        ids = [await simulator.emit("C2C_MESSAGE_CREATE") for _ in range(3)]
        frames = [await gateway.event("C2C_MESSAGE_CREATE") for _ in range(3)]
        session_id, seq = gateway.session_id, frames[-1]["s"]
        await simulator.inject(FaultKind.DROP)
        await gateway.closed()
    async with api.gateway() as other:
        await other.frame()
        await other.resume(session_id, seq)
        again = [await other.frame(), await other.frame()]
        await other.event("RESUMED")

    assert [frame["id"] for frame in again] == ids[1:]
    assert [frame["s"] for frame in again] == [seq - 1, seq]


async def test_planned_events_happen_once_a_bot_is_there() -> None:
    planned = (
        Emission("GUILD_MEMBER_ADD", every=0.02, after=0.01),
        Emission("NEW_EVENT", {"level": 3}, after=0.01),
    )
    async with (
        Simulator(Simulation(users=0, shards=1, events=planned)) as simulator,
        api_of(simulator) as api,
    ):
        assert simulator.stats.emitted == 0
        async with api.ready() as gateway:
            names = [(await gateway.frame())["t"] for _ in range(4)]

    assert sorted(names) == ["GUILD_MEMBER_ADD"] * 3 + ["NEW_EVENT"]
