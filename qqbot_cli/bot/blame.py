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


_LONGEST_ERROR: Final = 500
_LONGEST_TRACEBACK: Final = 20_000
"""Characters that are kept; an exception may carry a whole answer of a server."""


def error_text(exc: BaseException) -> str:
    """Return type and message of *exc*, which a plugin wrote: whatever they are, this returns."""
    name = type(exc).__name__
    try:
        message = str(exc)
    except BaseException as again:  # noqa: BLE001 - SystemExit in a message may not end the bot either
        message = f"its message cannot be shown, {type(again).__name__}"
    return _cut(f"{name}: {message}" if message else name, _LONGEST_ERROR)


def traceback_text(exc: BaseException) -> str:
    """Return the traceback of *exc*; empty if it was never raised."""
    if not exc.__traceback__:
        return ""
    try:
        lines = traceback.format_exception(exc)
    except BaseException:  # noqa: BLE001 - as above; what Python does about it covers Exception alone
        lines = [*traceback.format_tb(exc.__traceback__), error_text(exc), "\n"]
    return _cut("".join(lines), _LONGEST_TRACEBACK)


def _cut(text: str, longest: int) -> str:
    """Return *text* without its middle if it is too long: what matters is at both ends."""
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]} … {len(text) - 2 * half} characters left out … {text[-half:]}"


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
