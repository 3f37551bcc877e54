"""What a chaos run has shown: the invariants of reliability.md, section 3, against the evidence. Pure.

The judge believes the simulator, which knows what it sent and what people saw, the plugin's own history,
and what the harness did; nothing that the bot says about itself except for its gaps and given-up events.
"""

from __future__ import annotations

import math
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from benchmarks.chaos_excuse import RecordedGap, excused
from benchmarks.chaos_given_up import SHARE, unexplained
from benchmarks.chaos_order import out_of_order, reversed_by_platform
from benchmarks.chaos_plan import SHARDS, Deed
from benchmarks.chaos_witness import Line
from qqbot_cli.simulator import BotMessage, Closed, Emitted, HeartbeatSeen, Identified, Record, Resumed, Scene

SETTLING: Final = 1.0
"""Seconds after a handler's end within which a kill may still make its event run again."""
BEAT_MARGIN: Final = 1.0
MEMORY_LIMIT: Final = 64.0
SECRETS: Final = re.compile(r"QQBot [A-Za-z0-9_-]{16,}|access_token['\"]?: *['\"][A-Za-z0-9_-]{16,}")
REPLYING: Final = frozenset(
    (
        "GROUP_AT_MESSAGE_CREATE",
        "GROUP_MESSAGE_CREATE",
        "C2C_MESSAGE_CREATE",
        "AT_MESSAGE_CREATE",
        "DIRECT_MESSAGE_CREATE",
    )
)
"""Events that the witness answers in words."""
_PLANNED: Final = ("close", "reconnect")
_RESETS: Final = ("rst", "rst_mid_frame", "reset")
_SERVICES: Final = ("rest_fail", "rest_down", "lose_answers", "duplicate", "reorder", "slow_close")
"""Faults that leave connections alone."""
_ENDING: Final = frozenset(
    (
        *("close", "reconnect", "drop", "rst", "rst_mid_frame", "reset", "reset_after", "limit", "revoke"),
        *("invalid_session", "malformed", "garbage", "upgrade", "no_hello", "token_down", "refuse", "hang"),
    )
)
"""Faults that end connections or keep new ones from beginning, and delay nothing on those that live."""
_COUNTED: Final = ("reset_after", "limit")
"""Faults that come when so many bytes have passed, which may take as long as a connection lives."""
_AWAY_LIMIT: Final = 100.0
"""Seconds a shard may be away without a fault: the longest back-off, but for that of identifies, and each
deadline of a connection after it."""
_AT_ONCE: Final = 0.5
"""Seconds within which an end of a connection could follow from a failure of the plugin."""
_BACKOFF: Final = re.compile(r"shard\.state .*\bto=backoff\b.*")
_FATAL: Final = re.compile(r"shard\.state .*\bto=fatal\b.*")


@dataclass(frozen=True, slots=True)
class Kill:
    """One ``kill -9``."""

    at: float
    pid: int


@dataclass(slots=True)
class Evidence:
    """Everything that is known after a run; times are those of the system's monotonic clock."""

    interval: float
    """Seconds between heartbeats."""
    secret: str
    handled: frozenset[str]
    """Names of the events that the plugin handles."""
    timeline: Sequence[tuple[float, Record]] = ()
    lines: Sequence[Line] = ()
    messages: Sequence[BotMessage] = ()
    violations: int = 0
    kills: list[Kill] = field(default_factory=list)
    deeds: list[tuple[float, Deed]] = field(default_factory=list)
    """What was done, and when it really was."""
    stored: list[tuple[float, dict[int, tuple[str, int]]]] = field(default_factory=list)
    """After each kill: shard -> session id and durable sequence number."""
    gaps: Sequence[RecordedGap] = ()
    """Sessions that could not be resumed, as the bot recorded it."""
    dead: Sequence[tuple[str, str]] = ()
    """Event id and error of events that were given up."""
    waiting: frozenset[str] = frozenset()
    """Ids of events that are stored and not done: late, not lost."""
    drained: float | None = None
    """Seconds from the end of all faults until everything was handled; None if it never was."""
    growth: float = 0.0
    """Largest growth of the resident memory of one process, MiB."""
    stopped: float = math.inf
    """When the last process was told to end."""
    exits: list[int] = field(default_factory=list)
    """Exit codes of processes that were not killed."""
    output: str = ""


