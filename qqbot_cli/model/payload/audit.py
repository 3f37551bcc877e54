"""A message of the bot was reviewed.

Source: platform documentation, "消息审核事件"; openids of groups and users from other implementations.
"""

from __future__ import annotations

from datetime import datetime

from qqbot_cli.model.payload.shared import Payload, parse_time


class MessageAudit(Payload, frozen=True):
    """How the review of a message ended."""

    audit_id: str
    """Names the review; the send that it is about answered the same."""
    message_id: str = ""
    """The message that came of it; by the documentation only where it passed."""
    guild_id: str = ""
    """Guild sends only."""
    channel_id: str = ""
    """Guild sends only."""
    group_openid: str = ""
    """Group sends only."""
    user_openid: str = ""
    """One-to-one sends only."""
    audit_time: str = ""
    """RFC 3339; see `audited_at`."""
    create_time: str = ""
    """RFC 3339; see `created_at`."""
    seq_in_channel: str = ""
    """Order of the message within its channel."""

    @property
    def audited_at(self) -> datetime | None:
        """When the review ended, or None if the platform did not say."""
        return parse_time(self.audit_time)

    @property
    def created_at(self) -> datetime | None:
        """When the message was sent, or None if the platform did not say."""
        return parse_time(self.create_time)

    @property
    def place(self) -> str:
        """Id of the channel, group or user it was sent to."""
        return self.channel_id or self.group_openid or self.user_openid
