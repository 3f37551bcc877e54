"""Fetches access tokens for everybody: one request in flight, whoever asks.

`protocol.token` decides when; this asks. While the old token is still valid nobody waits for the new one.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from typing import Final

import aiohttp
import msgspec

from qqbot_cli.errors import PlatformUnreachableError, QQBotError
from qqbot_cli.model.fact import Report, TokenChanged
from qqbot_cli.model.language import Language
from qqbot_cli.protocol.token import MIN_PAUSE, AccessToken, TokenPolicy, read_answer
from qqbot_cli.protocol.trouble import describe

_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
"""Seconds for one request; a shard waiting for a token shows it meanwhile."""


class TokenSource:
    """Hands out the access token of one bot."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        *,
        url: str,
        appid: str,
        secret: str,
        report: Report,
        learn: Callable[[str], None],
        language: Language = Language.EN,
        timeout: aiohttp.ClientTimeout = _TIMEOUT,
    ) -> None:
        """*learn* is told each token before it is used, so that it can be kept out of every output.

        *language* is that in which errors say what a code means.
        """
        self._http = http
        self._url = url
        self._credentials = msgspec.json.encode({"appId": appid, "clientSecret": secret})
        self._report = report
        self._learn = learn
        self._language = language
        self._timeout = timeout
        self._policy = TokenPolicy()
        self._flight: asyncio.Task[None] | None = None

    @property
    def expires_at(self) -> float | None:
        """When the current token ends, in monotonic seconds; None before the first."""
        return self._policy.current.expires_at if self._policy.current else None

    def at_hand(self) -> str | None:
        """Return a token that may be used now if there is one and no newer is to be asked for."""
        token = self._policy.fresh(now=asyncio.get_running_loop().time())
        return None if token is None else token.value

    async def get(self) -> str:
        """Return a token that may be used now.

        Raises:
            AuthenticationError: If the platform refuses the credentials.
            PlatformUnreachableError: If it gives no usable answer within ten seconds.
        """
        now = asyncio.get_running_loop().time()
        token = self._policy.usable(now=now)
        if token is not None and not self._policy.due(now=now):
            return token.value
        if self._flight is None:
            # In no plugin's context: it is for everybody, whoever needed it first.
            self._flight = asyncio.get_running_loop().create_task(
                self._fetch(), name="access token", context=contextvars.Context()
            )
            self._flight.add_done_callback(self._landed)
        if token is None:
            # Shielded: one caller that gives up must not cancel what the others wait for.
            await asyncio.shield(self._flight)
            token = self._policy.current
            if token is None:
                raise PlatformUnreachableError("no access token")
        return token.value

    def refuse(self, value: str) -> None:
        """The platform refused the token *value*.

        Raises:
            AuthenticationError: If that keeps happening.
        """
        self._policy.refuse(value, now=asyncio.get_running_loop().time())

    def slept(self, seconds: float) -> None:
        """The computer slept for *seconds* that the loop's clock did not count."""
        self._policy.slept(seconds)

    async def close(self) -> None:
        """Give up a request in flight."""
        if self._flight is not None:
            self._flight.cancel()
            await asyncio.wait((self._flight,))

    def _landed(self, flight: asyncio.Task[None]) -> None:
        self._flight = None
        if not flight.cancelled():
            flight.exception()  # whoever waits has it; nobody waiting means that the old token still serves

    async def _fetch(self) -> None:
        clock = asyncio.get_running_loop().time
        pause = self._policy.earliest(now=clock()) - clock()
        missed = self._policy.usable(now=clock()) is None
        try:
            if pause > MIN_PAUSE:
                raise PlatformUnreachableError(
                    f"the platform refused a fresh access token; asking for another in {pause:.0f} s"
                )
            await asyncio.sleep(max(0.0, pause))
            self._policy.asked(now=clock())
            token = await self._ask()
        except QQBotError as exc:
            self._report(TokenChanged(None, exc.message, raised=missed))
            raise
        self._learn(token.value)
        self._policy.accept(token)
        self._report(TokenChanged(token.expires_at))

    async def _ask(self) -> AccessToken:
        """Return the token that the endpoint answers."""
        try:
            async with self._http.post(
                self._url,
                data=self._credentials,
                headers={"Content-Type": "application/json"},
                timeout=self._timeout,
            ) as response:
                status, content = response.status, await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError) as exc:
            raise PlatformUnreachableError(f"{describe(exc)} (token endpoint {self._url})") from exc
        self._policy.answered_without_token()  # until it turns out to be one
        try:
            answer = msgspec.json.decode(content)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            raise PlatformUnreachableError(
                f"HTTP {status} without a usable answer (token endpoint {self._url})"
            )
        now = asyncio.get_running_loop().time()
        return read_answer(answer, now=now, status=status, language=self._language)
