"""Whose turn it is: limits are never exceeded, every call gets an answer in time, turns go round."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qqbot_cli.model.rate import Rate
from qqbot_cli.protocol.ratelimit import (
    LONGEST_LESSON,
    MARGIN,
    Key,
    Lesson,
    RateLimiter,
    TooLate,
    Turn,
    lesson_of,
)

KEY: Key = ("send", "")
NOON = 1_700_000_000.0
"""Seconds since 1970, as the platform's clock."""


@dataclass
class Book:
    """A limiter with a clock of its own, and what came of the calls."""

    rate: Rate | None
    longest: float = 30.0
    now: float = 0.0
    granted: list[tuple[float, str]] = field(default_factory=list)
    late: list[tuple[float, TooLate]] = field(default_factory=list)
    waiting: dict[Turn, tuple[float, int]] = field(default_factory=dict)
    """Turn -> when it asked, and after how many grants."""
    waits: list[float] = field(default_factory=list)
    """Seconds, of every call that got an answer."""
    overtaken: int = 0
    """How often somebody came twice while another waited."""

    def __post_init__(self) -> None:
        self.limiter = RateLimiter(longest=self.longest)

    def ask(self, target: str = "", key: Key = KEY) -> Turn | TooLate | None:
        asked = self.limiter.ask(key, self.rate, target, now=self.now)
        if asked is None:
            self._count(target, self.now)
        elif isinstance(asked, TooLate):
            self.late.append((self.now, asked))
        else:
            self.waiting[asked] = (self.now, len(self.granted))
        return asked

    def _count(self, target: str, since: float) -> None:
        self.granted.append((self.now, target))
        self.waits.append(self.now - since)
        for turn, (_, before) in self.waiting.items():
            served = [name for _, name in self.granted[before:]]
            if turn.target not in served and any(served.count(name) > 1 for name in served):
                self.overtaken += 1

    def wait_until(self, moment: float) -> None:
        """Let time pass, doing what the limiter wants done whenever it wants to be asked."""
        while (change := self.limiter.next_change(now=self.now)) is not None and change <= moment:
            self.now = max(self.now, change)
            granted = self.limiter.grant(now=self.now)
            expired = self.limiter.expire(now=self.now)
            assert granted or expired, "woken for nothing"
            for turn in granted:
                since, _ = self.waiting.pop(turn)
                self._count(turn.target, since)
            for turn, late in expired:
                since, _ = self.waiting.pop(turn)
                self.waits.append(self.now - since)
                self.late.append((self.now, late))
        self.now = max(self.now, moment)

    def finish(self) -> None:
        self.wait_until(self.now + self.longest)


RATES = st.builds(
    Rate,
    calls=st.integers(1, 6),
    seconds=st.sampled_from([0.1, 1.0, 7.0, 60.0]),
    burst=st.integers(0, 10),
)
ASKS = st.lists(
    st.tuples(st.one_of(st.just(0.0), st.floats(0.0, 20.0)), st.sampled_from("abcd")), max_size=60
)
LESSONS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 3), st.floats(0.0, 50.0)), max_size=3)


def played(rate: Rate, asks: list[tuple[float, str]], lessons: list[tuple[int, int, float]]) -> Book:
    book = Book(rate)
    for number, (gap, target) in enumerate(asks):
        book.wait_until(book.now + gap)
        for _, remaining, reset_after in (lesson for lesson in lessons if lesson[0] == number):
            book.limiter.learn(KEY, rate, Lesson(remaining, reset_after), now=book.now)
        book.ask(target)
    book.finish()
    return book


@given(RATES, ASKS, LESSONS)
@settings(deadline=None)
def test_no_window_ever_has_more_calls_than_the_limit(
    rate: Rate, asks: list[tuple[float, str]], lessons: list[tuple[int, int, float]]
) -> None:
    moments = [moment for moment, _ in played(rate, asks, lessons).granted]

    most = max(rate.calls, rate.burst)
    for first, last in zip(moments, moments[most:], strict=False):
        assert last - first >= rate.seconds


@given(RATES, ASKS)
@settings(deadline=None)
def test_a_burst_is_paid_for_later(rate: Rate, asks: list[tuple[float, str]]) -> None:
    moments = [moment for moment, _ in played(rate, asks, []).granted]

    most = max(rate.calls, rate.burst)
    for start, first in enumerate(moments):
        for number, moment in enumerate(moments[start:], start=1):
            assert number <= most + (moment - first) * rate.calls / rate.seconds + 1e-6


