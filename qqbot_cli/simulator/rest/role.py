"""Roles of guilds, who has them, and rights in channels.

Source: platform documentation, "身份组" and "子频道权限"; refusals of roles have no published codes.
"""

from __future__ import annotations

from typing import Final

from qqbot_cli.simulator.refusals import BAD_REQUEST, Refusal
from qqbot_cli.simulator.rest.call import Call, Fields, Handler, Json, is_number, needed, refuse
from qqbot_cli.simulator.rest.guilds import (
    ADMINISTRATOR,
    CHANNEL_ADMINISTRATOR,
    EVERYONE,
    MANAGE,
    OWNER,
    SPEAK,
    VIEW,
    Channel,
    GuildSite,
    Member,
    Role,
    holders,
)
from qqbot_cli.simulator.rest.site import Site

ROLES: Final = 30
"""Roles a guild may have."""
_DEFAULTS: Final = (EVERYONE, ADMINISTRATOR, OWNER, CHANNEL_ADMINISTRATOR)
_FIELDS: Final = ("name", "color", "hoist")

RIGHTS_WRONG: Final = Refusal(301000, "参数错误")
NO_MEMBER: Final = Refusal(301006, "非频道成员不能查询")


class _Numbers:
    """The number of the next role."""

    def __init__(self) -> None:
        self.next = 10_000_001


def _list_roles(site: Site, call: Call) -> Json:
    guild = site.guild(call.path["guild_id"])
    roles = [guild.role_card(role) for role in guild.roles.values()]
    return {"guild_id": guild.id, "roles": roles, "role_num_limit": str(ROLES)}


def _create_role(site: Site, call: Call) -> Json:
    guild, body = site.guild(call.path["guild_id"]), _role_fields(call)
    if len(guild.roles) >= ROLES:
        refuse(BAD_REQUEST)
    numbers = site.room(_Numbers)
    role = Role(str(numbers.next), "新身份组")
    _change(role, body)
    numbers.next += 1
    guild.roles[role.id] = role
    return {"role_id": role.id, "role": guild.role_card(role)}


def _update_role(site: Site, call: Call) -> Json:
    guild = site.guild(call.path["guild_id"])
    role = _role(guild, call)
    _change(role, _role_fields(call))
    return {"guild_id": guild.id, "role_id": role.id, "role": guild.role_card(role)}


def _delete_role(site: Site, call: Call) -> None:
    guild = site.guild(call.path["guild_id"])
    role = _role(guild, call)
    if role.id in _DEFAULTS:
        refuse(BAD_REQUEST)
    del guild.roles[role.id]
    for member in holders(guild, role.id):
        member.roles.remove(role.id)
        site.tell_about("GUILD_MEMBER_UPDATE", guild, member)


def _add_member_role(site: Site, call: Call) -> None:
    guild, member, role, channel = _holding(site, call)
    had = set(member.roles)
    member.roles.extend(() if role.id in had else (role.id,))
    if channel is not None:
        member.channels.add(channel.id)
    if role.id not in had:
        site.tell_about("GUILD_MEMBER_UPDATE", guild, member)


def _delete_member_role(site: Site, call: Call) -> None:
    guild, member, role, channel = _holding(site, call)
    if channel is not None:
        member.channels.discard(channel.id)
    if role.id in member.roles and not (channel is not None and member.channels):
        member.roles.remove(role.id)
        site.tell_about("GUILD_MEMBER_UPDATE", guild, member)


def _holding(site: Site, call: Call) -> tuple[GuildSite, Member, Role, Channel | None]:
    """Return what giving or taking a role is about; role 5 is held in one channel."""
    guild = site.guild(call.path["guild_id"])
    member, role = site.member(guild, call.path["user_id"]), _role(guild, call)
    if role.id in (EVERYONE, OWNER):
        refuse(BAD_REQUEST)
    if role.id != CHANNEL_ADMINISTRATOR:
        return guild, member, role, None
    given = needed(call.fields().inner("channel"), BAD_REQUEST)
    channel = site.channel(given.text("id") or "")
    return guild, member, role, channel if channel.guild_id == guild.id else refuse(BAD_REQUEST)


