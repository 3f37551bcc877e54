"""The platform as one bot sees it: HTTP client, access tokens, REST calls; opened and closed together."""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiohttp.abc import AbstractResolver

from qqbot_cli.gateway.upgrade import keep_the_page
from qqbot_cli.model.fact import Report
from qqbot_cli.model.hosts import Endpoints
from qqbot_cli.model.language import language_of
from qqbot_cli.protocol.token import Token
from qqbot_cli.rest.api import BotApi
from qqbot_cli.rest.client import RestClient
from qqbot_cli.rest.descriptors import make_socket
from qqbot_cli.rest.resolver import Resolver
from qqbot_cli.rest.tls import tls_context
from qqbot_cli.rest.token import TokenSource


@dataclass(frozen=True, slots=True)
class Platform:
    """What talks to the platform."""

    http: aiohttp.ClientSession
    tokens: TokenSource
    api: BotApi


@asynccontextmanager
async def open_platform(
    token: Token,
    *,
    endpoints: Endpoints,
    sandbox: bool,
    timeout: float,
    report: Report,
    learn: Callable[[str], None],
    jitter: Callable[[], float] = random.random,
    resolver: AbstractResolver | None = None,
) -> AsyncIterator[Platform]:
    """Give a `Platform` for *token*; nothing is asked before somebody asks.

    Args:
        token: Who the bot is.
        endpoints: Where the platform is.
        sandbox: Whether to use the sandbox.
        timeout: Seconds one attempt of a REST call may take.
        report: Where facts go.
        learn: Told every access token before it is used, so that it can be kept out of output.
        jitter: Answers a number from 0 to 1.
        resolver: Tells the addresses of hosts, each time anew; asks the system by default.
    """
    # Not from the cache: an address that changed is what a reconnect is there to find. No limit on
    # connections: plugins have theirs before they get here, and shards must never wait.
    own = Resolver()
    connector = aiohttp.TCPConnector(
        use_dns_cache=False,
        limit=0,
        resolver=resolver or own,
        socket_factory=make_socket,
        ssl=tls_context(),
    )
    language = language_of(os.environ)  # read here and nowhere else
    async with aiohttp.ClientSession(connector=connector, middlewares=(keep_the_page,)) as http:
        tokens = TokenSource(
            http,
            url=endpoints.token,
            appid=token.appid,
            secret=token.secret,
            report=report,
            learn=learn,
            language=language,
        )
        client = RestClient(
            http,
            tokens,
            base=endpoints.rest(sandbox=sandbox),
            appid=token.appid,
            timeout=timeout,
            report=report,
            language=language,
            jitter=jitter,
        )
        try:
            yield Platform(http, tokens, BotApi(client))
        finally:
            await tokens.close()
            await own.close()
