"""The one owner of the terminal while a bot runs; nothing else in qqbot prints.

Facts, log records of every thread and whatever plugins `print` become log lines in one bounded
queue. One task takes them out and, in live mode, draws the panel below them; the bytes are written
by a `Channel`, so that a terminal that stalls does not stall the bot.

The modes: LIVE draws a panel on stderr, PLAIN writes ``time LEVEL event key=value …`` to stderr,
QUIET does so for warnings and errors only, JSON writes one object per line to stdout:

    {"ts": "2026-11-23T14:02:11.204+08:00", "ev": "shard.state", "shard": 3, "from": "ready", …}

``ts`` and ``ev`` are always there. The keys are stable; a key without a value is left out; times
are seconds:

    ev               keys
    shard.state      shard, from, to, code, reason, next ("resume" and so on), delay, limit, seq,
                     replayed
    shard.warning    shard, message
    shard.gap        shard, reason, seconds
    shard.heartbeat  shard, latency (with DEBUG only)
    session.started  shard, remaining
    gateway.read     shards, remaining, total, reset, max_concurrency
    token.new        lifetime
    token.failed     error
    handler.failed   plugin, callback, event_id, error, place, traceback
    event.unknown    name, reason
    inbox.dead       row, name, event_id, plugins, error
    inbox.restored   events, sessions, dead, unclean
    intents.refused  wanted
    request.failed   endpoint, error
    status           up, ready, shards, events, earlier, handled, failed, unwanted, repeated, waiting,
                     dead, gaps, replaying, skipped, unknown, quota_left, quota_total, token,
                     memory (bytes), lag, away; every ten seconds
    exit             the keys of status but away, and text
    log              text; a fault of the display itself

`away` has an object for each shard that is not ready: shard, state, awaits, next, delay, limit. What is next
comes after `delay`, or when what it awaits is there; it is given up after `limit`.

Each event counts once, however many plugins it is for: `events` received and `earlier` ones, which another
run left or an operator runs again, are `handled`, `failed` for good by a plugin, `unwanted` by all of them,
`repeated`, or `waiting`. `dead` is what the inbox keeps of those that failed, in earlier runs too.

In JSON mode log records and printed text go to stderr as plain lines, and if stdout breaks the
facts follow them there.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from types import TracebackType
from typing import Final, Self, TextIO

from rich.console import detect_legacy_windows
from rich.text import Text

from qqbot_cli.bot.snapshot import Snapshot
from qqbot_cli.bot.wording import LogLine, Scalar, describe
from qqbot_cli.cli.capture import Capture
from qqbot_cli.cli.channel import Channel
from qqbot_cli.cli.figures import away_fields, status_fields, status_line, summary
from qqbot_cli.cli.lines import Entry, as_json, entry_as_json, line_head, worded
from qqbot_cli.cli.live import LivePanel, console_on
from qqbot_cli.cli.mode import UiMode, choose_mode
from qqbot_cli.cli.panel import SIGNS
from qqbot_cli.cli.redact import Redactor, encodable
from qqbot_cli.model.fact import Fact

__all__ = ["Terminal", "UiMode", "choose_mode"]

FRAME_INTERVAL: Final = 0.5
"""Seconds between two frames; faster flickers on older Windows consoles and serves nobody."""
STATUS_INTERVAL: Final = {UiMode.PLAIN: 60.0, UiMode.JSON: 10.0}
"""Seconds between two status lines."""
BUSY_LAG: Final = 0.1
"""Seconds of loop lag from which the panel waits its turn."""
MAX_SKIPPED: Final = 5
"""Frames in a row left out for a busy loop; after that one is drawn, to show that we live."""
MAX_FAULTS: Final = 3
"""Frames in a row that could not be drawn, before the panel is given up."""

_KEPT: Final = 10_000
"""Log lines that wait to be written; then the oldest is dropped, and counted."""
_BREATH: Final = 0.05
"""Seconds between two batches of lines: each batch draws the panel anew."""
_STALLED: Final = 0.75
"""Seconds without life of the loop after which other threads write their lines themselves.

