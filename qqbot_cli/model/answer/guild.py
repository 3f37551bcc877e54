"""Channels.

Source: platform documentation, "获取在线成员数".
"""

from __future__ import annotations

from qqbot_cli.model.payload.shared import Payload


class OnlineNums(Payload, frozen=True):
    """How many people are in a voice or live channel."""

    online_nums: int = 0
    """People."""
