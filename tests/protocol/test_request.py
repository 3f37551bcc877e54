"""What an answer to a REST call means, and whether the call is repeated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qqbot_cli.errors import (
    ApiError,
    AuthenticationError,
    ContentRefusedError,
    MessageAuditError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    ReplyWindowError,
)
from qqbot_cli.model.codes import CODES
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.model.language import Language
from qqbot_cli.protocol.request import (
    LONGEST_WAIT,
    MAX_ATTEMPTS,
    Answer,
    Kind,
    Refusal,
    error_of,
    exception_for,
    is_passing,
    kind_of,
    refusal_of,
    repeatable,
    succeeded_after_all,
    too_fast,
    wait_before_retry,
)

SEND = ENDPOINTS["send_group_message"]
RECALL = replace(ENDPOINTS["recall_message"], success=(204,))


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
        (403, {"code": 304003}, Kind.CONTENT),
        (400, {"code": 40034128, "err_code": 40034128}, Kind.WINDOW),
        (400, {"code": "40054005"}, Kind.REPEATED),
        (400, {"code": 99, "err_code": 40034005}, Kind.WINDOW),
        (404, None, Kind.MISSING),
        (429, None, Kind.RATE),
        (500, {"code": 304046}, Kind.PERMISSION),
        (500, {"code": 1000001}, Kind.OTHER),
        (500, {"code": 99999999}, Kind.TRANSIENT),
        (500, {"code": 40099999}, Kind.OTHER),
        (400, {"code": 50099999}, Kind.TRANSIENT),
        (400, {"code": 304999}, Kind.OTHER),
        (401, {"code": 11246}, Kind.TOKEN),
        (200, {"code": 11270}, Kind.PERMISSION),
        (403, {"code": 620003}, Kind.ALREADY),
        (400, {"code": 304025}, Kind.CONTENT),
        (400, {"code": 850026, "err_code": 40034001}, Kind.TRANSIENT),
        (500, None, Kind.TRANSIENT),
        (502, "<html>", Kind.TRANSIENT),
        (400, {"retcode": 10001, "msg": "x"}, Kind.OTHER),
        (418, [1, 2], Kind.OTHER),
    ],
)
def test_the_codes_decide_and_the_status_only_where_they_are_unknown(
    status: int, body: object, kind: Kind
) -> None:
    found = refusal_of(RECALL, Answer(status, body))

    assert found is not None
    assert found.kind is kind


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        (Kind.TOKEN, (11241, 11242, 11243, 11244)),
        (Kind.IDENTITY, (11245, 11251, 11261, 11265, 11275, 11298, 40023002)),
        (Kind.PERMISSION, (11253, 11264, 11703, 304028, 304046, 306004, 40034102, 40034105, 40054002)),
        (Kind.MISSING, (11255, 40011028, 304032, 306002, 40034101, 40054003, 40061002, 503012)),
        (Kind.RATE, (20028, 22009, 100001, 304019, 304022, 304045, 304049, 304050, 40034100, 40093002)),
        (Kind.WINDOW, (304027, 304103, 40034005, 40034026, 40034128)),
        (Kind.REPEATED, (40054005,)),
        (Kind.ALREADY, (620003, 620004, 610010)),
        (Kind.AUDIT, (304023, 304024)),
        (Kind.CONTENT, (304003, 304025, 40034006, 40054010, 1100101)),
        (Kind.TRANSIENT, (11252, 11263, 11281, 304082, 306003, 40034004, 40054006, 40093001, 40030009)),
        (Kind.TRANSIENT, (501002, 501012, 50055001, 50065001, 620007)),
        (Kind.OTHER, (22006, 50006, 304018, 306011, 340069, 40054016, 1000001, 2000004)),
    ],
    ids=lambda value: value.name if isinstance(value, Kind) else str(value[0]),
)
def test_the_kind_of_a_code_follows_from_its_row(kind: Kind, codes: tuple[int, ...]) -> None:
    assert {kind_of(CODES[code]) for code in codes} == {kind}


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
        (400, 304003, ContentRefusedError),
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
    ("language", "sentence"),
    [(Language.EN, "the bot is muted in the group"), (Language.ZH, "机器人在群里被禁言")],
    ids=["en", "zh"],
)
def test_an_error_ends_with_what_its_code_means_in_the_language_of_the_process(
    language: Language, sentence: str
) -> None:
    error = error_of(SEND, refusal(400, {"code": 40054002, "message": "why"}), language)

    assert str(error) == f"send_group_message failed: why (HTTP 400, code 40054002): {sentence}"
    assert error.meaning == sentence
    assert error.meaning_zh == "机器人在群里被禁言"
    assert error.meaning_en == "the bot is muted in the group"
    assert error.help == CODES[40054002].remedy.said_in(language)


@pytest.mark.parametrize(
    ("code", "kind"), [(40034128, ReplyWindowError), (11298, AuthenticationError), (304999, ApiError)]
)
def test_errors_of_every_kind_say_what_their_code_means(code: int, kind: type[Exception]) -> None:
    error = error_of(SEND, refusal(400, {"code": code}), Language.ZH)

    assert type(error) is kind
    assert error.meaning
    assert str(error).endswith(error.meaning_zh)


@pytest.mark.parametrize("body", [None, {"code": 99}, {"code": 0, "err_code": 0}, {"message": "x"}])
def test_an_error_about_whose_code_nothing_is_known_has_no_meaning(body: object) -> None:
    error = error_of(SEND, refusal(400, body))

    assert (error.meaning, error.meaning_zh, error.meaning_en, error.help) == ("", "", "", "")


def test_an_address_that_is_not_allowed_is_told_with_the_way_out() -> None:
    error = error_of(SEND, refusal(401, {"code": 11298, "err_code": 40023002}))

    assert "IP allow-list" in error.help


def test_a_call_that_was_not_made_says_so() -> None:
    error = too_fast(SEND, retry_after=61.25)

    assert (error.status, error.retry_after) == (0, 61.25)
    assert str(error) == (
        "send_group_message failed: no request was made: too many calls, the next one can be made in 61.2 s"
    )


@pytest.mark.parametrize(
    ("code", "outcome_unknown", "expected"),
    [
        (40054005, True, True),
        (40054005, False, False),
        (620003, False, True),
        (620004, False, True),
        (610010, False, True),
        (40054003, True, False),
        (630001, True, True),
        (630001, False, False),
    ],
)
def test_what_has_happened_already_is_a_success(code: int, outcome_unknown: bool, expected: bool) -> None:
    assert succeeded_after_all(refusal(400, {"code": code}), outcome_unknown=outcome_unknown) is expected


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


@pytest.mark.parametrize("body", [None, {}, {"code": 0}])
@pytest.mark.parametrize("status", [200, 203, 204, 206])
def test_a_status_of_success_that_is_not_the_documented_one_is_a_success_without_a_code(
    status: int, body: object
) -> None:
    assert refusal_of(RECALL, Answer(status, body)) is None


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
        (304003, ContentRefusedError),
        (302014, ApiError),
    ],
)
def test_a_code_and_what_it_becomes(code: int, kind: type[Exception]) -> None:
    assert exception_for(code) is kind
    assert exception_for(620003) is None
    assert type(error_of(SEND, refusal(400, {"code": code}))) is kind


@pytest.mark.parametrize("status", [400, 429, 500])
@pytest.mark.parametrize("code", [304049, 40093002, 302012])
def test_a_daily_quota_is_not_waited_for(status: int, code: int) -> None:
    assert wait_before_retry(refusal(status, {"code": code}), attempt=1, repeatable=True, jitter=0) is None


@pytest.mark.parametrize(
    ("status", "code", "wait"), [(400, 20028, 0.5), (400, 22009, None), (429, 22009, 0.5)]
)
def test_a_pace_is_waited_for_and_a_quota_only_if_the_status_calls_it_a_pace(
    status: int, code: int, wait: float | None
) -> None:
    found = refusal(status, {"code": code})

    assert wait_before_retry(found, attempt=1, repeatable=False, jitter=1.0) == wait


@pytest.mark.parametrize("code", [11252, 11263, 11281])
def test_a_check_that_broke_down_is_repeated_once(code: int) -> None:
    broken = refusal(500, {"code": code})

    assert wait_before_retry(broken, attempt=1, repeatable=True, jitter=1.0) == 0.5
    assert wait_before_retry(broken, attempt=2, repeatable=True, jitter=1.0) is None
    assert wait_before_retry(broken, attempt=1, repeatable=False, jitter=1.0) is None


def test_an_upload_that_failed_is_tried_again_each_second() -> None:
    failed = refusal(400, {"code": 40093001})

    assert [wait_before_retry(failed, attempt=n, repeatable=True, jitter=0.3) for n in (1, 2, 3)] == [1.0] * 3


@pytest.mark.parametrize(
    ("status", "code", "wait"),
    [
        (500, 304046, None),
        (500, 1000001, None),
        (500, 2000004, None),
        (500, 304007, 0.5),
        (500, 99999999, 0.5),
    ],
)
def test_http_500_is_repeated_unless_its_code_is_known_to_be_a_refusal(
    status: int, code: int, wait: float | None
) -> None:
    found = refusal(status, {"code": code})

    assert wait_before_retry(found, attempt=1, repeatable=True, jitter=1.0) == wait


def test_a_platform_in_trouble_that_says_how_long_is_given_that_time() -> None:
    assert wait_before_retry(refusal(503, retry_after=7.0), attempt=1, repeatable=True, jitter=1.0) == 7.0
    assert wait_before_retry(refusal(503, retry_after=0.0), attempt=1, repeatable=True, jitter=1.0) == 0.5
    assert wait_before_retry(refusal(503, retry_after=1e6), attempt=1, repeatable=True, jitter=1.0) is None


def test_trouble_of_the_platform_is_waited_for_only_where_repeating_is_harmless() -> None:
    trouble = refusal(503)

    assert wait_before_retry(trouble, attempt=1, repeatable=True, jitter=1.0) == 0.5
    assert wait_before_retry(trouble, attempt=2, repeatable=True, jitter=1.0) == 1.0
    assert wait_before_retry(trouble, attempt=1, repeatable=False, jitter=1.0) is None
    assert wait_before_retry(trouble, attempt=MAX_ATTEMPTS, repeatable=True, jitter=1.0) is None


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (500, 50001, True),
        (503, None, True),
        (400, 304018, True),
        (400, 40054005, False),
        (403, None, False),
        (400, None, False),
        (500, 1000001, False),
    ],
)
def test_what_time_mends_is_told_from_what_it_does_not(status: int, code: int | None, expected: bool) -> None:
    assert is_passing(ApiError("no", status=status, code=code)) is expected
