"""Which members were muted.

Source: platform documentation, "禁言批量成员".
"""

from __future__ import annotations

from qqbot_cli.model.payload.shared import Payload


class GuildMuteResponse(Payload, frozen=True):
    """Several members were muted, or may speak again."""

    user_ids: tuple[str, ...] = ()
    """Those for whom it worked; administrators cannot be muted."""
