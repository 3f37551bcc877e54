"""One process for each shard: who may run beside whom, tried with real processes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest

from qqbot_cli import Simulation, Simulator
from qqbot_cli.bot.manager import ShardPlan
from qqbot_cli.cli.lock import bot_lock
from qqbot_cli.errors import ConfigError, ExitCode
from qqbot_cli.simulator import Identified
from qqbot_cli.store import lock
from tests.cli.test_commands import live, started, wait_for_line
from tests.conftest import CANARY, run_qqbot
from tests.forked import CAN_FORK, Forked

APPID: Final = "102000001"
ALL: Final = ShardPlan()
FIRST: Final = ShardPlan(2, (0,))
SECOND: Final = ShardPlan(2, (1,))

HOLDER: Final = """
import sys, time
from pathlib import Path
from qqbot_cli.bot.manager import ShardPlan
from qqbot_cli.cli.lock import bot_lock
from qqbot_cli.errors import ConfigError

folder, plan, sandbox, go = sys.argv[1:]
while not Path(go).exists():
    time.sleep(0.001)
try:
    with bot_lock(Path(folder), "102000001", eval(plan), sandbox=eval(sandbox)):
        print("holds", flush=True)
        time.sleep(60)
except ConfigError as exc:
    print("refused", exc.message, flush=True)
