"""A bot as a program of its own: what Ctrl-C does, once, twice and three times."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qqbot_cli import AuthenticationError, Simulation, Simulator, Token
from tests.cli.test_inbox import eventually, lines
from tests.conftest import CANARY, OUTPUT
from tests.forked import CAN_FORK, Forked
from tests.test_docs import ROOT, blocks

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="starts programs by fork, and sends POSIX signals")

HERE = """
import os, sys
import qqbot_cli
from qqbot_cli import Client, Endpoints

class Here(Client):
    def __init__(self, *args, **more):
        endpoints = Endpoints(api=os.environ["API"], token=os.environ["TOKEN"])
        super().__init__(*args, endpoints=endpoints, **more)

qqbot_cli.Client = Here
exec(compile(sys.argv[1], "program", "exec"), {"__name__": "__main__"})
"""
"""Runs a program against the simulator."""

BUSY = """
import asyncio, os, time
from qqbot_cli import Client, EventHandler, Intents, SqliteStore, Token

class Busy(EventHandler):
    async def group_message_create(self, session):
        log("begun")
        if session.event.text == "block":
            time.sleep(600)
        await asyncio.sleep(float(session.event.text))
        log("done")

def log(line):
    with open("log", "a") as file:
        print(line, file=file)

Client(Token.from_env(os.environ), Intents.PUBLIC_MESSAGES, Busy(), store=SqliteStore("inbox.sqlite3")).run()
log("returned")
"""


@contextmanager
def program(source: str, simulator: Simulator, folder: Path) -> Iterator[Forked]:
    """Run *source* as a main program until the end of the block."""
    where = simulator.endpoints
    known = {"API": where.api, "TOKEN": where.token}
    known |= {"QQBOT_APPID": simulator.appid, "QQBOT_SECRET": simulator.secret}
    process = Forked(HERE, [source], cwd=folder, env={**os.environ, **known})
    try:
        yield process
    finally:
        process.kill()
        if process.stderr is not None and not process.stderr.closed:
            process.communicate()


def ended(process: Forked) -> tuple[int, str]:
    """Wait for the end; return the exit code and what was printed."""
    _, err = process.communicate(timeout=8)  # far less than the ten seconds that handlers have at the first
    OUTPUT.append(("program", err))
    return process.wait(), err


async def test_the_program_of_the_readme_answers_and_ctrl_c_ends_it_in_order(tmp_path: Path) -> None:
    (parrot,) = [block for block in blocks(ROOT / "README.md", "python") if "Client(" in block]
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        with program(parrot, simulator, tmp_path) as process:
            await eventually(lambda: simulator.stats.identifies)
            message = await simulator.say_group("hello")
            await eventually(lambda: simulator.replies_to(message))
            process.send_signal(signal.SIGINT)
            await eventually(lambda: process.poll() is not None)
            code, err = ended(process)

            assert (code, "Traceback" in err) == (0, False), err
            assert "stopping: handlers have 10 s to finish" in err
        with program(parrot, simulator, tmp_path):
            await eventually(lambda: simulator.stats.resumes)
        assert simulator.stats.identifies == 1


async def test_a_second_signal_leaves_handlers_no_more_time_and_the_next_start_goes_on(
    tmp_path: Path,
) -> None:
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        with program(BUSY, simulator, tmp_path) as process:
            await eventually(lambda: simulator.stats.identifies)
            await simulator.say_group("3")
            await eventually(lambda: lines(tmp_path / "log") == ["begun"])
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGINT)  # two of one number may be taken for one
            await eventually(lambda: lines(tmp_path / "log")[-1] == "returned")
            code, _ = ended(process)

            assert (code, lines(tmp_path / "log")) == (0, ["begun", "returned"])
        with program(BUSY, simulator, tmp_path):
            await eventually(lambda: lines(tmp_path / "log")[2:] == ["begun", "done"])


async def test_a_third_ctrl_c_interrupts_a_handler_that_blocks_the_loop(tmp_path: Path) -> None:
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        with program(BUSY, simulator, tmp_path) as process:
            await eventually(lambda: simulator.stats.identifies)
            await simulator.say_group("block")
            await eventually(lambda: lines(tmp_path / "log") == ["begun"])
            for _ in range(3):
                process.send_signal(signal.SIGINT)
                await asyncio.sleep(0.1)  # or two of them would be one
            await eventually(lambda: process.poll() is not None)
            code, err = ended(process)

            assert (code, lines(tmp_path / "log")) == (0, ["begun", "returned"])
            assert "group_message_create failed: KeyboardInterrupt" in err


async def test_without_a_store_the_program_says_what_that_means(tmp_path: Path) -> None:
    forgetful = BUSY.replace(', store=SqliteStore("inbox.sqlite3")', "")
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        with program(forgetful, simulator, tmp_path) as process:
            await eventually(lambda: simulator.stats.identifies)
            process.send_signal(signal.SIGINT)
            await eventually(lambda: process.poll() is not None)
            _, err = ended(process)

            assert "no store=: sessions, and events that are not done, end with this process" in err


async def test_what_start_raises_run_raises(tmp_path: Path) -> None:
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        wrong = BUSY.replace("Token.from_env(os.environ)", f"Token('{simulator.appid}', 'wrong')")
        with program(wrong, simulator, tmp_path) as process:
            await eventually(lambda: process.poll() is not None)
            code, err = ended(process)

        assert code == 1
        assert "qqbot_cli.errors.AuthenticationError: the platform gave no token" in err


def test_a_token_that_is_not_in_the_environment_is_asked_for_by_name() -> None:
    with pytest.raises(AuthenticationError, match=r"^QQBOT_APPID and QQBOT_SECRET must be set"):
        Token.from_env({})
    with pytest.raises(
        AuthenticationError, match=r"^QQBOT_APPID must be set in the environment; see https://q"
    ):
        Token.from_env({"QQBOT_SECRET": "s"})
