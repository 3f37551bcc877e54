"""INTERACTION_CREATE: a button was pressed, a menu item chosen, an answer rated.

Source: platform documentation, "互动事件"; types 13 to 20 from official SDKs and captured frames.
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Final

from qqbot_cli.model.payload.group_message import MessageScene
from qqbot_cli.model.payload.shared import Payload, parse_time


class InteractionType(IntEnum):
    """What somebody did."""

    PING = 1
    COMMAND = 2
    SEARCH = 9
    """Typed into the search box of the chat; `keyword`."""
    BUTTON = 11
    """Pressed a button of a message; `button_id`, `button_data`."""
    MENU = 12
    """Chose from the quick menu of a one-to-one chat; `feature_id`."""
    FEEDBACK = 13
    """Rated an answer; `message_id`, `feedback_opt`, `checked`."""
    CLEAR_SESSION = 14
    """Pressed the button that begins a new conversation."""
    STORY = 15
    """Entered or left a story; `action`."""
    SWITCH_MODEL = 16
    AUTHORIZE = 18
    """Granted or withdrew a right, as a user; `authorize_data`."""
    GROUP_AUTHORIZE = 19
    """The same for a group."""
    GROUP_AUTHORIZE_STATE = 20
    """The state of such a grant changed."""
    CONFIG_QUERY = 2001
    """Known from one SDK only."""
    CONFIG_UPDATE = 2002
    """Known from one SDK only."""


WAITING: Final = frozenset({InteractionType.BUTTON, InteractionType.MENU})
"""Types for which the client of the person waits for an acknowledgement."""


class AuthorizeData(Payload, frozen=True):
    """A right that was granted or withdrawn."""

    opt_scene: str = ""
    """Where it was done: ``setting`` or ``dialog``."""
    scope: str = ""
    """``c2c_push`` or ``group_push``."""


class InteractionResolved(Payload, frozen=True):
    """What was chosen; which fields are filled depends on the type."""

    button_id: str = ""
    """Type 11: `id` of the pressed button."""
    button_data: str = ""
    """Type 11: ``action.data`` of the pressed button."""
    user_id: str = ""
    """Guilds only: who pressed it."""
    message_id: str = ""
    """The message with the button (guilds only), or the rated answer."""
    feature_id: str = ""
    """Type 12: the chosen menu item."""
    feedback_opt: str = ""
    """Type 13: ``LIKE`` or ``UNLIKE``."""
    checked: int = 0
    """Type 13: 1 if the rating was set, 0 if it was taken back."""
    keyword: str = ""
    """Type 9: what was typed."""
    action: str = ""
    """Type 15: ``ENTER_STORY`` or ``QUIT_STORY``."""
    message_scene: MessageScene | None = None
    """Type 15: which story, in its `ext`."""
    authorize_data: AuthorizeData | None = None
    """Types 18 to 20: which right."""
    member_nick: str = ""
    """Known from an SDK, not seen."""


class InteractionData(Payload, frozen=True):
    """The body of an interaction."""

    type: int = 0
    """Mostly equal to the type of the interaction; missing for types 18 to 20."""
    name: str = ""
    """Known from an SDK, not seen."""
    resolved: InteractionResolved = InteractionResolved()
    """What was chosen."""


class Interaction(Payload, frozen=True):
    """Something a person did that is no message."""

    id: str
    """For the acknowledgement; not the event id."""
    type: int = 0
    """What was done; see `InteractionType` and `kind`."""
    application_id: str = ""
    """The bot's appid."""
    scene: str = ""
    """``c2c``, ``group`` or ``guild``."""
    chat_type: int | None = None
    """0 guild, 1 group, 2 one-to-one; None for types 18 to 20."""
    timestamp: str = ""
    """RFC 3339; see `sent_at`."""
    guild_id: str = ""
    """Guilds only."""
    channel_id: str = ""
    """Guilds only."""
    group_openid: str = ""
    """Groups only."""
    group_member_openid: str = ""
    """Groups only: who."""
    user_openid: str = ""
    """One-to-one chats only: who."""
    data: InteractionData = InteractionData()
    """What was chosen."""
    version: int = 1
    """Of the format."""

    @property
    def sent_at(self) -> datetime | None:
        """When it happened, or None if the platform did not say."""
        return parse_time(self.timestamp)

    @property
    def kind(self) -> InteractionType | None:
        """What was done, or None for a number that is not known yet."""
        try:
            return InteractionType(self.data.type or self.type)
        except ValueError:
            return None

    @property
    def needs_ack(self) -> bool:
        """Whether the client of the person waits for `InteractionSession.ack`."""
        return self.kind in WAITING

    @property
    def place(self) -> str:
        """Id of the group, channel or user it happened with."""
        return self.group_openid or self.channel_id or self.user_openid

    @property
    def who(self) -> str:
        """Id of the person: a member openid, a user id or a user openid, by the scene."""
        return self.group_member_openid or self.data.resolved.user_id or self.user_openid
