"""INTERACTION_CREATE: a button was pressed, a menu item chosen, an answer rated.

Source: platform documentation, "互动事件"; types 13 to 20 from official SDKs and captured frames.
"""

from __future__ import annotations

from datetime import datetime

from qqbot_cli.model.payload.shared import Payload, parse_time


class InteractionResolved(Payload, frozen=True):
    """What was chosen; which fields are filled depends on the type."""

    button_id: str = ""
    button_data: str = ""
    """``action.data`` of the pressed button."""
    user_id: str = ""
    """Guilds only: who pressed it."""
    message_id: str = ""
    feature_id: str = ""
    """Type 12: the chosen menu item."""
    feedback_opt: str = ""
    """Type 13: ``LIKE`` or ``UNLIKE``."""
    checked: int = 0


class InteractionData(Payload, frozen=True):
    """The body of an interaction."""

    type: int = 0
    """Mostly equal to the type of the interaction."""
    name: str = ""
    resolved: InteractionResolved = InteractionResolved()


class Interaction(Payload, frozen=True):
    """Something a person did that is no message."""

    id: str
    """For the acknowledgement; not the event id."""
    type: int = 0
    """11 message button, 12 quick menu (both wait to be acknowledged), 13 rating, and others."""
    application_id: str = ""
    scene: str = ""
    """``c2c``, ``group`` or ``guild``."""
    chat_type: int | None = None
    """0 guild, 1 group, 2 one-to-one; None for types 18 to 20."""
    timestamp: str = ""
    guild_id: str = ""
    channel_id: str = ""
    group_openid: str = ""
    group_member_openid: str = ""
    user_openid: str = ""
    data: InteractionData = InteractionData()
    version: int = 1

    @property
    def sent_at(self) -> datetime | None:
        """When it happened, or None if the platform did not say."""
        return parse_time(self.timestamp)

    @property
    def place(self) -> str:
        """Id of the group, channel or user it happened with."""
        return self.group_openid or self.channel_id or self.user_openid
