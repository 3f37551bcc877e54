"""A bot as the main program of a process: it runs until a signal, the end of its time or its own end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final, Protocol

from qqbot_cli.bot.console import HURRY
from qqbot_cli.bot.stop import stop_signals

logger = logging.getLogger(__name__)

DRAIN_LIMIT: Final = 10.0
"""Seconds that handlers have to finish after the first signal."""


class Stoppable(Protocol):
    """What runs: a client."""

    async def start(self) -> None:
        """Run until `close` is called."""

    async def close(self, within: float) -> None:
        """Let handlers finish *within* so many seconds, and end; or hurry an end that has begun."""


async def until_told(
    client: Stoppable, *, again: Callable[[], None] | None = None, duration: float | None = None
) -> None:
    """Run *client*; the first signal drains it.

    Args:
        client: The bot.
        again: What a further signal does, in the signal handler. By default the second one leaves handlers
            no more time, and a third interrupts one that blocks the event loop, by a `KeyboardInterrupt`.
        duration: Seconds after which it ends by itself.
    """
    loop = asyncio.get_running_loop()
    closing: list[asyncio.Task[None]] = []
    hurried = False

    def drain(within: float = DRAIN_LIMIT) -> None:
        if not closing or within < DRAIN_LIMIT:
            again_words = "; Ctrl-C again to leave at once" if within else ""
            logger.info("stopping: handlers have %.0f s to finish%s", within, again_words)
            closing.append(loop.create_task(client.close(within), name="close"))

    def hurry() -> None:
        nonlocal hurried
        if hurried:
            raise KeyboardInterrupt
        hurried = True
        loop.call_soon_threadsafe(drain, 0.0)

    timer = None if duration is None else loop.call_later(duration, drain)
    try:
        with stop_signals(drain=drain, again=again or hurry, hurry=lambda: drain(HURRY)):
            await client.start()
    finally:
        if timer is not None:
            timer.cancel()
        for task in closing:
            await task
