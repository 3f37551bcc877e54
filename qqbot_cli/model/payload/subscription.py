"""Subscription messages are allowed or refused; somebody opens the chat with the bot.

Neither is in the platform's documentation.
Source: the platform's Go SDK.
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum

from qqbot_cli.model.payload.shared import Payload, parse_time


class SubscribeOp(IntEnum):
    """What was decided."""

    ALLOW = 1
    REFUSE = 2


class SubscribeResult(Payload, frozen=True):
    """What was decided about one template."""

    template_id: int = 0
    """Template of the platform."""
    custom_template_id: str = ""
    """Template of the bot."""
    op: int = 0
    """1 allowed, 2 refused; see `allowed`."""
    subscribe_id: str = ""
    """For the message that this allows."""
    update_ts: int | str = 0
    """Seconds since 1970; see `updated_at`."""
    subscribe_ts: int | str = 0
    """Another name for the same, in one SDK."""

    @property
    def allowed(self) -> bool:
        """Whether the bot may send this template."""
        return self.op == SubscribeOp.ALLOW

    @property
    def updated_at(self) -> datetime | None:
        """When it was decided, or None if the platform did not say."""
        return parse_time(self.update_ts or self.subscribe_ts)


class SubscribeMessageStatusData(Payload, frozen=True):
    """A user, or an administrator of a group, decided about subscription messages."""

    openid: str = ""
    """The user; empty for a group."""
    group_openid: str = ""
    """The group; empty for a user."""
    result: tuple[SubscribeResult, ...] = ()
    """What was decided, one for each template."""

    @property
    def place(self) -> str:
        """Id of the user or group."""
        return self.openid or self.group_openid


class EnterAioEvent(Payload, frozen=True):
    """Somebody opened the chat window with the bot."""

    user_openid: str = ""
    """Who."""
    from_source: str = ""
    """From where; the values are not documented."""
