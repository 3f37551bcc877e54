"""RestClient on a real socket, against a server that answers what the test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from qqbot_cli.bot.wording import describe
from qqbot_cli.errors import (
    ApiError,
    AuthenticationError,
    PermissionDeniedError,
    QQBotError,
    RateLimitedError,
)
from qqbot_cli.model import answer
from qqbot_cli.model.endpoints import Endpoint
from qqbot_cli.model.fact import Fact, RequestFailed
from qqbot_cli.model.language import Language
from qqbot_cli.model.rate import Rate
from qqbot_cli.rest.client import RestClient
from qqbot_cli.rest.token import TokenSource

LOOK = Endpoint("look", "GET", "/things/{thing}", "Look.", result=answer.GatewayUrl)
REACT = Endpoint("react", "PUT", "/things/{thing}", "React.")
DEMAND = Endpoint("demand", "POST", "/things/{thing}", "Demand.", result=answer.MessageResponse)
PATH = {"thing": "1"}

Said = tuple[int, object, dict[str, str]]
"""Status, body, headers."""
FINE: Said = (200, {"url": "wss://here"}, {})


@dataclass
class Office:
    """The platform's side: what it will say, and what it was asked."""

    say: list[Said] = field(default_factory=list)
    """Used up from the front; `FINE` after that."""
    asked: list[tuple[str, float]] = field(default_factory=list)
    """Path and moment of every call."""
    tokens: int = 0
    facts: list[Fact] = field(default_factory=list)

    async def token(self, request: web.Request) -> web.Response:
        self.tokens += 1
        return web.json_response({"access_token": f"token-{self.tokens}", "expires_in": "7200"})

    async def call(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, asyncio.get_running_loop().time()))
        status, body, headers = self.say.pop(0) if self.say else FINE
        return web.json_response(body, status=status, headers=headers)


@asynccontextmanager
async def calling(*say: Said, **more: Any) -> AsyncIterator[tuple[RestClient, Office]]:  # noqa: ANN401
    office = Office(list(say))
    app = web.Application()
    app.router.add_post("/token", office.token)
    app.router.add_route("*", "/things/{thing}", office.call)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    more.setdefault("jitter", lambda: -0.99)  # pauses of milliseconds
    try:
        async with aiohttp.ClientSession() as http:
            tokens = TokenSource(
                http,
                url=f"{base}/token",
                appid="102000001",
                secret="canary-secret-5b1c9d7e",
                report=office.facts.append,
                learn=lambda _: None,
            )
            client = RestClient(
                http, tokens, base=base, appid="102000001", timeout=5, report=office.facts.append, **more
            )
            yield client, office
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Retry-After": "0"},
        {"Retry-After": "0.01"},
        {"Retry-After": "-5"},
        {"Retry-After": "soon"},
        {"Retry-After": "nan"},
        {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0.01"},
        {"X-Rate-Limit-Reset-After": "0.01"},
    ],
    ids=lambda headers: " ".join(headers.values()) or "none",
)
async def test_f52_a_call_refused_with_429_is_made_again_whatever_the_header_says(
    headers: dict[str, str],
) -> None:
    async with calling((429, {"message": "slow down"}, headers)) as (client, office):
        assert (await client.call(LOOK, PATH)).url == "wss://here"

        assert len(office.asked) == 2


@pytest.mark.parametrize(
    ("header", "retry_after"), [("1000000", 1e6), ("1e6", 1e6), ("301", 301.0)], ids=["digits", "e", "301"]
)
async def test_f52_a_pause_that_is_too_long_is_handed_to_the_caller(header: str, retry_after: float) -> None:
    async with calling((429, {}, {"Retry-After": header})) as (client, office):
        with pytest.raises(RateLimitedError) as caught:
            await client.call(LOOK, PATH)

        assert caught.value.retry_after == retry_after
        assert len(office.asked) == 1


@pytest.mark.parametrize(
    ("status", "code", "calls"),
    [
        (500, 304046, 1),
        (500, 1000001, 1),
        (500, 99999999, 4),
        (400, 304049, 1),
        (429, 40093002, 1),
        (500, 11281, 2),
        (400, 620007, 4),
    ],
)
async def test_the_code_decides_how_often_a_call_is_made(status: int, code: int, calls: int) -> None:
    no: Said = (status, {"code": code}, {})
    async with calling(no, no, no, no, no) as (client, office):
        with pytest.raises(ApiError):
            await client.call(LOOK, PATH)

        assert len(office.asked) == calls


@pytest.mark.parametrize("code", [11298, 11251, 11265])
async def test_a_bot_that_is_refused_is_not_given_another_token(code: int) -> None:
    async with calling((401, {"code": code}, {})) as (client, office):
        with pytest.raises(AuthenticationError):
            await client.call(LOOK, PATH)

        assert (len(office.asked), office.tokens) == (1, 1)


@pytest.mark.parametrize(
    ("endpoint", "code"),
    [(REACT, 620003), (REACT, 620004), (DEMAND, 610010)],
    ids=["set", "unset", "granted"],
)
async def test_what_is_so_already_counts_as_done(endpoint: Endpoint, code: int) -> None:
    async with calling((400, {"code": code}, {})) as (client, office):
        result = await client.call(endpoint, PATH)

        assert result == (answer.MessageResponse() if endpoint is DEMAND else None)
        assert not any(isinstance(fact, RequestFailed) for fact in office.facts)


