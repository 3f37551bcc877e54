"""Setting plugins up and tearing them down: each for itself, and none for longer than its time."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from qqbot_cli.bot.blame import error_text
from qqbot_cli.bot.context import PluginContext
from qqbot_cli.bot.plugin import Plugin
from qqbot_cli.bot.plugins import PluginFailure
from qqbot_cli.bot.tasks import PluginTasks
from qqbot_cli.model.answer import BotInfo
from qqbot_cli.rest.api import BotApi
from qqbot_cli.rest.caller import RUNNING_PLUGIN

logger = logging.getLogger(__name__)

LIMIT: Final = 10.0
"""Seconds a plugin's `setup` or `teardown` may take."""
_GRACE: Final = 0.25
"""Seconds it has to end when it is cancelled; then it is left alone."""


async def set_up(
    plugins: Sequence[Plugin], api: BotApi, bot: BotInfo, tasks: PluginTasks, *, limit: float = LIMIT
) -> tuple[list[Plugin], list[PluginFailure]]:
    """Set up each plugin; one that fails is left out, like one that could not be loaded."""
    ready, failed = [], []
    for plugin in plugins:
        context = PluginContext(plugin.name, plugin.config, api, bot, tasks)
        exc = await _call(plugin, "setup", context, limit=limit)
        if exc is None:
            ready.append(plugin)
            continue
        await tasks.end(plugin.name)
        failed.append(PluginFailure(plugin.name, plugin.version, f"setup: {error_text(exc)}"))
    return ready, failed


async def tear_down(plugins: Sequence[Plugin], tasks: PluginTasks, *, limit: float = LIMIT) -> None:
    """End the tasks of each plugin, which may need what `teardown` closes, and tear it down; all at once."""

    async def end(plugin: Plugin) -> None:
        await tasks.end(plugin.name)
        await _call(plugin, "teardown", limit=limit)

    await asyncio.gather(*map(end, plugins))


async def _call(plugin: Plugin, name: str, *arguments: object, limit: float) -> BaseException | None:
    """Await a method of *plugin* and return what it raised: a plugin fails alone, also by sys.exit."""
    # In a task of its own, because `asyncio.timeout` waits for ever for what swallows its cancellation; in
    # a context of its own, because that is no task which the plugin has started.
    context = contextvars.copy_context()
    context.run(RUNNING_PLUGIN.set, plugin.name)
    doing = asyncio.get_running_loop().create_task(
        _outcome(getattr(plugin.handler, name), arguments),
        name=f"plugin {plugin.name}: {name}",
        context=context,
    )
    exc: BaseException | None
    try:
        await asyncio.wait((doing,), timeout=limit)
        exc = None if doing.done() else TimeoutError(f"not done within {limit:g} s")
    finally:
        stubborn = await _ended(doing)
    if stubborn:
        exc = TimeoutError(f"not done within {limit:g} s, and does not end when it is cancelled")
    elif exc is None:
        exc = asyncio.CancelledError("by itself") if doing.cancelled() else doing.result()
    if exc is not None:
        logger.error("plugin %s: %s: %s", plugin.name, name, error_text(exc), exc_info=exc)
    return exc


async def _ended(doing: asyncio.Task[Any]) -> bool:
    """Cancel *doing* unless it is done, and return whether it resists."""
    if doing.done():
        return False
    doing.cancel()
    _, pending = await asyncio.wait((doing,), timeout=_GRACE)
    return bool(pending)


async def _outcome(
    method: Callable[..., Coroutine[Any, Any, None]], arguments: Sequence[object]
) -> BaseException | None:
    """Return what *method* raised: SystemExit would end the event loop if it left a task."""
    try:
        await method(*arguments)
    except asyncio.CancelledError:
        raise
    except BaseException as exc:  # noqa: BLE001 - belongs to the plugin
        return exc
    return None
