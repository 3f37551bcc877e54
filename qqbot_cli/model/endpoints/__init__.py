"""ENDPOINTS: one row per REST call, the only place that spells its path.

`rest.client` carries out a row, `BotApi` has one generated method for each: adding a row is all it
takes to add a call. One module per family of calls.
Source: platform documentation, one page per call; names follow botrs where it has the call.
"""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.endpoints import (
    announce,
    audio,
    c2c,
    forum,
    grant,
    group,
    group_message,
    guild,
    guild_message,
    interaction,
    member,
    mute,
    panel,
    platform,
    reaction,
    role,
    schedule,
    strategy,
    webhook,
)
from qqbot_cli.model.endpoints.row import Endpoint, Host, Paging, Query, Repeat, TimeoutClass

__all__ = ["ENDPOINTS", "FAMILIES", "Endpoint", "Host", "Paging", "Query", "Repeat", "TimeoutClass"]

FAMILIES: Final[dict[str, tuple[Endpoint, ...]]] = {
    "platform": platform.ROWS,
    "guild": guild.ROWS,
    "member": member.ROWS,
    "role": role.ROWS,
    "guild_message": guild_message.ROWS,
    "announce": announce.ROWS,
    "schedule": schedule.ROWS,
    "reaction": reaction.ROWS,
    "mute": mute.ROWS,
    "audio": audio.ROWS,
    "forum": forum.ROWS,
    "grant": grant.ROWS,
    "interaction": interaction.ROWS,
    "c2c": c2c.ROWS,
    "group_message": group_message.ROWS,
    "group": group.ROWS,
    "strategy": strategy.ROWS,
    "panel": panel.ROWS,
    "webhook": webhook.ROWS,
}
"""Rows by the module they are in."""

ENDPOINTS: Final[dict[str, Endpoint]] = {row.name: row for rows in FAMILIES.values() for row in rows}
