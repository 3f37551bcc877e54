"""The echo plugin against a simulated platform."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import ValidationError
from qqbot_plugin_echo import Echo, EchoConfig

from qqbot_cli import Client, Intents, Plugin, Simulation, Simulator, Token


@asynccontextmanager
async def echoing(prefix: str = "/echo") -> AsyncIterator[Simulator]:
    simulation = Simulation(users=0, shards=1)
    async with Simulator(simulation, secret="canary-secret-5b1c9d7e") as simulator:
        client = Client(
            Token(simulator.appid, simulator.secret),
            Intents.default(),
            [Plugin("echo", Echo(), config=EchoConfig(prefix=prefix))],
            endpoints=simulator.endpoints,
        )
        running = asyncio.ensure_future(client.start())
        try:
            await simulator.wait_for(lambda: simulator.stats.identifies)
            yield simulator
        finally:
            await client.close()
            await running


@pytest.mark.parametrize("scene", ["group", "channel", "private", "c2c"])
async def test_what_follows_the_prefix_is_repeated_in_every_scene(scene: str) -> None:
    async with echoing() as simulator:
        message = await getattr(simulator, f"say_{scene}")("/echo 你好 😀")
        await simulator.wait_for(lambda: simulator.replies_to(message))

        assert [reply.content for reply in simulator.replies_to(message)] == ["你好 😀"]


async def test_everything_else_is_left_alone() -> None:
    async with echoing() as simulator:
        ignored = await simulator.say_group("hello")
        answered = await simulator.say_group("/echo")
        await simulator.wait_for(lambda: simulator.replies_to(answered))

        assert simulator.replies_to(ignored) == []
        assert simulator.replies_to(answered)[0].content == "…"


async def test_an_empty_prefix_answers_everything() -> None:
    async with echoing("") as simulator:
        message = await simulator.say_group("hello")
        await simulator.wait_for(lambda: simulator.replies_to(message))

        assert simulator.replies_to(message)[0].content == "hello"


async def test_a_button_is_acknowledged_and_answered() -> None:
    async with echoing() as simulator:
        await simulator.press_button("vote=yes")
        await simulator.wait_for(lambda: simulator.messages)

        assert simulator.messages[0].content == "vote=yes"


def test_a_prefix_has_at_most_32_characters() -> None:
    with pytest.raises(ValidationError):
        EchoConfig(prefix="x" * 33)
