"""Every exception qqbot raises on purpose, on one page, with the exit code it ends in.

* QQBotError                      the base of all of them
    * ConfigError            78   the person who wrote the YAML
    * PluginError            78   the author of the plugin (ends the run under ``--strict`` only)
    * MessageError            1   the author of the plugin: the platform would refuse this message
    * AuthenticationError    77   the owner of the bot: appid, secret, allow-list
    * ShardRefusedError      77   the operator: the platform will not have this shard
    * PlatformUnreachableError 69 nobody: try again later
    * SessionLimitError      75   nobody: the quota of session starts comes back by itself
    * ApiError                1   the handler that called the API (status, codes, trace id)
        * RateLimitedError        wait `retry_after` seconds
        * PermissionDeniedError   a right is missing
        * NotFoundError           the thing or the API does not exist
        * MessageAuditError       not sent yet: it waits for review (`audit_id`)
        * ReplyWindowError        too late, or too many replies

No message in here ever contains a secret, a token or an Authorization header.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum


class ExitCode(IntEnum):
    """What a process supervisor learns from `qqbot`; 77 and 78 mean "do not restart me"."""

    OK = 0
    BUG = 1
    USAGE = 2
    UNREACHABLE = 69
    SESSION_LIMIT = 75
    REFUSED = 77
    CONFIG = 78
    INTERRUPTED = 130


class QQBotError(Exception):
    """Base of every deliberate error; `help` says what to do about it, or is empty."""

    exit_code = ExitCode.BUG
    usual_help = ""

    def __init__(self, message: str, *, help: str = "") -> None:  # noqa: A002 - the word users see
        super().__init__(message)
        self.message = message
        self.help = help or self.usual_help


class ConfigError(QQBotError):
    """The configuration cannot be used; the message is complete, with file, line and column."""

    exit_code = ExitCode.CONFIG


class PluginError(QQBotError):
    """A plugin does not fulfil the contract, or failed while it was loaded."""

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

    exit_code = ExitCode.SESSION_LIMIT

    def __init__(self, message: str, *, reset_after: float, help: str = "") -> None:  # noqa: A002
        super().__init__(message, help=help)
        self.reset_after = reset_after


class ApiError(QQBotError):
    """The platform answered a REST call with a refusal.

    Attributes:
        status: HTTP status; it does not tell the kind of error, the codes do.
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
    ) -> None:
        numbers = "/".join(str(n) for n in dict.fromkeys((code, err_code)) if n is not None)
        details = [f"HTTP {status}"]
        if numbers:
            details.append(f"code {numbers}")
        if trace_id:
            details.append(f"trace {trace_id}")
        super().__init__(f"{endpoint or 'call'} failed: {message or 'no message'} ({', '.join(details)})")
        self.platform_message = message
        self.status = status
        self.code = code
        self.err_code = err_code
        self.trace_id = trace_id
        self.endpoint = endpoint


class RateLimitedError(ApiError):
    """Too many calls; `retry_after` seconds until the next may succeed, None if the platform did not say."""

    retry_after: float | None = None


class PermissionDeniedError(ApiError):
    """The bot, its owner or the guild did not grant what the call needs."""


class NotFoundError(ApiError):
    """The object or the API does not exist."""


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

    def __init__(self, message: str, *, trace_id: str = "") -> None:
        super().__init__(message)
        self.trace_id = trace_id
