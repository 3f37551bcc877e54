"""Which events run after a crash: few at once, and what ran at such an end alone."""

from __future__ import annotations

from collections.abc import Sequence

from qqbot_cli.bot.suspects import Suspects
from qqbot_cli.model.inbox import Received, State, StoredEvent


def stored(row: int, crashes: int = 0) -> StoredEvent:
    received = Received(0, "NEW_EVENT", "", "", b"{}", 0.0)
    return StoredEvent(row, received, 1, crashes, State.WAITING, False, "", (), 0.0)


def rows(events: Sequence[StoredEvent]) -> list[int]:
    return [event.row for event in events]


def test_f76_a_suspect_waits_until_nothing_else_runs_and_then_runs_alone() -> None:
    suspects = Suspects(begun=9, crashed=True)
    innocent, also, culprit, after = stored(1), stored(2), stored(3, crashes=1), stored(4)

    assert rows(suspects.may_run([innocent, also, culprit, after], set())) == [1, 2]
    assert rows(suspects.may_run([culprit, after], {1, 2})) == []
    assert rows(suspects.may_run([culprit, after], {2})) == []
    assert rows(suspects.may_run([culprit, after], set())) == [3]
    assert rows(suspects.may_run([after], {3})) == []
    assert rows(suspects.may_run([after], set())) == [4]


def test_f76_few_run_at_once_until_all_have_had_their_turn() -> None:
    suspects = Suspects(begun=99, crashed=True)
    events = [stored(row) for row in range(1, 41)]

    assert rows(suspects.may_run(events, set())) == list(range(1, 17))
    assert rows(suspects.may_run(events[16:], set(range(1, 17)))) == []
    assert rows(suspects.may_run(events[16:], set(range(5, 17)))) == [17, 18, 19, 20]
    suspects.clear()
    assert rows(suspects.may_run(events[20:], set(range(1, 21)))) == list(range(21, 41))


def test_after_an_orderly_end_nobody_is_suspected() -> None:
    suspects = Suspects(begun=9, crashed=False)

    assert rows(suspects.may_run([stored(1, crashes=1), stored(2, crashes=1), stored(10)], {7})) == [1, 2]
