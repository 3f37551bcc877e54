"""Which intents the plugins need, and what follows from asking for others."""

from __future__ import annotations

from collections.abc import Iterable

from qqbot_cli.bot.plugin import Plugin
from qqbot_cli.model.events import EVENTS
from qqbot_cli.model.intents import ALWAYS_GRANTED, Intents


def auto_intents(plugins: Iterable[Plugin]) -> Intents:
    """Return what the plugins need; GUILDS, which every bot has, if that is nothing: 0 is refused."""
    return _needed(plugins) or Intents.GUILDS


def unused_intents(plugins: Iterable[Plugin], intents: Intents) -> Intents:
    """Return the intents that are asked for although no plugin handles their events."""
    used = Intents.none()
    for plugin in plugins:
        for spec in EVENTS.values():
            if spec.callback in plugin.callbacks:
                used |= spec.intents
    return intents & ~used


def unheard_callbacks(plugins: Iterable[Plugin], intents: Intents) -> list[str]:
    """Return a warning for each callback that is never called because its intent is not asked for."""
    return [
        f"plugin {plugin.name}: {spec.callback} will never be called;"
        f" add intents: [{', '.join(spec.intent.names())}]"
        for plugin in plugins
        for spec in EVENTS.values()
        if spec.callback in plugin.callbacks and spec.intent and not spec.intents & intents
    ]


def refused_intents(plugins: Iterable[Plugin], intents: Intents) -> str:
    """Return which of *intents* the platform may have refused, and who wanted each.

    It does not say which it is, but some every bot may ask for.
    """
    plugins = list(plugins)
    doubtful = intents & ~ALWAYS_GRANTED
    parts = [
        f"{flag.name} ({flag.audience()}), wanted by {_wanted_by(plugins, flag)}"
        for flag in Intents
        if flag & doubtful
    ]
    if unknown := doubtful & ~Intents(sum(Intents)):
        parts.append(f"the number {int(unknown)}, which stands for no known intent")
    return "; ".join(parts)


def _wanted_by(plugins: Iterable[Plugin], flag: Intents) -> str:
    wishes = []
    for plugin in plugins:
        callbacks = [
            row.callback for row in EVENTS.values() if row.intent & flag and row.callback in plugin.callbacks
        ]
        if callbacks:
            wishes.append(f"plugin {plugin.name} ({', '.join(callbacks)})")
    return " and ".join(wishes) or "the configuration alone"


def _needed(plugins: Iterable[Plugin]) -> Intents:
    needed = Intents.none()
    for plugin in plugins:
        needed |= plugin.intents
    return needed
