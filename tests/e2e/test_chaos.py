"""Chaos with fixed seeds: a real `qqbot run`, a bad network, `kill -9`, and nothing lost.

Each run is a process of its own; what meets what in which millisecond differs, and must not matter.
"""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.chaos_plan import FAULTS, KILL_GAP, REVOKE_GAP, plan_faults, plan_kills
from tests.conftest import OUTPUT

ROOT = Path(__file__).parent.parent.parent
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")


def begin(seed: int, seconds: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, ROOT / "benchmarks/chaos.py", "--seconds", str(seconds), "--seed", str(seed)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


def outcome(process: subprocess.Popen[str], patience: float) -> str:
    """What it printed; fails if an invariant is broken."""
    try:
        printed, _ = process.communicate(timeout=patience)
    finally:
        process.kill()
    OUTPUT.append(("chaos", printed))
    assert process.returncode == 0, printed
    return printed


@POSIX
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
@pytest.mark.long
def test_i1_i11_nothing_is_lost_or_said_twice_in_chaos(seed: int) -> None:
    printed = outcome(begin(seed, 12), patience=50)

    figures = dict(line.rsplit(maxsplit=1) for line in printed.splitlines()[1:])
    assert figures["handled"] == figures["emitted"] != "0"
    assert (figures["lost"], figures["kills"]) == ("0", "1")


@POSIX
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("seed", "seconds"), [(11, 60), (12, 60), (13, 600)])
def test_i1_i11_nothing_is_lost_or_said_twice_in_longer_chaos(seed: int, seconds: float) -> None:
    outcome(begin(seed, seconds), patience=seconds + 200)


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
