"""RestClient: the one path to the platform's REST interface.

Time-out, access token, repetition, refusals: everything that can happen to a call is dealt with here,
by the rules of `protocol.request`, and the caller sees a result or one of our exceptions.
"""

from __future__ import annotations

import asyncio
import io
import logging
import math
import random
from collections.abc import AsyncIterator, Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final, NoReturn, Self

import aiohttp
import msgspec
from msgspec import UNSET
from yarl import URL

from qqbot_cli.errors import (
    InvalidRequestError,
    MessageAuditError,
    PlatformUnreachableError,
    QQBotError,
    RateLimitedError,
)
from qqbot_cli.model.answer import MessageResponse
from qqbot_cli.model.body.upload import FileUpload
from qqbot_cli.model.codes import Repetition
from qqbot_cli.model.decode import PayloadError
from qqbot_cli.model.endpoints import Endpoint, TimeoutClass
from qqbot_cli.model.fact import Report, RequestFailed
from qqbot_cli.model.language import Language
from qqbot_cli.model.outgoing import Outgoing, StreamMessage
from qqbot_cli.model.outgoing import check as check_message
from qqbot_cli.protocol.arguments import check
from qqbot_cli.protocol.paging import MAX_PAGES, Walk
from qqbot_cli.protocol.ratelimit import LONGEST_QUEUE, Lesson, lesson_of
from qqbot_cli.protocol.request import (
    MAX_ATTEMPTS,
    Answer,
    Kind,
    Refusal,
    error_of,
    is_success,
    pause,
    refusal_of,
    repeatable,
    succeeded_after_all,
    too_fast,
    wait_before_retry,
)
from qqbot_cli.protocol.trouble import describe
from qqbot_cli.protocol.upload import Patience
from qqbot_cli.rest.address import address_of, kind_of, query_text
from qqbot_cli.rest.caller import RUNNING_PLUGIN
from qqbot_cli.rest.form import form_of
from qqbot_cli.rest.header import Headers
from qqbot_cli.rest.pace import Pace
from qqbot_cli.rest.repeated import Transmissions, was_sent_perhaps
from qqbot_cli.rest.share import Share, Shares
from qqbot_cli.rest.token import TokenSource

logger = logging.getLogger(__name__)

_CLOCK_LIFETIME: Final = 600.0
"""Seconds after which the platform's clock is read off an answer again."""

_LONG: Final = 512 * 1024
"""Bytes of a body from which it is written bit by bit."""

_JSON_BEGINS: Final = (b"", b"{", b"[")
"""First byte of an answer of the platform; some calls answer nothing."""
_encode: Final = msgspec.json.Encoder().encode


