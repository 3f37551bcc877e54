"""Asking guilds to grant a call.

Source: platform documentation, "创建频道 API 接口权限授权链接".
"""

from __future__ import annotations

from qqbot_cli.model.answer.grant import ApiIdentify
from qqbot_cli.model.body.base import Body, Name


class PermissionDemand(Body, frozen=True, kw_only=True):
    """What the bot asks for."""

    channel_id: Name
    """Where the card is posted."""
    api_identify: ApiIdentify
    """The call."""
    desc: Name
    """What the grant is for."""
