"""What an answer to a REST call means, and whether the call is repeated."""

from __future__ import annotations

import pytest

from qqbot_cli.errors import (
    ApiError,
    AuthenticationError,
    MessageAuditError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    ReplyWindowError,
)
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.protocol.request import (
    _CODES,
    LONGEST_WAIT,
    MAX_ATTEMPTS,
    Answer,
    Kind,
    Refusal,
    error_of,
    exception_for,
    refusal_of,
    repeatable,
    wait_before_retry,
)

SEND = ENDPOINTS["send_group_message"]


def refusal(status: int, body: object = None, **more: object) -> Refusal:
    found = refusal_of(SEND, Answer(status, body, **more))  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.mark.parametrize("status", [200, 204])
def test_a_documented_status_is_a_success(status: int) -> None:
    assert refusal_of(SEND, Answer(status)) is None


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"code": 11244, "err_code": 11244}, Kind.TOKEN),
        (401, None, Kind.TOKEN),
        (401, {"code": 11298, "err_code": 40023002}, Kind.IDENTITY),
        (400, {"code": 11298}, Kind.IDENTITY),
        (403, {"code": 304003}, Kind.PERMISSION),
        (400, {"code": 40034128, "err_code": 40034128}, Kind.WINDOW),
        (400, {"code": "40054005"}, Kind.REPEATED),
        (400, {"code": 99, "err_code": 40034005}, Kind.WINDOW),
        (404, None, Kind.MISSING),
        (429, None, Kind.RATE),
        (500, {"code": 304046}, Kind.PERMISSION),
        (500, {"code": 1000001}, Kind.OTHER),
        (500, None, Kind.TRANSIENT),
        (502, "<html>", Kind.TRANSIENT),
        (400, {"retcode": 10001, "msg": "x"}, Kind.OTHER),
        (418, [1, 2], Kind.OTHER),
    ],
)
def test_the_codes_decide_and_the_status_only_where_they_are_unknown(
    status: int, body: object, kind: Kind
) -> None:
    assert refusal(status, body).kind is kind


def test_a_message_in_review_is_told_with_its_audit_id() -> None:
    body = {"code": 304023, "message": "waiting", "data": {"message_audit": {"audit_id": "a-1"}}}

    error = error_of(SEND, refusal(202, body))

    assert isinstance(error, MessageAuditError)
    assert error.audit_id == "a-1"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, 11244, AuthenticationError),
        (400, 40034105, PermissionDeniedError),
        (400, 40054003, NotFoundError),
        (429, None, RateLimitedError),
        (400, 40034005, ReplyWindowError),
        (400, 22006, ApiError),
    ],
)
def test_the_exception_is_named_after_what_the_caller_can_do(
    status: int, code: int | None, kind: type[Exception]
) -> None:
    error = error_of(SEND, refusal(status, {"code": code, "message": "why", "trace_id": "t-1"}))

    assert type(error) is kind
    assert "t-1" in str(error)
    assert "why" in str(error)


def test_an_error_keeps_status_both_codes_and_trace_id() -> None:
    error = error_of(SEND, refusal(400, {"code": 1, "err_code": 2, "message": "m", "trace_id": "t"}))

    assert isinstance(error, ApiError)
    assert (error.status, error.code, error.err_code, error.trace_id) == (400, 1, 2, "t")
    assert error.endpoint == "send_group_message"
    assert str(error) == "send_group_message failed: m (HTTP 400, code 1/2, trace t)"


@pytest.mark.parametrize(
    ("name", "has_seq", "expected"),
    [
        ("get_gateway", False, True),
        ("recall_message", False, True),
        ("put_interaction", False, True),
        ("send_group_message", True, True),
        ("send_group_message", False, False),
        ("send_c2c_message", True, True),
        ("send_message", True, False),
        ("send_direct_message", True, False),
    ],
)
def test_f53_a_send_is_repeated_only_where_the_platform_recognises_it(
    name: str, has_seq: bool, expected: bool
) -> None:
    assert repeatable(ENDPOINTS[name], has_seq=has_seq) is expected


@pytest.mark.parametrize(
    ("retry_after", "wait"), [(None, 0.5), (0.0, 0.0), (3.0, 3.0), (LONGEST_WAIT, LONGEST_WAIT), (1e6, None)]
)
def test_f52_retry_after_is_obeyed_up_to_five_minutes(retry_after: float | None, wait: float | None) -> None:
    limited = refusal(429, None, retry_after=retry_after)

    assert wait_before_retry(limited, attempt=1, repeatable=False, jitter=1.0) == wait


@pytest.mark.parametrize("status", [201, 202])
def test_accepted_is_not_done(status: int) -> None:
    assert refusal(status).kind is Kind.OTHER
    assert refusal(status, {"code": 304024}).kind is Kind.AUDIT


@pytest.mark.parametrize("status", [200, 203, 204, 206])
def test_every_other_status_of_success_is_one(status: int) -> None:
    assert refusal_of(ENDPOINTS["get_guild"], Answer(status)) is None


def test_a_refusal_may_hide_in_a_success_where_the_row_says_so() -> None:
    body = {"retcode": 10003, "msg": "no such bot"}

    found = refusal_of(ENDPOINTS["generate_url_link"], Answer(200, body))

    assert found is not None
    assert (found.code, found.message) == (10003, "no such bot")
    assert refusal_of(ENDPOINTS["generate_url_link"], Answer(200, {"retcode": 0})) is None
    assert refusal_of(ENDPOINTS["get_guild"], Answer(200, body)) is None


def test_an_upload_is_repeated_unless_people_would_see_it_twice() -> None:
    upload = ENDPOINTS["post_group_file"]

    assert repeatable(upload, has_seq=False, sends=False)
    assert not repeatable(upload, has_seq=False, sends=True)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (11298, AuthenticationError),
        (11264, PermissionDeniedError),
        (304045, RateLimitedError),
        (40034128, ReplyWindowError),
        (304023, MessageAuditError),
        (503012, NotFoundError),
        (302014, ApiError),
    ],
)
def test_a_code_and_what_it_becomes(code: int, kind: type[Exception]) -> None:
    assert exception_for(code) is kind
    assert type(error_of(SEND, refusal(400, {"code": code}))) is kind


def test_no_code_is_of_two_kinds() -> None:
    codes = [code for kind in _CODES.values() for code in kind]

    assert len(codes) == len(set(codes))


def test_a_daily_quota_is_not_waited_for() -> None:
    assert wait_before_retry(refusal(400, {"code": 304049}), attempt=1, repeatable=True, jitter=0) is None


def test_trouble_of_the_platform_is_waited_for_only_where_repeating_is_harmless() -> None:
    trouble = refusal(503)

    assert wait_before_retry(trouble, attempt=1, repeatable=True, jitter=1.0) == 0.5
    assert wait_before_retry(trouble, attempt=2, repeatable=True, jitter=1.0) == 1.0
    assert wait_before_retry(trouble, attempt=1, repeatable=False, jitter=1.0) is None
    assert wait_before_retry(trouble, attempt=MAX_ATTEMPTS, repeatable=True, jitter=1.0) is None