Longer than one frame takes, and shorter than what the watchdog of the loop has seen when it speaks: at its
strictest it does after a second, of which a fifth may have been before the loop was blocked.
"""


class Terminal:
    """Shows a bot to whoever started it, for the time of an `async with`."""

    def __init__(
        self,
        mode: UiMode,
        *,
        snapshot: Callable[[], Snapshot],
        clock: Callable[[], float],
        secrets: Redactor,
        level: int = logging.INFO,
        stderr: TextIO | None = None,
        stdout: TextIO | None = None,
        ascii_only: bool = False,
        interval: float = FRAME_INTERVAL,
        wall: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        """Prepare; nothing is written before the `async with`.

        Args:
            mode: As `choose_mode` answered.
            snapshot: Returns what to draw.
            clock: Monotonic seconds; the clock of the snapshots and facts.
            secrets: What must not be shown; may learn more at any time.
            level: Least level of log lines; QUIET raises it to WARNING.
            stderr: Stream for people; `sys.stderr` by default.
            stdout: Stream for programs; `sys.stdout` by default.
            ascii_only: Draw with ASCII; also chosen where stderr cannot write our signs.
            interval: Seconds between two frames.
            wall: Time of day for log lines.
        """
        self.mode = UiMode.PLAIN if mode is UiMode.LIVE and detect_legacy_windows() else mode
        self._snapshot = snapshot
        self._clock = clock
        self._wall = wall
        self._secrets = secrets
        self._level = max(level, logging.WARNING) if mode is UiMode.QUIET else level
        self._stderr = stderr or sys.stderr
        self._stdout = stdout or sys.stdout
        self._ascii = ascii_only or not _can_write(self._stderr, "".join((SIGNS.ready, SIGNS.bad, SIGNS.cut)))
        self._interval = interval
        self._entries: deque[Entry] = deque()
        self._dropped = 0
        self._drain_lock = threading.RLock()
        self._alive_at = clock()
        self._status_due = clock() + STATUS_INTERVAL.get(self.mode, 0.0)
        self._wake: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._undo = contextlib.ExitStack()
        self._panel: LivePanel | None = None
        self._for_people = self.mode is UiMode.LIVE
        """Whether lines have the short form; it stays when the panel goes."""
        self._skipped = 0
        self._faults = 0

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._open()
        # Owned by this object: __aexit__ cancels it and waits for its end.
        self._task = asyncio.create_task(self._run(), name="terminal")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._task is not None:
                self._task.cancel()
                await asyncio.gather(self._task, return_exceptions=True)
        finally:
            self.close()

    def _open(self) -> None:
        self._err = Channel(self._stderr)
        self._undo.callback(self._err.close)
        self._out = Channel(self._stdout)
        self._undo.callback(self._out.close)
        self._console = console_on(self._err, live=self.mode is UiMode.LIVE)
        streams = (self._stderr, self._stdout)
        self._capture = Capture(self._push, self._secrets, level=self._level, streams=streams)
        self._capture.open()
        self._undo.callback(self._capture.close)
        if self.mode is UiMode.LIVE:
            self._panel = LivePanel(self._console, self._err, self._secrets.safe, ascii_only=self._ascii)

    def close(self) -> None:
        """Give the terminal back, with everything written and the cursor shown; may be called twice.

        For a process that ends without leaving the `async with`, as after a second Ctrl-C.
        """
        if self._loop is None:
            return
        self._loop = None
        self._capture.finish()
        self._leave_live()
        self._say_goodbye()
        self._drain(last=True)
        self._undo.close()

    # --- what is reported -------------------------------------------------------------------------

    def report(self, fact: Fact) -> None:
        """Show *fact*; from any thread, without waiting and without raising."""
        try:
            line = describe(fact, now=self._clock())
        except Exception as error:  # noqa: BLE001 - a fault in our wording must not reach the shard
            text = f"cannot describe {type(fact).__name__}: {type(error).__name__}"
            line = LogLine(logging.ERROR, "log", "terminal", text, {"text": text})
        self._push(line, is_fact=True)

    def _push(self, line: LogLine, *, is_fact: bool = False) -> None:
        if not self._wanted(line, is_fact=is_fact):
            return
        if len(self._entries) >= _KEPT:
            with contextlib.suppress(IndexError):
                self._entries.popleft()
            self._dropped += 1
        self._entries.append(Entry(self._wall(), self._safe(line), is_fact))
        self._wake_up()

    def _wanted(self, line: LogLine, *, is_fact: bool) -> bool:
        if line.level >= self._level:
            return True
        return self.mode is UiMode.JSON and is_fact and not line.frequent

    def _safe(self, line: LogLine) -> LogLine:
        safe = self._secrets.safe
        fields = {key: safe(value) if isinstance(value, str) else value for key, value in line.fields.items()}
        detail = safe(line.detail, newline="\n")
        return LogLine(line.level, line.event, safe(line.subject), safe(line.text), fields, detail)

    def _wake_up(self) -> None:
        loop, wake = self._loop, self._wake
        if loop is None or wake is None:
            return
        with contextlib.suppress(RuntimeError):  # the loop has been closed meanwhile
            loop.call_soon_threadsafe(wake.set)
        if self._clock() - self._alive_at > max(_STALLED, 1.5 * self._interval) and not _in_loop(loop):
            # A plugin blocks the loop, and this line may be the one that says so.
            self._drain()

    # --- the task ---------------------------------------------------------------------------------

    async def _run(self) -> None:
        assert self._wake is not None
        loop = asyncio.get_running_loop()
        frame_due = loop.time()
        while True:
            self._alive_at = self._clock()
            self._wake.clear()
            # A terminal that is behind gets no frames, but the newest once it has caught up. Asked here,
            # before our own lines make it busy.
            behind = self._err.busy
            self._drain()
            if loop.time() >= frame_due:
                frame_due = loop.time() + self._interval
                self._capture.hold()
                if not behind:
                    self._show()
            await asyncio.sleep(min(_BREATH, self._interval))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(frame_due):
                    await self._wake.wait()

    def _show(self) -> None:
        """Draw a frame or write the status, whichever the mode has; never raise."""
        try:
            if self._panel is not None:
                self._draw(self._panel)
            elif self.mode in STATUS_INTERVAL and self._clock() >= self._status_due:
                self._status_due = self._clock() + STATUS_INTERVAL[self.mode]
                self._write_status()
        except Exception as error:  # noqa: BLE001 - a fault in drawing must not end the bot
            self._faults += 1
            if self._faults == MAX_FAULTS:
                self._fall_back(error)
        else:
            self._faults = 0

    def _draw(self, panel: LivePanel) -> None:
        if self._err.gone:
            self._leave_live()
            return
        snapshot = self._snapshot()
        if snapshot.lag > BUSY_LAG and self._skipped < MAX_SKIPPED:
            self._skipped += 1
            return
        self._skipped = 0
        with self._drain_lock:
            panel.draw(snapshot, self._clock())

    def _fall_back(self, error: Exception) -> None:
        self._leave_live()
        text = f"cannot draw: {type(error).__name__}: {error}; the bot goes on, with plain lines"
        self._push(LogLine(logging.WARNING, "log", "terminal", text, {"text": text}))

    def _leave_live(self) -> None:
        panel, self._panel = self._panel, None
        if panel is not None:
            with self._drain_lock:
                panel.stop()
            self.mode = UiMode.PLAIN
            self._status_due = self._clock() + STATUS_INTERVAL[UiMode.PLAIN]

    def _write_status(self) -> None:
        snapshot, now = self._snapshot(), self._clock()
        if self.mode is UiMode.JSON and not self._out.gone:
            away = {"away": away_fields(snapshot, now)}
            self._out.write(as_json(self._wall(), "status", status_fields(snapshot, now) | away))
        elif self._level <= logging.INFO:
            head = line_head(self._wall(), logging.INFO, for_people=self._for_people)
            self._print([head.append(status_line(snapshot, now))])

    def _say_goodbye(self) -> None:
        if self.mode is UiMode.QUIET:
            return
        # Whatever is wrong with the snapshot has been said before.
        with contextlib.suppress(Exception):
            snapshot, now = self._snapshot(), self._clock()
            text = summary(snapshot, now)
            fields: dict[str, Scalar] = {"text": text}
            if self.mode is UiMode.JSON:
                fields = {**status_fields(snapshot, now), **fields}
            self._push(LogLine(logging.INFO, "exit", "qqbot", text, fields), is_fact=True)

    # --- writing lines ----------------------------------------------------------------------------

    def _drain(self, *, last: bool = False) -> None:
        """Write every line of the queue, as far as the streams take them."""
        with self._drain_lock:
            if (self._err.full or self._out.full) and not last:
                return
            texts: list[Text] = []
            if self._dropped:
                texts.append(worded(self._drop_note(), for_people=self._for_people))
            while self._entries:
                entry = self._entries.popleft()
                if entry.is_fact and self.mode is UiMode.JSON and not self._out.gone:
                    self._out.write(entry_as_json(entry))
                else:
                    texts.append(worded(entry, for_people=self._for_people))
            if self._panel is not None and texts:
                self._panel.scroll(texts)
            else:
                self._print(texts)

    def _drop_note(self) -> Entry:
        text = f"{self._dropped} log lines dropped: more than could be written"
        self._dropped = 0
        line = LogLine(logging.WARNING, "log", "terminal", text, {"text": text})
        return Entry(self._wall(), line, is_fact=False)

    def _print(self, texts: Iterable[Text]) -> None:
        for text in texts:
            if self._console.is_terminal:
                self._console.print(text, soft_wrap=True)
            else:
                self._err.write(text.plain + "\n")


def _can_write(stream: TextIO, text: str) -> bool:
    encoding = stream.encoding or "utf-8"
    return encodable(text, encoding) == text


def _in_loop(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
