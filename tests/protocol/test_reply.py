"""Which replies count, and with which number they go."""

from __future__ import annotations

import pytest

from qqbot_cli.errors import ReplyWindowError
from qqbot_cli.model.events import ReplyWindow
from qqbot_cli.protocol.reply import ReplyBook


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
