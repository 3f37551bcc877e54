"""Every exception qqbot raises on purpose, on one page, with the exit code it ends in.

* QQBotError                      the base of all of them
    * ConfigError            78   the person who wrote the YAML
    * StoreError             78   the operator: the place where events are kept cannot be used
                             75   nobody, or who makes room: the disk is full, another process has locked it
                              1   a fault of ours has ended it
    * PluginError            78   the author of the plugin (ends the run if none is left, or ``--strict``)
    * MessageError            1   the author of the plugin: the platform would refuse this message
    * AuthenticationError    77   the owner of the bot: appid, secret, allow-list
    * ShardRefusedError      77   the operator: the platform will not have this shard
    * PlatformUnreachableError 69 nobody: try again later
    * SessionLimitError      75   nobody: the quota of session starts comes back by itself
    * InvalidRequestError     1   the handler that called the API: nothing was sent (`field`)
    * ApiError                1   the handler that called the API (status, codes, trace id)
        * RateLimitedError        wait `retry_after` seconds
        * PermissionDeniedError   a right is missing
        * NotFoundError           the thing or the API does not exist
        * ContentRefusedError     a review refused the content: change it
        * MessageAuditError       not sent yet: it waits for review (`audit_id`)
        * ReplyWindowError        too late, or too many replies

No message in here ever contains a secret, a token or an Authorization header.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class ExitCode(IntEnum):
    """What a process supervisor learns from `qqbot`; 77 and 78 mean "do not restart me"."""

    OK = 0
    BUG = 1
    USAGE = 2
    UNREACHABLE = 69
    TEMPORARY = 75
    REFUSED = 77
    CONFIG = 78
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code of the platform means, as a sentence."""

    text: str = ""
    """In the language of the process."""
    zh: str = ""
    en: str = ""


NO_MEANING: Final = Meaning()
"""Of an error behind which there is no code of the platform, or none that anything is known about."""


class QQBotError(Exception):
    """Base of every deliberate error.

    Attributes:
        message: What happened; one line, apart from reports about configurations.
        help: What to do about it, or empty.
        meaning: What the platform's code means, in the language of the process; empty without a code.
        meaning_zh: The same in Chinese.
        meaning_en: The same in English.
    """

    exit_code = ExitCode.BUG
    usual_help = ""

    def __init__(
        self,
        message: str,
        *,
        help: str = "",  # noqa: A002 - the word users see
        meaning: Meaning = NO_MEANING,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.help = help or self.usual_help
        self.meaning = meaning.text
        self.meaning_zh = meaning.zh
        self.meaning_en = meaning.en


class ConfigError(QQBotError):
    """The configuration cannot be used; the message is complete, with file, line and column."""

    exit_code = ExitCode.CONFIG


class StoreError(QQBotError):
    """The store cannot be used, or ended before it could do what it was asked."""

    exit_code = ExitCode.CONFIG

    def __init__(
        self,
        message: str,
        *,
        help: str = "",  # noqa: A002
        exit_code: ExitCode = ExitCode.CONFIG,
    ) -> None:
        super().__init__(message, help=help)
        self.exit_code = exit_code


class PluginError(QQBotError):
    """A plugin does not fulfil the contract, or failed while it was loaded or set up."""

    exit_code = ExitCode.CONFIG


class MessageError(QQBotError):
    """A message that the platform would refuse; nothing was sent, and no reply is used up.

    Attributes:
        problems: Everything that is wrong, one sentence each: the field, the limit and the way out.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class AuthenticationError(QQBotError):
    """The platform does not accept the appid, the secret or the caller's address."""

    exit_code = ExitCode.REFUSED


class ShardRefusedError(QQBotError):
    """Every shard was refused for good; the message names the close code and the remedy."""

    exit_code = ExitCode.REFUSED


class PlatformUnreachableError(QQBotError):
    """No answer of the platform arrived: network, DNS, TLS or time-out."""

    exit_code = ExitCode.UNREACHABLE
    usual_help = "check the network, the proxy and the addresses under endpoints:, then try again"


class SessionLimitError(QQBotError):
    """The daily quota of session starts is used up; `reset_after` seconds until it returns."""

    exit_code = ExitCode.TEMPORARY

    def __init__(self, message: str, *, reset_after: float, help: str = "") -> None:  # noqa: A002
        super().__init__(message, help=help)
        self.reset_after = reset_after


class InvalidRequestError(QQBotError, ValueError):
    """An argument of a REST call is outside of what the platform takes; nothing was sent.

    Attributes:
        field: Where: a parameter, or a path into the body (``panel.remark``).
        limit: What is allowed there.
        endpoint: Name of the endpoint, or empty if a body refused to be built.
    """

    def __init__(self, field: str, limit: str, *, endpoint: str = "") -> None:
        super().__init__(f"{endpoint or 'request'}: {field}: {limit}")
        self.field = field
        self.limit = limit
        self.endpoint = endpoint


class ApiError(QQBotError):
    """The platform answered a REST call with a refusal.

    Attributes:
        status: HTTP status; it does not tell the kind of error, the codes do. 0 if no request was made.
        code: Number of the older code space, or None.
        err_code: Number of the newer code space, or None; often equal to `code`.
        trace_id: Quote it to the platform's support; empty if none was sent.
        endpoint: Name of the endpoint that was called.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: int | None = None,
        err_code: int | None = None,
        trace_id: str = "",
        endpoint: str = "",
        help: str = "",  # noqa: A002
        meaning: Meaning = NO_MEANING,
    ) -> None:
        numbers = "/".join(str(n) for n in dict.fromkeys((code, err_code)) if n is not None)
        details = [f"HTTP {status}"] if status else []
        if numbers:
            details.append(f"code {numbers}")
        if trace_id:
            details.append(f"trace {trace_id}")
        sentence = f"{endpoint or 'call'} failed: {message or 'no message'}"
        if details:
            sentence += f" ({', '.join(details)})"
        if meaning.text:
            sentence += f": {meaning.text}"
        super().__init__(sentence, help=help, meaning=meaning)
        self.platform_message = message
        self.status = status
        self.code = code
        self.err_code = err_code
        self.trace_id = trace_id
        self.endpoint = endpoint


class RateLimitedError(ApiError):
    """Too many calls; `retry_after` seconds until the next may succeed, None if the platform did not say.

    Raised before any request is made where waiting for our turn would take too long (`status` is 0 then).
    """

    retry_after: float | None = None


class PermissionDeniedError(ApiError):
    """The bot, its owner or the guild did not grant what the call needs."""


class NotFoundError(ApiError):
    """The object or the API does not exist."""


class ContentRefusedError(ApiError):
    """A review refused text, link or media; sent unchanged they will be refused again."""


class MessageAuditError(ApiError):
    """The message was accepted but waits for review; `audit_id` pairs it with the audit event."""

    audit_id: str = ""
    rejected: bool = False
    """Whether the review is over, and nobody will see the message."""


class ReplyWindowError(QQBotError):
    """The message can no longer be answered: its window has closed or its replies are used up.

    Raised before any request is made where we know it, and in place of `ApiError` where the
    platform says so (`trace_id` is filled then).
    """

    def __init__(self, message: str, *, trace_id: str = "", meaning: Meaning = NO_MEANING) -> None:
        super().__init__(message, meaning=meaning)
        self.trace_id = trace_id
