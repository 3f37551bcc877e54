"""Payloads as they really come now and then: fields left out, retyped, renamed, in older shapes.

Each quirk has been seen, or documented by somebody who had seen it; a client that relies on the tables
of the documentation breaks on it. No I/O.
Source: captured frames and the differences between official SDKs.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from typing import Any, Final

Payload = dict[str, Any]
Quirk = Callable[[Payload], bool]
"""Changes a payload in place; answers False if it has nothing of the kind."""


def quirky(payload: object, chance: random.Random) -> object:
    """Return *payload* with one quirk that fits it, or itself if none does."""
    if not isinstance(payload, dict):
        return payload
    changed: Payload = copy.deepcopy(payload)
    for quirk in chance.sample(QUIRKS, len(QUIRKS)):
        if quirk(changed):
            return changed
    return payload


def _every(node: object) -> Iterator[Payload]:
    """Yield every object in *node*, itself first."""
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _every(inner)


def _change(payload: Payload, key: str, kind: type, to: Callable[[Any], object]) -> bool:
    """Replace each value of *kind* under *key*, however deep, and return whether there was any."""
    found = [node for node in _every(payload) if isinstance(node.get(key), kind)]
    for node in found:
        node[key] = to(node[key])
    return bool(found)


def _leave_out(*keys: str) -> Quirk:
    """Optional fields that were absent in older deliveries."""

    def quirk(payload: Payload) -> bool:
        found = False
        for node in _every(payload):
            for key in keys:
                found = node.pop(key, None) is not None or found
        return found

    return quirk


def _nothing_for(*keys: str) -> Quirk:
    """Empty lists and texts that come as null."""

    def quirk(payload: Payload) -> bool:
        found = False
        for node in _every(payload):
            for key in keys:
                if key in node:
                    node[key], found = None, True
        return found

    return quirk


def _number_as_text(payload: Payload) -> bool:
    found = [
        _change(payload, key, int, str) for key in ("message_type", "seq", "member_count", "channel_type")
    ]
    return any(found)


def _text_as_number(payload: Payload) -> bool:
    return _change(payload, "application_id", str, int)


def _time_as_text(payload: Payload) -> bool:
    """Management events: seconds as digits."""
    return _change(payload, "timestamp", int, str)


def _time_of_go(payload: Payload) -> bool:
    """Old deliveries: the text that Go prints."""
    return _change(payload, "timestamp", str, lambda text: f"{text[:10]} {text[11:19]} +0800 CST m=+0.5")


def _short_mention(payload: Payload) -> bool:
    """``<@id>`` for ``<@!id>``."""
    content = payload.get("content")
    if not isinstance(content, str) or "<@!" not in content:
        return False
    payload["content"] = content.replace("<@!", "<@")
    return True


def _numbered_target(payload: Payload) -> bool:
    """Reactions: the documented number for the name that is really sent."""
    target = payload.get("target")
    if not isinstance(target, dict) or target.get("type") != "ReactionTargetType_MSG":
        return False
    target["type"] = 0
    return True


def _rich_objects(payload: Payload) -> bool:
    """Forum: the JSON itself for JSON text, as the documentation's samples have it."""
    found = False
    for key in ("thread_info", "post_info", "reply_info"):
        info = payload.get(key)
        for text in ("title", "content"):
            if isinstance(info, dict) and isinstance(info.get(text), str):
                info[text], found = json.loads(info[text]), True
    return found


def _news(payload: Payload) -> bool:
    """A field of tomorrow."""
    payload["feature_of_tomorrow"] = {"level": 3, "tags": ["新"]}
    return True


QUIRKS: Final[tuple[Quirk, ...]] = (
    _leave_out("member_role", "group_id", "union_openid"),
    _leave_out("username", "avatar", "bot"),
    _leave_out("message_scene", "message_type"),
    _leave_out("joined_at", "op_user_id"),
    _leave_out("direct_message", "src_guild_id"),
    _nothing_for("mentions", "attachments", "roles"),
    _nothing_for("nick", "err_msg", "risk_tips", "scene_param"),
    _number_as_text,
    _text_as_number,
    _time_as_text,
    _time_of_go,
    _short_mention,
    _numbered_target,
    _rich_objects,
    _news,
)
