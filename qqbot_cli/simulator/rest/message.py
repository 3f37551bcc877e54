"""Reading and changing messages of guild channels, direct conversations, limits on unasked messages.

Source: platform documentation, "消息"; calls without a page of it as the platform's SDKs make them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from qqbot_cli.simulator import refusals
from qqbot_cli.simulator.judge import judge_edit
from qqbot_cli.simulator.ledger import BotMessage
from qqbot_cli.simulator.post import Known, Post, mapping
from qqbot_cli.simulator.refusals import BAD_REQUEST, Refusal
from qqbot_cli.simulator.rest.call import Call, Handler, Json, needed, refuse
from qqbot_cli.simulator.rest.guilds import TEXT, bot_user
from qqbot_cli.simulator.rest.site import Site
from qqbot_cli.simulator.scene import Scene
from qqbot_cli.simulator.world import Person

PAGE: Final = 20
"""Messages in a list at most."""
PUSHES: Final = 20
"""Messages a day that answer nothing, for each channel."""
GUIDES: Final = 3
"""Hints about the settings in each guild a day; an assumption, the documentation names only the refusal."""

NO_KEYBOARD: Final = Refusal(50049, "只能修改带有keyboard的消息")
KEYBOARD_GONE: Final = Refusal(50050, "修改消息时keyboard不能为空")
NOT_OWN: Final = Refusal(50051, "只能修改机器人自己发送的消息")
DM_CLOSED: Final = Refusal(304031, "私信已关闭")
SETTING_GUILD: Final = Refusal(504001, "请求参数无效")
GUIDE_WRONG: Final = Refusal(304051, "设置引导请求构造错误")
GUIDE_TOO_OFTEN: Final = Refusal(304052, "设置引导发送过于频繁")

_MENTIONS: Final = re.compile(r"\s*(<@!?\d+>\s*)+")


@dataclass(slots=True)
class _Talks:
    """Direct conversations that were opened, and hints that were sent."""

    opened: dict[str, str] = field(default_factory=dict)
    """Guild id of the conversation -> when."""
    guides: dict[tuple[str, str], int] = field(default_factory=dict)
    """Guild and day -> how many."""


def _get_message(site: Site, call: Call) -> Json:
    return _message(site, call)


def _list_messages(site: Site, call: Call) -> list[Json]:
    channel = site.channel(call.path["channel_id"])
    limit = call.number("limit", PAGE, range(1, PAGE + 1))
    messages = site.timeline.messages(channel.id)
    anchors = [name for name in ("around", "before", "after") if name in call.query]
    if len(anchors) > 1:
        refuse(BAD_REQUEST)
    if not anchors:
        return messages[-limit:]
    ids = [message["id"] for message in messages]
    anchor = call.query[anchors[0]]
    if anchor not in ids:
        refuse(refusals.GUILD_RECALL_UNKNOWN)
    place = ids.index(anchor)
    match anchors[0]:
        case "before":
            return messages[max(0, place - limit) : place]
        case "after":
            return messages[place + 1 : place + 1 + limit]
        case _:
            start = max(0, place - limit // 2)
            return messages[start : start + limit]


def _update_message(site: Site, call: Call) -> Json:
    message = _message(site, call)
    own = site.ledger.messages.get(str(message["id"]))
    if own is None:
        refuse(NOT_OWN)
    if not own.body.get("keyboard"):
        refuse(NO_KEYBOARD)
    if not isinstance(call.body, Mapping):
        refuse(refusals.BAD_FORM)
    body = {name: value for name, value in call.body.items() if value is not None}
    if not mapping(body.get("keyboard")):
        refuse(KEYBOARD_GONE)
    refusal = judge_edit(
        Post(Scene.CHANNEL, own.target, body), Known(site.ledger, site.clock(), True, site.switches)
    )
    if refusal is not None:
        refuse(refusal)
    content = str(body.get("content") or mapping(body.get("markdown")).get("content") or "")
    site.ledger.messages[own.id] = replace(own, content=content, body=body)
    message.update(content=content, edited_timestamp=site.stamp())
    return message


def _create_direct_message(site: Site, call: Call) -> Json:
    body = call.fields()
    source = site.guild(needed(body.text("source_guild_id"), BAD_REQUEST))
    recipient = site.member(source, needed(body.text("recipient_id"), BAD_REQUEST))
    person = next((someone for someone in site.world.people if someone.id == recipient.id), None)
    if person is None:
        refuse(refusals.UNKNOWN_USER)
    if not site.switches.open_direct_messages:
        refuse(DM_CLOSED)
    return _conversation(site, person)


def _conversation(site: Site, person: Person) -> Json:
    opened = site.room(_Talks).opened.setdefault(person.dm_guild_id, str(int(site.wall)))
    site.ledger.open(Scene.DMS, person.dm_guild_id)
    return {"guild_id": person.dm_guild_id, "channel_id": person.dm_channel_id, "create_time": opened}


def _get_message_setting(site: Site, call: Call) -> Json:
    guild = site.guilds.get(call.path["guild_id"]) or refuse(SETTING_GUILD)
    open_channels = [channel.id for channel in guild.channels.values() if channel.type == TEXT]
    return {
        "disable_create_dm": not site.switches.open_direct_messages,
        "disable_push_msg": not site.switches.push_messages,
        "channel_ids": open_channels,
        "channel_push_max_num": PUSHES,
    }


def _send_setting_guide(site: Site, call: Call) -> Json:
    channel = site.channel(call.path["channel_id"])
    content = call.fields(GUIDE_WRONG).text("content")
    if content is None or not _MENTIONS.fullmatch(content):
        refuse(GUIDE_WRONG)
    _count_guide(site, channel.guild_id)
    return site.bot_message(channel, content)


def _send_direct_setting_guide(site: Site, call: Call) -> Json:
    conversation = call.path["guild_id"]
    person = next((someone for someone in site.world.people if someone.dm_guild_id == conversation), None)
    if person is None:
        refuse(refusals.UNKNOWN_DM)
    target = needed(call.fields(GUIDE_WRONG).inner("setting_guide"), GUIDE_WRONG)
    if target.text("guild_id") not in site.guilds:
        refuse(GUIDE_WRONG)
    _count_guide(site, conversation)
    return {
        "id": site.ids.guild_message_id(),
        "channel_id": person.dm_channel_id,
        "guild_id": conversation,
        "timestamp": site.stamp(),
        "author": bot_user(site.world),
        "direct_message": True,
    }


def _count_guide(site: Site, place: str) -> None:
    guides, key = site.room(_Talks).guides, (place, site.today().isoformat())
    if guides.get(key, 0) >= GUIDES:
        refuse(GUIDE_TOO_OFTEN)
    guides[key] = guides.get(key, 0) + 1


def _message(site: Site, call: Call) -> Json:
    channel = site.channel(call.path["channel_id"])
    found = site.timeline.get(channel.id, call.path["message_id"])
    return found or refuse(refusals.GUILD_RECALL_UNKNOWN)


def shown(message: BotMessage, card: Json) -> Json:
    """Return what people and calls see of a message of the bot in a guild, *card* being its envelope."""
    body = message.body
    seen = {name: body[name] for name in ("ark", "message_reference") if name in body}
    if "embed" in body:
        seen["embeds"] = [body["embed"]]
    return {**card, **seen}


HANDLERS: Final[dict[str, Handler]] = {
    "get_message": _get_message,
    "list_messages": _list_messages,
    "update_message": _update_message,
    "create_direct_message": _create_direct_message,
    "get_message_setting": _get_message_setting,
    "send_setting_guide": _send_setting_guide,
    "send_direct_setting_guide": _send_direct_setting_guide,
}
