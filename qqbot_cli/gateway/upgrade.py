"""What answers where a websocket was asked for: a proxy, a portal, a page that says why not.

`ws_connect` raises with the status alone, and the page is gone by then. A middleware sees the answer before
it does, so a shard can say what it was told; nothing of it is interpreted.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

import aiohttp
from aiohttp import hdrs

_MOST: Final = 4096
"""Bytes that are read of a page; those who need more do not fit into one line anyway."""
_PATIENCE: Final = 1.0
"""Seconds a page has to come; the status is known without it."""


class UpgradeRefusedError(aiohttp.WSServerHandshakeError):
    """The answer is no websocket."""

    def __init__(self, response: aiohttp.ClientResponse, page: str) -> None:
        """*page* is the beginning of what came instead, in whatever language."""
        super().__init__(response.request_info, response.history, status=response.status)
        self.page = page


async def keep_the_page(
    request: aiohttp.ClientRequest, send: Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]
) -> aiohttp.ClientResponse:
    """Send *request*; one for a websocket that gets a page is refused with the page.

    A page of unknown length, which ends with the connection, is not there to read: aiohttp takes an answer
    to an upgrade for empty unless it says how long it is.

    Raises:
        UpgradeRefusedError: If a websocket was asked for, and this is neither one nor the way to one.
    """
    response = await send(request)
    if hdrs.UPGRADE not in request.headers or response.status == HTTPStatus.SWITCHING_PROTOCOLS:
        return response
    if hdrs.LOCATION in response.headers:
        return response
    page = b""
    with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            page = await response.content.read(_MOST)
    response.close()
    raise UpgradeRefusedError(response, page.decode(errors="replace"))
