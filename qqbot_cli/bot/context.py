"""What a plugin is given when it is set up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from qqbot_cli.model.answer import BotInfo
from qqbot_cli.rest.api import BotApi

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class PluginContext(Generic[C]):
    """What `EventHandler.setup` receives."""

    name: str
    """Name of the plugin in the configuration."""
    config: C
    """The validated options: an instance of the plugin's `Config`, or None if it has none."""
    api: BotApi
    bot: BotInfo