@dataclass(slots=True)
class Verdict:
    """The outcome."""

    figures: list[tuple[str, object]]
    broken: list[str]
    """One sentence for each breach of an invariant."""


def judge(evidence: Evidence) -> Verdict:
    """Hold *evidence* against the invariants."""
    emitted = _emitted(evidence)
    runs = _runs(evidence.lines)
    dead = dict(evidence.dead)
    done = {event_id for event_id, run in runs.items() if any(one.verb == "done" for one in run)}
    missing = [one for one in emitted if one.id not in done | dead.keys() | evidence.waiting]
    beyond_reach = _excused(evidence, {one.id for one in missing})
    lost = [one.id for one in missing if one.id not in beyond_reach and one.id not in runs]
    unfinished = [one.id for one in missing if one.id not in beyond_reach and one.id in runs]
    twice, wrongly = _repeated(runs, evidence.kills)
    doubled = _doubled(evidence.messages)
    said = {message.content for message in evidence.messages}
    unsaid = [
        one.id for one in emitted if one.name in REPLYING and one.id in done and f"seen {one.id}" not in said
    ]
    identifies = sum(isinstance(record, Identified) for _, record in evidence.timeline)
    beats, late = _beats(evidence)
    planned = _closing_times(evidence, _PLANNED)
    resets = _closing_times(evidence, _RESETS)
    back = _restart_times(evidence)

    broken = []

    def expect(holds: bool, text: str) -> None:
        if not holds:
            broken.append(text)

    expect(not lost, f"I1: {len(lost)} events were lost: {lost[:5]}")
    expect(not unfinished, f"I1: {len(unfinished)} events were begun and never finished: {unfinished[:5]}")
    late_ones = len({one.id for one in emitted} & evidence.waiting)
    expect(not late_ones, f"{late_ones} events were still waiting when patience ended")
    wrongly_dead = _by_reason(error for _, error in _wrongly_given_up(evidence))
    expect(not wrongly_dead, f"I1: events were given up and nothing explains it: {wrongly_dead}")
    most_dead = max(1, int(len(emitted) * SHARE))
    expect(len(dead) <= most_dead, f"I1: {len(dead)} events were given up, {most_dead} may be")
    broken += [f"I2: {text}" for text in _durable(evidence)]
    broken += [f"I3: {text}" for text in _owners(evidence)]
    expect(evidence.violations == 0, f"I4: {evidence.violations} violations of the platform's rules")
    expect(
        identifies == SHARDS + len(evidence.gaps),
        f"I4: {identifies} identifies for {SHARDS} shards and {len(evidence.gaps)} gaps",
    )
    expect(not late, f"I5: {len(late)} heartbeats were late: {late[:5]}")
    expect(evidence.growth <= MEMORY_LIMIT, f"I6: memory grew by {evidence.growth:.0f} MiB")
    leaks = evidence.output.count(evidence.secret) + len(SECRETS.findall(evidence.output))
    expect(not leaks, f"I7: {leaks} secrets stand in the output")
    broken += [f"I8: {text}" for text in (*_without_next_step(evidence.output), *_forsaken(evidence))]
    raises, blamed = _blamed(evidence)
    expect(not blamed, f"I9: {len(blamed)} connections ended with a failure of the plugin: {blamed[:5]}")
    expect(set(evidence.exits) <= {0}, f"I10: exit codes {evidence.exits}")
    expect(not wrongly, f"I11: {len(wrongly)} events were handled twice without a crash: {wrongly[:5]}")
    swapped = reversed_by_platform(evidence.timeline, evidence.deeds)
    astray = out_of_order(evidence.lines, emitted, given_up=dead.keys(), reversed_groups=swapped)
    expect(not astray, f"order: {len(astray)} runs began out of turn: {astray[:5]}")
    expect(not unsaid, f"{len(unsaid)} replies were never seen: {unsaid[:5]}")
    for scene in (Scene.GROUP, Scene.C2C):
        expect(not doubled[scene], f"{doubled[scene]} replies were doubled in {scene}")

    figures: list[tuple[str, object]] = [
        ("emitted", len(emitted)),
        ("handled", len(done & {one.id for one in emitted})),
        ("lost", len(lost)),
        ("in recorded gaps", len(beyond_reach)),
        ("still waiting", late_ones),
        ("given up", f"{len(dead)}: {_by_reason(dead.values())}" if dead else 0),
        ("handled twice", len(twice)),
        ("replies", len(evidence.messages)),
        ("replies doubled", ", ".join(f"{scene} {doubled[scene]}" for scene in Scene)),
        ("identifies", identifies),
        ("resumes", sum(isinstance(record, Resumed) for _, record in evidence.timeline)),
        ("gaps", _by_reason(gap.reason for gap in evidence.gaps) or 0),
        ("heartbeats looked at", beats),
        ("failures looked at", raises),
        ("kills", len(evidence.kills)),
        ("faults", len(evidence.deeds)),
        *(
            (f"  {kind}", count)
            for kind, count in sorted(Counter(one.kind for _, one in evidence.deeds).items())
        ),
        ("gap after 4009, op 7 (s)", _quantiles(planned)),
        ("gap after RST (s)", _quantiles(resets)),
        ("kill to all shards (s)", _quantiles(back)),
        ("caught up after (s)", "never" if evidence.drained is None else f"{evidence.drained:.1f}"),
        ("memory growth (MiB)", round(evidence.growth, 1)),
    ]
    return Verdict(figures, broken)


