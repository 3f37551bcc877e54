from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import TextIO, get_args

import pytest
import pytest_asyncio

from qqbot_cli.bot.snapshot import ShardView, Snapshot
from qqbot_cli.cli import output
from qqbot_cli.cli.output import MAX_SKIPPED, STATUS_INTERVAL, Terminal, UiMode, choose_mode
from qqbot_cli.cli.redact import Redactor
from qqbot_cli.model.fact import (
    EventGivenUp,
    EventUnknown,
    Fact,
    GapRecorded,
    GatewayRead,
    HandlerFailed,
    HeartbeatAcked,
    InboxRestored,
    IntentsRefused,
    RequestFailed,
    SessionStarted,
    ShardChanged,
    ShardState,
    ShardWarned,
    TokenChanged,
)

needs_pty = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pty")

CANARY = "canary-5f2e8d"
HIDE_CURSOR, SHOW_CURSOR, CLEAR_SCREEN = b"\x1b[?25l", b"\x1b[?25h", b"\x1b[2J"
TICK = 0.01

RESUMES = ShardChanged(3, ShardState.READY, ShardState.RESUMING, code=4009)
FALLS = ShardChanged(3, ShardState.READY, ShardState.BACKOFF, "4006 invalid session id", 4006, 0.5)

SNAPSHOT = Snapshot(
    version="0.3.0",
    appid="102001234",
    bot_name="",
    sandbox=True,
    simulated=False,
    config="config.yaml",
    started=0.0,
    taken=30.0,
    shards=(ShardView(0, 1, ShardState.READY, "9f3c1e~a1", 5, 0.04, 5, 1.0, 0, 2, "", "", None, 0.0),),
    plugins=(),
    quota_left=993,
    quota_total=1000,
    quota_reset_at=90.0,
    token_expires_at=90.0,
    events=212,
    handled=210,
    failed=0,
    waiting=2,
    memory=61_500_000,
    lag=0.003,
)


class Clock:
    """Monotonic seconds that stand still."""

    now = 30.0

    def __call__(self) -> float:
        return self.now


class Source:
    """Returns a snapshot and lets a test wait until it was asked often enough."""

    def __init__(self, snapshot: Snapshot = SNAPSHOT, error: Exception | None = None) -> None:
        self.snapshot = snapshot
        self.error = error
        self.calls = 0
        self._asked = asyncio.Event()

    def __call__(self) -> Snapshot:
        self.calls += 1
        self._asked.set()
        if self.error is not None:
            raise self.error
        return self.snapshot

    async def asked_again(self, times: int) -> None:
        goal = self.calls + times
        async with asyncio.timeout(10):
            while self.calls < goal:
                self._asked.clear()
                await self._asked.wait()


class Screen:
    """A terminal of our own, and what was written to it."""

    def __init__(self, master: int, stream: TextIO) -> None:
        self.master = master
        self.stream = stream
        self.written = b""
        self._changed = asyncio.Event()
        asyncio.get_running_loop().add_reader(master, self._read)

    def _read(self) -> None:
        try:
            self.written += os.read(self.master, 65536)
        except OSError:
            asyncio.get_running_loop().remove_reader(self.master)
        self._changed.set()

    async def shows(self, text: str | bytes, *, after: int = 0) -> None:
        wanted = text.encode() if isinstance(text, str) else text
        async with asyncio.timeout(10):
            while wanted not in self.written[after:]:
                self._changed.clear()
                await self._changed.wait()

    def resize(self, columns: int, rows: int) -> None:
        import termios  # not on Windows

        termios.tcsetwinsize(self.master, (rows, columns))

    def hang_up(self) -> None:
        asyncio.get_running_loop().remove_reader(self.master)
        os.close(self.master)
        self.master = -1


