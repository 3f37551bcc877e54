"""Muting people in guilds.

Source: platform documentation, "禁言".
"""

from __future__ import annotations

from typing import Final

from qqbot_cli.simulator.refusals import Refusal
from qqbot_cli.simulator.rest.call import Call, Fields, Handler, Json, is_number, refuse
from qqbot_cli.simulator.rest.guilds import GuildSite
from qqbot_cli.simulator.rest.site import Site

GUILD_WRONG: Final = Refusal(502001, "频道id无效")
USER_WRONG: Final = Refusal(502003, "用户id无效")
NOBODY: Final = Refusal(502004, "用户id为空")
TIME_ILLEGAL: Final = Refusal(502005, "时间戳不合法")
TIME_WRONG: Final = Refusal(502006, "时间戳无效")


def _mute_guild(site: Site, call: Call) -> None:
    guild = _guild(site, call)
    guild.muted_until = _until(site, call.fields(TIME_ILLEGAL))


def _mute_members(site: Site, call: Call) -> Json:
    guild, body = _guild(site, call), call.fields(USER_WRONG)
    user_ids = body.texts("user_ids") or refuse(NOBODY)
    until = _until(site, body)
    # Administrators are never muted, and others who are not there cannot be.
    done = [
        user_id for user_id in user_ids if user_id in guild.members and not guild.members[user_id].is_admin
    ]
    for user_id in done:
        guild.members[user_id].muted_until = until
    return {"user_ids": done}


def _mute_member(site: Site, call: Call) -> None:
    guild = _guild(site, call)
    member = guild.members.get(call.path["user_id"]) or refuse(USER_WRONG)
    member.muted_until = _until(site, call.fields(TIME_ILLEGAL))


def _guild(site: Site, call: Call) -> GuildSite:
    return site.guilds.get(call.path["guild_id"]) or refuse(GUILD_WRONG)


def _until(site: Site, body: Fields) -> float:
    """Return when the mute ends, in seconds since 1970; the moment goes before the duration, 0 ends it."""
    moment = body.text("mute_end_timestamp", TIME_ILLEGAL)
    duration = body.text("mute_seconds", TIME_ILLEGAL)
    text = moment if moment is not None else duration
    if text is None or not is_number(text):
        refuse(TIME_WRONG if text is None else TIME_ILLEGAL)
    if moment is None:
        return site.wall + int(text) if int(text) else 0.0
    if 0 < int(text) <= site.wall:
        refuse(TIME_WRONG)
    return float(text)


HANDLERS: Final[dict[str, Handler]] = {
    "mute_guild": _mute_guild,
    "mute_members": _mute_members,
    "mute_member": _mute_member,
}
