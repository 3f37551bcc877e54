"""Direct conversations of guilds, and the hint that the bot may not write.

Source: platform documentation, "创建私信会话"; hints from the platform's Go SDK.
"""

from __future__ import annotations

from qqbot_cli.model.body.base import Body, Name


class DirectMessageToCreate(Body, frozen=True, kw_only=True):
    """With whom to open a conversation."""

    recipient_id: Name
    """User id of the person."""
    source_guild_id: Name
    """A guild in which both are."""


class SettingGuideParams(Body, frozen=True, kw_only=True):
    """Whom to ask in a channel."""

    content: Name
    """Mentions and nothing else: ``<@user_id>``."""


class GuideTarget(Body, frozen=True, kw_only=True):
    """Where the hint leads."""

    guild_id: Name
    """The guild whose settings it opens."""


class DirectSettingGuideParams(Body, frozen=True, kw_only=True):
    """What to ask for in a direct conversation."""

    setting_guide: GuideTarget
    """Where the hint leads."""