def _emitted(evidence: Evidence) -> list[Emitted]:
    """Return what went to a session and is handled by the plugin."""
    return [
        record
        for _, record in evidence.timeline
        if isinstance(record, Emitted) and record.shard is not None and record.name in evidence.handled
    ]


def _runs(lines: Iterable[Line]) -> dict[str, list[Line]]:
    runs: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        runs[line.event_id].append(line)
    return runs


def _excused(evidence: Evidence, missing: set[str]) -> set[str]:
    """Return those of the *missing* that nobody could ask for."""
    found: set[str] = set()
    for shard in range(SHARDS):
        disturbed = _disturbances(evidence, shard=shard)
        found |= excused(evidence.timeline, missing, shard=shard, gaps=evidence.gaps, disturbed=disturbed)
    return found


def _wrongly_given_up(evidence: Evidence) -> list[tuple[str, str]]:
    """Return id and error of what was given up without a reason in the plan."""
    return unexplained(
        evidence.dead,
        sent_at={one.id: at for at, one in evidence.timeline if isinstance(one, Emitted)},
        runs=Counter(line.event_id for line in evidence.lines if line.verb == "begin"),
        kills=[kill.at for kill in evidence.kills],
        kinds={deed.kind for _, deed in evidence.deeds},
    )


def _repeated(runs: dict[str, list[Line]], kills: Iterable[Kill]) -> tuple[list[str], list[str]]:
    """Return what was finished twice, and of that what no kill explains."""
    killed_at = {kill.pid: kill.at for kill in kills}
    twice, wrongly = [], []
    for event_id, run in runs.items():
        ends = [line for line in run if line.verb == "done"]
        if len(ends) < 2:
            continue
        twice.append(event_id)
        for first, _ in pairwise(ends):
            if killed_at.get(first.pid, 0.0) - first.at > SETTLING or first.pid not in killed_at:
                wrongly.append(event_id)
    return twice, wrongly


def _doubled(messages: Iterable[BotMessage]) -> Counter[Scene]:
    seen = Counter((message.scene, message.content) for message in messages)
    doubled: Counter[Scene] = Counter()
    for (scene, _), count in seen.items():
        doubled[scene] += count - 1
    return doubled


def _durable(evidence: Evidence) -> list[str]:
    """Return what is wrong with the sequence numbers that were found in the store."""
    newest: dict[str, int] = {}
    wrong = []
    for at, sessions in evidence.stored:
        for shard, (session_id, seq) in sessions.items():
            if seq < newest.get(session_id, 0):
                wrong.append(f"shard {shard} went back from {newest[session_id]} to {seq}")
            newest[session_id] = max(seq, newest.get(session_id, 0))
            sent = max((_seq_at(evidence.timeline, session_id, shard, at)), default=0)
            if sent and seq > sent:
                wrong.append(f"shard {shard} has {seq} stored, {sent} was the last that was sent")
    return wrong


