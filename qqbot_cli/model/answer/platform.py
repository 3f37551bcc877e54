"""Where to connect, who the bot is, and its access token.

Source: platform documentation, "WebSocket 接入", "用户" and "接口调用与鉴权".
"""

from __future__ import annotations

from typing import Any

import msgspec

from qqbot_cli.model.payload.shared import Payload


class AccessToken(Payload, frozen=True):
    """A token for all other calls. Refusals may come with HTTP 200 too: without `access_token`."""

    access_token: str = ""
    """The secret itself."""
    expires_in: int = 0
    """Seconds it is still valid; text on the wire."""

    def __repr__(self) -> str:
        return f"AccessToken(expires_in={self.expires_in})"


class BotInfo(Payload, frozen=True):
    """The bot itself."""

    id: str
    """Key of the bot as a user of guilds."""
    username: str = ""
    """Shown name."""
    avatar: str = ""
    """URL of the picture."""
    bot: bool = True
    """Left out by the platform."""
    union_openid: str = ""
    """Links the bot across applications of one owner, where that was configured."""
    union_user_account: str = ""
    """Account in the linked application; under the same condition."""
    share_url: str = ""
    """Link by which people add the bot."""
    welcome_msg: str = ""
    """What people read when they open the chat for the first time."""
    welcome_suggestions: tuple[str, ...] = ()
    """What they are offered to say; seen now and then."""


class SessionStartLimit(Payload, frozen=True):
    """How many sessions may still be started."""

    total: int = 1000
    """Per 24 hours."""
    remaining: int = 1000
    """What is left of them."""
    reset_after_ms: int = msgspec.field(name="reset_after", default=0)
    """Milliseconds until `remaining` is `total` again."""
    max_concurrency: int = 1
    """Sessions that may be started every five seconds."""

    @property
    def reset_after(self) -> float:
        """Seconds until `remaining` is `total` again."""
        return max(0.0, self.reset_after_ms / 1000)


class GatewayResponse(Payload, frozen=True):
    """Where and how to connect."""

    url: str
    """Address of the gateway."""
    shards: int = 1
    """Recommended number of shards."""
    session_start_limit: SessionStartLimit = SessionStartLimit()
    """How many sessions may still be started."""


class GatewayUrl(Payload, frozen=True):
    """Where to connect."""

    url: str
    """Address of the gateway."""


class UrlLinkData(Payload, frozen=True):
    """What the link is."""

    url: str = ""
    """Address."""


class UrlLink(Payload, frozen=True):
    """A link by which people add the bot."""

    retcode: int = 0
    """0, or the call has failed."""
    msg: str = ""
    """In words."""
    data: UrlLinkData = UrlLinkData()
    """The link."""
    url_link: str = ""
    """The link, where the documentation puts it; not seen on the wire."""

    @property
    def url(self) -> str:
        """The link, wherever it stands."""
        return self.data.url or self.url_link

    @classmethod
    def reshape(cls, value: dict[str, Any]) -> dict[str, Any]:
        """Accept a link that stands where an object should be."""
        data = value.get("data")
        return {**value, "data": {"url": data}} if isinstance(data, str) else value