class StrangeAnswerError(Exception):
    """Something between us and the platform has answered in its place: nobody knows what became of a call."""


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
        language: Language = Language.EN,
        jitter: Callable[[], float] = random.random,
        longest_queue: float = LONGEST_QUEUE,
    ) -> None:
        """Make a client that has not called yet.

        Args:
            http: Carries the calls.
            tokens: Where access tokens are from.
            base: The address all paths are below.
            appid: Number of the bot.
            timeout: Seconds one attempt may take.
            report: Where facts go.
            language: In which errors say what a code means.
            jitter: Answers a number from 0 to 1.
            longest_queue: Seconds a call may wait for its turn under the documented limits.
        """
        self._http = http
        self._tokens = tokens
        self._base = base
        self._headers = Headers(appid)
        self._timeout = timeout
        self._timeouts = {kind: aiohttp.ClientTimeout(total=timeout * kind.value) for kind in TimeoutClass}
        self._report = report
        self._language = language
        self._jitter = jitter
        self._pace = Pace(longest=longest_queue)
        self._shares = Shares(report)
        self._clock_offset: float | None = None
        self._clock_due_at = -math.inf

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
        patience: Patience | None = None,
    ) -> Any:  # noqa: ANN401 - the type of the row's result; the methods of BotApi know it
        """Carry out *endpoint* and return its result, or None if it has none.

        Args:
            endpoint: The row.
            path: Values of its path parameters.
            body: What to send; an instance of the row's body type.
            query: Values of its query parameters; None leaves one out.
            patience: How often to try what the platform wants tried again and again; four times a second
                without it.

        Raises:
            InvalidRequestError: If an argument is outside of what the platform takes; nothing was sent.
            MessageError: If it is a message that the platform would refuse; nothing was sent.
            ApiError: If the platform refuses; subclasses by what can be done about it. RateLimitedError
                also if the turn of the call would come too late.
            ReplyWindowError: If it refuses a reply because it is too late or one too many.
            AuthenticationError: If it refuses the bot itself.
            PlatformUnreachableError: If there is no answer, after all repetitions that are safe.
        """
        path, query = path or {}, query or {}
        # Encoded once: a repetition is the same message with the same number, which the platform recognises.
        data: bytes | Outgoing | None
        if body is None:
            data = None if endpoint.body is None else b"{}"
            check(endpoint, path, query, None, data)
            may_repeat = repeatable(endpoint, has_seq=False, sends=False)
        else:
            check_message(body)
            if isinstance(body, Outgoing) and body.file_image is not UNSET:
                data = body
                check(endpoint, path, query, body, None)
            else:
                data = _encode(body)
                check(endpoint, path, query, body, data)
            may_repeat = repeatable(
                endpoint,
                has_seq=isinstance(body, (Outgoing, StreamMessage)) and body.is_numbered,
                sends=isinstance(body, FileUpload) and body.srv_send_msg,
            )
        url = self._base + address_of(endpoint, path, query)
        answer, content = await self._perform(
            endpoint, path, url, data, may_repeat=may_repeat, patience=patience
        )
        return self._result(endpoint, answer, content)

    async def call_other(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,  # noqa: ANN401 - any JSON
    ) -> Any:  # noqa: ANN401 - any JSON
        """Carry out a call that has no row, and return the JSON of its answer; None if there is none.

        Args:
            method: ``GET``, ``POST``, …
            path: Below the REST base, with its ids in it, quoted where they need it.
            query: Values of query parameters; None leaves one out.
            body: What to send: anything that is JSON, or a struct.

        Raises:
            InvalidRequestError: If *path* is no path.
            QQBotError: The same as `call`.
        """
        name = f"{method.upper()} {kind_of(path)}"
        if not path.startswith("/") or "?" in path or "#" in path:
            raise InvalidRequestError("path", "begins with / and has no query", endpoint=name)
        endpoint = Endpoint(name, method.upper(), path.replace("{", "{{").replace("}", "}}"), "Other call.")
        may_repeat = repeatable(endpoint, has_seq=False)
        url = self._base + path + query_text((query or {}).items())
        data = None if body is None else _encode(body)
        # What headers tell about its limit counts for this address alone: whose limit it is nobody knows.
        _, content = await self._perform(endpoint, {"bot": path}, url, data, may_repeat=may_repeat)
        return _parsed(content)

    async def pages(
        self,
        endpoint: Endpoint,
        path: Mapping[str, str] | None = None,
        *,
        body: msgspec.Struct | None = None,
        query: Mapping[str, Any] | None = None,
        most: int = MAX_PAGES,
    ) -> AsyncIterator[Any]:
        """Give the items of a list that comes in pages, each once, asking for a page when it is needed.

        Args:
            endpoint: A row with `Endpoint.paging`.
            path: Values of its path parameters.
            body: What to send, for lists whose pages are asked for by the body.
            query: Values of its query parameters, without the one that asks for a page.
            most: Pages to ask for at most; a warning is logged when there are more.

        Raises:
            QQBotError: The same as `call`.
        """
        paging = endpoint.paging
        assert paging is not None
        in_query = any(parameter.name == paging.send for parameter in endpoint.query)
        walk = Walk(paging, most=most)
        while not walk.finished:
            if walk.cursor is not None and in_query:
                query = {**(query or {}), paging.send: walk.cursor}
            elif walk.cursor is not None:
                assert endpoint.body is not None
                body = msgspec.structs.replace(body or endpoint.body(), **{paging.send: walk.cursor})
            for item in walk.take(await self.call(endpoint, path, body=body, query=query)):
                yield item
        if walk.cut_short:
            logger.warning("%s: left after %d pages, there are more", endpoint.name, most)

    async def store(self, url: str, chunks: AsyncIterator[bytes], size: int) -> int:
        """Send *size* bytes to an address that the platform gave, once, and return the HTTP status.

        The address is the permission: no access token goes along, and it stands in no message.

        Raises:
            PlatformUnreachableError: If there is no answer, or nothing moves for as long as one attempt of
                a call may take.
        """
        loop = asyncio.get_running_loop()
        headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream"}
        try:
            # However long it takes altogether, as long as it goes on: an uplink may be slow.
            async with asyncio.timeout(self._timeout) as limit:
                request = self._http.put(
                    # As it is: it is signed, and another way to quote it would be another address.
                    URL(url, encoded=True),
                    data=_Watched(chunks, lambda: limit.reschedule(loop.time() + self._timeout)),
                    headers=headers,
                    timeout=aiohttp.ClientTimeout(total=None),
                    allow_redirects=False,
                )
                async with request as got:
                    return got.status
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as exc:
            raise PlatformUnreachableError(f"storage of uploads: {describe(exc)}") from exc

    async def _perform(
        self,
        endpoint: Endpoint,
        path: Mapping[str, str],
        url: str,
        data: bytes | Outgoing | None,
        *,
        may_repeat: bool,
        patience: Patience | None = None,
    ) -> tuple[Answer, bytes]:
        """Return an answer that is a success, after all waiting and repetitions that it takes."""
        share = self._shares.mine()
        try:
            share.enter(endpoint)
            try:
                return await self._repeat(
                    share, endpoint, path, url, data, may_repeat=may_repeat, patience=patience
                )
            finally:
                share.leave()
        except RateLimitedError as exc:
            if not exc.status:
                # Refused by ourselves: who tries again and again must not take every turn of the event loop.
                await asyncio.sleep(0)
            raise

    async def _repeat(
        self,
        share: Share,
        endpoint: Endpoint,
        path: Mapping[str, str],
        url: str,
        data: bytes | Outgoing | None,
        *,
        may_repeat: bool,
        patience: Patience | None,
    ) -> tuple[Answer, bytes]:
        """Make the call until it is answered for good."""
        outcome_unknown, token_renewed = was_sent_perhaps(), False
        attempt = 1
        while True:
            # The token first: calls that wait for one would use up their turns and then go all at once. It
            # does not grow old meanwhile: it was renewed a minute before its end, and no turn takes so long.
            token = self._tokens.at_hand() or await self._tokens.get()
            if self._pace.is_limited(endpoint, path):
                late = await self._pace.turn(endpoint, path)
                if late is not None:
                    self._fail(endpoint, too_fast(endpoint, retry_after=late.retry_after))
            sent = Transmissions()
            try:
                async with share.requests:
                    answer, lesson, content = await self._exchange(endpoint, url, token, data, sent)
            except (aiohttp.ClientError, OSError, TimeoutError, StrangeAnswerError) as exc:
                reached = not isinstance(exc, aiohttp.ClientConnectorError)
                if attempt == MAX_ATTEMPTS or (reached and not may_repeat):
                    self._fail(
                        endpoint, PlatformUnreachableError(f"{endpoint.name}: {describe(exc)}"), cause=exc
                    )
                outcome_unknown = outcome_unknown or reached
                await asyncio.sleep(pause(attempt, self._jitter()))
                attempt += 1
                continue
            self._pace.learn(endpoint, path, lesson)
            outcome_unknown = outcome_unknown or sent.times > 1
            refusal = refusal_of(endpoint, answer)
            if refusal is None:
                return answer, content
            if refusal.kind is Kind.TOKEN and not token_renewed:
                token_renewed = True
                self._tokens.refuse(token)
                continue
            if succeeded_after_all(refusal, outcome_unknown=outcome_unknown) and _may_be_empty(endpoint):
                logger.debug("%s: done already: %s", endpoint.name, refusal.code)
                return Answer(answer.status, trace_id=answer.trace_id), b""
            wait = wait_before_retry(refusal, attempt=attempt, repeatable=may_repeat, jitter=self._jitter())
            if patience is not None and refusal.repetition is Repetition.EACH_SECOND:
                wait = patience.wait(now=asyncio.get_running_loop().time())
                attempt -= 1  # these do not count, what the network does meanwhile does
            if wait is None:
                self._fail(endpoint, error_of(endpoint, refusal, self._language))
            if refusal.kind is Kind.RATE:
                self._pace.pause(endpoint, path, wait)
            outcome_unknown = outcome_unknown or refusal.kind is Kind.TRANSIENT
            await asyncio.sleep(wait)
            attempt += 1

    async def _exchange(
        self, endpoint: Endpoint, url: str, token: str, data: bytes | Outgoing | None, sent: Transmissions
    ) -> tuple[Answer, Lesson, bytes]:
        # No block: an answer that was read to its end, or could not be, has given back its connection.
        got = await self._http.request(
            endpoint.method,
            url,
            data=_payload(data),
            headers=self._headers.of(endpoint, token, is_json=isinstance(data, bytes)),
            timeout=self._timeouts[endpoint.timeout],
            middlewares=(sent,),  # in place of the session's, which is for websockets
        )
        content = await got.read()
        status, headers = got.status, got.headers
        now = asyncio.get_running_loop().time()
        if now >= self._clock_due_at:
            self._read_clock(headers.get("Date"), now)
        trace_id = headers.get("X-Tps-trace-ID", "")
        logger.debug("%s: HTTP %d, trace %s", endpoint.name, status, trace_id or "-")
        wall = None if self._clock_offset is None else now + self._clock_offset
        lesson = lesson_of(headers, wall=wall)
        if is_success(endpoint, status):
            if endpoint.decoder is not None and content.lstrip()[:1] not in _JSON_BEGINS:
                raise StrangeAnswerError
            return Answer(status, trace_id=trace_id), lesson, content
        return Answer(status, _parsed(content), lesson.pause, trace_id), lesson, content

    def _result(self, endpoint: Endpoint, answer: Answer, content: bytes) -> Any:  # noqa: ANN401
        if endpoint.decoder is None:
            return None
        try:
            # Some calls answer nothing where others of their kind answer an object.
            result = endpoint.decoder.decode(content or b"{}")
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
        self._report(RequestFailed(endpoint.name, error.message, raised=not RUNNING_PLUGIN.get()))
        raise error from cause

    def _read_clock(self, date: str | None, now: float) -> None:
        """Learn from the Date header what time it is on the platform, whose time stamps messages carry."""
        if date is None:
            return
        try:
            self._clock_offset = parsedate_to_datetime(date).timestamp() - now
        except ValueError:
            return
        self._clock_due_at = now + _CLOCK_LIFETIME


class _Watched:
    """Passes chunks on and tells when one is asked for: the one before is under way then.

    No generator: an abandoned one would be closed by a task of its own.
    """

    def __init__(self, chunks: AsyncIterator[bytes], moved: Callable[[], object]) -> None:
        self._chunks = chunks
        self._moved = moved

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        self._moved()
        return await anext(self._chunks)


def _payload(data: bytes | Outgoing | None) -> bytes | io.BytesIO | aiohttp.FormData | None:
    """Return *data* as aiohttp takes it, once."""
    if isinstance(data, Outgoing):
        return form_of(data)
    # It warns of long bytes, which are written without a break for others.
    return io.BytesIO(data) if data is not None and len(data) > _LONG else data


def _may_be_empty(endpoint: Endpoint) -> bool:
    """Whether there is a result of *endpoint* that consists of defaults."""
    try:
        return endpoint.decoder is None or endpoint.decoder.decode(b"{}") is not None
    except PayloadError:
        return False


def _parsed(content: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return msgspec.json.decode(content)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
