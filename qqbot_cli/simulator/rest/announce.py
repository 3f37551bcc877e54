"""Announcements and pins.

Source: platform documentation, "公告" and "精华消息".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from qqbot_cli.simulator.refusals import Refusal
from qqbot_cli.simulator.rest.call import Call, Fields, Handler, Json, refuse
from qqbot_cli.simulator.rest.guilds import Channel
from qqbot_cli.simulator.rest.site import Site

PINS: Final = 20
"""Pins of a channel."""
RECOMMENDED: Final = 3
"""Channels an announcement recommends."""
ALL: Final = "all"
"""In place of a message id: whatever it is."""

WRONG: Final = Refusal(501001, "参数错误")
ID_WRONG: Final = Refusal(501005, "消息id错误")
NO_MESSAGE: Final = Refusal(501008, "消息id不存在")
ELSEWHERE: Final = Refusal(501010, "消息不属于该子频道")
TOO_MANY_PINS: Final = Refusal(501013, "精华消息数量超限")
TOO_MANY_CHANNELS: Final = Refusal(501016, "推荐子频道数量超限")
CHANNEL_WRONG: Final = Refusal(501018, "推荐子频道id错误")
TYPE_WRONG: Final = Refusal(501019, "公告类型错误")
REFUSED: Final = Refusal(501014, "安全策略拦截")


@dataclass(slots=True)
class _Boards:
    """What is announced and pinned, by guild or channel."""

    guilds: dict[str, Json] = field(default_factory=dict)
    channels: dict[str, Json] = field(default_factory=dict)
    pins: dict[str, list[str]] = field(default_factory=dict)


def _create_guild_announce(site: Site, call: Call) -> Json:
    guild, body = site.guild(call.path["guild_id"]), call.fields(WRONG)
    kind = body.number("announces_type", TYPE_WRONG) or 0
    if kind not in (0, 1):
        refuse(TYPE_WRONG)
    recommended = body.inners("recommend_channels")
    message_id = body.text("message_id", ID_WRONG)
    if bool(message_id) is bool(recommended):
        refuse(WRONG)
    board: Json = {"guild_id": guild.id, "channel_id": "", "message_id": "", "announces_type": kind}
    if message_id:
        channel = guild.channels.get(body.text("channel_id") or "") or refuse(WRONG)
        _check_message(site, channel, message_id)
        board.update(channel_id=channel.id, message_id=message_id)
    else:
        board["recommend_channels"] = _recommended(site, recommended or [], guild.channels)
    site.room(_Boards).guilds[guild.id] = board
    return board


def _recommended(site: Site, given: list[Fields], channels: dict[str, Channel]) -> list[Json]:
    if len(given) > RECOMMENDED:
        refuse(TOO_MANY_CHANNELS)
    cards: list[Json] = []
    for entry in given:
        channel, introduce = channels.get(entry.text("channel_id") or ""), entry.text("introduce") or ""
        # Only what everybody sees can be recommended.
        if channel is None or channel.private_type:
            refuse(CHANNEL_WRONG)
        if site.is_forbidden(introduce):
            refuse(REFUSED)
        cards.append({"channel_id": channel.id, "introduce": introduce})
    return cards


def _delete_guild_announce(site: Site, call: Call) -> None:
    guild = site.guild(call.path["guild_id"])
    _take_down(site.room(_Boards).guilds, guild.id, call.path["message_id"])


def _create_channel_announce(site: Site, call: Call) -> Json:
    channel = site.channel(call.path["channel_id"])
    message_id = call.fields(WRONG).text("message_id", ID_WRONG) or refuse(WRONG)
    _check_message(site, channel, message_id)
    board: Json = {"guild_id": channel.guild_id, "channel_id": channel.id, "message_id": message_id}
    site.room(_Boards).channels[channel.id] = board
    return board


def _delete_channel_announce(site: Site, call: Call) -> None:
    channel = site.channel(call.path["channel_id"])
    _take_down(site.room(_Boards).channels, channel.id, call.path["message_id"], unknown=ID_WRONG)


def _take_down(
    boards: dict[str, Json], place: str, message_id: str, *, unknown: Refusal = NO_MESSAGE
) -> None:
    if message_id == ALL:
        boards.pop(place, None)
    elif boards.get(place, {}).get("message_id") == message_id:
        del boards[place]
    else:
        refuse(unknown)


def _put_pin(site: Site, call: Call) -> Json:
    channel, message_id = site.channel(call.path["channel_id"]), call.path["message_id"]
    _check_message(site, channel, message_id)
    pins = site.room(_Boards).pins.setdefault(channel.id, [])
    if message_id not in pins:
        if len(pins) >= PINS:
            refuse(TOO_MANY_PINS)
        pins.append(message_id)
    return _pins(site, channel)


def _delete_pin(site: Site, call: Call) -> None:
    channel, message_id = site.channel(call.path["channel_id"]), call.path["message_id"]
    pins = site.room(_Boards).pins.setdefault(channel.id, [])
    if message_id == ALL:
        pins.clear()
    elif message_id in pins:
        pins.remove(message_id)
    else:
        refuse(NO_MESSAGE)


def _get_pins(site: Site, call: Call) -> Json:
    return _pins(site, site.channel(call.path["channel_id"]))


def _pins(site: Site, channel: Channel) -> Json:
    """Return the pins; those of messages that were taken back are gone."""
    pins = site.room(_Boards).pins.get(channel.id, [])
    pins[:] = [message_id for message_id in pins if site.timeline.get(channel.id, message_id)]
    return {"guild_id": channel.guild_id, "channel_id": channel.id, "message_ids": list(pins)}


def _check_message(site: Site, channel: Channel, message_id: str) -> None:
    if site.timeline.get(channel.id, message_id) is None:
        refuse(NO_MESSAGE if site.timeline.channel_of(message_id) is None else ELSEWHERE)


HANDLERS: Final[dict[str, Handler]] = {
    "create_guild_announce": _create_guild_announce,
    "delete_guild_announce": _delete_guild_announce,
    "create_channel_announce": _create_channel_announce,
    "delete_channel_announce": _delete_channel_announce,
    "put_pin": _put_pin,
    "delete_pin": _delete_pin,
    "get_pins": _get_pins,
}
