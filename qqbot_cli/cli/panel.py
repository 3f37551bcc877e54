"""The live panel as a pure function: a snapshot, the time and a screen size in, styled text out.

The text is never wider than the screen and leaves six rows of it to the log above. What is worst
stands first; what does not fit is left out, column by column as the screen narrows and row by row
as it shortens. Rows that are not shown are counted, never built: a frame of a thousand shards
costs little more than one of ten.

All text of others goes through one function on its way into a cell and is never parsed as markup.
Each colour has a sign beside it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from rich.text import Text

from qqbot_cli.bot.snapshot import PluginView, ShardView, Snapshot
from qqbot_cli.bot.wording import (
    countdown,
    counted,
    grouped,
    next_in_words,
    ranges,
    stage_in_words,
    uptime,
)
from qqbot_cli.cli.layout import (
    Column,
    Line,
    Part,
    Span,
    cropped,
    fitted,
    line_width,
    shortened,
    table,
)
from qqbot_cli.cli.redact import clean
from qqbot_cli.model.fact import ShardState

LOG_ROWS: Final = 6
"""Rows of the screen that stay with the log."""
SMALLEST: Final = (50, 10)
"""Columns and rows below which the panel is a single line."""
FOLD_FROM: Final = 8
"""Shards from which healthy ones share a row even where there is room."""
SLOW_HEARTBEAT: Final = 0.5
"""Seconds; a round trip that takes longer is worth a look."""

_WIDE: Final = 110
"""Columns from which words are written out and LAST ERROR and NEXT stand apart."""
_PLUGIN_TABLE: Final = 90
"""Columns from which plugins have a table."""

_READY: Final = "green"
_BUSY: Final = "yellow"
_BAD: Final = "bold red"
_OFF: Final = "dim"

_MB: Final = 1_000_000
_ZERO_WIDTH: Final = re.compile("[\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]")
"""Joiners and variation selectors: terminals disagree about the width of what they make."""

Safe = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Signs:
    """What stands beside each colour, for those who do not see it."""

    ready: str
    busy: str
    bad: str
    off: str
    cut: str
    """Where text or rows were left out."""


SIGNS: Final = Signs(ready="●", busy="▲", bad="✖", off="-", cut="…")
ASCII_SIGNS: Final = Signs(ready="*", busy="!", bad="x", off="-", cut="~")


def render(
    snapshot: Snapshot,
    now: float,
    *,
    width: int,
    height: int,
    ascii_only: bool = False,
    safe: Safe = clean,
) -> Text:
    """Return the panel for a screen of *width* columns and *height* rows.

    Args:
        snapshot: What to draw.
        now: Current time, in seconds of the clock of the snapshot.
        width: Columns of the screen; no line is wider.
        height: Rows of the screen; `LOG_ROWS` of them stay free, though one line is always drawn.
        ascii_only: Use no character of ours beyond ASCII.
        safe: Makes text of others fit for a terminal; called for what is shown only.
    """
    panel = _Panel(snapshot, now, width, height, ASCII_SIGNS if ascii_only else SIGNS, safe)
    lines = panel.lines()
    return Text("\n", no_wrap=True, overflow="crop", end="").join(
        Text.assemble(*cropped(line, width, panel.signs.cut), end="") for line in lines
    )


@dataclass(frozen=True, slots=True)
class _ShardRow:
    style: str
    shard: str
    state: str
    session: str
    seq: str
    beat: str
    rate: str
    waiting: str
    reconnects: str
    error: str
    next: str


@dataclass(frozen=True, slots=True)
class _PluginRow:
    style: str
    name: str
    version: str
    state: str
    handled: str
    failed: str
    p95: str
    error: str


_SHARD_COLUMNS: Final[Sequence[Column[_ShardRow]]] = (
    Column("SHARD", lambda row: row.shard, cap=13),
    Column("STATE", lambda row: row.state, coloured=True),
    Column("SESSION", lambda row: row.session, from_width=_WIDE),
    Column("SEQ", lambda row: row.seq, right=True),
    Column("HB ms", lambda row: row.beat, from_width=_WIDE, right=True),
    Column("HB", lambda row: row.beat, below_width=_WIDE, right=True),
    Column("EV/s", lambda row: row.rate, from_width=60, right=True),
    Column("QUEUE", lambda row: row.waiting, from_width=90, right=True),
    Column("RECON", lambda row: row.reconnects, from_width=_WIDE, right=True),
    Column("RC", lambda row: row.reconnects, from_width=70, below_width=_WIDE, right=True),
    Column("LAST ERROR", lambda row: row.error, from_width=_WIDE, stretches=True),
    Column("NEXT", lambda row: row.next, from_width=_WIDE, stretches=True),
    Column(
        "LAST ERROR / NEXT",
        lambda row: row.error,
        below_width=_WIDE,
        stretches=True,
        tail=lambda row: row.next,
    ),
)

_PLUGIN_COLUMNS: Final[Sequence[Column[_PluginRow]]] = (
    Column("PLUGIN", lambda row: row.name),
    Column("VERSION", lambda row: row.version, cap=12),
    Column("STATE", lambda row: row.state, coloured=True),
    Column("EVENTS", lambda row: row.handled, right=True),
    Column("FAILED", lambda row: row.failed, right=True),
    Column("p95 ms", lambda row: row.p95, right=True),
    Column("LAST ERROR", lambda row: row.error, stretches=True),
)

_WORST_FIRST: Final = {
    ShardState.FATAL: 0,
    ShardState.BACKOFF: 1,
    ShardState.STOPPED: 4,
}
_WORKING: Final = 2
_SLOW: Final = 3
_HEALTHY: Final = 5

_PLUGIN_STATES: Final = {"not loaded": 0, "paused": 1, "on": 2, "off": 3}


def _is_slow(shard: ShardView) -> bool:
    return shard.paused or (shard.latency is not None and shard.latency > SLOW_HEARTBEAT)


def _severity(shard: ShardView, *, stopping: bool) -> int:
    if shard.state is ShardState.READY:
        return _SLOW if _is_slow(shard) and not stopping else _HEALTHY
    return _WORST_FIRST.get(shard.state, _WORKING)


class _Panel:
    """One frame in the making."""

    def __init__(
        self, snapshot: Snapshot, now: float, width: int, height: int, signs: Signs, safe: Safe
    ) -> None:
        self.snapshot = snapshot
        self.now = now
        self.width = width
        self.height = height
        self.signs = signs
        self._safe = safe
        self._wide = width >= _WIDE
        self._stopping = snapshot.draining_until is not None

    def lines(self) -> list[Line]:
        if self.width < SMALLEST[0] or self.height < SMALLEST[1]:
            return [self._one_line()]
        header, footer = self._header(), self._footer()
        room = self.height - LOG_ROWS - 2
        if not self.snapshot.shards:
            shards = [self._stage()]
            return [header, *shards, *self._plugins(room - 1), footer]
        shards = self._shards(room - 1 if self.snapshot.plugins and room > 2 else room)
        return [header, *shards, *self._plugins(room - len(shards)), footer]

    def _say(self, text: str) -> str:
        """Return text of others as it may stand in a cell."""
        return _ZERO_WIDTH.sub("", self._safe(text))

    # --- single lines -----------------------------------------------------------------------------

    def _one_line(self) -> Line:
        snapshot = self.snapshot
        if snapshot.draining_until is not None:
            return [(self._draining(snapshot.draining_until), _BUSY)]
        if not snapshot.shards:
            return self._stage()
        ready = snapshot.ready
        sign, style = self._overall(ready)
        words = f"{ready}/{len(snapshot.shards)} ready  {snapshot.waiting} waiting  up {self._uptime()}"
        return [(f"{sign} ", style), (words, "")]

    def _overall(self, ready: int) -> Span:
        if ready == len(self.snapshot.shards):
            return self.signs.ready, _READY
        if any(shard.state is ShardState.FATAL for shard in self.snapshot.shards):
            return self.signs.bad, _BAD
        return self.signs.busy, _BUSY

    def _stage(self) -> Line:
        snapshot = self.snapshot
        seconds = None if snapshot.stage_next_at is None else snapshot.stage_next_at - self.now
        words = stage_in_words(self._say(snapshot.stage), self._say(snapshot.stage_error), seconds)
        return [(f"{self.signs.busy} ", _BUSY), (words or "no shards", "")]

    def _header(self) -> Line:
        snapshot, wide = self.snapshot, self._wide
        parts = [Part(f"qqbot {self._say(snapshot.version)}", "bold", keep=9)]
        if snapshot.bot_name:
            parts.append(Part(shortened(self._say(snapshot.bot_name), 24, self.signs.cut), "bold", keep=2))
        parts.append(Part(("appid " if wide else "") + self._say(snapshot.appid), keep=5))
        if snapshot.simulated:
            parts.append(Part("simulated", _BUSY, keep=6))
        elif snapshot.sandbox:
            parts.append(Part("sandbox", _BUSY, keep=6))
        if snapshot.config:
            parts.append(Part(self._say(snapshot.config), _OFF, keep=1))
        parts.append(Part(f"up {self._uptime()}", keep=3))
        if snapshot.shards:
            ready, count = snapshot.ready, len(snapshot.shards)
            words = f"{ready} of {counted(count, 'shard')} ready" if wide else f"{ready}/{count} ready"
            parts.append(Part(words, _READY if ready == count else _BUSY, keep=10))
        if snapshot.quota_left is not None:
            parts.append(Part(self._quota(snapshot.quota_left), keep=4))
        return fitted(parts, self.width)

    def _quota(self, left: int) -> str:
        snapshot = self.snapshot
        total = "?" if snapshot.quota_total is None else snapshot.quota_total
        if not self._wide:
            return f"quota {left}/{total}"
        if snapshot.quota_reset_at is None:
            return f"identify {left}/{total} left"
        return f"identify {left}/{total} left, resets {self._until(snapshot.quota_reset_at)}"

    def _footer(self) -> Line:
        snapshot, wide = self.snapshot, self._wide
        if snapshot.draining_until is not None:
            return [(self._draining(snapshot.draining_until), _BUSY)]
        if snapshot.trouble:
            words = f"{self.signs.bad} {self._say(snapshot.trouble)}; {grouped(snapshot.waiting)} waiting"
            return fitted([Part(words, _BAD, keep=9)], self.width)
        parts = [
            Part(f"events {grouped(snapshot.events)}", keep=3),
            Part(f"waiting {grouped(snapshot.waiting)}", keep=7),
        ]
        if snapshot.dead:
            parts.append(Part(f"{grouped(snapshot.dead)} dead", _BAD, keep=6))
        if snapshot.gaps:
            parts.append(Part(counted(snapshot.gaps, "gap"), _BUSY, keep=6))
        if snapshot.token_expires_at is not None:
            minutes = int(max(0.0, snapshot.token_expires_at - self.now) // 60)
            parts.append(Part(f"token {minutes} min" + (" left" if wide else ""), keep=4))
        if snapshot.memory is not None:
            parts.append(Part(f"{'memory' if wide else 'mem'} {snapshot.memory // _MB} MB", keep=2))
        parts.append(Part(f"{'loop ' if wide else ''}lag {snapshot.lag * 1000:.0f} ms", keep=5))
        way_out = "Ctrl-C: drain"
        left = fitted(parts, self.width - len(way_out) - 2)
        gap = self.width - line_width(left) - len(way_out)
        return [*left, (" " * gap + way_out, _OFF)]

    def _draining(self, until: float) -> str:
        left = countdown(until - self.now)
        left = "time is up" if left == "now" else f"{left} left"
        return f"draining: {left}, {self.snapshot.waiting} waiting, Ctrl-C again to quit now"

    def _uptime(self) -> str:
        return uptime(self.now - self.snapshot.started)

    def _until(self, due: float) -> str:
        words = countdown(due - self.now)
        return words if words == "now" else f"in {words}"

    # --- shards -----------------------------------------------------------------------------------

    def _shards(self, room: int) -> list[Line]:
        """Return at most *room* lines: titles, rows worst first, and how many more there are."""
        ranks: list[list[ShardView]] = [[] for _ in range(_HEALTHY + 1)]
        for shard in self.snapshot.shards:
            ranks[_severity(shard, stopping=self._stopping)].append(shard)
        healthy, others = ranks[_HEALTHY], ranks[:_HEALTHY]
        room = max(1, room - 1)
        count = len(self.snapshot.shards)
        fold = len(healthy) > 1 and (count >= FOLD_FROM or count > room)
        needed = sum(map(len, others)) + (1 if fold else len(healthy))
        # With room for one row, the worst shard says more than a count; the header has the numbers.
        shown = room if needed <= room or room == 1 else room - 1
        if fold:
            rows = [self._shard_row(shard) for shard in islice(chain(*others), shown)]
            if needed <= room:
                rows.append(self._folded_row(healthy))
        else:
            rows = [self._shard_row(shard) for shard in islice(chain(*ranks), shown)]
        lines = table(_SHARD_COLUMNS, rows, [row.style for row in rows], self.width, self.signs.cut)
        if needed > room > 1:
            lines.append(self._more(islice(chain(*ranks), shown, None)))
        return lines

    def _more(self, hidden: Iterable[ShardView]) -> Line:
        states = Counter(shard.state for shard in hidden)
        words = ", ".join(f"{count} {state.value}" for state, count in states.items())
        return [(f"{self.signs.cut} {states.total()} more: {words}", _OFF)]

    def _shard_row(self, shard: ShardView) -> _ShardRow:
        sign, style, state = self._state(shard)
        return _ShardRow(
            style=style,
            shard=f"{shard.index}/{shard.count}",
            state=f"{sign} {state}",
            session=self._say(shard.session) or "(none)",
            seq="-" if shard.seq is None else grouped(shard.seq),
            beat="-" if shard.latency is None else f"{shard.latency * 1000:.0f}",
            rate=f"{shard.rate:.1f}",
            waiting=grouped(shard.waiting),
            reconnects=grouped(shard.reconnects),
            error=self._say(shard.last_error),
            next=self._next(shard),
        )

    def _state(self, shard: ShardView) -> tuple[str, str, str]:
        """Return sign, style and word."""
        match shard.state:
            case ShardState.READY if self._stopping:
                return self.signs.busy, _BUSY, "stopping"
            case ShardState.READY | ShardState.WAIT_TOKEN if shard.paused:
                return self.signs.busy, _BUSY, "paused"
            case ShardState.READY if _is_slow(shard):
                return self.signs.busy, _BUSY, "slow"
            case ShardState.READY:
                return self.signs.ready, _READY, shard.state.value
            case ShardState.FATAL:
                return self.signs.bad, _BAD, shard.state.value
            case ShardState.STOPPED:
                return self.signs.off, _OFF, shard.state.value
            case _:
                return self.signs.busy, _BUSY, shard.state.value

    def _next(self, shard: ShardView) -> str:
        if shard.state is ShardState.READY:
            if self._stopping:
                return "reads no more, the bot is stopping"
            if shard.paused:
                return "reading paused, handlers cannot keep up"
            return "heartbeat is slow" if _is_slow(shard) else ""
        if shard.replayed:
            return f"replaying {grouped(shard.replayed)}{self.signs.cut}"
        seconds = None if shard.next_at is None else shard.next_at - self.now
        return next_in_words(self._say(shard.awaited), self._say(shard.next_step), seconds)

    def _folded_row(self, alike: Sequence[ShardView]) -> _ShardRow:
        beats = [shard.latency * 1000 for shard in alike if shard.latency is not None]
        sign, style, state = self._state(alike[0])
        return _ShardRow(
            style=style,
            shard=f"{ranges([shard.index for shard in alike])}/{alike[0].count}",
            state=f"{sign} {state}",
            session="",
            seq="",
            beat=_span(min(beats), max(beats)) if beats else "-",
            rate=f"{sum(shard.rate for shard in alike):.1f}",
            waiting=grouped(sum(shard.waiting for shard in alike)),
            reconnects=grouped(sum(shard.reconnects for shard in alike)),
            error=f"({len(alike)} shards alike)",
            next="",
        )

    # --- plugins ----------------------------------------------------------------------------------

    def _plugins(self, room: int) -> list[Line]:
        """Return at most *room* lines: a table if it fits the screen, else one line, else nothing."""
        plugins = sorted(self.snapshot.plugins, key=_plugin_rank)
        if not plugins or room < 1:
            return []
        if self.width < _PLUGIN_TABLE or room < 3:
            return [self._plugin_line(plugins)]
        room -= 2
        shown = len(plugins) if len(plugins) <= room else room - 1
        rows = [self._plugin_row(plugin) for plugin in plugins[:shown]]
        lines = table(_PLUGIN_COLUMNS, rows, [row.style for row in rows], self.width, self.signs.cut)
        if shown < len(plugins):
            states = Counter(plugin.state for plugin in plugins[shown:])
            words = ", ".join(f"{count} {self._say(state)}" for state, count in states.items())
            lines.append([(f"{self.signs.cut} {states.total()} more: {words}", _OFF)])
        return [[], *lines]

    def _plugin_row(self, plugin: PluginView) -> _PluginRow:
        sign, style = self._plugin_sign(plugin.state)
        return _PluginRow(
            style=style,
            name=self._say(plugin.name),
            version=self._say(plugin.version),
            state=f"{sign} {self._say(plugin.state)}",
            handled=grouped(plugin.handled),
            failed=grouped(plugin.failed),
            p95="-" if plugin.p95 is None else grouped(round(plugin.p95 * 1000)),
            error=self._say(plugin.last_error),
        )

    def _plugin_sign(self, state: str) -> Span:
        by_state = {
            "not loaded": (self.signs.bad, _BAD),
            "on": (self.signs.ready, _READY),
            "off": (self.signs.off, _OFF),
        }
        return by_state.get(state, (self.signs.busy, _BUSY))

    def _plugin_line(self, plugins: Sequence[PluginView]) -> Line:
        """Return the states with their numbers; a state that needs a look names its first plugin."""
        states = Counter(plugin.state for plugin in plugins)
        line: Line = [("plugins", "")]
        for state, count in sorted(states.items(), key=lambda item: item[0] != "on"):
            sign, style = self._plugin_sign(state)
            line.append((f"  {sign} {count} {self._say(state)}", style))
            if state not in ("on", "off"):
                first = next(plugin for plugin in plugins if plugin.state == state)
                parts = [self._say(first.name), self._say(first.last_error)]
                line.append((f" ({': '.join(part for part in parts if part)})", ""))
        return line


def _plugin_rank(plugin: PluginView) -> tuple[int, str]:
    return _PLUGIN_STATES.get(plugin.state, 1), plugin.name


def _span(low: float, high: float) -> str:
    low_text, high_text = f"{low:.0f}", f"{high:.0f}"
    return low_text if low_text == high_text else f"{low_text}-{high_text}"


# --- plain words ----------------------------------------------------------------------------------
