"""Who runs beside whom, and who begins: the marks ``alone`` and ``long``.

What a test says about seconds is true of a machine that has them to give. Several processes run the suite
side by side; a test marked ``alone`` waits until the others have finished theirs, and they wait for it.

Two files are locked, as a room and its door are. Everybody takes the door to go in; who wants to be alone
keeps it until the room is empty, so that those who come later wait behind him. The clock of pytest-timeout
begins when a test has gone in.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

if sys.platform != "win32":
    import fcntl

NOISE = 3.0
"""Seconds that others may take from a test that is not `alone`, on top of the figure it asserts.

For figures with "never" or "much later" as their opposite: a few seconds more do not disprove what is meant.
"""


def wants_to_be_alone(item: pytest.Item | None) -> bool:
    return item is not None and item.get_closest_marker("alone") is not None


class Turns:
    """Takes the locks around each test of one of several processes, its fixtures included."""

    def __init__(self, folder: Path) -> None:
        self._door = (folder / "door.lock").open("wb")
        self._room = (folder / "room.lock").open("wb")
        self._alone = False
        """Whether the room is ours alone."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, Any, Any]:
        if not self._alone:
            self.enter(alone=wants_to_be_alone(item))
        try:
            return (yield)
        finally:
            # Until the room is empty again the others would do nothing: one such wait is for several tests.
            if not (self._alone and wants_to_be_alone(nextitem)):
                self.leave()

    def pytest_unconfigure(self) -> None:
        self._door.close()
        self._room.close()

    if sys.platform != "win32":

        def enter(self, *, alone: bool) -> None:
            fcntl.flock(self._door, fcntl.LOCK_EX)
            try:
                fcntl.flock(self._room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
                self._alone = alone
            finally:
                fcntl.flock(self._door, fcntl.LOCK_UN)

        def leave(self) -> None:
            self._alone = False
            fcntl.flock(self._room, fcntl.LOCK_UN)

    else:

        def enter(self, *, alone: bool) -> None:
            """Nothing to lock with: marks are for machines that have `fcntl`."""

        def leave(self) -> None: ...


def in_order(items: list[pytest.Item], processes: int) -> list[pytest.Item]:
    """Begin with those ``alone`` in the first process, and with those that take ``long`` in every one.

    Each process is given the next equal share of all tests; what it has not begun when another has nothing
    left is taken from the end.
    """
    alone = [item for item in items if wants_to_be_alone(item)]
    long = [item for item in items if item.get_closest_marker("long") and item not in alone]
    first = {*alone, *long}
    rest = iter([item for item in items if item not in first])
    shares = [long[number::processes] for number in range(processes)]
    shares[0] = alone + shares[0]
    ordered: list[pytest.Item] = []
    for number, share in enumerate(shares):
        size = (len(items) - len(ordered)) // (processes - number)
        ordered += share
        ordered += [item for _, item in zip(range(size - len(share)), rest, strict=False)]
    return [*ordered, *rest]