async def test_a_grant_that_exists_but_whose_result_cannot_be_made_up_is_an_error() -> None:
    async with calling((400, {"code": 610010}, {})) as (client, _):
        with pytest.raises(ApiError, match="granted already"):
            await client.call(LOOK, PATH)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [(Language.EN, "no right to active messages"), (Language.ZH, "没有发主动消息的权限")],
    ids=["en", "zh"],
)
async def test_the_log_line_of_a_failed_call_ends_with_what_its_code_means(
    language: Language, sentence: str
) -> None:
    async with calling((400, {"code": 40034105, "message": "m"}, {}), language=language) as (client, office):
        with pytest.raises(PermissionDeniedError) as caught:
            await client.call(LOOK, PATH)

        assert caught.value.meaning == sentence
        line = describe(office.facts[-1], now=0.0)
        assert line.text == f"look failed: m (HTTP 400, code 40034105): {sentence}"


async def test_calls_over_the_limit_wait_for_their_turn() -> None:
    row = Endpoint("look", "GET", "/things/{thing}", "Look.", rate=Rate(2, 0.2))
    async with calling() as (client, office):
        await asyncio.gather(*(client.call(row, PATH) for _ in range(5)))

        moments = [moment for _, moment in office.asked]
        assert moments[2] - moments[0] >= 0.2
        assert moments[4] - moments[2] >= 0.2


async def test_conversations_take_turns() -> None:
    row = Endpoint("look", "GET", "/things/{thing}", "Look.", rate=Rate(1, 0.02))
    async with calling() as (client, office):
        targets = ["flood"] * 5 + ["quiet"]
        await asyncio.gather(*(client.call(row, {"thing": target}) for target in targets))

        assert [path for path, _ in office.asked].index("/things/quiet") <= 2


async def test_each_value_of_the_parameter_has_its_own_limit() -> None:
    row = Endpoint("look", "GET", "/things/{thing}", "Look.", rate=Rate(1, 60, per="thing"))
    async with calling(longest_queue=0.0) as (client, office):
        await client.call(row, {"thing": "1"})
        await client.call(row, {"thing": "2"})
        with pytest.raises(RateLimitedError):
            await client.call(row, {"thing": "1"})

        assert len(office.asked) == 2


async def test_a_call_whose_turn_is_too_far_off_is_not_made() -> None:
    row = Endpoint("look", "GET", "/things/{thing}", "Look.", rate=Rate(1, 60))
    async with calling() as (client, office):
        await client.call(row, PATH)
        with pytest.raises(RateLimitedError, match="no request was made") as caught:
            await client.call(row, PATH)

        assert caught.value.status == 0
        assert caught.value.retry_after == pytest.approx(60, abs=1)
        assert len(office.asked) == 1
        assert isinstance(office.facts[-1], RequestFailed)


async def test_a_turn_that_is_pushed_back_ends_with_an_error_at_its_deadline() -> None:
    row = Endpoint("look", "GET", "/things/{thing}", "Look.", rate=Rate(1, 0.2))
    async with calling(longest_queue=0.6) as (client, office):
        calls = [client.call(row, {"thing": thing}) for thing in ("a", "a", "a", "b", "c")]
        outcomes = await asyncio.gather(*calls, return_exceptions=True)

        failed = [isinstance(outcome, RateLimitedError) for outcome in outcomes]
        assert failed[2]
        assert len(office.asked) == failed.count(False)


async def test_a_caller_that_gives_up_leaves_its_place_to_the_next() -> None:
    row = Endpoint("look", "GET", "/things/{thing}", "Look.", rate=Rate(1, 0.1))
    async with calling() as (client, office):
        await client.call(row, PATH)
        first, second = (asyncio.ensure_future(client.call(row, PATH)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await second

        assert first.cancelled()
        assert office.asked[1][1] - office.asked[0][1] < 0.28


async def test_a_call_that_was_refused_with_429_holds_back_the_others_of_its_limit() -> None:
    row = Endpoint("look", "GET", "/things", "Look.", rate=Rate(100, 1))
    async with calling() as (client, _):
        client._pace.pause(row, {}, 100.0)

        with pytest.raises(RateLimitedError) as caught:
            await client.call(row)
        assert caught.value.retry_after == pytest.approx(100, abs=1)


async def test_a_refusal_that_may_be_about_one_conversation_holds_back_the_others_shortly() -> None:
    row = Endpoint("look", "GET", "/things/{thing}", "Look.", rate=Rate(100, 1))
    async with calling(longest_queue=1.0) as (client, _):
        client._pace.pause(row, PATH, 100.0)

        with pytest.raises(RateLimitedError) as caught:
            await client.call(row, PATH)
        assert caught.value.retry_after == pytest.approx(5, abs=1)


async def test_a_call_without_a_limit_learns_one_from_headers() -> None:
    told = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "100"}
    async with calling((200, {"url": "x"}, told)) as (client, office):
        await client.call(LOOK, PATH)
        with pytest.raises(RateLimitedError) as caught:
            await client.call(LOOK, PATH)

        assert caught.value.retry_after == pytest.approx(100, abs=1)
        assert len(office.asked) == 1


async def test_no_error_contains_a_secret() -> None:
    async with calling((401, {"code": 11244}, {}), (401, {"code": 11244}, {})) as (client, office):
        with pytest.raises(QQBotError) as caught:
            await client.call(LOOK, PATH)

        said = f"{caught.value} {caught.value.help} {office.facts}"
        assert "canary" not in said
        assert "token-" not in said
