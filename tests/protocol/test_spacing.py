"""Permits to identify: the platform's pace, the day's budget, first come first served."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qqbot_cli.protocol.spacing import WINDOW, Budget, Spacing


def make_spacing(*, concurrency: int = 1, remaining: int = 1000, reset_at: float = 86_400) -> Spacing:
    return Spacing(Budget(1000, remaining, reset_at, concurrency))


def test_shards_identify_in_the_order_in_which_they_asked_five_seconds_apart() -> None:
    spacing = make_spacing()
    for shard in (2, 0, 1):
        spacing.ask(shard)

    assert spacing.grant(now=0) == [2]
    assert spacing.grant(now=1) == []  # not before the first has used its permit
    spacing.started(2, now=3)
    assert spacing.next_grant(now=3) == 8.1
    assert spacing.grant(now=8) == []
    assert spacing.grant(now=8.1) == [0]


def test_as_many_start_at_once_as_the_platform_allows() -> None:
    spacing = make_spacing(concurrency=3)
    for shard in range(5):
        spacing.ask(shard)

    assert spacing.grant(now=0) == [0, 1, 2]


def test_a_permit_that_is_given_back_costs_nothing() -> None:
    spacing = make_spacing()
    spacing.ask(0)
    spacing.ask(1)
    spacing.grant(now=0)

    spacing.withdraw(0)

    assert spacing.grant(now=0) == [1]
    assert spacing.remaining == 1000


def test_asking_twice_is_asking_once() -> None:
    spacing = make_spacing(concurrency=5)
    spacing.ask(0)
    spacing.ask(0)

    assert spacing.grant(now=0) == [0]
    spacing.ask(0)
    assert spacing.grant(now=0) == []


def test_f54_without_budget_nobody_identifies_before_it_is_renewed() -> None:
    spacing = make_spacing(remaining=0, reset_at=100)
    spacing.ask(0)

    assert spacing.exhausted(now=0)
    assert spacing.next_grant(now=0) == 100
    assert spacing.grant(now=99) == []
    assert spacing.grant(now=100) == [0]
    assert spacing.remaining == 1000


def test_f54_reconnects_leave_one_start_in_twenty_to_people() -> None:
    spacing = make_spacing(concurrency=100, remaining=52)
    starts = 0
    for attempt in range(60):
        spacing.ask(0)
        if spacing.grant(now=attempt * 10) == [0]:
            spacing.started(0, now=attempt * 10)
            starts += 1

    assert (starts, spacing.remaining) == (2, 50)


def test_a_shard_s_first_start_may_use_the_reserve() -> None:
    spacing = make_spacing(remaining=1)
    spacing.ask(0)

    assert spacing.grant(now=0) == [0]


STEPS = st.lists(
    st.tuples(st.sampled_from(["ask", "grant", "start", "withdraw"]), st.integers(0, 5), st.floats(0, 4)),
    max_size=120,
)


@given(STEPS, st.integers(1, 3), st.integers(0, 12))
def test_never_more_than_allowed_start_in_any_five_seconds_nor_over_the_budget(
    steps: list[tuple[str, int, float]], concurrency: int, remaining: int
) -> None:
    spacing = Spacing(Budget(12, remaining, 1e9, concurrency))
    now, starts, granted = 0.0, [], set()
    for what, shard, seconds in steps:
        now += seconds
        match what:
            case "ask":
                spacing.ask(shard)
            case "grant":
                granted.update(spacing.grant(now=now))
            case "start" if shard in granted:
                granted.discard(shard)
                spacing.started(shard, now=now)
                starts.append(now)
            case "withdraw":
                granted.discard(shard)
                spacing.withdraw(shard)

    assert len(starts) <= remaining
    for begin in starts:
        assert sum(begin <= other < begin + WINDOW for other in starts) <= concurrency