def _role(guild: GuildSite, call: Call) -> Role:
    return guild.roles.get(call.path["role_id"]) or refuse(BAD_REQUEST)


def _role_fields(call: Call) -> Fields:
    """Return the fields of a role: flat, or as older clients wrap them."""
    body = call.fields()
    info = body.inner("info") or body
    if not any(name in info for name in _FIELDS):
        refuse(BAD_REQUEST)
    return info


def _change(role: Role, body: Fields) -> None:
    name, color, hoist = body.text("name"), body.number("color"), body.number("hoist")
    if (color is not None and not 0 <= color <= 0xFFFFFFFF) or hoist not in (None, 0, 1):
        refuse(BAD_REQUEST)
    role.name = role.name if name is None else name
    role.color = role.color if color is None else color
    role.hoist = role.hoist if hoist is None else hoist


def _get_user_rights(site: Site, call: Call) -> Json:
    channel, user_id = _channel_and_user(site, call)
    rights = str(_user_rights(site, channel, user_id))
    return {"channel_id": channel.id, "user_id": user_id, "permissions": rights}


def _put_user_rights(site: Site, call: Call) -> None:
    channel, user_id = _channel_and_user(site, call)
    channel.user_rights[user_id] = _changed(_user_rights(site, channel, user_id), call)


def _get_role_rights(site: Site, call: Call) -> Json:
    channel, role_id = _channel_and_role(site, call)
    return {
        "channel_id": channel.id,
        "role_id": role_id,
        "permissions": str(_role_rights(channel, role_id)),
    }


def _put_role_rights(site: Site, call: Call) -> None:
    channel, role_id = _channel_and_role(site, call)
    channel.role_rights[role_id] = _changed(_role_rights(channel, role_id), call)


def _channel_and_user(site: Site, call: Call) -> tuple[Channel, str]:
    channel, user_id = site.channel(call.path["channel_id"]), call.path["user_id"]
    if user_id not in site.guilds[channel.guild_id].members:
        refuse(NO_MEMBER)
    return channel, user_id


def _channel_and_role(site: Site, call: Call) -> tuple[Channel, str]:
    channel, role_id = site.channel(call.path["channel_id"]), call.path["role_id"]
    if role_id not in site.guilds[channel.guild_id].roles:
        refuse(RIGHTS_WRONG)
    return channel, role_id


def _user_rights(site: Site, channel: Channel, user_id: str) -> int:
    """Return the rights of a person alone, without those of their roles."""
    usual = 0 if channel.private_type and user_id not in channel.chosen else VIEW | SPEAK
    member = site.guilds[channel.guild_id].members[user_id]
    manages = member.is_admin or channel.id in member.channels
    if user_id == site.bot_id:
        manages = site.switches.bot_is_admin
    return channel.user_rights.get(user_id, VIEW | MANAGE | SPEAK if manages else usual)


def _role_rights(channel: Channel, role_id: str) -> int:
    if role_id in (ADMINISTRATOR, OWNER):
        usual = VIEW | MANAGE | SPEAK
    else:
        usual = 0 if channel.private_type else VIEW | SPEAK
    return channel.role_rights.get(role_id, usual)


def _changed(rights: int, call: Call) -> int:
    """Return *rights* with those of the body added and taken; what is in both is taken."""
    body = call.fields(RIGHTS_WRONG)
    add, remove = body.text("add"), body.text("remove")
    if add is None and remove is None:
        refuse(RIGHTS_WRONG)
    bits = []
    for text in (add, remove):
        if text is not None and not is_number(text):
            refuse(RIGHTS_WRONG)
        bits.append(int(text or 0))
    if (bits[0] | bits[1]) & MANAGE:
        refuse(RIGHTS_WRONG)
    return (rights | bits[0]) & ~bits[1]


HANDLERS: Final[dict[str, Handler]] = {
    "list_roles": _list_roles,
    "create_role": _create_role,
    "update_role": _update_role,
    "delete_role": _delete_role,
    "add_member_role": _add_member_role,
    "delete_member_role": _delete_member_role,
    "get_channel_user_permissions": _get_user_rights,
    "put_channel_user_permissions": _put_user_rights,
    "get_channel_role_permissions": _get_role_rights,
    "put_channel_role_permissions": _put_role_rights,
}
