"""Answers to a handshake that are no websocket, on a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from qqbot_cli.gateway.upgrade import UpgradeRefusedError, keep_the_page
from qqbot_cli.protocol.trouble import describe


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    """Give a client, and the address of a server that sends each connection the next of *answers*."""
    waiting, over = iter(answers), asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(next(waiting))
        await over.wait()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, aiohttp.ClientSession(middlewares=(keep_the_page,)) as http:
        try:
            yield http, f"127.0.0.1:{port}"
        finally:
            over.set()


def page(body: bytes, head: str = "200 OK", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {head}\r\nContent-Length: {size}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (page(b"<h1>\r\n\tLog\x1b[2J in</h1>"), "HTTP 200 instead of a websocket: <h1> Log[2J in</h1>"),
        (page("登录".encode() + b"x" * 200), "HTTP 200 instead of a websocket: 登录" + "x" * 78),
        (page(b"\xff{}", "502 Bad"), "HTTP 502 instead of a websocket: \ufffd{}"),
        (page(b"", "403 Forbidden"), "HTTP 403 instead of a websocket"),
        (b"HTTP/1.0 200 OK\r\n\r\n<h1>", "HTTP 200 instead of a websocket"),  # ends with the connection
        (page(b"", length=100), "HTTP 200 instead of a websocket"),  # the rest never comes
    ],
    ids=["controls", "long", "bad UTF-8", "empty", "no length", "hangs"],
)
async def test_f08_a_page_is_quoted_in_eighty_harmless_characters(answer: bytes, words: str) -> None:
    async with answering(answer) as (http, address):
        with pytest.raises(UpgradeRefusedError) as caught:
            await http.ws_connect(f"ws://{address}/")

    assert describe(caught.value) == words


async def test_f08_a_gateway_that_moved_is_followed() -> None:
    async with answering(
        page(b"over there", "302 Found\r\nConnection: close\r\nLocation: /new"), page(b"lost", "404 No")
    ) as (
        http,
        address,
    ):
        with pytest.raises(UpgradeRefusedError) as caught:
            await http.ws_connect(f"ws://{address}/")

    assert describe(caught.value) == "HTTP 404 instead of a websocket: lost"


async def test_what_asks_for_no_websocket_is_left_alone() -> None:
    async with answering(page(b"hello", "404 No")) as (http, address):
        answer = await http.get(f"http://{address}/")

        assert (answer.status, await answer.text()) == (404, "hello")
