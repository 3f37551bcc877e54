"""F-59 and F-60: a bot that is killed, or left in a hurry, with events in its hands goes on where it was."""

from __future__ import annotations

import asyncio
import json
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

from qqbot_cli import Simulation, Simulator
from qqbot_cli.model.inbox import State
from qqbot_cli.store.sqlite import SqliteStore
from tests.cli.test_commands import POSIX, live, plugin_package, started, wait_for_line
from tests.cli.test_inbox import eventually, lines
from tests.conftest import CANARY

LOGGING = """
import asyncio, os
from qqbot_cli import EventHandler
class Handler(EventHandler):
    async def c2c_message_create(self, session):
        with open(os.environ["QQBOT_TEST_LOG"], "a") as log:
            print(session.event.id, file=log)
        await asyncio.sleep(0.01)
"""
STUBBORN = """
import asyncio, os
from pathlib import Path
from qqbot_cli import EventHandler
class Handler(EventHandler):
    async def c2c_message_create(self, session):
        with open(os.environ["QQBOT_TEST_LOG"] + ".begun", "a") as log:
            print(session.event.id, file=log)
        while not Path(os.environ["QQBOT_TEST_REPAIRED"]).exists():
            try:
                await asyncio.sleep(100)
            except asyncio.CancelledError:
                pass
        with open(os.environ["QQBOT_TEST_LOG"], "a") as log:
            print(session.event.id, file=log)
"""
PEOPLE = 3
"""Conversations; within one, events are handled one after the other."""
BURST = 0.005
"""Seconds between two messages."""
LONGEST_LIFE = 0.8
"""Seconds after which a process is killed at the latest."""
MOST_IN_FLIGHT = 16
"""Events that run or have run when the process is killed, and are not noted as done: some for each person."""


@asynccontextmanager
async def burst(simulator: Simulator, said: list[str]) -> AsyncIterator[None]:
    """Let people speak until the end of the block, whether the bot is there or not."""

    async def speak() -> None:
        while True:
            said.append(await simulator.say_c2c("hello", user=len(said) % PEOPLE))
            await asyncio.sleep(BURST)

    speaking = asyncio.create_task(speak())
    try:
        yield
    finally:
        speaking.cancel()
        with suppress(asyncio.CancelledError):
            await speaking


async def kept(path: Path, state: State) -> set[str]:
    """Ids of the messages that the store has in *state*."""
    if not path.exists():
        return set()
    async with SqliteStore(path, tool=True) as store:
        events = await store.list_events(state, limit=100_000)
    return {json.loads(event.received.body)["id"] for event in events}


@POSIX
@pytest.mark.parametrize(
    ("kills", "seed"),
    [
        pytest.param(3, 1, id="3 kills", marks=pytest.mark.long),
        pytest.param(40, 2, id="40 kills", marks=[pytest.mark.slow, pytest.mark.timeout(300)]),
    ],
)
async def test_f60_killed_at_random_moments_of_a_burst_nothing_is_lost_and_only_what_ran_runs_again(
    kills: int, seed: int, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    log, said = tmp_path / "log", list[str]()
    env = {**plugin_package(tmp_path, "logging", LOGGING), "QQBOT_TEST_LOG": str(log)}
    in_flight = Counter[str]()
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        config = live(simulator, tmp_path, more="plugins: {echo: {enabled: false}}\n")
        store = tmp_path / "state" / simulator.appid / "inbox.sqlite3"
        run = partial(started, "run", config, "--ui", "quiet", cwd=tmp_path, env=env)
        async with AsyncExitStack() as speaking:
            for number in range(kills):
                with run() as process:
                    if number == 0:
                        await eventually(lambda: simulator.stats.identifies)
                        await speaking.enter_async_context(burst(simulator, said))
                        await eventually(lambda: lines(log))
                    await asyncio.sleep(chance.uniform(0, LONGEST_LIFE))
                    process.kill()
                    await asyncio.to_thread(process.wait, 15)
                ran_now = set(lines(log)) & await kept(store, State.WAITING)
                assert len(ran_now) <= MOST_IN_FLIGHT
                in_flight.update(ran_now)
        resumes = simulator.stats.resumes
        with run() as process:
            await eventually(lambda: simulator.stats.resumes > resumes)
            await eventually(lambda: len(set(lines(log))) == len(said))
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 15) == 0

        runs = Counter(lines(log))
        assert set(runs) == set(said)
        assert not await kept(store, State.WAITING) | await kept(store, State.DEAD)
        assert not {key: count for key, count in runs.items() if count > 1 + in_flight[key]}
        assert simulator.stats.identifies == 1
        assert simulator.stats.resumes >= kills // 4, "most were killed before they were connected"


@POSIX
async def test_f59_after_a_second_ctrl_c_a_restart_loses_nothing(tmp_path: Path) -> None:
    log, begun, repaired = tmp_path / "log", tmp_path / "log.begun", tmp_path / "repaired"
    env = plugin_package(tmp_path, "stubborn", STUBBORN)
    env |= {"QQBOT_TEST_LOG": str(log), "QQBOT_TEST_REPAIRED": str(repaired)}
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        config = live(simulator, tmp_path, more="plugins: {echo: {enabled: false}}\n")
        store = tmp_path / "state" / simulator.appid / "inbox.sqlite3"
        run = partial(started, "run", config, "--ui", "plain", cwd=tmp_path, env=env)
        with run() as process:
            await eventually(lambda: simulator.stats.identifies)
            said = [await simulator.say_c2c("hello", user=number % PEOPLE) for number in range(30)]
            await eventually(lambda: len(lines(begun)) == PEOPLE)
            process.send_signal(signal.SIGINT)
            await asyncio.to_thread(wait_for_line, process, "Ctrl-C again")
            said += [await simulator.say_c2c("too late") for _ in range(3)]
            process.send_signal(signal.SIGINT)
            assert await asyncio.to_thread(process.wait, 15) == 130
            assert " not finished (kept for the next start), " in wait_for_line(process, "events received")
        assert lines(log) == []

        repaired.touch()
        with run() as process:
            await eventually(lambda: len(lines(log)) >= len(said))
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 15) == 0

        assert Counter(lines(log)) == Counter(said)
        assert not await kept(store, State.WAITING) | await kept(store, State.DEAD)
        assert (simulator.stats.identifies, simulator.stats.resumes) == (1, 1)