"""
"""Holds what it is told to, once a file is there, and says whether it could."""


@contextmanager
def holder(
    folder: Path, plan: ShardPlan, *, sandbox: bool = False, go: Path | None = None
) -> Iterator[subprocess.Popen[str] | Forked]:
    """Have a process hold *plan* until the end of the block."""
    arguments = [str(folder), repr(plan), repr(sandbox), str(go or folder)]
    folder.mkdir(exist_ok=True)
    process: subprocess.Popen[str] | Forked
    if CAN_FORK:
        process = Forked(HOLDER, arguments, cwd=folder, env=os.environ)
    else:
        command = [sys.executable, "-c", HOLDER, *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        if go is None:
            assert said(process) == "holds\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str] | Forked) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def can_hold(folder: Path, plan: ShardPlan, *, sandbox: bool = False) -> bool:
    try:
        with bot_lock(folder, APPID, plan, sandbox=sandbox):
            return True
    except ConfigError:
        return False


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (ALL, ALL, False),
        (ALL, SECOND, False),
        (ALL, ShardPlan(2), False),
        (ShardPlan(2), SECOND, False),
        (FIRST, SECOND, True),
        (SECOND, SECOND, False),
        (ShardPlan(4, (0, 1)), ShardPlan(4, (3, 1)), False),
        (ShardPlan(4, (0, 1)), ShardPlan(4, (2, 3)), True),
        (FIRST, ShardPlan(4, (3,)), False),
        (ShardPlan(1024, tuple(range(0, 1024, 2))), ShardPlan(1024, tuple(range(1, 1024, 2))), True),
        (ShardPlan(1024, tuple(range(0, 1024, 2))), ShardPlan(1024, (1022,)), False),
    ],
)
def test_f83_two_processes_run_side_by_side_only_with_different_shards_of_one_count(
    one: ShardPlan, other: ShardPlan, together: bool, tmp_path: Path
) -> None:
    with holder(tmp_path, one):
        assert can_hold(tmp_path, other) is together
    with holder(tmp_path, other):
        assert can_hold(tmp_path, one) is together


def test_f83_the_sandbox_is_another_bot(tmp_path: Path) -> None:
    with holder(tmp_path, ALL, sandbox=True):
        assert can_hold(tmp_path, ALL)
        assert not can_hold(tmp_path, SECOND, sandbox=True)


def test_f83_a_refusal_names_process_shards_file_and_way_out(tmp_path: Path) -> None:
    with (
        holder(tmp_path, FIRST),
        holder(tmp_path, SECOND) as second,
        pytest.raises(ConfigError) as refused,
        bot_lock(tmp_path, APPID, ShardPlan(2, (1,)), sandbox=False),
    ):
        pass

    assert f"already running, process {second.pid} with shards 1/2" in refused.value.message
    assert str(tmp_path / f"{APPID}.1.lock") in refused.value.message
    assert "stop that process first" in refused.value.help
    assert refused.value.exit_code is ExitCode.CONFIG


def test_f83_what_a_killed_process_leaves_holds_nobody_up_and_does_not_pile_up(tmp_path: Path) -> None:
    for plan in (ALL, FIRST, ShardPlan(3, (2,))):
        with holder(tmp_path, plan) as process:
            process.kill()
            process.wait(10)

            assert can_hold(tmp_path, ALL)

    assert len([*tmp_path.iterdir()]) == 2


def test_f83_of_many_that_start_at_once_one_runs(tmp_path: Path) -> None:
    go = tmp_path / "go"
    with ExitStack() as stack:
        plans = [ALL, FIRST, SECOND, ShardPlan(3), ALL]
        processes = [stack.enter_context(holder(tmp_path / "state", plan, go=go)) for plan in plans]
        go.touch()
        answers = [said(process) for process in processes]

    winners = [plan for plan, answer in zip(plans, answers, strict=True) if answer == "holds\n"]
    assert winners in ([FIRST, SECOND], *([plan] for plan in plans if plan not in (FIRST, SECOND)))


def test_f83_a_process_that_hangs_while_it_starts_is_named_after_a_while(tmp_path: Path) -> None:
    door = tmp_path / f"{APPID}.lock"
    door.write_text("4711\n")
    file = os.open(door, os.O_RDWR)
    try:
        assert lock.take(file)
        with (
            pytest.raises(ConfigError) as refused,
            bot_lock(tmp_path, APPID, ALL, sandbox=False, patience=0.1),
        ):
            pass
    finally:
        os.close(file)

    assert "process 4711" in refused.value.message
    assert refused.value.exit_code is ExitCode.TEMPORARY


@pytest.mark.parametrize("text", ["", "4711", "4711 9/2\n", "\xff\xfe garbage"], ids=repr)
def test_f83_who_does_not_say_what_it_runs_may_run_everything(text: str, tmp_path: Path) -> None:
    path = tmp_path / f"{APPID}.0.lock"
    path.write_text(text, encoding="latin-1")
    file = os.open(path, os.O_RDWR)
    try:
        assert lock.take(file)
        assert not can_hold(tmp_path, SECOND)
    finally:
        os.close(file)
    assert can_hold(tmp_path, SECOND)


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")

    with (
        pytest.raises(ConfigError) as refused,
        bot_lock(tmp_path / "state", APPID, ALL, sandbox=False),
    ):
        pass

    assert str(tmp_path / "state") in refused.value.message
    assert "state_dir:" in refused.value.help


async def test_f83_runs_with_all_shards_and_with_some_are_kept_apart(tmp_path: Path) -> None:
    async with Simulator(Simulation(users=0, shards=2), secret=CANARY) as simulator:
        file = live(simulator, tmp_path)

        def run(*words: str) -> tuple[int, str]:
            done = run_qqbot("run", file, *words, "--for", "100ms", "--ui", "plain", cwd=tmp_path)
            return done.returncode, done.stderr

        with started("run", file, "--shards", "0/2", "--ui", "plain", cwd=tmp_path) as first:
            await asyncio.to_thread(wait_for_line, first, "to=ready")
            whole, beside, same = [
                await asyncio.to_thread(run, *words)
                for words in ((), ("--shards", "1/2"), ("--shards", "0/2"))
            ]

        named = f"already running, process {first.pid} with shards 0/2"
        assert (whole[0], named in whole[1]) == (78, True)
        assert beside[0] == 0
        assert (same[0], named in same[1]) == (78, True)
        shards = [record.shard for record in simulator.history if isinstance(record, Identified)]
        assert sorted(shards) in ([(0, 2)], [(0, 2), (1, 2)])  # the second may have had too little time


@pytest.mark.parametrize("other", [(), ("--shards", "0/1")], ids=["alike", "with its shards named"])
async def test_f83_of_two_bots_that_start_at_once_one_identifies(
    other: tuple[str, ...], tmp_path: Path
) -> None:
    async with Simulator(Simulation(users=0, shards=1), secret=CANARY) as simulator:
        file = live(simulator, tmp_path)
        with (
            started("run", file, "--ui", "quiet", cwd=tmp_path) as one,
            started("run", file, *other, "--ui", "quiet", cwd=tmp_path) as two,
        ):
            async with asyncio.timeout(15):
                while one.poll() is None and two.poll() is None:
                    await asyncio.sleep(0.02)
            await simulator.wait_for(lambda: simulator.stats.identifies, 15)
            ends = [one.poll(), two.poll()]

        assert sorted(ends, key=str) == [78, None]
        assert (simulator.stats.identifies, simulator.stats.upgrades) == (1, 1)
