from __future__ import annotations

import logging
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqbot_cli.cli.redact import MASK, Redactor, SafeFormatter, clean, encodable

CANARY = 'canary/"secret"+7'

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
hostile = st.text(
    st.characters(exclude_categories=[]) | st.sampled_from("\x1b\x9b\x9d\x07[]0;mJ\\\r\n\t\x85\u2028" + BIDI)
)


def knowing(*secrets: str) -> Redactor:
    redactor = Redactor()
    for secret in secrets:
        redactor.add(secret)
    return redactor


@pytest.mark.parametrize(
    "text",
    [
        f"secret is {CANARY}.",
        'body {"clientSecret": "canary/\\"secret\\"+7"}',
        "GET /?key=canary%2F%22secret%22%2B7",
    ],
    ids=["plain", "in JSON", "in a URL"],
)
def test_f94_a_known_secret_is_masked_however_it_is_spelt(text: str) -> None:
    masked = knowing(CANARY)(text)

    assert MASK in masked
    assert "canary" not in masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("with QQBot a1b2c3d4e5 in it", "with QQBot **** in it"),
        ("with QQBot abcdefghijklmnopqrst", "with QQBot ****"),
        ("Authorization: Bearer abc, next", "Authorization: ****, next"),
        ("{'Authorization': 'QQBot abc'}", "{'Authorization': '****'}"),
        ("(b'Authorization', b'QQBot abc')", "(b'Authorization', b'****')"),
        ('{"clientSecret": "abc", "appId": "1"}', '{"clientSecret": "****", "appId": "1"}'),
        (r'"{\"clientSecret\": \"abc\"}"', r'"{\"clientSecret\": \"****\"}"'),
        ("access_token=abc&expires_in=7200", "access_token=****&expires_in=7200"),
        ('{"access_token":"abc","expires_in":"7200"}', '{"access_token":"****","expires_in":"7200"}'),
    ],
)
def test_f94_what_looks_like_a_secret_is_masked_unseen(text: str, masked: str) -> None:
    assert Redactor()(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "QQBot platform answered",
        "qqbot 0.3.0",
        "the authorization failed",
        "access_token expired",
        "no access token: network",
    ],
)
def test_prose_about_secrets_stays_readable(text: str) -> None:
    assert Redactor()(text) == text


def test_a_short_word_is_no_secret() -> None:
    assert knowing("", "abcde")("abcdefgh") == "abcdefgh"


def test_a_secret_that_begins_with_another_is_masked_whole() -> None:
    assert knowing("secret", "secret-and-more")("secret-and-more") == MASK


def test_a_secret_may_become_known_later() -> None:
    redactor = knowing("first-secret")
    assert redactor("second-secret") == "second-secret"

    redactor.add("second-secret")

    assert redactor("first-secret second-secret") == "**** ****"


def test_f94_a_control_character_does_not_hide_a_secret() -> None:
    assert knowing("canary-secret").safe("can\x1b[0mary-\u202esecret") == MASK


@given(hostile)
def test_f100_clean_text_has_nothing_a_terminal_obeys(text: str) -> None:
    cleaned = clean(text)

    assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in cleaned)
    assert not set(BIDI) & set(cleaned)
    assert len(cleaned.splitlines()) <= 1


@given(hostile)
def test_f100_clean_text_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jafter", "after"),
        ("\x1b(Bafter", "after"),
        ("one\r\ntwo\rthree\u2028four", "one⏎two⏎three⏎four"),
        ("bell\x07 back\b", "bell back"),
        ("\u202egnp.exe", "gnp.exe"),
        ("half \ud83d", "half \ufffd"),
        ("tab\there", "tab    here"),
        ("你好, 世界", "你好, 世界"),
    ],
)
def test_f100_what_a_terminal_would_obey_is_taken_out(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_ends_of_lines_may_be_kept() -> None:
    assert clean("one\r\ntwo\x07", newline="\n") == "one\ntwo"


@given(hostile, st.sampled_from(["utf-8", "ascii", "cp1252", "cp936", "cp437"]))
def test_f100_every_text_can_be_written_in_every_encoding(text: str, encoding: str) -> None:
    encodable(text, encoding).encode(encoding)


def formatted(message: object, *args: object, error: Exception | None = None) -> str:
    trace = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("a", logging.INFO, "file", 1, message, args, trace)
    return SafeFormatter(knowing("canary-secret")).format(record)


def test_f94_f100_message_and_arguments_are_cleaned_and_redacted() -> None:
    assert formatted("got %s from %s", "canary-secret", "\x1b[2Jx\ny") == "got **** from x⏎y"


def test_f94_a_traceback_is_redacted_and_indented() -> None:
    try:
        raise ValueError("bad canary-secret\x1b[2J")
    except ValueError as error:
        lines = formatted("failed", error=error).split("\n")

    assert lines[:2] == ["failed", "    Traceback (most recent call last):"]
    assert lines[-1] == "    ValueError: bad ****"


def test_f94_a_traceback_that_another_handler_has_cached_is_redacted_too() -> None:
    record = logging.LogRecord("a", logging.INFO, "file", 1, "failed", (), None)
    record.exc_text = "ValueError: canary-secret"

    assert SafeFormatter(knowing("canary-secret")).format(record) == "failed\n    ValueError: ****"


def test_arguments_that_do_not_fit_the_message_still_make_a_line() -> None:
    assert formatted("%d of %d", "canary-secret") == "%d of %d (its arguments do not fit)"
