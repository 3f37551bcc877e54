"""What the answer to a REST call means, and whether to repeat it.

The HTTP status does not tell the kind of a refusal: business refusals come as 400, 403 or 500, and as
200 too. The two codes of the body decide, the status only where they are unknown.
Source: platform documentation, "错误码"; retries as the official SDKs do them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from qqbot_cli.errors import (
    ApiError,
    AuthenticationError,
    MessageAuditError,
    NotFoundError,
    PermissionDeniedError,
    QQBotError,
    RateLimitedError,
    ReplyWindowError,
)
from qqbot_cli.model.endpoints import Endpoint, Repeat
from qqbot_cli.protocol.token import CHECK_CREDENTIALS

MAX_ATTEMPTS: Final = 4
"""Of one call, the first included."""

LONGEST_WAIT: Final = 300.0
"""Seconds; a longer Retry-After is handed to the caller instead of being slept through."""


class Kind(Enum):
    """What a refusal asks of the client."""

    TOKEN = "token"  # noqa: S105 - a word, not a token
    """The access token is not valid any more: fetch another, repeat once."""
    IDENTITY = "identity"
    """The bot itself is refused; no repetition helps."""
    PERMISSION = "permission"
    MISSING = "missing"
    RATE = "rate"
    WINDOW = "window"
    """Too late to answer, or answered too often."""
    REPEATED = "repeated"
    """The same message was sent before: a success if this is a repetition."""
    AUDIT = "audit"
    """Accepted, but reviewed before people see it."""
    TRANSIENT = "transient"
    """The platform says that trying again helps."""
    OTHER = "other"


_CODES: Final[dict[Kind, tuple[int, ...]]] = {
    Kind.TOKEN: (11241, 11242, 11243, 11244),
    Kind.IDENTITY: (11245, 11251, 11261, 11265, 11275, 11298, 40023002),
    Kind.PERMISSION: (
        *(11253, 11254, 11262, 11264, 11273, 11274, 11282, 11703, 304004, 304014, 304028, 304031, 304034),
        *(304036, 304037, 304046, 304048, 304057, 304064, 306004, 306008, 40034102, 40034105, 40034127),
        *(40054002, 40054013, 40062003),
    ),
    Kind.MISSING: (11255, 40011028, 304032, 306002, 40034101, 40054003, 40061002),
    Kind.RATE: (
        20028,
        22009,
        50002,
        100001,
        304019,
        304022,
        304035,
        304045,
        304047,
        304049,
        304050,
        40034100,
        1100308,
    ),
    Kind.WINDOW: (304027, 304103, 40034005, 40034026, 40034128),
    Kind.REPEATED: (40054005,),
    Kind.AUDIT: (304023, 304024),
    Kind.TRANSIENT: (
        *(11252, 11263, 11281, 304082, 304083, 306003, 306005, 306006, 40034004, 40054006),
        *(50055001, 50055002, 50055006, 50065001),
    ),
}
KIND_OF_CODE: Final[dict[int, Kind]] = {code: kind for kind, codes in _CODES.items() for code in codes}

_KIND_OF_STATUS: Final[dict[int, Kind]] = {
    401: Kind.TOKEN,
    403: Kind.PERMISSION,
    404: Kind.MISSING,
    405: Kind.MISSING,
    429: Kind.RATE,
    500: Kind.TRANSIENT,
    502: Kind.TRANSIENT,
    503: Kind.TRANSIENT,
    504: Kind.TRANSIENT,
}
"""Used where no code is known."""

_ERRORS: Final[dict[Kind, type[ApiError]]] = {
    Kind.PERMISSION: PermissionDeniedError,
    Kind.MISSING: NotFoundError,
    Kind.RATE: RateLimitedError,
    Kind.AUDIT: MessageAuditError,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer that may be a refusal."""

    status: int
    body: Any = None
    """What the JSON says; None if it was none."""
    retry_after: float | None = None
    """Seconds, from the header."""
    trace_id: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is no success."""

    kind: Kind
    status: int
    code: int | None
    err_code: int | None
    message: str
    trace_id: str
    retry_after: float | None
    audit_id: str = ""


def refusal_of(endpoint: Endpoint, answer: Answer) -> Refusal | None:
    """Return why *answer* is no success, or None if it is one."""
    if answer.status in endpoint.success:
        return None
    body = answer.body if isinstance(answer.body, dict) else {}
    audit_id = _audit_id(body)
    code = _number(body.get("code", body.get("retcode")))
    err_code = _number(body.get("err_code"))
    kind = Kind.AUDIT if audit_id else None
    for number in (err_code, code):
        if kind is None and number is not None:
            kind = KIND_OF_CODE.get(number)
    if kind is None:
        kind = _KIND_OF_STATUS.get(answer.status, Kind.OTHER)
        if answer.status == 500 and (code or err_code):
            kind = Kind.OTHER  # a business refusal in disguise: repeating it helps nobody
    message = body.get("message", body.get("msg", ""))
    return Refusal(
        kind,
        answer.status,
        code,
        err_code,
        message if isinstance(message, str) else "",
        answer.trace_id or str(body.get("trace_id") or ""),
        answer.retry_after,
        audit_id,
    )


def _audit_id(body: dict[str, Any]) -> str:
    """Return the id under which a guild message waits for review, or an empty text."""
    data = body.get("data")
    audit = data.get("message_audit") if isinstance(data, dict) else None
    found = audit.get("audit_id") if isinstance(audit, dict) else None
    return found if isinstance(found, str) else ""


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def repeatable(endpoint: Endpoint, *, has_seq: bool) -> bool:
    """Whether the call may be made again although its first outcome is unknown."""
    return endpoint.repeat is Repeat.SAFE or (endpoint.repeat is Repeat.WITH_SEQ and has_seq)


def wait_before_retry(refusal: Refusal, *, attempt: int, repeatable: bool, jitter: float) -> float | None:
    """Return the seconds to wait before attempt *attempt* + 1, or None to give up.

    Args:
        refusal: What the platform answered.
        attempt: Number of the attempt that failed, from 1.
        repeatable: Whether doing it twice is harmless.
        jitter: 0 to 1.
    """
    if attempt >= MAX_ATTEMPTS:
        return None
    if refusal.kind is Kind.RATE:
        # Only a 429 is about pace; the codes of this kind are daily quotas, which waiting does not mend.
        if refusal.status != 429:
            return None
        wait = refusal.retry_after if refusal.retry_after is not None else pause(attempt, jitter)
        return wait if wait <= LONGEST_WAIT else None
    if refusal.kind is Kind.TRANSIENT and repeatable:
        return pause(attempt, jitter)
    return None


def pause(attempt: int, jitter: float) -> float:
    """Return the seconds between attempt *attempt* and the next: about 0.5, 1, 2."""
    return 0.5 * 2.0 ** (attempt - 1) * (0.5 + 0.5 * jitter)


def error_of(endpoint: Endpoint, refusal: Refusal) -> QQBotError:
    """Return the exception for *refusal*, by what the caller can do about it."""
    error = _ERRORS.get(refusal.kind, ApiError)(
        refusal.message,
        status=refusal.status,
        code=refusal.code,
        err_code=refusal.err_code,
        trace_id=refusal.trace_id,
        endpoint=endpoint.name,
    )
    if refusal.kind in (Kind.TOKEN, Kind.IDENTITY):
        return AuthenticationError(
            error.message, help=_IDENTITY_HELP.get(refusal.code or 0, CHECK_CREDENTIALS)
        )
    if refusal.kind is Kind.WINDOW:
        return ReplyWindowError(error.message, trace_id=refusal.trace_id)
    if isinstance(error, RateLimitedError):
        error.retry_after = refusal.retry_after
    if isinstance(error, MessageAuditError):
        error.audit_id = refusal.audit_id
    return error


_IDENTITY_HELP: Final[dict[int, str]] = {
    11298: "add this machine's address to the IP allow-list: https://q.qq.com, 开发设置, IP 白名单",
    11265: "the bot is banned: contact the platform",
}
