"""What the methods of a handler have to be like, checked before there is any event.

A mistake in here would be silent, or show itself at every event with a place inside of qqbot.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, Final

from qqbot_cli.bot.handler import EventHandler
from qqbot_cli.bot.plugin import CALLBACKS
from qqbot_cli.errors import PluginError

_GIVEN: Final = {**dict.fromkeys(CALLBACKS, ("session",)), "setup": ("context",), "teardown": ()}
"""Method -> what it is called with."""


def check_methods(handler: EventHandler) -> None:
    """Refuse misspelt and synchronous callbacks, and those that cannot be called with what they are given.

    Raises:
        PluginError: If there is one; with its name, file and line.
    """
    for name, member in inspect.getmembers(type(handler), inspect.isfunction):
        if name.startswith("_"):
            continue
        is_coroutine = inspect.iscoroutinefunction(member)
        if name in _GIVEN:
            if not is_coroutine:
                raise PluginError(f"{name} must be a coroutine: write async def {name}(…){_place(member)}")
            _check_arguments(name, member, type(handler))
        elif is_coroutine:
            close = get_close_matches(name.removeprefix("on_"), CALLBACKS, n=1)
            hint = f"did you mean {close[0]}?" if close else "a helper takes a leading underscore"
            raise PluginError(f"no event is called {name}; {hint}{_place(member)}")


def _check_arguments(name: str, function: Callable[..., Any], kind: type[EventHandler]) -> None:
    is_static = isinstance(inspect.getattr_static(kind, name), staticmethod)
    given = _GIVEN[name] if is_static else ("self", *_GIVEN[name])
    try:
        # Of what is called: a decorator may well pass more to the function that it wraps.
        signature = inspect.signature(function, follow_wrapped=False)
    except (TypeError, ValueError):
        return  # what does not say what it takes may take this
    try:
        signature.bind(*given)
    except TypeError:
        taken = signature.replace(
            parameters=[one.replace(annotation=one.empty) for one in signature.parameters.values()],
            return_annotation=signature.empty,
        )
        raise PluginError(
            f"{name} takes {taken} and must take ({', '.join(given)}):"
            f" write async def {name}({', '.join(given)}){_place(function)}"
        ) from None


def _place(function: Callable[..., Any]) -> str:
    """Return where *function* is written, in parentheses."""
    code = function.__code__
    return f" ({code.co_filename}:{code.co_firstlineno})"
