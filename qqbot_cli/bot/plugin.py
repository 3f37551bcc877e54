"""A loaded plugin: its handler and how it is run."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from qqbot_cli.bot.handler import EventHandler
from qqbot_cli.model.events import ERROR, EVENTS, UNKNOWN_EVENT
from qqbot_cli.model.intents import Intents


class OnError(StrEnum):
    """What happens to a plugin whose handlers keep failing."""

    KEEP = "keep"
    """Nothing: each failure is reported and the next event handled."""
    PAUSE = "pause"
    """After five failures in a row it gets no events for a minute."""
    STOP = "stop"
    """After the first failure it gets no more events."""


@dataclass(slots=True)
class Plugin:
    """One plugin and how it is run."""

    name: str
    handler: EventHandler
    version: str = ""
    config: Any = None
    timeout: float = 10.0
    """Seconds a handler may take."""
    concurrency: int = 16
    """Handlers that may run at once, each for another conversation."""
    on_error: OnError = OnError.KEEP
    callbacks: frozenset[str] = field(init=False)
    """Names of the callbacks it implements itself."""

    def __post_init__(self) -> None:
        self.callbacks = frozenset(name for name in CALLBACKS if _overrides(type(self.handler), name))

    @property
    def intents(self) -> Intents:
        """What it needs; rows that merely forward add nothing, for their intents may not be granted."""
        needed = Intents.none()
        for spec in EVENTS.values():
            if spec.callback in self.callbacks:
                needed |= spec.intent
        return needed


CALLBACKS = (*(spec.callback for spec in EVENTS.values()), UNKNOWN_EVENT, ERROR)
"""All callbacks there are."""


def _overrides(kind: type[EventHandler], name: str) -> bool:
    return getattr(kind, name) is not getattr(EventHandler, name)
