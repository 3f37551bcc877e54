"""Where in a plugin something went wrong: the line its author has to look at."""

from __future__ import annotations

import re
import traceback
from collections.abc import Sequence
from types import CoroutineType
from typing import Final

Place = tuple[str, int | None]
"""File and line."""

_OURS: Final = re.compile(r"[/\\](qqbot_cli|asyncio|aiohttp)[/\\]")
"""Files that are not the plugin's, and so not where its author has to look."""


def error_text(exc: BaseException) -> str:
    """Return type and message of *exc*."""
    return f"{type(exc).__name__}: {exc}" if str(exc) else type(exc).__name__


def traceback_text(exc: BaseException) -> str:
    """Return the traceback of *exc*; empty if it was never raised."""
    return "".join(traceback.format_exception(exc)) if exc.__traceback__ else ""


def raised_at(exc: BaseException) -> str:
    """Return ``file:line`` where *exc* was raised; empty if it never was."""
    return blamed([(frame.filename, frame.lineno) for frame in traceback.extract_tb(exc.__traceback__)])


def waiting_at(coroutine: object) -> str:
    """Return ``file:line`` where *coroutine* waits; empty if it does not."""
    places: list[Place] = []
    while isinstance(coroutine, CoroutineType):
        if coroutine.cr_frame is not None:
            places.append((coroutine.cr_code.co_filename, coroutine.cr_frame.f_lineno))
        coroutine = coroutine.cr_await
    return blamed(places)


def blamed(places: Sequence[Place]) -> str:
    """Return the last of *places*, outermost first, that is not ours, as ``file:line``."""
    inside = [place for place in places if not _OURS.search(place[0])] or places
    return f"{inside[-1][0]}:{inside[-1][1]}" if inside else ""
