"""Tests that are alone, and the order in which tests begin."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import cast

import pytest

from tests.turns import Turns, in_order


class Item:
    """As much of a test as its order depends on."""

    def __init__(self, *marks: str) -> None:
        self._marks = marks

    def get_closest_marker(self, name: str) -> str | None:
        return name if name in self._marks else None


def items(count: int, *marks: str) -> list[pytest.Item]:
    return [cast("pytest.Item", Item(*marks)) for _ in range(count)]


def test_those_alone_begin_in_the_first_process_and_long_ones_in_each() -> None:
    short, long, alone = items(15), items(5, "long"), items(3, "alone")

    ordered = in_order([*short, *long, *alone], 4)

    shares = [ordered[:5], ordered[5:11], ordered[11:17], ordered[17:]]
    assert shares[0] == [*alone, long[0], long[4]]
    assert [share[0] for share in shares[1:]] == long[1:4]
    assert [item for item in ordered if item in short] == short


@pytest.mark.parametrize("count", range(6))
@pytest.mark.parametrize("marks", [("alone",), ("long",), ("alone", "long")], ids=str)
def test_every_test_is_in_the_order_once(marks: tuple[str, ...], count: int) -> None:
    given = [*items(3), *items(count, *marks)]

    assert sorted(map(id, in_order(given, 4))) == sorted(map(id, given))


def is_locked(file: Path) -> bool:
    import fcntl

    with file.open("rb") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


@pytest.mark.skipif(sys.platform == "win32", reason="fcntl")
def test_who_is_alone_waits_for_the_others_and_those_who_come_later_wait_for_him(tmp_path: Path) -> None:
    first, alone, late = (Turns(tmp_path) for _ in range(3))
    happened: list[str] = []
    within = threading.Event()

    def be_alone() -> None:
        alone.enter(alone=True)
        happened.append("alone")
        within.wait(10)
        alone.leave()

    def come_late() -> None:
        late.enter(alone=False)
        happened.append("late")
        late.leave()

    first.enter(alone=False)
    threads = [threading.Thread(target=be_alone), threading.Thread(target=come_late)]
    threads[0].start()
    while not is_locked(tmp_path / "door.lock"):
        threads[0].join(0.01)
    threads[1].start()
    threads[1].join(0.1)
    happened.append("first leaves")
    first.leave()
    threads[1].join(0.1)
    within.set()
    for thread in threads:
        thread.join(10)
    for turns in (first, alone, late):
        turns.pytest_unconfigure()

    assert happened == ["first leaves", "alone", "late"]