def _seq_at(timeline: Iterable[tuple[float, Record]], session_id: str, shard: int, at: float) -> list[int]:
    """Return the numbers of the session's events until *at*; READY and RESUMED are the numbers between."""
    numbers: list[int] = []
    current = ""
    lifecycle = 0
    for when, record in timeline:
        if when > at:
            break
        if isinstance(record, Identified | Resumed) and record.shard[0] == shard:
            current = record.session_id
            lifecycle += current == session_id
        elif isinstance(record, Emitted) and record.seq and record.shard and record.shard[0] == shard:
            if current != session_id:
                continue
            numbers.append(record.seq)
            lifecycle = 0
    return [number + lifecycle for number in numbers[-1:]]


# --- who dispatches, and what becomes of shards


def _owners(evidence: Evidence) -> list[str]:
    """Return where two processes had the events of one shard in their hands, or one that had been killed."""
    killed_at = {kill.pid: kill.at for kill in evidence.kills}
    wrong, seen, current = [], set[int](), None
    for line in sorted(evidence.lines, key=lambda line: line.at):
        if line.at > killed_at.get(line.pid, math.inf):
            wrong.append(f"process {line.pid} handled {line.event_id} after it was killed")
        if line.pid != current:
            if line.pid in seen:
                wrong.append(f"process {line.pid} handled {line.event_id} while {current} did")
            seen.add(line.pid)
            current = line.pid
    return wrong


def _without_next_step(output: str) -> list[str]:
    """Return what was said of shards that wait or have ended, but not when they go on or what to do."""
    waiting = [line for line in _BACKOFF.findall(output) if " next=" not in line or " delay=" not in line]
    ended = [line for line in _FATAL.findall(output) if ";" not in line]
    return [*(f"no next step in {line!r}" for line in waiting), *(f"no remedy in {line!r}" for line in ended)]


def _forsaken(evidence: Evidence) -> list[str]:
    """Return which shards stayed away although nothing kept them."""
    wrong = []
    for shard in range(SHARDS):
        spans = _disturbances(evidence, shard=shard)
        away: float | None = None
        ends = [*_states(evidence.timeline, shard), (min(evidence.stopped, _end_of(evidence)), True)]
        for at, live in ends:
            if away is not None and at > away:
                free = max([away, *(end for _, end in spans if end < at)])
                if at - free > _AWAY_LIMIT:
                    wrong.append(f"shard {shard} was away for {at - free:.0f} s")
            away = None if live else at if away is None else away
    return wrong


def _states(timeline: Iterable[tuple[float, Record]], shard: int) -> Iterator[tuple[float, bool]]:
    """Yield when a shard began to be live, and when it ceased to be."""
    for at, record in timeline:
        if isinstance(record, Identified | Resumed | Closed) and record.shard and record.shard[0] == shard:
            yield at, not isinstance(record, Closed)


def _end_of(evidence: Evidence) -> float:
    return evidence.timeline[-1][0] if evidence.timeline else 0.0


def _blamed(evidence: Evidence) -> tuple[int, list[float]]:
    """Return how many failures of the plugin could be judged, and when one ended a connection."""
    # What delays frames may end a connection later, when a heartbeat turns out to be lost.
    spans = [
        *_disturbances(evidence),
        *((a, b + evidence.interval) for a, b in _disturbances(evidence, but=_ENDING)),
    ]
    raised = [line.at for line in evidence.lines if line.verb == "raise" and line.at < evidence.stopped]
    judged = [at for at in raised if not _overlaps(spans, at, at + _AT_ONCE)]
    closed = [
        at
        for at, record in evidence.timeline
        if isinstance(record, Closed) and record.shard and not record.by_simulator and at < evidence.stopped
    ]
    return len(judged), [at for at in judged if any(at <= end <= at + _AT_ONCE for end in closed)]


def _counted_out(evidence: Evidence, at: float) -> float:
    """Return when the connections that lived *at* a moment have all ended."""
    ends = [
        next((end for end, one in evidence.timeline if end >= at and _ends_connection(one, shard)), at)
        for shard in range(SHARDS)
    ]
    return max(ends)


