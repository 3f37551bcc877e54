"""Sessions of the old interface for webhooks.

Source: the platform's Go SDK.
"""

from __future__ import annotations

from qqbot_cli.model.payload.shared import Payload, User


class WebhookSession(Payload, frozen=True):
    """A session was opened."""

    session_id: str
    """Names the session."""
    version: int = 0
    """Of the protocol."""
    bot: User | None = None
    """The bot; only id and name are sent."""
    shard: tuple[int, int] | None = None
    """``[index, count]``."""


class WebhookSessionState(Payload, frozen=True):
    """An open session."""

    session_id: str
    """Names the session."""
    app_id: str = ""
    """The bot's appid."""
    callback_url: str = ""
    """Where its events go."""
    env: str = ""
    """Production or sandbox, in words that are not documented."""
    intents: int = 0
    """Bits of what it is told."""
    last_heartbeat_time: str = ""
    """When it was seen last; the form is not documented."""
    state: str = ""
    """What it is doing; the words are not documented."""
    shards: tuple[int, int] | None = None
    """``[index, count]``."""
