"""Back-off, sequence, dedupe, reply book, pulse and words for trouble."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqbot_cli.errors import ReplyWindowError
from qqbot_cli.model.events import C2C_WINDOW, GROUP_WINDOW, GUILD_WINDOW, ReplyWindow
from qqbot_cli.protocol.backoff import (
    CLOSE_BACKOFF,
    CONNECT_BACKOFF,
    IDENTIFY_BACKOFF,
    TOKEN_BACKOFF,
    Backoff,
    BackoffRule,
)
from qqbot_cli.protocol.dedupe import SeenIds
from qqbot_cli.protocol.reply import ReplyBook
from qqbot_cli.protocol.sequence import Sequence
from qqbot_cli.protocol.trouble import describe, is_untrusted

RULES = [CONNECT_BACKOFF, CLOSE_BACKOFF, IDENTIFY_BACKOFF, TOKEN_BACKOFF]


@given(st.sampled_from(RULES), st.floats(0, 1), st.integers(1, 200))
def test_a_delay_is_never_longer_than_the_cap_nor_shorter_than_the_spread_allows(
    rule: BackoffRule, jitter: float, failures: int
) -> None:
    backoff = Backoff(rule, lambda: jitter)
    delays = [backoff.next() for _ in range(failures)]

    assert all(rule.base * (1 - rule.spread) <= delay <= rule.cap for delay in delays)


def test_a_delay_doubles_until_it_is_reset() -> None:
    backoff = Backoff(CLOSE_BACKOFF, lambda: 0.0)

    assert [backoff.next() for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    backoff.reset()
    assert backoff.next() == 1


def test_f26_identifies_that_keep_failing_stay_below_twenty_in_the_first_hour() -> None:
    backoff = Backoff(IDENTIFY_BACKOFF, lambda: 1.0)  # the shortest delays there are
    now, identifies = 0.0, 0
    while now < 3600:
        identifies += 1
        now += backoff.next()

    assert identifies <= 20


@given(st.lists(st.integers(0, 100)))
def test_f37_the_sequence_is_the_highest_number_received_in_any_order(numbers: list[int]) -> None:
    sequence = Sequence()
    for number in numbers:
        sequence.advance(number)

    assert sequence.newest == (max(numbers, default=0) or None)


@given(st.permutations(range(1, 20)), st.integers(0, 19))
def test_f37_what_is_asked_for_again_covers_every_number_that_is_missing(
    order: list[int], received: int
) -> None:
    sequence = Sequence(0)
    for number in order[:received]:
        sequence.advance(number)

    resume_from = sequence.resume_from()

    missing = set(range(1, max(order[:received], default=0))) - set(order[:received])
    assert resume_from is not None
    assert all(number > resume_from for number in missing)


@given(st.lists(st.one_of(st.integers(1, 60), st.sampled_from(["beat", "resume"]))))
def test_what_a_heartbeat_has_confirmed_is_never_asked_for_again(steps: list[int | str]) -> None:
    sequence, confirmed = Sequence(1), 1
    for step in steps:
        match step:
            case "beat":
                told = sequence.confirm(settled=True) or 0
                assert told >= confirmed
                confirmed = told
            case "resume":
                assert (sequence.resume_from() or 0) >= confirmed
            case int():
                sequence.advance(step)


def test_a_number_that_never_comes_holds_heartbeats_back_once() -> None:
    sequence = Sequence(1)
    for number in (2, 4, 5):
        sequence.advance(number)

    assert [sequence.confirm(settled=True), sequence.confirm(settled=True)] == [2, 5]
    assert sequence.resume_from() == 5


def test_a_number_that_has_come_and_is_not_stored_yet_is_waited_for() -> None:
    sequence = Sequence(1, durable=True)
    for number in (2, 4, 3):
        sequence.receive(number)
    for number in (2, 4):
        sequence.advance(number)  # the third frame, which is number 3, is still being stored

    assert [(sequence.confirm(settled=True), sequence.settled) for _ in range(3)] == [(2, 2)] * 3
    sequence.advance(3)
    assert sequence.confirm(settled=True) == 4


def test_a_number_that_never_comes_is_not_waited_for_because_others_are_being_stored() -> None:
    sequence = Sequence(1, durable=True)
    settled = []
    for number in (2, 4, 5, 6, 7):  # there is no 3, and at each heartbeat a frame is being stored
        sequence.receive(number)
        sequence.confirm(settled=True)
        settled.append(sequence.settled)
        sequence.advance(number)

    assert settled == [1, 2, 2, 2, 6]
    sequence.give_up(6)
    assert sequence.confirm(settled=True) == 7


def test_what_a_replay_was_cut_off_before_is_asked_for_again() -> None:
    sequence = Sequence(1)
    for number in (2, 4):
        sequence.advance(number)

    assert [sequence.resume_from(), sequence.confirm(settled=False), sequence.resume_from()] == [2, 2, 2]
    sequence.advance(3)
    assert sequence.resume_from() == 4


def test_a_platform_that_skips_numbers_is_not_asked_for_them_for_ever() -> None:
    sequence = Sequence(1)
    for number in range(100, 10_000, 100):
        sequence.advance(number)

    assert sequence.resume_from() == 9900


@given(st.lists(st.integers(0, 30)))
def test_f35_an_id_is_new_once(numbers: list[int]) -> None:
    seen = SeenIds(100)

    assert [seen.add(str(number)) for number in numbers].count(True) == len(set(numbers))


def test_the_newest_ids_are_known_and_the_rest_is_forgotten() -> None:
    seen = SeenIds(10)
    for number in range(1000):
        seen.add(str(number))

    assert not any(seen.add(str(number)) for number in range(990, 1000))
    assert seen.add("0")


@pytest.mark.parametrize(
    ("window", "limit"),
    [(GROUP_WINDOW, 5), (C2C_WINDOW, 4), (GUILD_WINDOW, 100)],
    ids=["group", "c2c", "guild"],
)
def test_numbers_of_replies_begin_at_one_never_repeat_and_end_at_the_limit(
    window: ReplyWindow, limit: int
) -> None:
    book = ReplyBook(window, "m-1", opened=0)

    assert [book.next_seq(now=1) for _ in range(limit)] == list(range(1, limit + 1))
    if window.limit is not None:
        assert book.remaining == 0
        with pytest.raises(ReplyWindowError, match="answered"):
            book.next_seq(now=1)


def test_a_refused_reply_does_not_count_but_its_number_is_not_used_again() -> None:
    book = ReplyBook(C2C_WINDOW, "m-1", opened=0)
    book.next_seq(now=1)

    book.give_back()

    assert book.remaining == 4
    assert book.next_seq(now=1) == 2


def test_a_closed_window_is_an_error_that_says_how_late_it_is() -> None:
    book = ReplyBook(GROUP_WINDOW, "m-1", opened=0)

    assert book.seconds_left(now=299) == 1
    with pytest.raises(ReplyWindowError, match="5 minutes closed 10 s ago"):
        book.next_seq(now=310)


async def test_f05_a_refused_connection_is_put_into_words() -> None:
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await http.get("http://127.0.0.1:9/")

    assert describe(caught.value) == "connection refused"


@pytest.mark.parametrize(
    ("exc", "words"),
    [
        (TimeoutError(), "no answer in time"),
        (ConnectionResetError(104, "Connection reset by peer"), "the connection was reset"),
        (aiohttp.ServerDisconnectedError(), "the server closed the connection"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (asyncio.IncompleteReadError(b"", 1), "IncompleteReadError"),
    ],
)
def test_trouble_is_put_into_words(exc: BaseException, words: str) -> None:
    assert describe(exc) == words


@pytest.mark.parametrize(
    ("reason", "untrusted"),
    [
        ("WRONG_VERSION_NUMBER", True),
        ("TLSV1_ALERT_PROTOCOL_VERSION", True),
        ("UNEXPECTED_EOF_WHILE_READING", False),
        (None, False),
    ],
)
def test_f07_old_or_no_tls_is_no_passing_trouble(reason: str | None, untrusted: bool) -> None:
    exc = Exception("cannot connect")
    exc.os_error = SimpleNamespace(reason=reason)  # type: ignore[attr-defined] # as aiohttp's have it
    outer = Exception("unreachable")
    outer.__cause__ = exc

    assert is_untrusted(exc) is is_untrusted(outer) is untrusted


@pytest.mark.parametrize(
    ("cause", "words"),
    [(OSError(32, "Broken pipe"), "Broken pipe"), (None, "ClientOSError")],
    ids=["cause known", "cause unknown"],
)
def test_a_body_that_cannot_be_written_is_told_without_its_signed_address(
    cause: OSError | None, words: str
) -> None:
    exc = aiohttp.ClientOSError(32, "Can not write request body for https://a.example/x?sign=canary")
    exc.__cause__ = cause

    assert describe(exc) == words


class RefusedError(Exception):
    def __init__(self, message: str, **presented: object) -> None:
        self.certificate_error = SimpleNamespace(verify_message=message, presented=presented)


OF_OTHER = {"subject": ((("commonName", "a\x1b[2Jb"),),), "notBefore": "Jan  2 00:00:00 2026 GMT"}


@pytest.mark.parametrize(
    ("exc", "words"),
    [
        (RefusedError("self-signed certificate"), "its certificate is not valid (self-signed certificate)"),
        (
            RefusedError("x.", **OF_OTHER, notAfter="Nov 24 01:33:32 2026 GMT"),
            "its certificate is not valid (x), it is that of a[2Jb, valid from 2026-01-02 to 2026-11-24",
        ),
        (
            RefusedError("x", subject=(), subjectAltName=(("DNS", "*.example"),), notAfter="?"),
            "its certificate is not valid (x), it is that of *.example",
        ),
        (RefusedError("x", subject="?"), "its certificate is not valid (x), it is that of nobody"),
    ],
    ids=["unknown", "whole", "other name", "odd"],
)
def test_f07_a_refused_certificate_is_named(exc: BaseException, words: str) -> None:
    assert describe(exc) == words
    assert is_untrusted(exc)
