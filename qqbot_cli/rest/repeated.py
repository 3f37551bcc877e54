"""Whether what a call asks for may have been done before: by an earlier run of the handler, or below us.

The first travels with the task, not through every method of `BotApi`: only replies of events that run again
know it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import aiohttp

_SENT_PERHAPS: Final = ContextVar("sent_perhaps", default=False)


@contextmanager
def sent_perhaps(perhaps: bool) -> Iterator[None]:
    """Let "this was sent before" be a success for the calls in the block, if *perhaps*."""
    token = _SENT_PERHAPS.set(perhaps)
    try:
        yield
    finally:
        _SENT_PERHAPS.reset(token)


def was_sent_perhaps() -> bool:
    """Return whether the call at hand may repeat what an earlier run has sent."""
    return _SENT_PERHAPS.get()


class Transmissions:
    """Counts how often a call goes out; a middleware of aiohttp.

    Where a connection ends before the answer, aiohttp itself repeats what it takes for harmless, PUT and
    DELETE among it, and tells nobody.
    """

    times = 0

    async def __call__(
        self,
        request: aiohttp.ClientRequest,
        send: Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]],
    ) -> aiohttp.ClientResponse:
        """Send *request*, and count that."""
        self.times += 1
        return await send(request)
