"""Setting plugins up and tearing them down: each for itself, and none for longer than its time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

from qqbot_cli.bot.context import PluginContext
from qqbot_cli.bot.plugin import Plugin
from qqbot_cli.bot.plugins import PluginFailure
from qqbot_cli.bot.tasks import PluginTasks
from qqbot_cli.model.answer import BotInfo
from qqbot_cli.rest.api import BotApi
from qqbot_cli.rest.caller import RUNNING_PLUGIN

logger = logging.getLogger(__name__)

_LIMIT: Final = 10.0
"""Seconds a plugin's `setup` or `teardown` may take."""


async def set_up(
    plugins: Sequence[Plugin], api: BotApi, bot: BotInfo, tasks: PluginTasks
) -> tuple[list[Plugin], list[PluginFailure]]:
    """Set up each plugin; one that fails is left out, like one that could not be loaded."""
    ready, failed = [], []
    for plugin in plugins:
        context = PluginContext(plugin.name, plugin.config, api, bot, tasks)
        exc = await _call(plugin, "setup", context)
        if exc is None:
            ready.append(plugin)
            continue
        await tasks.end(plugin.name)
        failed.append(PluginFailure(plugin.name, plugin.version, f"setup: {type(exc).__name__}: {exc}"))
    return ready, failed


async def tear_down(plugins: Sequence[Plugin], tasks: PluginTasks) -> None:
    """End the tasks of each plugin, which may need what `teardown` closes, and tear it down."""
    for plugin in plugins:
        await tasks.end(plugin.name)
        await _call(plugin, "teardown")


async def _call(plugin: Plugin, name: str, *arguments: object) -> BaseException | None:
    """Await a method of *plugin* and return what it raised: a plugin fails alone, also by sys.exit."""
    method: Callable[..., Coroutine[Any, Any, None]] = getattr(plugin.handler, name)
    token = RUNNING_PLUGIN.set(plugin.name)
    try:
        async with asyncio.timeout(_LIMIT):
            await method(*arguments)
    except asyncio.CancelledError:
        raise
    except BaseException as exc:
        logger.error("plugin %s: %s: %s: %s", plugin.name, name, type(exc).__name__, exc, exc_info=exc)
        return exc
    finally:
        RUNNING_PLUGIN.reset(token)
    return None
