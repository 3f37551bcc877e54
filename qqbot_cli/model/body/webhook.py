"""Sessions of the old interface for webhooks.

Source: the platform's Go SDK.
"""

from __future__ import annotations

from qqbot_cli.model.body.base import Body, Name


class WebhookSessionParams(Body, frozen=True, kw_only=True):
    """What a session is told, and where."""

    intents: int
    """Bits of what it is told."""
    shards: tuple[int, int]
    """``[index, count]``."""
    callback_url: Name
    """Where its events go."""
