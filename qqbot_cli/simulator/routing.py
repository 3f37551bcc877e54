"""Which session gets an event, and which event can be answered where: tables of the platform.

This is a second spelling of what the client knows, on purpose: a judge must not share the memory of
the one who is judged.
Source: platform documentation, "事件订阅 Intents" and "发送消息" (``event_id``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qqbot_cli.model.intents import Intents
from qqbot_cli.simulator.scene import Scene


def _names(prefix: str, *endings: str) -> tuple[str, ...]:
    return tuple(f"{prefix}_{ending}" for ending in endings)


_FORUM: Final = (
    *_names("FORUM_THREAD", "CREATE", "UPDATE", "DELETE"),
    *_names("FORUM_POST", "CREATE", "DELETE"),
    *_names("FORUM_REPLY", "CREATE", "DELETE"),
)

_EVENTS_BY_INTENT: Final[dict[Intents, tuple[str, ...]]] = {
    Intents.GUILDS: (
        *_names("GUILD", "CREATE", "UPDATE", "DELETE"),
        *_names("CHANNEL", "CREATE", "UPDATE", "DELETE"),
    ),
    Intents.GUILD_MEMBERS: _names("GUILD_MEMBER", "ADD", "UPDATE", "REMOVE"),
    Intents.GUILD_MESSAGES: _names("MESSAGE", "CREATE", "DELETE"),
    Intents.GUILD_MESSAGE_REACTIONS: _names("MESSAGE_REACTION", "ADD", "REMOVE"),
    Intents.DIRECT_MESSAGE: _names("DIRECT_MESSAGE", "CREATE", "DELETE"),
    Intents.OPEN_FORUM_EVENT: tuple(f"OPEN_{name}" for name in _FORUM),
    Intents.AUDIO_OR_LIVE_CHANNEL_MEMBER: _names("AUDIO_OR_LIVE_CHANNEL_MEMBER", "ENTER", "EXIT"),
    Intents.ENTER_AIO: ("ENTER_AIO",),
    Intents.PUBLIC_MESSAGES: (
        "C2C_MESSAGE_CREATE",
        "GROUP_AT_MESSAGE_CREATE",
        "GROUP_MESSAGE_CREATE",
        *_names("FRIEND", "ADD", "DEL"),
        *_names("C2C_MSG", "REJECT", "RECEIVE"),
        *_names("GROUP", "ADD_ROBOT", "DEL_ROBOT", "MSG_REJECT", "MSG_RECEIVE", "JOIN_REQUEST"),
        "SUBSCRIBE_MESSAGE_STATUS",
    ),
    # The documentation has these two under bit 25, other implementations received them with bit 24.
    Intents.PUBLIC_MESSAGES | Intents.GROUP_MEMBERS: _names("GROUP_MEMBER", "ADD", "REMOVE"),
    Intents.INTERACTION: ("INTERACTION_CREATE",),
    Intents.MESSAGE_AUDIT: _names("MESSAGE_AUDIT", "PASS", "REJECT"),
    Intents.FORUMS: (*_FORUM, "FORUM_PUBLISH_AUDIT_RESULT"),
    Intents.AUDIO_ACTION: _names("AUDIO", "START", "FINISH", "ON_MIC", "OFF_MIC"),
    Intents.PUBLIC_GUILD_MESSAGES: ("AT_MESSAGE_CREATE", "PUBLIC_MESSAGE_DELETE"),
}

EVENT_INTENTS: Final[dict[str, Intents]] = {
    name: intents for intents, names in _EVENTS_BY_INTENT.items() for name in names
}
"""For every known event the flags of which one at least is needed to receive it."""

_MESSAGE_PLACES: Final[dict[str, tuple[Scene, str]]] = {
    "AT_MESSAGE_CREATE": (Scene.CHANNEL, "channel_id"),
    "MESSAGE_CREATE": (Scene.CHANNEL, "channel_id"),
    "DIRECT_MESSAGE_CREATE": (Scene.DMS, "guild_id"),
    "GROUP_AT_MESSAGE_CREATE": (Scene.GROUP, "group_openid"),
    "GROUP_MESSAGE_CREATE": (Scene.GROUP, "group_openid"),
    "C2C_MESSAGE_CREATE": (Scene.C2C, "author.user_openid"),
}
"""Events whose ``d.id`` can be answered with ``msg_id``, and where."""

_EVENT_PLACES: Final[dict[str, tuple[Scene, str | None]]] = {
    **dict.fromkeys(
        (*_names("GUILD_MEMBER", "ADD", "UPDATE", "REMOVE"), *_FORUM),
        # Somebody joins a guild, not a channel: any channel will do.
        (Scene.CHANNEL, None),
    ),
    **dict.fromkeys(_names("MESSAGE_REACTION", "ADD", "REMOVE"), (Scene.CHANNEL, "channel_id")),
    "C2C_MSG_RECEIVE": (Scene.C2C, "openid"),
    "FRIEND_ADD": (Scene.C2C, "openid"),
    "GROUP_ADD_ROBOT": (Scene.GROUP, "group_openid"),
    "GROUP_MSG_RECEIVE": (Scene.GROUP, "group_openid"),
    "GROUP_MEMBER_ADD": (Scene.GROUP, "group_openid"),
}
"""Events whose envelope id can be answered with ``event_id``; without a key anywhere in that scene."""

_BUTTON_PLACES: Final[dict[object, tuple[Scene, str]]] = {
    0: (Scene.CHANNEL, "channel_id"),
    1: (Scene.GROUP, "group_openid"),
    2: (Scene.C2C, "user_openid"),
}
"""INTERACTION_CREATE by its ``chat_type``."""

ANSWERABLE_EVENTS: Final = frozenset({*_EVENT_PLACES, "INTERACTION_CREATE"})
"""Events that can be answered with ``event_id``."""


def message_place(name: str, d: Mapping[str, object]) -> tuple[Scene, str] | None:
    """Return where a message of the event *name* was said, None if the event carries none."""
    if name not in _MESSAGE_PLACES:
        return None
    scene, key = _MESSAGE_PLACES[name]
    target = _lookup(d, key)
    return None if target is None else (scene, target)


def event_place(name: str, d: Mapping[str, object]) -> tuple[Scene, str | None] | None:
    """Return where the event can be answered by its id; the target is None for "anywhere in the scene"."""
    if name == "INTERACTION_CREATE":
        scene, key = _BUTTON_PLACES.get(d.get("chat_type"), (Scene.C2C, "user_openid"))
        return scene, _lookup(d, key)
    if name not in _EVENT_PLACES:
        return None
    scene, place = _EVENT_PLACES[name]
    return scene, None if place is None else _lookup(d, place)


def guild_of(name: str, d: object) -> int | None:
    """Return the guild an event belongs to, None for everything that is not in a guild."""
    if not isinstance(d, Mapping):
        return None
    if name.startswith("GUILD_") and not name.startswith("GUILD_MEMBER"):
        guild_id = d.get("id")
    else:
        guild_id = d.get("guild_id") or _lookup(d, "message.guild_id")
    return int(guild_id) if isinstance(guild_id, str) and guild_id.isdecimal() else None


def belongs_to(guild_id: int | None, shard: tuple[int, int]) -> bool:
    """Whether *shard* gets the events of a guild; everything outside guilds goes to shard 0."""
    index, count = shard
    return index == (0 if guild_id is None else (guild_id >> 22) % count)


def _lookup(d: Mapping[str, object], path: str) -> str | None:
    value: object = d
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else None
