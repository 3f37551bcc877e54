"""Which plugin a piece of work is done for.

Travels with the task, and with every task that it starts: neither handlers nor the methods of `BotApi`
have to pass it on.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

RUNNING_PLUGIN: Final = ContextVar("running_plugin", default="")
"""Name of the plugin whose handler runs in this task, or that started it; empty for the bot itself."""
