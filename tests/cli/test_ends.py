"""Ends and sleeps of a real process with events in its hands: it is quick, and the next one goes on."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from qqbot_cli import Simulation, Simulator
from tests.cli.test_commands import POSIX, live, plugin_package, started
from tests.cli.test_inbox import ask, eventually, lines
from tests.conftest import CANARY

pytestmark = [POSIX, pytest.mark.long]

PLUGINS = "plugins: {echo: {enabled: false}, slow: {timeout: 60s}}\n"
STUCK = """
import asyncio, os
from pathlib import Path
from qqbot_cli import EventHandler
class Handler(EventHandler):
    async def c2c_message_create(self, session):
        if Path(os.environ["QQBOT_TEST_STUCK"]).exists():
            await asyncio.sleep(600)
        with open(os.environ["QQBOT_TEST_LOG"], "a") as log:
            print(session.event.text, file=log)

    async def teardown(self):
        if Path(os.environ["QQBOT_TEST_STUCK"]).exists():
            await asyncio.sleep(600)
"""

STUBBORN = """
import asyncio
from qqbot_cli import EventHandler
async def resist():
    while True:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            pass
class Handler(EventHandler):
    async def c2c_message_create(self, session):
        await resist()

    async def teardown(self):
        await resist()
"""


async def test_f58_with_a_thousand_in_flight_sigterm_ends_within_12_s_and_loses_nothing(
    tmp_path: Path,
) -> None:
    log, stuck = tmp_path / "log", tmp_path / "stuck"
    stuck.touch()
    env = plugin_package(tmp_path, "slow", STUCK)
    env |= {"QQBOT_TEST_LOG": str(log), "QQBOT_TEST_STUCK": str(stuck)}
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        config = live(simulator, tmp_path, more=PLUGINS)
        with started("run", config, "--ui", "quiet", cwd=tmp_path, env=env) as process:
            await eventually(lambda: simulator.stats.identifies)
            said = [str(number) for number in range(1000)]
            for text in said:
                await simulator.say_c2c(text)
            async with asyncio.timeout(30):
                while (await asyncio.to_thread(ask, config))["waiting"] < 1000:
                    await asyncio.sleep(0.1)
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)

            assert await asyncio.to_thread(process.wait, 20) == 0
            assert time.monotonic() - begun <= 12
        assert lines(log) == []
        stuck.unlink()
        with started("run", config, "--ui", "quiet", cwd=tmp_path, env=env) as process:
            await eventually(lambda: len(lines(log)) >= 1000)
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 15) == 0

        assert Counter(lines(log)) == Counter(said)
        assert (simulator.stats.identifies, simulator.stats.resumes) == (1, 1)


@pytest.mark.slow
async def test_f58_a_plugin_that_resists_everything_and_a_locked_store_end_within_12_s(
    tmp_path: Path,
) -> None:
    env = plugin_package(tmp_path, "slow", STUBBORN)
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        config = live(simulator, tmp_path, more=PLUGINS)
        with started("run", config, "--ui", "quiet", cwd=tmp_path, env=env) as process:
            await eventually(lambda: simulator.stats.identifies)
            await simulator.say_c2c("held")
            await eventually(lambda: ask(config)["waiting"])
            (path,) = tmp_path.rglob("*.sqlite3")
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                await simulator.say_c2c("not stored")
                await asyncio.sleep(0.5)
                begun = time.monotonic()
                process.send_signal(signal.SIGTERM)

                assert await asyncio.to_thread(process.wait, 20) == 0
                assert time.monotonic() - begun <= 12


async def test_f57_a_stopped_process_is_ready_within_5_s_of_going_on_and_loses_nothing(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    env = plugin_package(tmp_path, "slow", STUCK)
    env |= {"QQBOT_TEST_LOG": str(log), "QQBOT_TEST_STUCK": str(tmp_path / "never")}
    async with Simulator(Simulation(users=0, shards=1, heartbeat_interval=5.0), secret=CANARY) as simulator:
        simulator.switches.end_silent = False  # only the bot itself finds that too much time has passed
        config = live(simulator, tmp_path, more=PLUGINS)
        with started("run", config, "--ui", "quiet", cwd=tmp_path, env=env) as process:
            await eventually(lambda: simulator.stats.identifies)
            await simulator.say_c2c("before")  # so that it is ready
            await eventually(lambda: lines(log) == ["before"])
            process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(17)  # a heartbeat is due within one interval; then it is more than two late
            await simulator.say_c2c("while it was stopped")
            process.send_signal(signal.SIGCONT)
            begun = time.monotonic()
            await eventually(lambda: simulator.stats.resumes)
            assert time.monotonic() - begun <= 5
            await eventually(lambda: lines(log) == ["before", "while it was stopped"])
            process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(process.wait, 15) == 0

        assert simulator.stats.identifies == 1
