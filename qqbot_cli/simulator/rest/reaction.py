"""Emoji reactions to messages of guild channels.

Source: platform documentation, "表情表态".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from qqbot_cli.simulator.refusals import Refusal
from qqbot_cli.simulator.rest.call import Call, Handler, Json, is_number, refuse
from qqbot_cli.simulator.rest.site import Site

PAGE: Final = 50
"""Users in a page at most."""
USUAL_PAGE: Final = 20
KINDS: Final = 20
"""Kinds of reactions to one message; the platform has such a limit and publishes no number."""
_MESSAGES: Final = 10_000
"""Messages whose reactions are remembered."""

WRONG: Final = Refusal(620001, "参数无效")
TOO_MANY_KINDS: Final = Refusal(620002, "消息上的表情种类超限")
ALREADY: Final = Refusal(620003, "已经设置过该表情表态")
NOT_SET: Final = Refusal(620004, "没有设置过该表情表态")

Emoji = tuple[str, str]
"""Type and id."""


@dataclass(slots=True)
class _Reactions:
    """Message -> emoji -> users, in the order in which they reacted."""

    by_message: dict[str, dict[Emoji, list[str]]] = field(default_factory=dict)

    def of(self, message_id: str) -> dict[Emoji, list[str]]:
        """Return the reactions to a message."""
        found = self.by_message.setdefault(message_id, {})
        if len(self.by_message) > _MESSAGES:
            del self.by_message[next(iter(self.by_message))]
        return found


def _put_reaction(site: Site, call: Call) -> None:
    emoji, reactions = _place(site, call)
    users = reactions.get(emoji, [])
    if site.bot_id in users:
        refuse(ALREADY)
    if emoji not in reactions and len(reactions) >= KINDS:
        refuse(TOO_MANY_KINDS)
    reactions[emoji] = [*users, site.bot_id]
    _tell(site, "MESSAGE_REACTION_ADD", call)


def _delete_reaction(site: Site, call: Call) -> None:
    emoji, reactions = _place(site, call)
    if site.bot_id not in reactions.get(emoji, []):
        refuse(NOT_SET)
    _take(reactions, emoji, site.bot_id)
    _tell(site, "MESSAGE_REACTION_REMOVE", call)


def _get_reaction_users(site: Site, call: Call) -> Json:
    emoji, reactions = _place(site, call)
    start, limit = _start(call)
    users, end = reactions.get(emoji, []), start + limit
    members = site.guilds[site.channel(call.path["channel_id"]).guild_id].members
    page = [_user(user_id, members[user_id].user if user_id in members else {}) for user_id in users]
    return {
        "users": page[start:end],
        "cookie": f"{end}_{limit}" if end < len(users) else "",
        "is_end": end >= len(users),
    }


def _start(call: Call) -> tuple[int, int]:
    """Return where the page begins and how long it is; the cookie remembers the limit of the first page."""
    cookie = call.query.get("cookie")
    if not cookie:
        return 0, call.number("limit", USUAL_PAGE, range(1, PAGE + 1), WRONG)
    start, _, limit = cookie.partition("_")
    if not is_number(start) or not is_number(limit):
        refuse(WRONG)
    return int(start), int(limit)


def _user(user_id: str, user: Mapping[str, object]) -> Json:
    return {"id": user_id, "username": user.get("username", ""), "avatar": user.get("avatar", "")}


def _place(site: Site, call: Call) -> tuple[Emoji, dict[Emoji, list[str]]]:
    channel, message_id = site.channel(call.path["channel_id"]), call.path["message_id"]
    emoji = call.path["emoji_type"], call.path["emoji_id"]
    known = site.timeline.get(channel.id, message_id) is not None
    if emoji[0] not in ("1", "2") or not emoji[1].isdecimal() or not known:
        refuse(WRONG)
    return emoji, site.room(_Reactions).of(message_id)


def _take(reactions: dict[Emoji, list[str]], emoji: Emoji, user_id: str) -> None:
    left = [other for other in reactions.get(emoji, []) if other != user_id]
    if left:
        reactions[emoji] = left
    else:
        reactions.pop(emoji, None)


def _tell(site: Site, name: str, call: Call) -> None:
    channel = site.channel(call.path["channel_id"])
    payload = {
        "channel_id": channel.id,
        "guild_id": channel.guild_id,
        "user_id": site.bot_id,
        "emoji": {"id": call.path["emoji_id"], "type": int(call.path["emoji_type"])},
        "target": {"id": call.path["message_id"], "type": "ReactionTargetType_MSG"},
    }
    site.tell(name, payload)


def note(site: Site, name: str, d: Mapping[str, object]) -> None:
    """People react, and change their minds."""
    emoji, target, user_id = d.get("emoji"), d.get("target"), d.get("user_id")
    if not isinstance(emoji, Mapping) or not isinstance(target, Mapping) or not isinstance(user_id, str):
        return
    reactions = site.room(_Reactions).of(str(target.get("id")))
    key = str(emoji.get("type")), str(emoji.get("id"))
    if name.endswith("REMOVE"):
        _take(reactions, key, user_id)
    elif user_id not in reactions.setdefault(key, []):
        reactions[key].append(user_id)


HANDLERS: Final[dict[str, Handler]] = {
    "put_reaction": _put_reaction,
    "delete_reaction": _delete_reaction,
    "get_reaction_users": _get_reaction_users,
}
NOTED: Final = dict.fromkeys(("MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"), note)
