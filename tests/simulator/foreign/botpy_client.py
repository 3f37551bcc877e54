"""A bot on the official Python SDK, unchanged; only the hosts it has built in are replaced.

Arguments: API base, token address, appid, secret.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from types import SimpleNamespace
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp
import botpy
import botpy.http
import botpy.robot


class Message(Protocol):
    content: str

    async def reply(self, *, content: str) -> object: ...


class TokenHttp:
    """Stands in for the `aiohttp.ClientSession` with which the SDK asks its built-in token address."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._http = aiohttp.ClientSession()

    def post(
        self, url: str, *, timeout: aiohttp.ClientTimeout, json: Mapping[str, str]
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        return self._http.post(self._address, timeout=timeout, json=json)

    async def close(self) -> None:
        await self._http.close()


def redirect(api: str, token: str) -> None:
    """Point the SDK at other hosts."""
    base = urlsplit(api)
    botpy.http.Route.SCHEME = base.scheme
    botpy.http.Route.DOMAIN = base.netloc
    botpy.robot.aiohttp = SimpleNamespace(
        ClientSession=lambda: TokenHttp(token), ClientTimeout=aiohttp.ClientTimeout
    )


class Bot(botpy.Client):  # type: ignore[misc]  # the SDK is not typed
    """Repeats what it is told."""

    async def on_group_at_message_create(self, message: Message) -> None:
        await self._answer(message)

    async def on_at_message_create(self, message: Message) -> None:
        await self._answer(message)

    async def on_c2c_message_create(self, message: Message) -> None:
        await self._answer(message)

    async def _answer(self, message: Message) -> None:
        await message.reply(content=f"botpy: {message.content.strip()}")


async def main(api: str, token: str, appid: str, secret: str) -> None:
    redirect(api, token)
    intents = botpy.Intents(public_messages=True, public_guild_messages=True)
    async with Bot(intents=intents, bot_log=None, ext_handlers=False) as bot:
        await bot.start(appid=appid, secret=secret)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
