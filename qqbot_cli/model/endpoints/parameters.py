"""What path parameters mean."""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.endpoints.row import Endpoint

_MEANINGS: Final = {
    "guild_id": "The guild.",
    "channel_id": "The channel.",
    "message_id": "The message.",
    "user_id": "The person, as a user of guilds.",
    "role_id": "The role.",
    "schedule_id": "The event in the calendar.",
    "thread_id": "The thread.",
    "emoji_type": "1 for faces of QQ, 2 for Unicode emoji.",
    "emoji_id": "Number of the face, or code point of the emoji in decimal.",
    "interaction_id": "``id`` of the payload, not the id of the event.",
    "user_openid": "The person.",
    "group_openid": "The group.",
    "member_openid": "The person, as a member of this group.",
    "strategy_id": "The rule.",
    "panel_id": "The panel.",
    "session_id": "The session.",
}
_ELSEWHERE: Final = {
    ("dms", "guild_id"): "The conversation: of `create_direct_message`, or of the message that is answered.",
}
"""By the first word of the path, where a name has another meaning there."""


def meaning(row: Endpoint, name: str) -> str:
    """Return what the path parameter *name* of *row* is."""
    return _ELSEWHERE.get((row.path.split("/")[1], name)) or _MEANINGS[name]
