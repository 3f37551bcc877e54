"""Bots written on other people's libraries log in, hear and answer, unchanged.

They run with the interpreter named by QQBOT_FOREIGN_PYTHON, or with this one.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from qqbot_cli.model.simulation import FaultKind, Simulation
from qqbot_cli.simulator import Simulator

PYTHON = os.environ.get("QQBOT_FOREIGN_PYTHON", sys.executable)
CLIENTS = {"botpy": "botpy", "nonebot": "nonebot.adapters.qq"}
PATIENCE = 15.0


async def run(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        PYTHON, *arguments, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )


@asynccontextmanager
async def client(name: str, simulator: Simulator) -> AsyncIterator[None]:
    if await (await run("-c", f"import {CLIENTS[name]}")).wait() != 0:
        pytest.skip(f"{name} is not installed for {PYTHON}")
    program = str(Path(__file__).parent / "foreign" / f"{name}_client.py")
    where = simulator.endpoints
    process = await run(program, where.api, where.token, simulator.appid, simulator.secret)
    try:
        await simulator.wait_for(lambda: simulator.stats.identifies, PATIENCE)
        yield
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_foreign_client_logs_in_hears_and_answers_in_every_scene(name: str) -> None:
    async with Simulator(Simulation(users=0, shards=1)) as simulator:
        async with client(name, simulator):
            said = [
                await simulator.say_group("你好 😀"),
                await simulator.say_channel("你好 😀"),
                await simulator.say_c2c("你好 😀"),
            ]
            await simulator.wait_for(lambda: all(map(simulator.replies_to, said)), PATIENCE)

        assert simulator.stats.violations == 0
        assert all("你好 😀" in message.content for message in simulator.messages)


@pytest.mark.slow  # the clients wait seconds before they connect again
@pytest.mark.parametrize("name", CLIENTS)
async def test_a_foreign_client_comes_back_with_its_session_after_a_reconnect(
    name: str,
) -> None:
    async with Simulator(Simulation(users=0, shards=1)) as simulator:
        async with client(name, simulator):
            await simulator.inject(FaultKind.RECONNECT)
            await simulator.wait_for(lambda: simulator.stats.resumes, PATIENCE)
            said = await simulator.say_group("还在吗？")
            await simulator.wait_for(lambda: simulator.replies_to(said), PATIENCE)

        assert simulator.stats.identifies == 1