@given(RATES, ASKS, LESSONS)
@settings(deadline=None)
def test_every_call_gets_an_answer_in_time(
    rate: Rate, asks: list[tuple[float, str]], lessons: list[tuple[int, int, float]]
) -> None:
    book = played(rate, asks, lessons)

    assert not book.waiting
    assert len(book.granted) + len(book.late) == len(asks)
    assert all(wait <= book.longest + 1e-9 for wait in book.waits)  # the sum of two floats is rounded
    assert all(late.retry_after >= 0 for _, late in book.late)


@given(RATES, ASKS)
@settings(deadline=None)
def test_nobody_comes_again_and_again_while_another_waits(rate: Rate, asks: list[tuple[float, str]]) -> None:
    assert played(rate, asks, []).overtaken == 0


def test_a_call_below_the_limit_goes_at_once() -> None:
    book = Book(Rate(2, 1.0))

    assert [book.ask(), book.ask()] == [None, None]
    assert isinstance(book.ask(), Turn)


def test_the_next_call_comes_when_the_oldest_has_left_the_window() -> None:
    book = Book(Rate(2, 1.0))
    book.ask()
    book.wait_until(0.4)
    book.ask()
    book.ask()

    book.finish()

    assert [moment for moment, _ in book.granted] == [0.0, 0.4, 1.0 + MARGIN]


def test_a_burst_is_allowed_once_and_then_the_average_holds() -> None:
    book = Book(Rate(2, 60.0, burst=4), longest=100.0)
    for _ in range(6):
        book.ask()

    book.finish()

    spacing = (60.0 + MARGIN) / 2
    assert [moment for moment, _ in book.granted] == pytest.approx([0, 0, 0, 0, 2 * spacing, 2 * spacing])


def test_a_group_that_floods_delays_itself_and_not_the_others() -> None:
    book = Book(Rate(1, 1.0))
    for _ in range(20):
        book.ask("flood")
    book.ask("quiet")
    book.ask("quiet")

    book.finish()

    order = [target for _, target in book.granted]
    assert order[:6] == ["flood", "flood", "quiet", "flood", "quiet", "flood"]


def test_a_call_whose_turn_is_too_far_off_is_told_when_it_would_come() -> None:
    book = Book(Rate(1, 10.0), longest=25.0)
    for _ in range(3):
        book.ask()

    late = book.ask()

    assert isinstance(late, TooLate)
    assert late.retry_after == pytest.approx(3 * (10.0 + MARGIN))


def test_a_turn_that_is_pushed_back_too_far_gives_up_at_its_deadline() -> None:
    book = Book(Rate(1, 10.0), longest=25.0)
    book.ask("a")
    book.ask("a")
    book.ask("a")  # would come at about 20
    book.ask("b")

    book.finish()

    assert [target for _, target in book.granted] == ["a", "a", "b"]
    ((moment, late),) = book.late
    assert moment == 25.0
    assert late.retry_after == pytest.approx(30 + 3 * MARGIN - 25)


def test_a_call_that_is_withdrawn_leaves_its_place_to_the_next() -> None:
    book = Book(Rate(1, 1.0))
    book.ask("a")
    first = book.ask("b")
    book.ask("c")
    assert isinstance(first, Turn)

    book.limiter.withdraw(first)
    book.limiter.withdraw(first)
    del book.waiting[first]
    book.finish()

    assert book.granted == [(0.0, "a"), (1.0 + MARGIN, "c")]
    assert book.limiter.next_change(now=book.now) is None


def test_a_new_call_does_not_overtake_those_that_wait_when_the_waker_is_late() -> None:
    book = Book(Rate(1, 1.0))
    book.ask("a")
    book.ask("b")
    book.now = 5.0

    assert isinstance(book.ask("c"), Turn)


def test_each_channel_has_a_bucket_of_its_own() -> None:
    book = Book(Rate(1, 1.0, per="channel_id"))

    assert book.ask("1", ("send", "1")) is None
    assert book.ask("2", ("send", "2")) is None
    assert isinstance(book.ask("1", ("send", "1")), Turn)


def test_idle_buckets_are_forgotten_and_busy_ones_are_not() -> None:
    book = Book(Rate(1, 1.0, per="channel_id"))
    for number in range(1000):
        book.ask(key=("send", str(number)))
    book.wait_until(2.0)
    for number in range(1000, 1100):
        book.ask(key=("send", str(number)))

    assert not book.limiter.knows(("send", "0"))
    assert book.limiter.knows(("send", "1099"))


