"""Members of guilds.

Source: platform documentation, "频道成员"; refusals without a published code have that of an unknown account.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qqbot_cli.simulator import refusals
from qqbot_cli.simulator.refusals import BAD_REQUEST
from qqbot_cli.simulator.rest.call import Call, Handler, Json, is_number, page_of, refuse
from qqbot_cli.simulator.rest.guilds import ADMINISTRATOR, GuildSite, Member, holders, member_of
from qqbot_cli.simulator.rest.site import Site

PAGE: Final = 400
"""Members in a page at most."""
_RECALLING: Final = (-1, 3, 7, 15, 30)
"""Days of history that are withdrawn with a member; -1 is all of it, other numbers are none."""


def _list_guild_members(site: Site, call: Call) -> list[Json]:
    guild = site.guild(call.path["guild_id"])
    after, limit = call.query.get("after", "0"), call.number("limit", 1, range(1, PAGE + 1))
    if not is_number(after):
        refuse(BAD_REQUEST)
    later = (member for member in _by_id(guild) if int(member.id) > int(after))
    return [_shown(site, guild, member) for member in later][:limit]


def _get_guild_member(site: Site, call: Call) -> Json:
    guild = site.guild(call.path["guild_id"])
    return _shown(site, guild, site.member(guild, call.path["user_id"]))


def _delete_guild_member(site: Site, call: Call) -> None:
    guild, body = site.guild(call.path["guild_id"]), call.fields()
    member = site.member(guild, call.path["user_id"])
    banned, days = body.flag("add_blacklist"), body.number("delete_history_msg_days")
    if member.is_admin or member.id == site.bot_id:
        refuse(refusals.NOT_ADMIN)
    del guild.members[member.id]
    if banned:
        guild.banned.add(member.id)
    if days in _RECALLING:
        _withdraw_everything(site, guild, member.id)
    site.tell_about("GUILD_MEMBER_REMOVE", guild, member)


def _list_guild_role_members(site: Site, call: Call) -> Json:
    guild, role_id = site.guild(call.path["guild_id"]), call.path["role_id"]
    if role_id not in guild.roles:
        refuse(BAD_REQUEST)
    limit = call.number("limit", 1, range(1, PAGE + 1))
    found = sorted(holders(guild, role_id), key=lambda member: int(member.id))
    page, following = page_of(found, call.query.get("start_index"), limit)
    return {"data": [_shown(site, guild, member) for member in page], "next": following or "0"}


def _withdraw_everything(site: Site, guild: GuildSite, user_id: str) -> None:
    for channel_id in guild.channels:
        for message in site.timeline.messages(channel_id):
            author = message.get("author")
            if isinstance(author, Mapping) and author.get("id") == user_id:
                site.timeline.remove(str(message["id"]))


def _by_id(guild: GuildSite) -> list[Member]:
    return sorted(guild.members.values(), key=lambda member: int(member.id))


def _shown(site: Site, guild: GuildSite, member: Member) -> Json:
    muted = guild.is_muted(member, wall=site.wall)
    card = member.card()
    if member.id == site.bot_id and site.switches.bot_is_admin:
        card["roles"] = [*member.roles, ADMINISTRATOR]
    return {**card, "deaf": False, "mute": muted, "pending": False}


def note(site: Site, name: str, d: Mapping[str, object]) -> None:
    """People come, change and go; whoever was banned does not come back."""
    guild, member = site.guilds.get(str(d.get("guild_id"))), member_of(d)
    if guild is None or member is None or not is_number(member.id):
        return
    if name.endswith("REMOVE"):
        guild.members.pop(member.id, None)
    elif name.endswith("ADD") and member.id not in guild.banned:
        guild.members.setdefault(member.id, member)
    elif member.id in guild.members:
        guild.members[member.id].nick = member.nick
        guild.members[member.id].roles = member.roles


HANDLERS: Final[dict[str, Handler]] = {
    "list_guild_members": _list_guild_members,
    "get_guild_member": _get_guild_member,
    "delete_guild_member": _delete_guild_member,
    "list_guild_role_members": _list_guild_role_members,
}
NOTED: Final = dict.fromkeys(("GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE"), note)
