"""Which store a run uses: never that of another bot, and never the real one for a simulation."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qqbot_cli import Simulation, Simulator
from tests.cli.test_commands import POSIX, live, plugin_package, started, write
from tests.cli.test_inbox import config_of, eventually
from tests.cli.test_inbox_hostile import good
from tests.conftest import CANARY, run_qqbot
from tests.store.processes import ROOT

FILE = "store: sqlite:///prod.sqlite3\nplugins: {echo: {enabled: false}}\n"
SLOW = """
import asyncio
from qqbot_cli import EventHandler
class Handler(EventHandler):
    async def c2c_message_create(self, session):
        if session.event.text == "order a taxi":
            await asyncio.sleep(3600)
"""


def look(config: Path, *words: str) -> dict[str, Any]:
    done = run_qqbot("inbox", *words, "-c", config, "--json", cwd=config.parent)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


async def leave_an_event(simulator: Simulator, config: Path, env: dict[str, str]) -> None:
    """Run the bot of *config* and stop it with one event that is not done."""
    with started("run", config, "--ui", "quiet", cwd=config.parent, env=env) as process:
        await eventually(lambda: simulator.stats.identifies)
        await simulator.say_c2c("order a taxi")
        await eventually(lambda: look(config)["waiting"])
        process.kill()
        await asyncio.to_thread(process.wait, 15)


@POSIX
@pytest.mark.parametrize("section", ["", "simulate: {users: 3, pace: 50ms}\n"], ids=["flag", "section too"])
async def test_a_trial_against_the_simulator_leaves_the_configured_store_alone(
    section: str, tmp_path: Path
) -> None:
    env = plugin_package(tmp_path, "slow", SLOW)
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        config = live(simulator, tmp_path, more=FILE)
        await leave_an_event(simulator, config, env)
        before = look(config)
        trial = write(tmp_path, config.read_text() + section, "trial.yaml")

        done = await asyncio.to_thread(
            run_qqbot, "run", trial, "--simulate", "--for", "1s", cwd=tmp_path, env=env
        )

        assert done.returncode == 0, done.stderr
        assert "leaves the store prod.sqlite3 alone" in done.stderr
        assert look(config) == before
        with started("run", config, "--ui", "quiet", cwd=tmp_path, env=env) as process:
            await eventually(lambda: simulator.stats.resumes)
            process.send_signal(signal.SIGKILL)
        assert simulator.stats.identifies == 1


async def test_the_sandbox_does_not_get_the_store_of_the_real_bot(tmp_path: Path) -> None:
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        config = live(simulator, tmp_path, more=FILE)
        real = await asyncio.to_thread(run_qqbot, "run", config, "--for", "500ms", cwd=tmp_path)
        before = look(config)

        wrong = await asyncio.to_thread(
            run_qqbot, "run", config, "--sandbox", "--no-plugins", "--for", "5s", cwd=tmp_path
        )
        asked = await asyncio.to_thread(
            run_qqbot, "inbox", "drop", "--all", "--sandbox", "-c", config, cwd=tmp_path
        )

    assert real.returncode == 0, real.stderr
    for done in (wrong, asked):
        assert done.returncode == 78
        assert (
            f"the store {tmp_path / 'prod.sqlite3'} belongs to bot {simulator.appid},"
            f" and this is bot {simulator.appid} in the sandbox\n   = help: name another file with store:"
        ) in done.stderr
    assert look(config) == before


def test_a_file_that_was_simulated_in_does_not_become_that_of_the_real_bot(tmp_path: Path) -> None:
    more = "store: sqlite:///mine.sqlite3\n"
    simulated = write(tmp_path, f"simulate: {{users: 0, shards: 1}}\n{more}", "simulated.yaml")
    assert run_qqbot("run", simulated, "--no-plugins", "--for", "300ms", cwd=tmp_path).returncode == 0
    assert look(simulated)["waiting"] == 0

    token = "token: {appid: '102000001', secret: canary-secret-5b1c9d7e}\n"
    done = run_qqbot("inbox", "-c", write(tmp_path, token + more, "real.yaml"), cwd=tmp_path)

    assert (done.returncode, "belongs to a simulated bot" in done.stderr) == (78, True)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"store: sqlite:///{'n' * 300}.sqlite3", "File name too long"),
        (f"store: sqlite:///{'n' * 250}", "File name too long"),
        ("store: sqlite:///circle/a.sqlite3", "symbolic links"),
        ("store: sqlite:///config.yaml/a.sqlite3", "config.yaml is no folder"),
    ],
    ids=["long name", "long names beside it", "circle", "below a file"],
)
@POSIX
def test_a_place_that_cannot_be_is_78_and_shows_where_it_was_chosen(
    line: str, words: str, tmp_path: Path
) -> None:
    (tmp_path / "circle").symlink_to("circle")
    config = write(tmp_path, f"simulate: {{users: 0, shards: 1}}\n{line}\n")

    done = run_qqbot("run", config, "--no-plugins", "--for", "2s", cwd=tmp_path)

    assert (done.returncode, words in done.stderr) == (78, True), done.stderr
    assert "the store " in done.stderr
    assert done.stderr.rstrip().endswith(f"({config}:2:8)")
    looked = run_qqbot("inbox", "-c", config, cwd=tmp_path)
    assert looked.returncode == 78
    assert looked.stderr.rstrip().endswith(f"({config}:2:8)")


@POSIX
def test_a_state_dir_that_cannot_be_is_78_and_shows_where_it_was_chosen(tmp_path: Path) -> None:
    token = "token: {appid: '102000001', secret: canary-secret-5b1c9d7e}\n"
    config = write(tmp_path, f"{token}state_dir: config.yaml/below\n")

    for command in (("run", config, "--no-plugins"), ("inbox", "-c", config)):
        done = run_qqbot(*command, cwd=tmp_path)

        assert done.returncode == 78
        assert f"({config}:2:12)" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no device that is full")
@pytest.mark.parametrize("words", [("events",), ("inbox", "--json"), ("inbox", "dead")])
def test_an_answer_that_cannot_be_written_is_one_message(words: tuple[str, ...], tmp_path: Path) -> None:
    config = config_of(tmp_path)
    (tmp_path / "state/102000001").mkdir(parents=True)
    good(tmp_path / "state/102000001/inbox.sqlite3")

    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "qqbot_cli", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "QQBOT_CONFIG": str(config)},
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            timeout=30,
            check=False,
        )

    assert done.stderr == "qqbot: the answer cannot be written: No space left on device\n"
    assert done.returncode == 1
