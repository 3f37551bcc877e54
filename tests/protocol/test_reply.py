"""Which replies count, and with which number they go."""

from __future__ import annotations

import pytest

from qqbot_cli.errors import ReplyWindowError
from qqbot_cli.model.events import ReplyWindow
from qqbot_cli.protocol.reply import ReplyBook, series_of


def make(limit: int | None = 2) -> ReplyBook:
    return ReplyBook(ReplyWindow(300, limit, "msg_id"), "m", opened=0.0)


def test_numbers_start_at_1_and_never_repeat() -> None:
    book = make(limit=None)

    numbers = [book.next_seq(now=0.0)]
    book.give_back()
    numbers += [book.next_seq(now=0.0, counted=False), book.next_seq(now=0.0)]

    assert numbers == [1, 2, 3]


def test_a_number_that_is_wanted_is_used_and_counted_on_from() -> None:
    book = make(limit=None)

    assert [book.next_seq(now=0.0, wanted=wanted) for wanted in (7, None, 3, None)] == [7, 8, 3, 9]


def test_what_is_given_back_can_be_used_again() -> None:
    book = make(limit=1)
    book.next_seq(now=0.0)
    book.give_back()

    assert book.remaining == 1
    assert book.next_seq(now=0.0) == 2


def test_what_does_not_count_needs_no_place_but_the_window() -> None:
    book = make(limit=1)
    book.next_seq(now=0.0)

    assert book.next_seq(now=0.0, counted=False) == 2
    assert book.remaining == 0
    with pytest.raises(ReplyWindowError, match="answered 1 times"):
        book.next_seq(now=0.0)
    with pytest.raises(ReplyWindowError, match="closed 1 s ago"):
        book.next_seq(now=301.0, counted=False)


def test_each_of_several_plugins_counts_in_a_series_of_its_own() -> None:
    series = series_of(["weather", "echo", "dice"])
    book = make(limit=None)

    numbers = [book.next_seq(now=0.0, series=series[name]) for name in ("echo", "weather", "echo", "dice")]

    assert len(set(numbers)) == 4
    assert numbers[2] == numbers[0] + 1
    assert all(0 < number < 2**32 for number in numbers)


def test_the_series_of_a_plugin_depends_on_its_name_alone() -> None:
    assert series_of(["weather", "echo"])["echo"] == series_of(["dice", "echo", "lottery"])["echo"]
    assert series_of(["echo"]) == {}


def test_who_runs_again_says_the_same_with_the_same_numbers_and_others_go_on() -> None:
    series = series_of(["weather", "echo"])
    book = make(limit=5)
    first = [book.next_seq(now=0.0, series=series["echo"]) for _ in range(2)]
    other = book.next_seq(now=0.0, series=series["weather"])

    book.begin_again(series["echo"])

    assert book.remaining == 4
    assert [book.next_seq(now=0.0, series=series["echo"]) for _ in range(2)] == first
    assert book.next_seq(now=0.0, series=series["weather"]) == other + 1
