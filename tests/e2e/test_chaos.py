"""Chaos with fixed seeds: a real `qqbot run`, a bad network, `kill -9`, and nothing lost.

Each run is a process of its own; what meets what in which millisecond differs, and must not matter.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from benchmarks.chaos import PATIENCE
from benchmarks.chaos_excuse import RecordedGap
from benchmarks.chaos_given_up import CAUSES
from benchmarks.chaos_judge import Evidence, Kill, judge
from benchmarks.chaos_plan import FAULTS, KILL_GAP, REVOKE_GAP, Deed, plan_faults, plan_kills
from benchmarks.chaos_witness import Line
from qqbot_cli.simulator import Closed, Emitted, HeartbeatSeen, Identified, Record, Resumed
from tests.conftest import OUTPUT

ROOT = Path(__file__).parent.parent.parent
FIGURE = re.compile(r"^(emitted|handled|given up|lost|kills) +(\d+)", re.MULTILINE)
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")


def begin(seed: int, seconds: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, ROOT / "benchmarks/chaos.py", "--seconds", str(seconds), "--seed", str(seed)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def outcomes(processes: Sequence[subprocess.Popen[str]], patience: float) -> list[str]:
    """What they printed; fails if an invariant is broken."""
    try:
        printed = [process.communicate(timeout=patience)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
    OUTPUT.extend(("chaos", text) for text in printed)
    for process, text in zip(processes, printed, strict=True):
        assert process.returncode == 0, text
    return printed


@POSIX
@pytest.mark.long
@pytest.mark.timeout(150)
def test_i1_i11_nothing_is_lost_or_said_twice_in_chaos() -> None:
    processes = [begin(seed, 30) for seed in (1, 2)]  # side by side: they wait more than they work

    for printed in outcomes(processes, patience=30 + PATIENCE + 40):
        figures = {name: int(number) for name, number in FIGURE.findall(printed)}
        assert figures["handled"] + figures["given up"] == figures["emitted"] > 0
        assert (figures["lost"], figures["kills"]) == (0, 1)


@POSIX
@pytest.mark.slow
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize(("seed", "seconds"), [(11, 60), (12, 60), (13, 600)])
def test_i1_i11_nothing_is_lost_or_said_twice_in_longer_chaos(seed: int, seconds: float) -> None:
    outcomes([begin(seed, seconds)], patience=1.5 * seconds + 200)


def test_a_plan_follows_from_its_seed() -> None:
    assert plan_faults(5, 600) == plan_faults(5, 600) != plan_faults(6, 600)
    assert plan_kills(5, 600) == plan_kills(5, 600) != plan_kills(6, 600)


@pytest.mark.parametrize("seed", range(5))
def test_ten_minutes_have_three_hundred_faults_of_every_kind_and_twenty_kills(seed: int) -> None:
    faults, kills = plan_faults(seed, 600), plan_kills(seed, 600)

    assert 240 <= len(faults) <= 360
    assert len({deed.kind for deed in faults}) >= len(FAULTS) - 2
    assert len(kills) == 20
    assert all(0 < at < 600 for at, _ in kills)
    assert all(later - earlier >= KILL_GAP for (earlier, _), (later, _) in pairwise(kills))
    revoked = [deed.at for deed in faults if deed.kind == "revoke"]
    assert all(later - earlier >= REVOKE_GAP for earlier, later in pairwise(revoked))


# --- the judge

FIRST, SECOND = (0, 2), (1, 2)
BEGINNING: list[tuple[float, Record]] = [(1.0, Identified("a", FIRST, 1)), (1.0, Identified("b", SECOND, 1))]
FRIEND = Emitted(2, "FRIEND_ADD", "e", FIRST)


def broken(*timeline: tuple[float, Record], **more: Any) -> str:  # noqa: ANN401
    """What the judge says of a run that begins well; *more* is other evidence."""
    evidence = Evidence(5.0, "s3cret", frozenset({"FRIEND_ADD"}), [*BEGINNING, *timeline], **more)
    return "; ".join(judge(evidence).broken)


def handled(*ends: tuple[float, int]) -> list[Line]:
    """The history of one event in one process after the other."""
    verbs = ((0.0, "begin"), (0.1, "done"))
    return [Line(at + later, pid, verb, "p", "e") for at, pid in ends for later, verb in verbs]


def test_a_run_without_faults_breaks_nothing() -> None:
    beats = [(at, HeartbeatSeen(1, shard)) for at in (5.0, 10.0, 15.0) for shard in (FIRST, SECOND)]

    assert broken((3.0, FRIEND), *beats, lines=handled((3.1, 7))) == ""


def test_i1_the_judge_sees_what_was_lost() -> None:
    assert "I1: 1 events were lost" in broken((3.0, FRIEND))


REPLACED = (20.0, Identified("c", FIRST, 1))
GAP = {"gaps": [RecordedGap(20.1, 0, "session is not valid any more")]}


def test_i1_the_judge_excuses_what_went_with_a_replaced_session() -> None:
    gone = (3.5, Closed(1006, by_simulator=False, shard=FIRST))

    assert "I1" not in broken((3.0, FRIEND), REPLACED, **GAP)
    assert "I1" not in broken((3.0, FRIEND), gone, REPLACED, (40.0, HeartbeatSeen(9, FIRST)), **GAP)


@pytest.mark.parametrize(
    "gaps",
    [
        [],
        [RecordedGap(20.1, 1, "of another shard")],
        [RecordedGap(1.1, 0, "of an earlier session")],
        [RecordedGap(60.1, 0, "of a later session")],
    ],
    ids=lambda gaps: gaps[0].reason if gaps else "none",
)
def test_i1_the_judge_excuses_nothing_without_a_gap_of_that_session(gaps: list[RecordedGap]) -> None:
    later: list[tuple[float, Record]] = [(40.0, HeartbeatSeen(3, FIRST)), (60.0, Identified("d", FIRST, 1))]

    assert "I1: 1 events were lost" in broken((3.0, FRIEND), REPLACED, *later, gaps=gaps)


@pytest.mark.parametrize(
    "since",
    [Resumed("a", FIRST, 1, 1), Resumed("a", FIRST, 2, 0), HeartbeatSeen(2, FIRST)],
    ids=["brought again", "confirmed by a resume", "confirmed by a heartbeat"],
)
def test_i1_the_judge_excuses_nothing_that_had_arrived_before_the_session_was_replaced(since: Record) -> None:
    assert "I1: 1 events were lost" in broken((3.0, FRIEND), (10.0, since), REPLACED, **GAP)


def test_i1_the_judge_excuses_what_a_resume_could_not_bring() -> None:
    resumed = (10.0, Resumed("a", FIRST, 1, 1))
    cut_off = (10.2, Closed(1006, by_simulator=True, shard=FIRST))
    cut_off_later = (11.2, cut_off[1])
    silent = {"deeds": [(9.0, Deed(9.0, "half_open", shard=0, seconds=5.0))]}

    assert "I1" not in broken((3.0, FRIEND), resumed, cut_off, REPLACED, **GAP)
    assert "I1" not in broken((3.0, FRIEND), resumed, cut_off_later, REPLACED, **GAP, **silent)
    assert "I1" in broken((3.0, FRIEND), resumed, cut_off_later, REPLACED, **GAP)


def test_i1_the_judge_excuses_what_was_sent_to_a_session_that_never_began_here() -> None:
    unheard = (15.0, Identified("b", FIRST, 1))  # its READY did not arrive

    assert "I1" not in broken((3.0, FRIEND), unheard, REPLACED, **GAP)


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (handled((3.0, 7), (4.0, 8), (5.0, 7)), "process 7 handled e while 8 did"),
        (handled((3.0, 7), (9.0, 8), (9.5, 7)), "process 7 handled e after it was killed"),
    ],
)
def test_i3_the_judge_sees_two_owners(lines: list[Line], text: str) -> None:
    assert f"I3: {text}" in broken((2.0, FRIEND), lines=lines, kills=[Kill(8.0, 7)])


def test_i3_one_owner_after_the_other_is_fine() -> None:
    assert "I3" not in broken((2.0, FRIEND), lines=handled((7.9, 7), (9.0, 8)), kills=[Kill(8.0, 7)])


def test_i5_the_judge_excuses_a_late_heartbeat_only_for_what_delays_it() -> None:
    late = (19.0, HeartbeatSeen(1, FIRST))

    def deed(kind: str, shard: int | None) -> dict[str, Any]:
        return {"deeds": [(12.0, Deed(12.0, kind, shard=shard, seconds=1.0))]}

    assert "I5" in broken(late)
    assert "I5" in broken(late, **deed("half_open", 1))
    assert "I5" in broken(late, **deed("refuse", None))
    assert "I5" not in broken(late, **deed("half_open", 0))
    assert "I5" not in broken(late, **deed("half_open", None))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ('WARN shard.state shard=0 from=ready to=backoff reason="x"', "no next step"),
        ('ERROR shard.state shard=0 from=ready to=fatal reason="4013 bad intents"', "no remedy"),
        ('WARN shard.state shard=0 from=ready to=backoff reason="x" next=resume delay=0.9', ""),
        ('ERROR shard.state shard=0 from=ready to=fatal reason="4013 bad; correct intents"', ""),
    ],
)
def test_i8_the_judge_sees_a_shard_without_a_next_step(line: str, text: str) -> None:
    said = broken(output=f"2026-11-25T04:46:11.468+00:00 {line}\n")

    assert f"I8: {text}" in said if text else said == ""


def test_i8_the_judge_sees_a_shard_that_does_not_come_back() -> None:
    gone = (10.0, Closed(1006, by_simulator=False, shard=FIRST))
    later = (200.0, HeartbeatSeen(1, SECOND))

    assert "I8: shard 0 was away for 190 s" in broken(gone, later)
    assert "I8: shard 0 was away for 190 s" in broken(gone, (200.0, Resumed("a", FIRST, 1, 0)))
    assert "I8" not in broken(gone, (60.0, Resumed("a", FIRST, 1, 0)), later)
    assert "I8" not in broken(gone, later, deeds=[(11.0, Deed(11.0, "refuse", seconds=120.0))])
    assert "I8" not in broken((195.0, gone[1]), later)


def test_i9_the_judge_sees_a_connection_that_ends_with_a_failure_of_the_plugin() -> None:
    raised = [Line(10.0, 7, "raise", "p", "e")]
    ended = (10.2, Closed(4000, by_simulator=False, shard=FIRST))

    assert "I9: 1 connections" in broken(ended, lines=raised)
    assert "I9" not in broken(ended, lines=raised, deeds=[(9.5, Deed(9.5, "drop"))])
    assert "I9" not in broken(ended, lines=raised, deeds=[(4.0, Deed(4.0, "half_open", seconds=2.0))])
    assert "I9" not in broken((10.2, Closed(4009, by_simulator=True, shard=FIRST)), lines=raised)
    assert "I9" not in broken((12.0, ended[1]), lines=raised)
    # After so many bytes, whenever these have passed: but only the connection that lived then.
    counted = {"deeds": [(5.0, Deed(5.0, "reset_after", 249.0))], "lines": raised}
    assert "I9" not in broken(ended, **counted)
    assert "I9" in broken((6.0, ended[1]), ended, **counted)


# --- what was given up

DIED = "began 3 times, the process died in 2 of them"
UNREACHABLE = "PlatformUnreachableError: send_message: no answer in time"
OUT_OF_SERVICE = "ApiError: send_message failed: on purpose (HTTP 500, code 50001, trace 4f9a)"
NOT_CONNECTED = "ApiError: send_message failed: no (HTTP 400, code 304018, trace 4f9a)"


def given_up(error: str, *, runs: int, kills: int = 0, kind: str = "") -> str:
    """What the judge says of an event that was given up after so many *runs* and *kills*."""
    return broken(
        (2.0, FRIEND),
        dead=[("e", error)],
        lines=[Line(2.0 + number, 7, "begin", "p", "e") for number in range(runs)],
        kills=[Kill(100.0 + number, 7 + number) for number in range(kills)],
        deeds=[(3.0, Deed(3.0, kind))] if kind else [],
    )


@pytest.mark.parametrize(
    ("error", "runs", "kills", "kind"),
    [
        (DIED, 3, 3, ""),
        (DIED, 1, 2, ""),  # it waited behind another, which counts as well
        (f"{DIED}; before that: {UNREACHABLE}", 3, 2, ""),
        ("began 5 times, the process died in 1 of them", 4, 1, ""),
        (UNREACHABLE, 5, 0, "blackhole"),
        (UNREACHABLE, 3, 2, "rest_down"),
        (OUT_OF_SERVICE, 5, 0, "rest_fail"),
        (NOT_CONNECTED, 5, 0, "no_hello"),
        ("ConnectionError: on purpose", 5, 0, "close"),
    ],
)
def test_i1_the_judge_accepts_what_the_plan_made_the_bot_give_up(
    error: str, runs: int, kills: int, kind: str
) -> None:
    assert given_up(error, runs=runs, kills=kills, kind=kind) == ""


@pytest.mark.parametrize(
    ("error", "runs", "kills", "kind"),
    [
        ("TypeError: fault of qqbot", 5, 5, "blackhole"),
        ("skipped, the plugin is paused", 0, 0, "blackhole"),
        ("TimeoutError: took more than 60 s", 5, 0, "blackhole"),
        (DIED, 3, 1, ""),  # not so often as is said
        ("began 2 times, the process died in 1 of them", 2, 1, ""),  # too early
        ("began 5 times, the process died in 0 of them", 3, 1, ""),
        (UNREACHABLE, 4, 0, "blackhole"),  # before its fifth run
        (UNREACHABLE, 5, 0, ""),  # without a fault
        (UNREACHABLE, 5, 0, "duplicate"),  # or with one that does not do this
        (OUT_OF_SERVICE, 5, 0, "blackhole"),
        (OUT_OF_SERVICE.replace("500", "400"), 5, 0, "rest_fail"),
    ],
)
def test_i1_the_judge_sees_what_was_given_up_for_no_reason_of_the_plan(
    error: str, runs: int, kills: int, kind: str
) -> None:
    assert "I1: events were given up and nothing explains it: 1 x" in given_up(
        error, runs=runs, kills=kills, kind=kind
    )


def test_the_causes_for_giving_up_are_faults_of_the_plan() -> None:
    assert {kind for kinds in CAUSES.values() for kind in kinds} <= FAULTS.keys()


def test_i1_the_judge_does_not_count_kills_before_the_event() -> None:
    earlier = [Kill(at, pid) for at, pid in ((1.0, 7), (1.5, 8), (50.0, 9))]

    assert "nothing explains it" in broken((2.0, FRIEND), dead=[("e", DIED)], kills=earlier)


def test_i1_the_judge_bounds_what_may_be_given_up() -> None:
    def said(sent: int, dead: int) -> str:
        events = [(2.0, Emitted(2 + n, "FRIEND_ADD", f"e{n}", FIRST)) for n in range(sent)]
        lines = [Line(3.0, 7, verb, f"p{n}", f"e{n}") for n in range(sent) for verb in ("begin", "done")]
        kills = [Kill(50.0 + n, 7 + n) for n in range(3)]
        return broken(*events, lines=lines, kills=kills, dead=[(f"e{n}", DIED) for n in range(dead)])

    assert said(500, 1) == ""
    assert "I1: 2 events were given up, 1 may be" in said(500, 2)
    assert said(2_000, 4) == ""
    assert "I1: 5 events were given up, 4 may be" in said(2_000, 5)


def test_what_was_given_up_is_told_by_reason() -> None:
    errors = [OUT_OF_SERVICE, OUT_OF_SERVICE.replace("4f9a", "77b1"), DIED]
    evidence = Evidence(5.0, "s3cret", frozenset(), BEGINNING, dead=[*zip("abc", errors, strict=True)])

    told = dict(judge(evidence).figures)["given up"]

    assert told == f"3: 2 x {OUT_OF_SERVICE.replace(', trace 4f9a', '')}; 1 x {DIED}"


# --- the order within a conversation


def history(text: str) -> list[Line]:
    """Lines such as ``7 begin a``; ``a@q`` is an event of another conversation than the others."""
    lines = []
    for at, said in enumerate(text.split(", ")):
        pid, verb, event = said.split()
        event_id, _, place = event.partition("@")
        lines.append(Line(10.0 + at, int(pid), verb, place or "p", event_id))
    return lines


def order_of(text: str, *besides: tuple[float, Record], **more: Any) -> str:  # noqa: ANN401
    """What the judge says of the order in a history of events that were sent in alphabetical order."""
    sent = [(2.0 + n, Emitted(2 + n, "FRIEND_ADD", id_, FIRST)) for n, id_ in enumerate("abcd")]
    said = broken(*sent, *besides, lines=history(text), **more)
    return "; ".join(sentence for sentence in said.split("; ") if sentence.startswith("order"))


IN_ORDER = {
    "one after the other": "7 begin a, 7 done a, 7 begin b, 7 done b",
    "another try": "7 begin a, 7 raise a, 7 begin a, 7 done a, 7 begin b",
    "another try after a failure of a call": "7 begin a, 7 begin a, 7 done a, 7 begin b",
    "killed while it ran": "7 begin a, 8 begin a, 8 done a, 8 begin b",
    "killed before another try": "7 begin a, 7 raise a, 8 begin a, 8 done a, 8 begin b",
    "done once more after a kill": "7 begin a, 7 done a, 8 begin a, 8 done a, 8 begin b",
    "two done once more": "7 begin a, 7 done a, 7 begin b, 8 begin a, 8 done a, 8 begin b, 8 done b",
    "only the second once more": "7 begin a, 7 done a, 7 begin b, 7 done b, 8 begin b, 8 done b",
    "another conversation meanwhile": "7 begin a, 7 begin c@q, 7 done c@q, 7 done a",
    "another conversation before": "7 begin b@q, 7 done b@q, 7 begin a, 7 done a",
    "one that never began": "7 begin b, 7 done b, 7 begin d, 7 done d",
}


@pytest.mark.parametrize("text", IN_ORDER.values(), ids=IN_ORDER)
def test_the_judge_finds_a_conversation_in_order(text: str) -> None:
    assert order_of(text) == ""


OUT_OF_ORDER = {
    "the later first": ("7 begin b, 7 done b, 7 begin a, 7 done a", "b began before a was done"),
    "both at once": ("7 begin a, 7 begin b, 7 done a, 7 done b", "b began while a ran"),
    "another try overtaken": ("7 begin a, 7 raise a, 7 begin b, 7 done b, 7 begin a", "b began before a"),
    "overtaken after a kill": ("7 begin a, 8 begin b, 8 done b, 8 begin a, 8 done a", "b began before a"),
    "overtaken by a process that was killed": (
        "7 begin a, 8 begin b, 8 done b, 9 begin a, 9 done a",
        "b began before a was done",
    ),
    "once more, but in reverse": (
        "7 begin a, 7 done a, 7 begin b, 7 done b, 8 begin b, 8 done b, 8 begin a, 8 done a",
        "a began again after b",
    ),
    "once more, but both at once": ("7 begin a, 7 done a, 8 begin a, 8 begin b, 8 done a", "while a ran"),
}


@pytest.mark.parametrize(("text", "said"), OUT_OF_ORDER.values(), ids=OUT_OF_ORDER)
def test_the_judge_sees_a_run_out_of_turn(text: str, said: str) -> None:
    found = order_of(text)

    assert "1 runs began out of turn" in found
    assert said in found


def test_the_judge_lets_an_event_pass_one_that_was_given_up_after_its_last_run() -> None:
    given_up = {"dead": [("a", "ConnectionError")]}

    assert order_of("7 begin a, 7 begin a, 7 begin b, 7 done b", **given_up) == ""
    assert order_of("7 begin a, 8 begin a, 9 begin b, 9 done b", **given_up) == ""
    assert order_of("7 begin b, 7 done b", **given_up) == ""
    assert "b began before a" in order_of("7 begin b, 7 done b, 7 begin a", **given_up)
    assert "b began before a" in order_of("7 begin a, 8 begin b, 8 done b, 9 begin a", **given_up)
    assert "b began while a ran" in order_of("7 begin a, 7 begin b, 7 begin a", **given_up)


def test_the_judge_lets_events_change_places_that_the_platform_sent_in_reverse() -> None:
    def reorder(at: float, amount: int, shard: int | None = None) -> dict[str, Any]:
        return {"deeds": [(at, Deed(at, "reorder", amount, shard=shard))]}

    in_reverse = "7 begin b, 7 done b, 7 begin a, 7 done a, 7 begin c, 7 done c"
    assert order_of(in_reverse, **reorder(1.5, 2)) == ""
    assert order_of(in_reverse, **reorder(1.5, 3, shard=0)) == ""
    assert order_of("7 begin b, 8 begin b, 8 done b, 8 begin a, 8 done a, 8 begin c", **reorder(1.5, 2)) == ""
    assert "b began before a" in order_of(in_reverse, **reorder(1.5, 2, shard=1))
    assert "b began before a" in order_of(in_reverse, **reorder(2.5, 2))
    assert "c began before a" in order_of(
        "7 begin b, 7 done b, 7 begin c, 7 done c, 7 begin a", **reorder(1.5, 2)
    )
    assert "a began while b ran" in order_of("7 begin b, 7 begin a, 7 done b", **reorder(1.5, 2))


def test_the_judge_knows_that_a_reordering_may_begin_when_the_session_goes_on() -> None:
    deeds = [(1.5, Deed(1.5, "reorder", 2))]
    text = "7 begin a, 7 done a, 7 begin b, 7 done b, 7 begin d, 7 done d, 7 begin c, 7 done c"

    assert order_of(text, (3.5, Resumed("s", FIRST, 1, 2)), deeds=deeds) == ""
    assert "d began before c" in order_of(text, (3.5, Resumed("s", (1, 2), 1, 2)), deeds=deeds)
    assert "d began before c" in order_of(text, deeds=deeds)


def test_the_judge_takes_two_reorderings_in_a_row_for_one() -> None:
    deeds = [(at, Deed(at, "reorder", 2)) for at in (1.5, 2.5)]

    assert order_of("7 begin c, 7 done c, 7 begin a, 7 done a, 7 begin b, 7 done b", deeds=deeds) == ""
