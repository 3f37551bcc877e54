"""What the answer to a REST call means, and whether to repeat it.

The HTTP status does not tell the kind of a refusal: business refusals come as 400, 403 or 500, and as
200 too. The two codes of the body decide, by what `model.codes` knows about them, the status only where
they are unknown.
Source: platform documentation, "错误码"; retries as the official SDKs do them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import msgspec

from qqbot_cli.errors import (
    NO_MEANING,
    ApiError,
    AuthenticationError,
    ContentRefusedError,
    MessageAuditError,
    NotFoundError,
    PermissionDeniedError,
    QQBotError,
    RateLimitedError,
    ReplyWindowError,
)
from qqbot_cli.model.codes import Area, CodeClass, CodeEntry, Repetition, Special, code_entry
from qqbot_cli.model.endpoints import Endpoint, Repeat
from qqbot_cli.model.language import Language
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
    CONTENT = "content"
    RATE = "rate"
    WINDOW = "window"
    """Too late to answer, or answered too often."""
    REPEATED = "repeated"
    """The same message was sent before: a success if this is a repetition."""
    ALREADY = "already"
    """What was asked for is so already, which is as good as a success."""
    AUDIT = "audit"
    """Accepted, but reviewed before people see it."""
    TRANSIENT = "transient"
    """The platform says that trying again helps."""
    OTHER = "other"


_KIND_OF_SPECIAL: Final[dict[Special, Kind]] = {
    Special.FRESH_TOKEN: Kind.TOKEN,
    Special.SENT_BEFORE: Kind.REPEATED,
    Special.ALREADY: Kind.ALREADY,
    Special.WINDOW: Kind.WINDOW,
    Special.GONE: Kind.MISSING,
}

_KIND_OF_CLASS: Final[dict[CodeClass, Kind]] = {
    CodeClass.AUTH: Kind.IDENTITY,
    CodeClass.PERMISSION: Kind.PERMISSION,
    CodeClass.PARAMETER: Kind.OTHER,
    CodeClass.CONTENT: Kind.CONTENT,
    CodeClass.RATE: Kind.RATE,
    CodeClass.STATE: Kind.OTHER,
    CodeClass.TRANSIENT: Kind.TRANSIENT,
    CodeClass.PENDING: Kind.AUDIT,
}

_BY_STATUS: Final[dict[int, tuple[Kind, Repetition]]] = {
    401: (Kind.TOKEN, Repetition.FRESH_TOKEN),
    403: (Kind.PERMISSION, Repetition.NEVER),
    404: (Kind.MISSING, Repetition.NEVER),
    405: (Kind.MISSING, Repetition.NEVER),
    429: (Kind.RATE, Repetition.PACE),
    500: (Kind.TRANSIENT, Repetition.BACK_OFF),
    502: (Kind.TRANSIENT, Repetition.BACK_OFF),
    503: (Kind.TRANSIENT, Repetition.BACK_OFF),
    504: (Kind.TRANSIENT, Repetition.BACK_OFF),
}
"""Used where no code is known."""

_NOT_DONE: Final = (201, 202)
"""Statuses of success whose body looks like that of an error, and says that nothing has happened yet."""

_VAGUE: Final = 500
"""The status under which business refusals hide: what the range of a code tells goes before it."""

_ERRORS: Final[dict[Kind, type[ApiError]]] = {
    Kind.PERMISSION: PermissionDeniedError,
    Kind.MISSING: NotFoundError,
    Kind.RATE: RateLimitedError,
    Kind.CONTENT: ContentRefusedError,
    Kind.AUDIT: MessageAuditError,
}


class Answer(msgspec.Struct, frozen=True, gc=False):  # a struct: one is made for each call
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
    repetition: Repetition = Repetition.NEVER
    entry: CodeEntry | None = None
    """What is known about the code that counts; None without one."""


def is_success(endpoint: Endpoint, status: int) -> bool:
    """Whether *status* alone tells that the call has succeeded; if not, `refusal_of` reads the body."""
    return status in endpoint.success and not endpoint.retcode


def refusal_of(endpoint: Endpoint, answer: Answer) -> Refusal | None:
    """Return why *answer* is no success, or None if it is one."""
    if is_success(endpoint, answer.status):
        return None
    body = answer.body if isinstance(answer.body, dict) else {}
    audit_id = _audit_id(body)
    code = _number(body.get("code", body.get("retcode")))
    err_code = _number(body.get("err_code"))
    if 200 <= answer.status < 300 and answer.status not in _NOT_DONE and not (code or err_code):
        return None
    entry = _telling_entry(err_code, code)
    kind, repetition = (Kind.AUDIT, Repetition.NEVER) if audit_id else _judge(answer.status, entry)
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
        repetition,
        entry,
    )


def _telling_entry(*numbers: int | None) -> CodeEntry | None:
    """Return what is known about the first of *numbers* that tells something; 0 tells nothing."""
    entries = [code_entry(number) for number in numbers if number]
    listed = (entry for entry in entries if entry.listed)
    in_range = (entry for entry in entries if entry.area is not Area.UNKNOWN)
    return next(listed, None) or next(in_range, None)


def _judge(status: int, entry: CodeEntry | None) -> tuple[Kind, Repetition]:
    """Return what an answer with *status* and the code of *entry* asks for."""
    by_status = _BY_STATUS.get(status, (Kind.OTHER, Repetition.NEVER))
    if entry is None or entry.kind is None:
        return by_status
    # What a range tells is a guess, and worth less than a status that is clear.
    status_is_clear = status in _BY_STATUS and status != _VAGUE
    if status_is_clear and not entry.listed:
        return by_status
    return kind_of(entry), _repetition(status, entry)


def kind_of(entry: CodeEntry) -> Kind:
    """Return what the code of *entry* asks of the client."""
    if entry.special in _KIND_OF_SPECIAL:
        return _KIND_OF_SPECIAL[entry.special]
    return Kind.OTHER if entry.kind is None else _KIND_OF_CLASS[entry.kind]


def _repetition(status: int, entry: CodeEntry) -> Repetition:
    # With 429 a code that may mean pace or quota means pace; a quota of the day stays one.
    if status == 429 and entry.kind is CodeClass.RATE and entry.special is not Special.DAILY:
        return Repetition.PACE
    return entry.repetition


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


def repeatable(endpoint: Endpoint, *, has_seq: bool, sends: bool = True) -> bool:
    """Whether the call may be made again although its first outcome is unknown.

    Args:
        endpoint: The row.
        has_seq: Whether the body carries the numbers by which the platform recognises a repetition.
        sends: Whether people would see that it was made.
    """
    match endpoint.repeat:
        case Repeat.SAFE:
            return True
        case Repeat.WITH_SEQ:
            return has_seq
        case Repeat.UNSENT:
            return not sends
        case _:
            return False


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
    told = refusal.retry_after
    match refusal.repetition:
        case Repetition.PACE:
            # It was refused for sure, so that no repetition can do it twice.
            wait = pause(attempt, jitter) if told is None else told
            return wait if wait <= LONGEST_WAIT else None
        case Repetition.ONCE if attempt > 1:
            return None
        case Repetition.ONCE | Repetition.BACK_OFF if repeatable:
            wait = max(told or 0.0, pause(attempt, jitter))
            return wait if wait <= LONGEST_WAIT else None
        case Repetition.EACH_SECOND if repeatable:
            return 1.0
        case _:
            return None


def pause(attempt: int, jitter: float) -> float:
    """Return the seconds between attempt *attempt* and the next: about 0.5, 1, 2."""
    return 0.5 * 2.0 ** (attempt - 1) * (0.5 + 0.5 * jitter)


def succeeded_after_all(refusal: Refusal, *, outcome_unknown: bool) -> bool:
    """Whether the refusal says that what was asked for has happened.

    Args:
        refusal: What the platform answered.
        outcome_unknown: Whether an earlier attempt of the same call may have been carried out.
    """
    if refusal.kind is Kind.ALREADY:
        return True
    # Interactions take one answer each, so a second is refused, with which code nobody documents; and
    # nothing else is left to be wrong about a call that is made again.
    entry = refusal.entry
    answered = entry is not None and entry.area is Area.INTERACTIONS and refusal.kind is not Kind.TRANSIENT
    return outcome_unknown and (refusal.kind is Kind.REPEATED or answered)


def is_passing(error: ApiError) -> bool:
    """Whether time mends what the platform refused, so that doing it later again makes sense."""
    entry = _telling_entry(error.err_code, error.code)
    offline = entry is not None and entry.special is Special.OFFLINE
    return offline or _judge(error.status, entry)[0] is Kind.TRANSIENT


def error_of(endpoint: Endpoint, refusal: Refusal, language: Language = Language.EN) -> QQBotError:
    """Return the exception for *refusal*, by what the caller can do about it.

    Its message ends with what the code means, in *language*.
    """
    entry = refusal.entry
    meaning, remedy = NO_MEANING, ""
    if entry is not None:
        meaning = entry.in_words(language)
        remedy = entry.remedy.said_in(language)
    error = _ERRORS.get(refusal.kind, ApiError)(
        refusal.message,
        status=refusal.status,
        code=refusal.code,
        err_code=refusal.err_code,
        trace_id=refusal.trace_id,
        endpoint=endpoint.name,
        help=remedy,
        meaning=meaning,
    )
    if refusal.kind in (Kind.TOKEN, Kind.IDENTITY):
        return AuthenticationError(error.message, help=remedy or CHECK_CREDENTIALS, meaning=meaning)
    if refusal.kind is Kind.WINDOW:
        return ReplyWindowError(error.message, trace_id=refusal.trace_id, meaning=meaning)
    if isinstance(error, RateLimitedError):
        error.retry_after = refusal.retry_after
    if isinstance(error, MessageAuditError):
        error.audit_id = refusal.audit_id
    return error


def exception_for(code: int) -> type[QQBotError] | None:
    """Return what the error code *code* becomes; None if it counts as a success."""
    kind = kind_of(code_entry(code))
    if kind is Kind.ALREADY:
        return None
    if kind in (Kind.TOKEN, Kind.IDENTITY):
        return AuthenticationError
    return ReplyWindowError if kind is Kind.WINDOW else _ERRORS.get(kind, ApiError)


def too_fast(endpoint: Endpoint, *, retry_after: float) -> RateLimitedError:
    """Return the error for a call that is not made because its turn would come too late.

    Args:
        endpoint: The row.
        retry_after: Seconds until the turn would come.
    """
    error = RateLimitedError(
        f"no request was made: too many calls, the next one can be made in {retry_after:.1f} s",
        status=0,
        endpoint=endpoint.name,
    )
    error.retry_after = retry_after
    return error


def too_many(endpoint: Endpoint, plugin: str, calls: int) -> RateLimitedError:
    """Return the error for a call that is not made because *plugin* has *calls* under way already."""
    return RateLimitedError(
        f"no request was made: plugin {plugin} has {calls} calls under way; let some end before the next",
        status=0,
        endpoint=endpoint.name,
    )
