"""Parts of a bot that run beside what it does, and what ends it when one of them fails."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from qqbot_cli.errors import QQBotError

logger = logging.getLogger(__name__)


@asynccontextmanager
async def background(*parts: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Event]:
    """Run *parts*, which never end by themselves, for as long as the block.

    If one fails, the event that the block is given is set, and the block ends. What failed first, a part or
    the block, is raised; what else fails while all of them are ended is logged.
    """
    here = asyncio.current_task()
    assert here is not None
    broken = asyncio.Event()
    reasons: list[BaseException] = []
    """Why the block ends, if it is not an orderly end."""
    tasks = [asyncio.ensure_future(part) for part in parts]

    def ended(task: asyncio.Future[None]) -> None:
        # Once the block has ended, cancelling would replace its reason, and pass for an orderly end.
        failure = None if task.cancelled() else task.exception()
        if failure is not None and not reasons and not leaving:
            reasons.append(failure)
            broken.set()
            here.cancel()

    leaving = False
    for task in tasks:
        task.add_done_callback(ended)
    try:
        yield broken
    except Exception as exc:
        reasons.append(exc)
        raise
    finally:
        leaving = True
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        if broken.is_set():
            here.uncancel()
        for outcome in outcomes:
            if outcome is None or isinstance(outcome, asyncio.CancelledError) or outcome in reasons:
                continue
            reasons.append(outcome)
        for other in reasons[1:]:
            logger.error("while the bot was ended: %s: %s", type(other).__name__, other, exc_info=other)
        if reasons:
            raise _deliberate(reasons[0])


def _deliberate(exc: BaseException) -> BaseException:
    """Return the error with words and an exit code that is in the group *exc*; *exc* itself without one."""
    found: BaseException | None = exc.subgroup(QQBotError) if isinstance(exc, BaseExceptionGroup) else None
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found if isinstance(found, QQBotError) else exc
