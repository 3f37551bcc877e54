"""Whether the bot may make a call at all: private domain, administrator, grants, and how often. No I/O.

The tables say again what the rows of ENDPOINTS say in words, because a judge has a memory of his own;
a test holds them together.
Source: platform documentation, one page per call.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from qqbot_cli.model.endpoints import Endpoint
from qqbot_cli.model.rate import Rate
from qqbot_cli.simulator import refusals
from qqbot_cli.simulator.quota import Pace
from qqbot_cli.simulator.refusals import Refusal
from qqbot_cli.simulator.switches import Switches

PRIVATE: Final = frozenset(
    {
        *("create_channel", "update_channel", "delete_channel"),
        *("list_guild_members", "delete_guild_member", "list_guild_role_members"),
        *("get_message", "recall_message", "recall_direct_message"),
        *("list_threads", "get_thread", "put_thread", "delete_thread"),
    }
)
"""Calls of bots of the private domain."""
GUILD_ADMIN: Final = frozenset(
    {
        *("create_channel", "update_channel", "delete_channel", "delete_guild_member"),
        *("create_role", "update_role", "delete_role", "add_member_role", "delete_member_role"),
        *("get_channel_user_permissions", "put_channel_user_permissions"),
        *("get_channel_role_permissions", "put_channel_role_permissions"),
        *("create_guild_announce", "delete_guild_announce"),
        *("create_schedule", "update_schedule", "delete_schedule"),
        *("mute_guild", "mute_members", "mute_member"),
    }
)
"""Calls of administrators of the guild."""
GROUP_ADMIN: Final = frozenset(
    {
        *("remove_group_members", "get_group_blacklist", "update_group_blacklist"),
        *("list_group_join_requests", "decide_group_join_request"),
        *("get_group_mute", "mute_group_members"),
    }
)
"""Calls of administrators of the group."""
GRANTED: Final = frozenset(
    {
        *("get_group_info", "get_group_bot_state", "list_group_members", "get_group_member"),
        *("list_group_members_by_index", "update_message", "post_audio", "put_mic", "delete_mic"),
    }
)
"""Calls of chosen bots."""


def judge_rights(row: Endpoint, switches: Switches) -> Refusal | None:
    """Return why the bot may not make a call, None if it may."""
    name, granted = row.name, switches.grants
    if name in PRIVATE and not switches.private_domain:
        return refusals.NO_PRIVILEGE
    if granted is not None and name not in granted:
        if name in GRANTED:
            return refusals.NO_PRIVILEGE
        if may_be_granted(row):
            return refusals.GUILD_DID_NOT_GRANT
    if name in GUILD_ADMIN and not switches.bot_is_admin:
        return refusals.NOT_ADMIN
    if name in GROUP_ADMIN and not switches.bot_is_group_admin:
        return refusals.NOT_GROUP_ADMIN
    return None


def may_be_granted(row: Endpoint) -> bool:
    """Whether guilds decide if the bot may make a call; they cannot withhold what asks for a grant."""
    return row.path.startswith(("/guilds/{guild_id}/", "/channels/{channel_id}/")) and (
        row.name in PRIVATE or row.name in GUILD_ADMIN
    )


class RateGate:
    """Counts calls, and refuses those above the documented rate."""

    def __init__(self) -> None:
        self._paces: dict[tuple[str, str], Pace] = {}

    def wait(self, row: Endpoint, path: Mapping[str, str], *, now: float) -> int | None:
        """Count a call; return the seconds to wait if it is one too many, None if it is not."""
        rate = row.rate
        if rate is None:
            return None
        key = (row.name, "" if rate.per == "bot" else path[rate.per])
        pace = self._paces.setdefault(key, _pace(rate))
        return None if pace.step(now) else math.ceil(pace.free_at(now) - now)


def _pace(rate: Rate) -> Pace:
    # Of a rate with a burst the burst is what is refused beyond; how the average is kept is not published.
    return Pace(max(rate.calls, rate.burst), rate.seconds)
