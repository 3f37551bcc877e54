"""The REST interface beyond sending: one room for each family of calls, with its state, rules and handlers.

A handler is found by the name of its row in ENDPOINTS; it is told what was asked and answers with JSON, or
refuses. Nothing here does I/O: `simulator.http` brings calls in and carries answers out, and what follows
from a call is put into the `Aftermath`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from qqbot_cli.simulator.rest import (
    announce,
    audio,
    forum,
    grant,
    group,
    guild,
    member,
    menu,
    message,
    mute,
    panel,
    platform,
    reaction,
    recall,
    role,
    schedule,
    strategy,
    webhook,
)
from qqbot_cli.simulator.rest.call import Handler
from qqbot_cli.simulator.rest.site import Site

HANDLERS: Final[dict[str, Handler]] = {
    **platform.HANDLERS,
    **guild.HANDLERS,
    **member.HANDLERS,
    **role.HANDLERS,
    **message.HANDLERS,
    **recall.HANDLERS,
    **announce.HANDLERS,
    **schedule.HANDLERS,
    **reaction.HANDLERS,
    **mute.HANDLERS,
    **audio.HANDLERS,
    **forum.HANDLERS,
    **grant.HANDLERS,
    **group.HANDLERS,
    **strategy.HANDLERS,
    **panel.HANDLERS,
    **menu.HANDLERS,
    **webhook.HANDLERS,
}
"""By the name of the row."""

_NOTED: Final[dict[str, Callable[[Site, str, Mapping[str, object]], None]]] = {
    **guild.NOTED,
    **member.NOTED,
    **recall.NOTED,
    **reaction.NOTED,
    **group.NOTED,
}


def note(site: Site, name: str, d: object) -> None:
    """Let an event change what calls read: people come and go, speak, react.

    Events about guilds and channels are told and change nothing: a script that shows every event there is
    must not take the ground away from the people who talk.
    """
    if not isinstance(d, Mapping):
        return
    site.timeline.note(name, d, now=site.clock())
    noting = _NOTED.get(name)
    if noting is not None:
        noting(site, name, d)