def test_what_headers_tell_narrows_a_bucket_until_the_reset() -> None:
    book = Book(Rate(100, 1.0))
    book.limiter.learn(KEY, book.rate, Lesson(remaining=1, reset_after=5.0), now=0.0)

    book.ask()
    book.ask()
    book.finish()

    assert [moment for moment, _ in book.granted] == [0.0, 5.0]


def test_an_answer_that_was_overtaken_does_not_widen_the_bucket_again() -> None:
    book = Book(Rate(100, 1.0))
    book.limiter.learn(KEY, book.rate, Lesson(remaining=0, reset_after=5.0), now=0.0)
    book.limiter.learn(KEY, book.rate, Lesson(remaining=7, reset_after=4.0), now=0.0)

    book.ask()
    book.finish()

    assert [moment for moment, _ in book.granted] == [5.0]


def test_a_reset_in_the_far_future_does_not_lock_us_out() -> None:
    book = Book(Rate(1, 1.0))
    book.limiter.pause(KEY, book.rate, 1e9, now=0.0)

    late = book.ask()

    assert isinstance(late, TooLate)
    assert late.retry_after == LONGEST_LESSON


def test_a_call_without_a_limit_is_limited_by_headers_alone() -> None:
    book = Book(None)
    book.limiter.learn(KEY, None, Lesson(remaining=0), now=0.0)
    assert not book.limiter.knows(KEY)  # no reset was told, and no limit says how long a window is

    book.limiter.learn(KEY, None, Lesson(remaining=1, reset_after=3.0), now=0.0)
    for _ in range(2):
        book.ask()
    book.finish()
    for _ in range(5):
        book.ask()

    assert [moment for moment, _ in book.granted[:2]] == [0.0, 3.0]
    assert len(book.granted) == 7


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3", 3.0),
        ("0", 0.0),
        ("1.5", 1.5),
        (" 2 ", 2.0),
        ("1e6", 1e6),
        ("1000000", 1e6),
        ("-3", None),
        ("nan", None),
        ("inf", None),
        ("-inf", None),
        ("9" * 400, None),
        ("", None),
        ("soon", None),
        ("Tue, 14 Nov 2023 22:13:25 GMT", 5.0),
        ("Tue, 14 Nov 2023 22:13:25 -0000", 5.0),
        ("Wed, 15 Nov 2023 06:13:25 +0800", 5.0),
        ("Tue, 14 Nov 2023 22:13:00 GMT", 0.0),
        ("Tue, 99 Nov 2023 22:13:25 GMT", None),
        ("Tue, 14 Nov 99999999999999999999 22:13:25 GMT", None),
    ],
)
def test_f52_every_form_of_retry_after_is_seconds_or_not_told(text: str, seconds: float | None) -> None:
    assert lesson_of({"Retry-After": text}, wall=NOON).retry_after == seconds


def test_a_date_says_nothing_while_the_platforms_clock_is_unknown() -> None:
    headers = {"Retry-After": "Tue, 14 Nov 2023 22:13:25 GMT", "X-RateLimit-Reset": str(NOON + 5)}

    assert lesson_of(headers, wall=None) == Lesson()


@pytest.mark.parametrize("prefix", ["X-RateLimit-", "X-Rate-Limit-"])
@pytest.mark.parametrize(
    ("name", "text", "seconds"),
    [
        ("Reset", "7", 7.0),
        ("Reset", str(NOON + 7), 7.0),
        ("Reset", str(int(NOON + 7) * 1000), 7.0),
        ("Reset", str(NOON - 7), 0.0),
        ("Reset", "nan", None),
        ("Reset-After", "0.25", 0.25),
    ],
)
def test_a_reset_is_a_duration_or_a_moment(prefix: str, name: str, text: str, seconds: float | None) -> None:
    lesson = lesson_of({prefix + name: text, prefix + "Remaining": "2"}, wall=NOON)

    assert lesson == Lesson(2, seconds, None)
    assert lesson.pause == seconds


@pytest.mark.parametrize("text", ["-1", "many", "", "1.5", "²", "9" * 50])
def test_a_number_of_calls_that_is_none_counts_as_not_told(text: str) -> None:
    assert lesson_of({"X-RateLimit-Remaining": text}, wall=NOON) == Lesson()


def test_retry_after_goes_before_a_reset() -> None:
    assert lesson_of({"Retry-After": "2", "X-RateLimit-Reset": "9"}, wall=NOON).pause == 2.0
