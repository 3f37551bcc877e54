"""RestClient: the one path to the platform's REST interface.

Time-out, access token, repetition, refusals: everything that can happen to a call is dealt with here,
by the rules of `protocol.request`, and the caller sees a result or one of our exceptions.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final, NoReturn
from urllib.parse import quote

import aiohttp
import msgspec

from qqbot_cli.errors import MessageAuditError, PlatformUnreachableError, QQBotError
from qqbot_cli.model.answer import MessageResponse
from qqbot_cli.model.decode import PayloadError
from qqbot_cli.model.endpoints import Endpoint
from qqbot_cli.model.fact import Report, RequestFailed
from qqbot_cli.model.outgoing import Outgoing, StreamMessage, check
from qqbot_cli.protocol.request import (
    MAX_ATTEMPTS,
    Answer,
    Kind,
    Refusal,
    error_of,
    pause,
    refusal_of,
    repeatable,
    wait_before_retry,
)
from qqbot_cli.protocol.trouble import describe
from qqbot_cli.rest.token import TokenSource

logger = logging.getLogger(__name__)

_CLOCK_LIFETIME: Final = 600.0
"""Seconds after which the platform's clock is read off an answer again."""

_encode: Final = msgspec.json.Encoder().encode


class RestClient:
    """Carries out rows of `ENDPOINTS`."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        tokens: TokenSource,
        *,
        base: str,
        appid: str,
        timeout: float,
        report: Report,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """*base* is the address all paths are below, *timeout* the seconds one attempt may take."""
        self._http = http
        self._tokens = tokens
        self._base = base
        self._appid = appid
        self._timeout = timeout
        self._report = report
        self._jitter = jitter
        self._clock_offset: float | None = None
        self._clock_read_at = 0.0

    @property
    def clock_offset(self) -> float | None:
        """Seconds since 1970 on the platform's clock minus monotonic seconds here; None before an answer."""
        return self._clock_offset

    async def call(
        self,
        endpoint: Endpoint,
        path: Mapping[str, str] | None = None,
        *,
        body: msgspec.Struct | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - the type of the row's result; the methods of BotApi know it
        """Carry out *endpoint* and return its result, or None if it has none.

        Args:
            endpoint: The row.
            path: Values of its path parameters.
            body: What to send; an instance of the row's body type.
            query: Values of its query parameters; None leaves one out.

        Raises:
            MessageError: If it is a message that the platform would refuse; no request is made.
            ApiError: If the platform refuses; subclasses by what can be done about it.
            ReplyWindowError: If it refuses a reply because it is too late or one too many.
            AuthenticationError: If it refuses the bot itself.
            PlatformUnreachableError: If there is no answer, after all repetitions that are safe.
        """
        check(body)
        url = self._url(endpoint, path or {}, query or {})
        # Encoded once: a repetition is the same message with the same number, which the platform recognises.
        data = None if body is None else _encode(body)
        numbered = isinstance(body, Outgoing | StreamMessage) and body.is_numbered
        may_repeat = repeatable(endpoint, has_seq=numbered)
        outcome_unknown = token_renewed = False
        attempt = 1
        while True:
            token = await self._tokens.get()
            try:
                answer, content = await self._exchange(endpoint, url, token, data)
            except (aiohttp.ClientError, OSError, TimeoutError) as exc:
                reached = not isinstance(exc, aiohttp.ClientConnectorError)
                if attempt == MAX_ATTEMPTS or (reached and not may_repeat):
                    self._fail(
                        endpoint, PlatformUnreachableError(f"{endpoint.name}: {describe(exc)}"), cause=exc
                    )
                outcome_unknown = outcome_unknown or reached
                await asyncio.sleep(pause(attempt, self._jitter()))
                attempt += 1
                continue
            refusal = refusal_of(endpoint, answer)
            if refusal is None:
                return self._result(endpoint, answer, content)
            if refusal.kind is Kind.TOKEN and not token_renewed:
                token_renewed = True
                self._tokens.refuse(token)
                continue
            if refusal.kind is Kind.REPEATED and outcome_unknown:
                logger.debug("%s: delivered by an earlier attempt", endpoint.name)
                return endpoint.result() if endpoint.result is not None else None
            wait = wait_before_retry(refusal, attempt=attempt, repeatable=may_repeat, jitter=self._jitter())
            if wait is None:
                self._fail(endpoint, error_of(endpoint, refusal))
            outcome_unknown = outcome_unknown or refusal.kind is Kind.TRANSIENT
            await asyncio.sleep(wait)
            attempt += 1

    def _url(self, endpoint: Endpoint, path: Mapping[str, str], query: Mapping[str, Any]) -> str:
        # Every character that means something in a URL is quoted: an id must not lead elsewhere.
        url = self._base + endpoint.path.format_map(
            {name: quote(value, safe="") for name, value in path.items()}
        )
        pairs = [f"{name}={_query_text(value)}" for name, value in query.items() if value is not None]
        return f"{url}?{'&'.join(pairs)}" if pairs else url

    async def _exchange(
        self, endpoint: Endpoint, url: str, token: str, data: bytes | None
    ) -> tuple[Answer, bytes]:
        headers = {"Authorization": f"QQBot {token}", "X-Union-Appid": self._appid}
        if data is not None:
            headers["Content-Type"] = "application/json"
        timeout = aiohttp.ClientTimeout(total=self._timeout * endpoint.timeout.value)
        async with self._http.request(
            endpoint.method, url, data=data, headers=headers, timeout=timeout
        ) as got:
            content = await got.read()
            self._read_clock(got.headers.get("Date"))
            trace_id = got.headers.get("X-Tps-trace-ID", "")
            logger.debug("%s: HTTP %d, trace %s", endpoint.name, got.status, trace_id or "-")
            if got.status in endpoint.success:
                return Answer(got.status, trace_id=trace_id), content
            retry_after = self._seconds(got.headers.get("Retry-After"))
            return Answer(got.status, _parsed(content), retry_after, trace_id), content

    def _result(self, endpoint: Endpoint, answer: Answer, content: bytes) -> Any:  # noqa: ANN401
        if endpoint.decoder is None:
            return None
        try:
            result = endpoint.decoder.decode(content)
        except PayloadError as exc:
            refusal = Refusal(
                Kind.OTHER, answer.status, None, None, f"answer cannot be read: {exc}", answer.trace_id, None
            )
            self._fail(endpoint, error_of(endpoint, refusal), cause=exc)
        if isinstance(result, MessageResponse) and result.audit_id:
            error = MessageAuditError(
                "message waits for review",
                status=answer.status,
                trace_id=answer.trace_id,
                endpoint=endpoint.name,
            )
            error.audit_id = result.audit_id
            raise error
        return result

    def _fail(self, endpoint: Endpoint, error: QQBotError, *, cause: Exception | None = None) -> NoReturn:
        self._report(RequestFailed(endpoint.name, error.message))
        raise error from cause

    def _read_clock(self, date: str | None) -> None:
        """Learn from the Date header what time it is on the platform, whose time stamps messages carry."""
        now = asyncio.get_running_loop().time()
        if date is None or (self._clock_offset is not None and now - self._clock_read_at < _CLOCK_LIFETIME):
            return
        try:
            self._clock_offset = parsedate_to_datetime(date).timestamp() - now
        except ValueError:
            return
        self._clock_read_at = now

    def _seconds(self, retry_after: str | None) -> float | None:
        """Return Retry-After, which is a number of seconds or a date, as seconds from now."""
        if retry_after is None:
            return None
        try:
            return max(0.0, float(retry_after))
        except ValueError:
            pass
        try:
            moment = parsedate_to_datetime(retry_after).timestamp()
        except ValueError:
            return None
        offset = self._clock_offset
        return None if offset is None else max(0.0, moment - offset - asyncio.get_running_loop().time())


def _parsed(content: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return msgspec.json.decode(content)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _query_text(value: object) -> str:
    return quote(str(value).lower() if isinstance(value, bool) else str(value), safe="")
