"""Who gets which event, and what it looks like."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qqbot_cli.model.intents import Intents
from qqbot_cli.model.simulation import Simulation
from qqbot_cli.simulator import Emitted, Simulator
from qqbot_cli.simulator.defaults import DEFAULTS
from qqbot_cli.simulator.routing import EVENT_INTENTS, belongs_to
from tests.simulator.client import Api, Clock, Frame, api_of

SAMPLES = Path(__file__).parents[1] / "samples"
OPTIONAL = {"attachments", "message_reference", "mentions", "callback_data"}
"""Fields that a sample shows though they depend on what was said."""


def keys_missing_from(frame: Frame, sample: Frame) -> set[str]:
    missing = set(sample["d"]) - set(frame["d"]) - OPTIONAL
    for key, value in sample["d"].items():
        if isinstance(value, dict) and key in frame["d"]:
            missing |= {f"{key}.{inner}" for inner in set(value) - set(frame["d"][key]) - OPTIONAL}
    return missing


def test_every_event_has_a_default_payload() -> None:
    assert DEFAULTS.keys() == EVENT_INTENTS.keys()


@pytest.mark.parametrize("name", DEFAULTS)
async def test_a_default_payload_has_the_fields_of_the_documented_sample(
    simulator: Simulator, api: Api, name: str
) -> None:
    sample = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))
    async with api.ready() as gateway:
        event_id = await simulator.emit(name)
        frame = await gateway.event(name)

    assert list(frame) == ["op", "s", "t", "id", "d"]
    assert (frame["op"], frame["s"], frame["id"]) == (0, 2, event_id)
    assert keys_missing_from(frame, sample) == set()


async def test_an_event_reaches_only_who_asked_for_it(simulator: Simulator, api: Api) -> None:
    async with api.ready(intents=Intents.PUBLIC_MESSAGES.value) as gateway:
        await simulator.emit("GUILD_CREATE", event_id="unwanted")
        await simulator.emit("C2C_MESSAGE_CREATE")

        await gateway.event("C2C_MESSAGE_CREATE")
    assert Emitted(None, "GUILD_CREATE", "unwanted", None) in simulator.history


@pytest.mark.parametrize("intent", [Intents.PUBLIC_MESSAGES, Intents.GROUP_MEMBERS], ids=str)
async def test_group_members_come_with_either_of_two_intents(
    simulator: Simulator, api: Api, intent: Intents
) -> None:
    async with api.ready(intents=intent.value) as gateway:
        await simulator.emit("GROUP_MEMBER_ADD")

        await gateway.event("GROUP_MEMBER_ADD")


async def test_unknown_events_reach_everybody_with_any_payload(simulator: Simulator, api: Api) -> None:
    async with api.ready(intents=1) as gateway:
        await simulator.emit("NEWS_OF_TOMORROW", [1, "二"], event_id='"odd"')
        frame = await gateway.event("NEWS_OF_TOMORROW")

    assert (frame["d"], frame["id"]) == ([1, "二"], '"odd"')


@pytest.mark.parametrize(
    ("guild_id", "shards"),
    [
        (46646271634786417, {1: 0, 2: 1, 3: 0, 4: 3, 9: 3, 10: 3}),
        (1147063371683110421, {1: 0, 2: 0, 3: 1, 4: 0, 9: 1, 10: 6}),
    ],
    ids=str,
)
def test_guilds_go_to_the_shard_of_the_formula(guild_id: int, shards: dict[int, int]) -> None:
    assert all(belongs_to(guild_id, (index, count)) for count, index in shards.items())


async def test_every_shard_has_a_guild_and_shard_0_the_rest(clock: Clock) -> None:
    simulation = Simulation(users=0, shards=3, max_concurrency=3)
    async with (
        Simulator(simulation, clock=clock) as simulator,
        api_of(simulator) as api,
        api.ready(shard=(0, 3)) as first,
        api.ready(shard=(2, 3)) as last,
    ):
        await simulator.say_channel("你好", guild=2)
        await simulator.say_group("你好")

        await last.event("MESSAGE_CREATE")
        await last.event("AT_MESSAGE_CREATE")
        await first.event("GROUP_AT_MESSAGE_CREATE")


async def test_an_event_can_be_given_to_one_shard(clock: Clock) -> None:
    async with (
        Simulator(Simulation(users=0), clock=clock) as simulator,
        api_of(simulator) as api,
        api.ready(shard=(0, 2)) as first,
        api.ready(shard=(1, 2)) as second,
    ):
        await simulator.emit("C2C_MESSAGE_CREATE", event_id="one", shard=1)
        await simulator.emit("C2C_MESSAGE_CREATE", event_id="zero")

        assert (await second.frame())["id"] == "one"
        assert (await first.frame())["id"] == "zero"


async def test_the_mention_of_the_bot_is_cut_out_in_groups(simulator: Simulator, api: Api) -> None:
    async with api.ready() as gateway:
        await simulator.say_group("/ping", mentions=(1,))
        d = (await gateway.event("GROUP_AT_MESSAGE_CREATE"))["d"]

    assert d["content"] == f" <@{simulator.world.people[1].openid}> /ping"
    assert [mention["is_you"] for mention in d["mentions"]] == [True, False]


async def test_a_group_with_full_mode_is_heard_whole(simulator: Simulator, api: Api) -> None:
    async with api.ready() as gateway:
        await simulator.say_group("没人听", group=0, to_bot=False)
        await simulator.say_group("闲聊", group=1, to_bot=False)
        await simulator.say_group("/ping", group=1)
        chatter = await gateway.event("GROUP_MESSAGE_CREATE")
        command = await gateway.event("GROUP_MESSAGE_CREATE")

    assert (chatter["d"]["content"], chatter["d"]["mentions"]) == ("闲聊", [])
    assert command["d"]["content"] == " /ping"
    assert command["d"]["mentions"][0]["is_you"]


async def test_the_mention_of_the_bot_stays_in_channels_and_signs_are_escaped(
    simulator: Simulator, api: Api
) -> None:
    async with api.ready(intents=Intents.PUBLIC_GUILD_MESSAGES.value) as gateway:
        await simulator.say_channel("a < b & c")
        d = (await gateway.event("AT_MESSAGE_CREATE"))["d"]

    assert d["content"] == f"<@!{simulator.bot_user_id}> a &lt; b &amp; c"
    assert d["mentions"][0]["bot"]
