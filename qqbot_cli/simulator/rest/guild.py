"""Guilds and their channels: reading, creating, changing, deleting, and who is in a voice channel.

Source: platform documentation, "频道" and "子频道"; positions by its description of channel objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qqbot_cli.simulator import refusals
from qqbot_cli.simulator.refusals import BAD_REQUEST, Refusal
from qqbot_cli.simulator.rest.call import Call, Fields, Handler, Json, filled, needed, refuse
from qqbot_cli.simulator.rest.guilds import (
    APPLICATION,
    CATEGORY,
    FORUM,
    LIVE,
    TEXT,
    VOICE,
    Channel,
    GuildSite,
)
from qqbot_cli.simulator.rest.site import Site
from qqbot_cli.simulator.scene import Scene

NAME_EMPTY: Final = Refusal(200016, "子频道名称为空")
POSITION_WRONG: Final = Refusal(200017, "子频道位置错误")
CATEGORY_WRONG: Final = Refusal(130008, "不能这样修改分组")
NAME_REFUSED: Final = Refusal(200011, "创建子频道被安全策略拦截")

_TYPES: Final = (TEXT, VOICE, CATEGORY, LIVE, APPLICATION, FORUM)
_SUB_TYPES: Final = range(4)
_PRIVATE_TYPES: Final = range(3)
_SPEAK: Final = range(3)
_NO_PARENT: Final = ("", "0")
_CHANGEABLE: Final = ("name", "position", "parent_id", "private_type", "speak_permission")


def _get_guild(site: Site, call: Call) -> Json:
    return site.guild(call.path["guild_id"]).card()


def _list_channels(site: Site, call: Call) -> list[Json]:
    return [_shown(site, channel) for channel in site.guild(call.path["guild_id"]).channels.values()]


def _get_channel(site: Site, call: Call) -> Json:
    return _shown(site, site.channel(call.path["channel_id"]))


def _create_channel(site: Site, call: Call) -> Json:
    guild, body = site.guild(call.path["guild_id"]), call.fields()
    name = _name(site, body)
    kind = needed(_one_of(body, "type", _TYPES), BAD_REQUEST)
    channel = Channel(
        id=site.ids.number(8),
        guild_id=guild.id,
        name=needed(name, NAME_EMPTY),
        type=kind,
        owner_id=site.bot_id,
        sub_type=(_one_of(body, "sub_type", _SUB_TYPES) or 0) if kind == TEXT else 0,
        parent_id=_parent(guild, body, kind) or "0",
        private_type=_one_of(body, "private_type", _PRIVATE_TYPES) or 0,
        speak_permission=_one_of(body, "speak_permission", _SPEAK) or 1,
        application_id=(body.text("application_id") or "0") if kind == APPLICATION else "0",
        chosen=tuple(body.texts("private_user_ids") or ()),
    )
    guild.place(channel, _position(body, kind))
    guild.channels[channel.id] = channel
    if kind == TEXT:
        site.ledger.open(Scene.CHANNEL, channel.id)
    site.tell_about("CHANNEL_CREATE", guild, channel)
    return _shown(site, channel)


def _update_channel(site: Site, call: Call) -> Json:
    channel, body = site.channel(call.path["channel_id"]), call.fields()
    guild = site.guilds[channel.guild_id]
    if not any(name in body for name in _CHANGEABLE):
        refuse(BAD_REQUEST)
    name, position = _name(site, body), _position(body, channel.type)
    parent = _parent(guild, body, channel.type)
    private = _one_of(body, "private_type", _PRIVATE_TYPES)
    speak = _one_of(body, "speak_permission", _SPEAK)
    channel.name = channel.name if name is None else name
    channel.private_type = channel.private_type if private is None else private
    channel.speak_permission = channel.speak_permission if speak is None else speak
    if position is not None or parent not in (None, channel.parent_id):
        channel.parent_id = channel.parent_id if parent is None else parent
        guild.place(channel, position)
    site.tell_about("CHANNEL_UPDATE", guild, channel)
    return _shown(site, channel)


def _delete_channel(site: Site, call: Call) -> Json:
    channel = site.channel(call.path["channel_id"])
    guild = site.guilds[channel.guild_id]
    del guild.channels[channel.id]
    for other in guild.channels.values():
        if other.parent_id == channel.id:
            other.parent_id = "0"
    site.timeline.remove_channel(channel.id)
    site.ledger.close(Scene.CHANNEL, channel.id)
    site.tell_about("CHANNEL_DELETE", guild, channel)
    return _shown(site, channel)


def _get_online_nums(site: Site, call: Call) -> Json:
    return {"online_nums": len(_spoken(site, call).voices)}


def _list_voice_channel_members(site: Site, call: Call) -> list[Json]:
    channel = _spoken(site, call)
    members = site.guilds[channel.guild_id].members
    return [members[user_id].card() for user_id in channel.voices if user_id in members]


def _spoken(site: Site, call: Call) -> Channel:
    channel = site.channel(call.path["channel_id"])
    return channel if channel.is_spoken else refuse(refusals.NOT_VOICE)


def _shown(site: Site, channel: Channel) -> Json:
    return {**channel.card(), "permissions": "7" if site.switches.bot_is_admin else "5"}


def _name(site: Site, body: Fields) -> str | None:
    if "name" not in body:
        return None
    name = filled(body.text("name"), NAME_EMPTY)
    return refuse(NAME_REFUSED) if site.is_forbidden(name) else name


def _position(body: Fields, kind: int) -> int | None:
    position = body.number("position", POSITION_WRONG)
    # 1 is the block of channels without a category.
    if position is not None and position < (2 if kind == CATEGORY else 1):
        refuse(POSITION_WRONG)
    return position


def _parent(guild: GuildSite, body: Fields, kind: int) -> str | None:
    parent_id = body.text("parent_id")
    if parent_id is None or parent_id in _NO_PARENT:
        return None if parent_id is None else "0"
    if kind == CATEGORY:
        refuse(CATEGORY_WRONG)
    parent = guild.channels.get(parent_id)
    return parent_id if parent is not None and parent.type == CATEGORY else refuse(BAD_REQUEST)


def _one_of(body: Fields, name: str, allowed: range | tuple[int, ...]) -> int | None:
    value = body.number(name)
    return value if value is None or value in allowed else refuse(BAD_REQUEST)


def note(site: Site, name: str, d: Mapping[str, object]) -> None:
    """People enter voice channels and leave them."""
    channel = site.find_channel(str(d.get("channel_id")))
    user_id = str(d.get("user_id"))
    if channel is None or not channel.is_spoken:
        return
    channel.voices = [other for other in channel.voices if other != user_id]
    if name.endswith("ENTER"):
        channel.voices.append(user_id)


HANDLERS: Final[dict[str, Handler]] = {
    "get_guild": _get_guild,
    "list_channels": _list_channels,
    "create_channel": _create_channel,
    "get_channel": _get_channel,
    "update_channel": _update_channel,
    "delete_channel": _delete_channel,
    "get_online_nums": _get_online_nums,
    "list_voice_channel_members": _list_voice_channel_members,
}
NOTED: Final = {"AUDIO_OR_LIVE_CHANNEL_MEMBER_ENTER": note, "AUDIO_OR_LIVE_CHANNEL_MEMBER_EXIT": note}
