"""Plugins that block, leak, exit and take what is not theirs, in real processes."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.cli.hostile import victim
from tests.turns import NOISE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals, limits and terminals")


@pytest.mark.alone
@pytest.mark.parametrize(
    ("pty", "limit", "more"),
    [(False, 5, ""), (True, 1, "watchdogs: {blocked_loop: 1s}\n")],
    ids=["plain, at the usual limit", "live, at another"],
)
async def test_f62_who_blocks_the_loop_is_named_while_it_does(
    pty: bool, limit: int, more: str, tmp_path: Path
) -> None:
    env = {"COLUMNS": "200", "SECONDS": str(limit + 2)}
    async with victim(tmp_path, pty=pty, more=more, env=env) as bot:
        begun = time.monotonic()
        said = await bot.simulator.say_group("sleep")
        await bot.err.shows(f"the event loop is blocked for {limit} s by plugin hostile")

        assert time.monotonic() - begun <= limit + 1
        assert not bot.simulator.replies_to(said)
        await bot.err.shows("test_plugin_hostile.py:")
        await bot.answered(said)
        await bot.err.shows(f"the event loop runs again, it was blocked for {limit + 2} s")
        assert bot.simulator.stats.identifies == 1
        assert await bot.ends() == 0
    place = re.search(r"test_plugin_hostile\.py:(\d+)", bot.err.text)
    assert place is not None
    source = (tmp_path / "site_hostile" / "test_plugin_hostile.py").read_text().splitlines()
    assert "time.sleep" in source[int(place[1]) - 1]


@pytest.mark.timeout(90)
@pytest.mark.long
async def test_f62_after_more_than_two_heartbeats_the_session_goes_on_within_five_seconds(
    tmp_path: Path,
) -> None:
    more = "plugins: {hostile: {timeout: 60s}}\n"
    async with victim(tmp_path, more=more, env={"SECONDS": "17"}, heartbeat_interval=5.0) as bot:
        bot.simulator.switches.end_silent = False  # only the bot itself finds that too much time has passed
        blocked = await bot.simulator.say_group("sleep")
        await bot.err.shows("the event loop is blocked for 5 s by plugin hostile")
        later = await bot.simulator.say_group("later")
        await bot.err.shows("the event loop runs again", timeout=20)
        begun = time.monotonic()
        await bot.answered(later)
        await bot.simulator.wait_for(lambda: bot.simulator.stats.resumes >= 1, 5 + NOISE)
        await bot.still_hears()

        assert time.monotonic() - begun <= 5 + NOISE
        assert bot.simulator.replies_to(blocked)
        assert bot.simulator.stats.identifies == 1


@pytest.mark.parametrize(
    ("soft", "hard", "host"),
    [(96, 96, "localhost"), pytest.param(96, 4096, "127.0.0.1", marks=pytest.mark.slow)],
    ids=["hard limit, by name", "soft limit, by address"],
)
@pytest.mark.long
async def test_f63_a_shard_reconnects_though_a_plugin_has_every_descriptor(
    soft: int, hard: int, host: str, tmp_path: Path
) -> None:
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))"
    async with victim(tmp_path, before=limit, host=host, heartbeat_interval=5) as bot:
        await bot.told("leak")
        for _ in range(2):  # what it had in reserve for the first, it has again
            await bot.resumes()

        assert "file descriptors are in use" in bot.err.text
        await bot.err.shows("Too many open files")  # said to the plugin, which wanted to answer
        assert bot.simulator.stats.identifies == 1
        assert await bot.ends() == 0


async def test_f67_a_plugin_that_computes_in_every_thread_does_not_keep_a_shard_from_reconnecting(
    tmp_path: Path,
) -> None:
    async with victim(tmp_path, host="localhost") as bot:
        await bot.told("fill_threads")
        await bot.resumes()


@pytest.mark.parametrize("deed", ["exit", "interrupt", "generator_exit"])
async def test_f69_what_would_end_a_program_is_only_a_failure_of_the_handler(
    deed: str, tmp_path: Path
) -> None:
    async with victim(tmp_path) as bot:
        await bot.simulator.say_group(deed)
        await bot.err.shows("handler.failed plugin=hostile callback=group_message_create")
        await bot.still_hears()

        assert (bot.simulator.stats.identifies, bot.simulator.stats.resumes) == (1, 0)
        assert await bot.ends() == 0


@pytest.mark.parametrize("deed", ["exit_in_a_task", "interrupt_in_a_task"])
async def test_f69_and_of_a_task_that_it_has_started(deed: str, tmp_path: Path) -> None:
    async with victim(tmp_path) as bot:
        await bot.told(deed)
        await bot.still_hears()
        await bot.still_hears()

        assert (bot.simulator.stats.identifies, bot.simulator.stats.resumes) == (1, 0)
        assert await bot.ends() == 0


async def test_f73_print_becomes_a_line_above_the_panel(tmp_path: Path) -> None:
    async with victim(tmp_path, pty=True) as bot:
        await bot.told("print")
        await bot.err.shows("said on stdout")
        await bot.err.shows("said on stderr")


@pytest.mark.parametrize("deed", ["basic_config", "dict_config"])
@pytest.mark.parametrize("pty", [False, True], ids=["plain", "live"])
async def test_f73_logging_that_is_taken_away_comes_back(pty: bool, deed: str, tmp_path: Path) -> None:
    async with victim(tmp_path, pty=pty) as bot:
        await bot.told(deed)
        await asyncio.sleep(1)
        before = len(bot.err.written)
        await bot.told("log")
        await bot.err.shows("logged by the plugin", after=before)
        assert bot.err.written[before:].count(b"logged by the plugin") == 1
        await bot.told("signals")  # one of our own lines
        await bot.err.shows("taken back")


@pytest.mark.parametrize("deed", ["close_streams", "close_descriptors", "real_stdout"])
async def test_f73_the_panel_stays_when_a_plugin_closes_the_streams(deed: str, tmp_path: Path) -> None:
    mark = tmp_path / "another file"
    async with victim(tmp_path, pty=True, env={"MARK": str(mark)}) as bot:
        await bot.err.shows("1/1 ready")
        await bot.told(deed)
        await asyncio.sleep(1)
        before = len(bot.err.written)
        await bot.told("log")
        await bot.err.shows("logged by the plugin", after=before)
        await bot.err.shows("up 00:00:", after=before)  # the panel, drawn anew
        if deed == "real_stdout":
            await bot.told("print")
            await bot.err.shows("said on stdout")

        assert await bot.ends() == 0
        assert bot.err.written.rfind(b"\x1b[?25h") > bot.err.written.rfind(b"\x1b[?25l")
    assert not mark.exists() or mark.read_bytes() == b""


async def test_f73_another_working_directory_changes_nothing(tmp_path: Path) -> None:
    more = "store: sqlite:///inbox.sqlite3\n"
    arguments = ("--record", "frames.jsonl")
    early = "import os, atexit\nimport qqbot_cli.cli.run as run\n"
    async with victim(tmp_path, more=more, arguments=arguments, before=early) as bot:
        await bot.told("chdir")
        await bot.resumes()
        assert await bot.ends() == 0

    assert (tmp_path / "inbox.sqlite3").exists()
    assert len((tmp_path / "frames.jsonl").read_text().splitlines()) >= 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_f73_signals_that_a_plugin_has_taken_stop_the_bot_again(number: int, tmp_path: Path) -> None:
    async with victim(tmp_path) as bot:
        await bot.told("signals")
        await bot.err.shows("something has taken SIGINT, SIGTERM, SIGHUP for itself", timeout=3 + NOISE)

        assert await bot.ends(number) == 0
        await bot.err.shows("stopping: handlers have 10 s to finish")


# --- the terminal is gone


async def test_f101_a_terminal_that_is_closed_ends_the_panel_and_not_the_bot(tmp_path: Path) -> None:
    async with victim(tmp_path, pty=True) as bot:
        await bot.err.shows("1/1 ready")
        bot.err.close()
        await asyncio.sleep(1)
        await bot.still_hears()
        await bot.told("print")
        bot.process.send_signal(signal.SIGHUP)
        await bot.still_hears()

        assert (bot.simulator.stats.identifies, bot.simulator.stats.resumes) == (1, 0)
        assert await bot.ends() == 0


async def test_f101_sighup_without_a_terminal_is_only_mentioned(tmp_path: Path) -> None:
    async with victim(tmp_path) as bot:
        bot.process.send_signal(signal.SIGHUP)
        await bot.err.shows("SIGHUP: the bot goes on")
        await bot.still_hears()

        assert bot.simulator.stats.resumes == 0
        assert await bot.ends() == 0


@pytest.mark.parametrize("mode", ["plain", "json"])
async def test_f101_readers_that_leave_do_not_end_the_bot(mode: str, tmp_path: Path) -> None:
    async with victim(tmp_path, arguments=("--ui", mode)) as bot:
        bot.out.close()
        bot.err.close()
        for deed in ("print", "exit", "print", "log"):
            await bot.simulator.say_group(deed)
        await bot.still_hears()

        assert bot.simulator.stats.resumes == 0
        assert await bot.ends() == 0


async def test_f101_the_exit_code_is_right_though_nobody_reads_why(tmp_path: Path) -> None:
    from qqbot_cli.model.simulation import FaultKind

    async with victim(tmp_path, pty=True) as bot:
        bot.err.close()
        await bot.told("print")
        await bot.simulator.inject(FaultKind.CLOSE, 4914)

        assert await asyncio.to_thread(bot.process.wait, 10) == 77
