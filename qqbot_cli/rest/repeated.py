"""Whether a message may have been sent by an earlier run of the same handler.

Travels with the task, not through every method of `BotApi`: only replies of events that run again know it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

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