def _ends_connection(record: Record, shard: int) -> bool:
    return isinstance(record, Closed) and record.shard is not None and record.shard[0] == shard


# --- heartbeats and gaps


def _disturbances(
    evidence: Evidence, *, but: Iterable[str] = (), shard: int | None = None
) -> list[tuple[float, float]]:
    """Return when a connection could not be blamed for anything, as begin and end; *shard* None is any."""
    left_out = {*_SERVICES, *but}
    spans = [
        (at, (_counted_out(evidence, at) if deed.kind in _COUNTED else at) + deed.seconds + 1.0)
        for at, deed in evidence.deeds
        if deed.kind not in left_out and (shard is None or deed.shard in (None, shard))
    ]
    return [*spans, *((kill.at, kill.at + 4.0) for kill in evidence.kills)]


def _overlaps(spans: Iterable[tuple[float, float]], begin: float, end: float) -> bool:
    return any(first < end and begin < last for first, last in spans)


def _beats(evidence: Evidence) -> tuple[int, list[float]]:
    """Return how many heartbeats could be judged, and by how much those were late that nothing excuses."""
    spans = [_disturbances(evidence, but=_ENDING, shard=shard) for shard in range(SHARDS)]
    last: dict[int, float] = {}
    judged, late = 0, []
    for at, record in evidence.timeline:
        if isinstance(record, Closed) and record.shard is not None:
            last.pop(record.shard[0], None)
        elif isinstance(record, Identified | Resumed):
            last[record.shard[0]] = at
        elif isinstance(record, HeartbeatSeen) and record.shard is not None:
            since = last.get(record.shard[0])
            last[record.shard[0]] = at
            if since is None or _overlaps(spans[record.shard[0]], since, at):
                continue
            judged += 1
            if at - since > evidence.interval + BEAT_MARGIN:
                late.append(round(at - since - evidence.interval, 2))
    return judged, late


def _closing_times(evidence: Evidence, kinds: Sequence[str]) -> list[float]:
    """Return how long shards were away after faults of *kinds* that nothing else came between."""
    times = []
    spans = _disturbances(evidence)
    for at, deed in evidence.deeds:
        if deed.kind not in kinds or (deed.kind == "close" and deed.amount != 4009):
            continue
        others = [span for span in spans if span != (at, at + deed.seconds + 1.0)]
        for shard in range(SHARDS) if deed.shard is None else (deed.shard,):
            back = next(
                (
                    when
                    for when, record in evidence.timeline
                    if when > at and isinstance(record, Resumed) and record.shard[0] == shard
                ),
                None,
            )
            if back is not None and _is_live(evidence, shard, at) and not _overlaps(others, at, back):
                times.append(back - at)
    return times


def _restart_times(evidence: Evidence) -> list[float]:
    """Return how long it took after each kill until all shards were back, if nothing else came between."""
    times = []
    for kill in evidence.kills:
        back = [
            next(
                (
                    when - kill.at
                    for when, record in evidence.timeline
                    if when > kill.at
                    and isinstance(record, Resumed | Identified)
                    and record.shard[0] == shard
                ),
                None,
            )
            for shard in range(SHARDS)
        ]
        if None not in back:
            times.append(max(one for one in back if one is not None))
    return times


def _is_live(evidence: Evidence, shard: int, at: float) -> bool:
    live = False
    for when, record in evidence.timeline:
        if when >= at:
            break
        if isinstance(record, Identified | Resumed) and record.shard[0] == shard:
            live = True
        elif isinstance(record, Closed) and record.shard is not None and record.shard[0] == shard:
            live = False
    return live


def _quantiles(times: Sequence[float]) -> str:
    if not times:
        return "-"
    cuts = statistics.quantiles(times, n=20) if len(times) > 1 else [times[0]] * 19
    middle, high = statistics.median(times), min(cuts[18], max(times))
    return f"p50 {middle:.2f}, p95 {high:.2f} (of {len(times)})"


def _by_reason(reasons: Iterable[str]) -> str:
    counts = Counter(re.sub(r", trace \w+", "", reason) for reason in reasons)
    return "; ".join(f"{count} x {reason}" for reason, count in counts.most_common())
