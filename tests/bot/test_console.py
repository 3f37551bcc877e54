"""A Windows console that is closed: what we do with the seconds that are left."""

from __future__ import annotations

import threading
import time

import pytest

from qqbot_cli.bot.console import ENDS, HURRY, PATIENCE, Farewell, console_events
from tests.turns import NOISE


@pytest.mark.parametrize("event", ENDS)
def test_f101_the_end_of_the_console_drains_and_waits_until_that_is_over(event: int) -> None:
    asked = threading.Event()
    farewell = Farewell(asked.set)
    outcome: list[bool] = []
    windows = threading.Thread(target=lambda: outcome.append(farewell(event)))
    windows.start()

    assert asked.wait(5)
    assert not outcome
    farewell.over()
    windows.join(5)
    assert outcome == [True]


@pytest.mark.parametrize("event", [0, 1], ids=["Ctrl-C", "Ctrl-Break"])
def test_f101_what_is_a_signal_is_left_to_the_signal_handlers(event: int) -> None:
    asked = threading.Event()

    assert Farewell(asked.set)(event) is False
    assert not asked.is_set()


def test_f101_it_waits_no_longer_than_windows_does() -> None:
    begun = time.monotonic()

    assert Farewell(lambda: None, patience=0.05)(2)
    assert time.monotonic() - begun < NOISE  # and not for ever
    assert HURRY < PATIENCE < 5


def test_f101_a_loop_that_has_ended_is_not_waited_for() -> None:
    def closed() -> None:
        raise RuntimeError("Event loop is closed")

    assert Farewell(closed)(2)


def test_f101_the_end_of_the_block_is_the_end_of_the_waiting() -> None:
    farewell = Farewell(lambda: None)
    with console_events(farewell):
        pass

    assert farewell(2)