@pytest_asyncio.fixture
async def screen(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Screen]:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    master, slave = os.openpty()
    with open(slave, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a descriptor, not a path
        screen = Screen(master, stream)
        screen.resize(80, 24)
        yield screen
    if screen.master >= 0:
        screen.hang_up()


class Pipe:
    """A stream whose reader can leave, or never read."""

    def __init__(self) -> None:
        self.reader, writer = os.pipe()
        self.stream = os.fdopen(writer, "w", encoding="utf-8")

    def reader_leaves(self) -> None:
        if self.reader >= 0:
            os.close(self.reader)
            self.reader = -1


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.reader_leaves()
    pipe.stream.close()


class Streams:
    """Both streams of a process without a terminal."""

    def __init__(self) -> None:
        self.out = io.StringIO()
        self.err = io.StringIO()

    @property
    def objects(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.out.getvalue().splitlines()]

    @property
    def lines(self) -> list[str]:
        return self.err.getvalue().splitlines()


@pytest.fixture
def streams(monkeypatch: pytest.MonkeyPatch) -> Streams:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return Streams()


def wall() -> datetime:
    return datetime(2026, 11, 23, 14, 2, 11, 204_000, timezone(timedelta(hours=8)))


def terminal(
    mode: UiMode,
    streams: Streams | None = None,
    *,
    stderr: TextIO | None = None,
    stdout: TextIO | None = None,
    snapshot: Callable[[], Snapshot] = lambda: SNAPSHOT,
    clock: Callable[[], float] | None = None,
    level: int = logging.INFO,
) -> Terminal:
    streams = streams or Streams()
    secrets = Redactor()
    secrets.add(CANARY)
    return Terminal(
        mode,
        snapshot=snapshot,
        clock=clock or Clock(),
        secrets=secrets,
        level=level,
        stderr=stderr or streams.err,
        stdout=stdout or streams.out,
        interval=TICK,
        wall=wall,
    )


@pytest.mark.parametrize(
    ("asked", "is_tty", "term", "mode"),
    [
        (None, True, "xterm", UiMode.LIVE),
        (None, True, "", UiMode.LIVE),
        (None, True, "dumb", UiMode.PLAIN),
        (None, False, "xterm", UiMode.PLAIN),
        (UiMode.LIVE, False, "xterm", UiMode.PLAIN),
        (UiMode.JSON, True, "xterm", UiMode.JSON),
        (UiMode.QUIET, False, "dumb", UiMode.QUIET),
    ],
)
def test_the_panel_needs_a_terminal_that_can_draw(
    asked: UiMode | None, is_tty: bool, term: str, mode: UiMode
) -> None:
    assert choose_mode(asked, stderr_is_tty=is_tty, term=term) is mode


# --- live -----------------------------------------------------------------------------------------


@needs_pty
async def test_the_panel_is_drawn_and_taken_away_and_the_summary_stays(screen: Screen) -> None:
    async with terminal(UiMode.LIVE, stderr=screen.stream):
        await screen.shows("1/1 ready")
        assert SHOW_CURSOR not in screen.written
    await screen.shows("ran 30 s: 1 shard, 212 events received, 210 handled, 0 given up, ")

    assert screen.written.startswith(HIDE_CURSOR)
    assert SHOW_CURSOR in screen.written


@needs_pty
async def test_f59_the_cursor_comes_back_after_an_error(screen: Screen) -> None:
    async def fail() -> None:
        async with terminal(UiMode.LIVE, stderr=screen.stream):
            await screen.shows("1/1 ready")
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await fail()
    await screen.shows(SHOW_CURSOR)


@needs_pty
async def test_f59_the_cursor_comes_back_after_a_cancellation(screen: Screen) -> None:
    async def run() -> None:
        async with terminal(UiMode.LIVE, stderr=screen.stream):
            await asyncio.Event().wait()

    task = asyncio.create_task(run())
    await screen.shows("1/1 ready")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    await screen.shows(SHOW_CURSOR)


@needs_pty
async def test_f59_a_process_in_a_hurry_can_close_the_terminal_itself(screen: Screen) -> None:
    async with terminal(UiMode.LIVE, stderr=screen.stream) as shown:
        await screen.shows("1/1 ready")
        shown.close()
        await screen.shows(SHOW_CURSOR)


@needs_pty
async def test_nothing_is_written_while_nothing_changes(screen: Screen) -> None:
    source = Source()
    async with terminal(UiMode.LIVE, stderr=screen.stream, snapshot=source):
        await screen.shows("Ctrl-C: drain")
        before = screen.written
        await source.asked_again(5)

        assert screen.written == before
        source.snapshot = replace(SNAPSHOT, waiting=3)
        await screen.shows("waiting 3", after=len(before))


@needs_pty
async def test_a_busy_loop_gets_a_frame_in_six(screen: Screen) -> None:
    source = Source(replace(SNAPSHOT, lag=0.5))
    async with terminal(UiMode.LIVE, stderr=screen.stream, snapshot=source):
        await source.asked_again(MAX_SKIPPED)
        assert b"ready" not in screen.written

        await screen.shows("1/1 ready")


@needs_pty
async def test_three_frames_that_fail_end_the_panel_but_not_the_bot(screen: Screen) -> None:
    source = Source(error=RuntimeError("no such \x1b[31mthing"))
    async with terminal(UiMode.LIVE, stderr=screen.stream, snapshot=source) as shown:
        await screen.shows("cannot draw: RuntimeError: no such thing; the bot goes on, with plain lines")
        assert SHOW_CURSOR in screen.written

        shown.report(ShardWarned(3, "still here"))
        await screen.shows("still here")

    assert screen.written.count(b"cannot draw") == 1


@needs_pty
async def test_a_new_size_clears_the_screen_and_brings_back_the_log(screen: Screen) -> None:
    async with terminal(UiMode.LIVE, stderr=screen.stream) as shown:
        shown.report(ShardWarned(3, "kept for later"))
        await screen.shows("kept for later")
        await screen.shows("Ctrl-C: drain")
        before = len(screen.written)
        screen.resize(40, 24)

        await screen.shows(CLEAR_SCREEN, after=before)
        await screen.shows("kept for later", after=before)
        await screen.shows("1/1 ready  2 waiting  up 00:00:30", after=before)


@needs_pty
async def test_printed_text_becomes_a_log_line_above_the_panel(screen: Screen) -> None:
    stdout, stderr = sys.stdout, sys.stderr
    async with terminal(UiMode.LIVE, stderr=screen.stream):
        print("plugin says", "\x1b[2Jhello")  # noqa: T201
        print("to stderr", file=sys.stderr)  # noqa: T201
        await screen.shows("plugin says hello")
        await screen.shows("to stderr")

    assert CLEAR_SCREEN not in screen.written
    assert (sys.stdout, sys.stderr) == (stdout, stderr)


@needs_pty
async def test_f101_a_terminal_that_is_gone_ends_the_panel_but_not_the_bot(screen: Screen) -> None:
    source = Source()
    async with terminal(UiMode.LIVE, stderr=screen.stream, snapshot=source) as shown:
        await screen.shows("1/1 ready")
        screen.hang_up()
        async with asyncio.timeout(10):
            while shown.mode is UiMode.LIVE:
                source.snapshot = replace(source.snapshot, waiting=source.snapshot.waiting + 1)
                await asyncio.sleep(TICK)
        shown.report(FALLS)


@needs_pty
async def test_no_color_takes_the_colours_and_leaves_the_signs(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with terminal(UiMode.LIVE, stderr=screen.stream):
        await screen.shows("● ready")

    assert b"\x1b[32m" not in screen.written


async def test_a_stream_without_our_signs_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    written, source = io.BytesIO(), Source(replace(SNAPSHOT, bot_name="你好"))
    async with terminal(
        UiMode.LIVE, stderr=io.TextIOWrapper(written, encoding="cp1252", write_through=True), snapshot=source
    ):
        await source.asked_again(2)

    assert b"* ready" in written.getvalue()
    assert b"??" in written.getvalue()


@needs_pty
async def test_the_panel_stays_fresh_while_lines_come_in(screen: Screen) -> None:
    source = Source()
    async with terminal(UiMode.LIVE, stderr=screen.stream, snapshot=source) as shown:
        goal = source.calls + 5
        async with asyncio.timeout(10):
            while source.calls < goal:
                shown.report(ShardWarned(3, "odd"))
                await asyncio.sleep(TICK / 2)


# --- plain and quiet ------------------------------------------------------------------------------


async def test_a_plain_line_has_time_level_event_and_fields(streams: Streams) -> None:
    async with terminal(UiMode.PLAIN, streams) as shown:
        shown.report(FALLS)

    assert streams.lines == [
        "2026-11-23T14:02:11.204+08:00 WARN shard.state shard=3 from=ready to=backoff code=4006 "
        'reason="4006 invalid session id" next=identify delay=0.5',
        '2026-11-23T14:02:11.204+08:00 INFO exit text="ran 30 s: 1 shard, 212 events received, '
        '210 handled, 0 given up, 2 not finished (kept for the next start), 2 reconnects"',
    ]
    assert streams.out.getvalue() == ""


async def test_plain_mode_gives_a_sign_of_life_every_minute(streams: Streams) -> None:
    clock, source = Clock(), Source()
    async with terminal(UiMode.PLAIN, streams, snapshot=source, clock=clock):
        clock.now += STATUS_INTERVAL[UiMode.PLAIN]
        await source.asked_again(1)

    assert streams.lines[0] == (
        "2026-11-23T14:02:11.204+08:00 INFO status up=90s ready=1/1 events=212 waiting=2 dead=0 "
        "quota=993/1000 token=0s mem=61MB lag=3ms"
    )


async def test_records_and_prints_of_any_thread_become_lines(streams: Streams) -> None:
    def work() -> None:
        logging.getLogger("some.library").warning("from %s", "a thread")
        print("printed\nwithout an end", end="")  # noqa: T201

    async with terminal(UiMode.PLAIN, streams):
        thread = threading.Thread(target=work)
        thread.start()
        await asyncio.to_thread(thread.join)

    assert [line.split(" ", 2)[2] for line in streams.lines[:3]] == [
        'log logger=some.library text="from a thread"',
        "print stream=stdout text=printed",
        'print stream=stdout text="without an end"',
    ]


async def test_a_traceback_is_indented_below_its_line(streams: Streams) -> None:
    async with terminal(UiMode.PLAIN, streams):
        try:
            raise ValueError("broken")
        except ValueError:
            logging.getLogger("a").exception("failed")

    assert streams.lines[1] == "    Traceback (most recent call last):"
    assert "    ValueError: broken" in streams.lines


async def test_quiet_mode_has_warnings_and_errors_only(streams: Streams) -> None:
    async with terminal(UiMode.QUIET, streams) as shown:
        shown.report(ShardChanged(3, ShardState.IDENTIFYING, ShardState.READY))
        logging.getLogger("a").info("nothing much")
        shown.report(FALLS)

    assert len(streams.lines) == 1
    assert " WARN shard.state " in streams.lines[0]


@pytest.mark.parametrize(("variable", "coloured"), [("FORCE_COLOR", True), ("NO_COLOR", False)])
async def test_plain_lines_have_colour_only_if_it_is_forced(
    streams: Streams, monkeypatch: pytest.MonkeyPatch, variable: str, coloured: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv(variable, "1")
    async with terminal(UiMode.PLAIN, streams) as shown:
        shown.report(FALLS)

    assert ("\x1b[33mWARN" in streams.err.getvalue()) is coloured
    assert "\x1b[?25l" not in streams.err.getvalue()


async def test_logging_is_left_as_it_was_found(streams: Streams) -> None:
    root = logging.getLogger()
    rival = logging.StreamHandler(streams.err)
    root.addHandler(rival)
    before = (root.level, list(root.handlers), sys.stdout, sys.stderr)

    try:
        async with terminal(UiMode.PLAIN, streams):
            assert rival not in root.handlers
        assert (root.level, list(root.handlers), sys.stdout, sys.stderr) == before
    finally:
        root.removeHandler(rival)


# --- json -----------------------------------------------------------------------------------------


async def test_json_mode_writes_one_object_per_fact(streams: Streams) -> None:
    async with terminal(UiMode.JSON, streams) as shown:
        shown.report(RESUMES)
        shown.report(HeartbeatAcked(3, 0.04))
        shown.report(HandlerFailed("echo", "ready", "", "ValueError: 坏", "echo.py:7", "Traceback\n  x"))

    assert streams.objects[:-1] == [
        {
            "ts": "2026-11-23T14:02:11.204+08:00",
            "ev": "shard.state",
            "shard": 3,
            "from": "ready",
            "to": "resuming",
            "code": 4009,
            "next": "ready",
        },
        {
            "ts": "2026-11-23T14:02:11.204+08:00",
            "ev": "handler.failed",
            "plugin": "echo",
            "callback": "ready",
            "error": "ValueError: 坏",
            "place": "echo.py:7",
            "traceback": "Traceback\n  x",
        },
    ]
    assert streams.objects[-1]["ev"] == "exit"


async def test_json_mode_has_heartbeats_for_those_who_ask(streams: Streams) -> None:
    async with terminal(UiMode.JSON, streams, level=logging.DEBUG) as shown:
        shown.report(HeartbeatAcked(3, 0.04))

    assert streams.objects[0]["ev"] == "shard.heartbeat"


async def test_json_mode_tells_the_status_every_ten_seconds(streams: Streams) -> None:
    clock, source = Clock(), Source()
    async with terminal(UiMode.JSON, streams, snapshot=source, clock=clock):
        clock.now += STATUS_INTERVAL[UiMode.JSON]
        await source.asked_again(1)

    assert streams.objects[0]["ev"] == "status"
    assert streams.objects[0]["ready"] == 1


async def test_printed_text_and_records_do_not_spoil_the_objects(streams: Streams) -> None:
    async with terminal(UiMode.JSON, streams) as shown:
        print("{not json")  # noqa: T201
        logging.getLogger("a").warning("nor this")
        shown.report(RESUMES)

    assert [item["ev"] for item in streams.objects] == ["shard.state", "exit"]
    assert 'text="{not json"' in streams.lines[0]
    assert 'text="nor this"' in streams.lines[1]


EVERY_FACT: list[Fact] = [
    FALLS,
    HeartbeatAcked(3, 0.04),
    ShardWarned(3, "odd"),
    GapRecorded(3, "gone", 1.0),
    HandlerFailed("p", "c", "id", "error", "place"),
    EventUnknown("NAME", "why"),
    EventGivenUp(7, "NAME", "id", "p", "error"),
    InboxRestored(2, 1, 0, True),
    IntentsRefused("FORUMS, wanted by plugin p"),
    RequestFailed("endpoint", "error"),
    TokenChanged(90.0),
    TokenChanged(None, "why"),
    GatewayRead(1, 1000, 993, 90.0, 1),
    SessionStarted(3, 992),
]


def test_every_kind_of_fact_is_tested() -> None:
    assert {type(fact) for fact in EVERY_FACT} == set(get_args(Fact))


@pytest.mark.parametrize("fact", EVERY_FACT, ids=lambda fact: type(fact).__name__)
async def test_every_key_of_the_objects_is_documented(streams: Streams, fact: Fact) -> None:
    manual = output.__doc__ or ""
    async with terminal(UiMode.JSON, streams, level=logging.DEBUG) as shown:
        shown.report(fact)

    written = streams.objects[0]
    row = manual[manual.index(f"    {written['ev']} ") :].splitlines()[0]
    assert written.keys() - {"ts", "ev"} <= set(re.findall(r"\w+", row))


async def test_every_number_of_the_status_is_documented(streams: Streams) -> None:
    async with terminal(UiMode.JSON, streams):
        pass

    (last,) = streams.objects
    manual = output.__doc__ or ""
    rows = manual[manual.index("    status ") : manual.index("    exit ")]
    assert last.keys() - {"ts", "ev", "text"} <= set(re.findall(r"\w+", rows))


# --- what may go wrong ----------------------------------------------------------------------------


async def test_f101_facts_go_to_stderr_when_nobody_reads_stdout(streams: Streams, pipe: Pipe) -> None:
    pipe.reader_leaves()
    async with terminal(UiMode.JSON, streams, stdout=pipe.stream) as shown:
        async with asyncio.timeout(10):
            while not streams.lines:
                shown.report(FALLS)
                await asyncio.sleep(TICK)

    assert "shard.state" in streams.lines[0]


async def test_f101_the_bot_goes_on_when_nobody_reads_stderr(pipe: Pipe) -> None:
    pipe.reader_leaves()
    async with terminal(UiMode.PLAIN, stderr=pipe.stream) as shown:
        for _ in range(3):
            shown.report(FALLS)
            await asyncio.sleep(TICK)


async def test_a_reader_that_does_not_read_stops_nobody(pipe: Pipe) -> None:
    async with asyncio.timeout(10):
        async with terminal(UiMode.PLAIN, stderr=pipe.stream) as shown:
            for number in range(5000):
                shown.report(ShardWarned(number, "x" * 100))
                if number % 500 == 0:
                    await asyncio.sleep(TICK)


async def test_lines_that_cannot_be_kept_are_counted(streams: Streams) -> None:
    async with terminal(UiMode.PLAIN, streams) as shown:
        for number in range(10_005):
            shown.report(ShardWarned(number, "odd"))

    assert 'text="6 log lines dropped: more than could be written"' in streams.lines[0]


async def test_f62_another_thread_is_heard_while_the_loop_is_blocked(streams: Streams) -> None:
    clock = Clock()
    heard = threading.Event()

    class Listening(io.StringIO):
        def write(self, text: str) -> int:
            if "loop is blocked" in text:
                heard.set()
            return super().write(text)

    async with terminal(UiMode.PLAIN, streams, stderr=Listening(), clock=clock):
        await asyncio.sleep(0)
        clock.now += 0.8  # the least that the watchdog has seen, when its limit is a second
        watchdog = threading.Thread(target=logging.getLogger("watchdog").error, args=("the loop is blocked",))
        watchdog.start()

        assert heard.wait(5)  # blocks the loop
        watchdog.join()


async def test_f94_no_secret_leaves_by_any_door(streams: Streams) -> None:
    for mode in (UiMode.PLAIN, UiMode.JSON, UiMode.QUIET):
        async with terminal(mode, streams, level=logging.DEBUG) as shown:
            logging.getLogger("a").warning("record %s", CANARY)
            try:
                raise ValueError(CANARY)
            except ValueError:
                logging.getLogger("a").exception("failed")
            print("print", CANARY)  # noqa: T201
            shown.report(EventUnknown(CANARY, f"{{'Authorization': 'QQBot {CANARY}'}}"))
            shown.report(HandlerFailed("p", "c", "id", CANARY, "", f"Traceback\n{CANARY}"))

    assert CANARY not in streams.out.getvalue() + streams.err.getvalue()
    assert "****" in streams.out.getvalue()


@needs_pty
async def test_f94_the_panel_hides_secrets(screen: Screen) -> None:
    (shard,) = SNAPSHOT.shards
    leaking = replace(SNAPSHOT, shards=(replace(shard, last_error=f"refused {CANARY}"),))
    async with terminal(UiMode.LIVE, stderr=screen.stream, snapshot=lambda: leaking):
        await screen.shows("refused ****")

    assert CANARY.encode() not in screen.written


async def test_f100_hostile_text_forges_no_line_and_moves_no_cursor(streams: Streams) -> None:
    async with terminal(UiMode.PLAIN, streams) as shown:
        shown.report(ShardWarned(3, "one\n2026-11-23 ERROR forged\x1b[2J\u202e[/nope]\ud800"))

    assert len(streams.lines) == 2
    assert "\x1b" not in streams.err.getvalue()
    assert "[/nope]" in streams.lines[0]


def test_the_modes_can_be_offered_without_loading_rich() -> None:
    program = "import sys, qqbot_cli.cli.mode; sys.exit('rich' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
