"""What a plugin is given when it is set up."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from qqbot_cli.bot.tasks import PluginTasks
from qqbot_cli.model.answer import BotInfo
from qqbot_cli.rest.api import BotApi

C = TypeVar("C")
T = TypeVar("T")


def _unheard(_fact: object) -> None:
    """Stand in for the report of a context that no bot has made."""


@dataclass(frozen=True, slots=True)
class PluginContext(Generic[C]):
    """What `EventHandler.setup` receives."""

    name: str
    """Name of the plugin in the configuration."""
    config: C
    """The validated options: an instance of the plugin's `Config`, or None if it has none."""
    api: BotApi
    bot: BotInfo
    tasks: PluginTasks = field(default_factory=lambda: PluginTasks(_unheard), repr=False, compare=False)
    """Who looks after the tasks of all plugins; use `create_task`."""

    def create_task(self, coro: Coroutine[Any, Any, T], *, name: str | None = None) -> asyncio.Task[T]:
        """Start work in the background that ends with the plugin.

        The task is named after the plugin, cancelled before `teardown`, and its failure is reported like
        that of a handler. Nobody has to keep or await it.

        Args:
            coro: The work.
            name: What it is called in the log; the name of its function if left out.
        """
        return self.tasks.start(self.name, coro, name)
