"""Which calls a guild has granted to the bot.

Source: platform documentation, "频道 API 接口权限".
"""

from __future__ import annotations

from qqbot_cli.model.payload.shared import Payload


class ApiIdentify(Payload, frozen=True):
    """Which call; the same object is sent and received."""

    path: str
    """Path with names in braces, as the documentation writes it: ``/guilds/{guild_id}/members``."""
    method: str
    """``GET``, ``POST``, …"""


class ApiPermission(Payload, frozen=True):
    """A call that guilds may grant."""

    path: str = ""
    """Path with names in braces."""
    method: str = ""
    """``GET``, ``POST``, …"""
    desc: str = ""
    """What it does."""
    auth_status: int = 0
    """1 if it is granted; see `granted`."""

    @property
    def granted(self) -> bool:
        """Whether the bot may make the call in this guild."""
        return self.auth_status == 1


class ApiPermissions(Payload, frozen=True):
    """All calls that guilds may grant."""

    apis: tuple[ApiPermission, ...] = ()
    """The calls."""


class ApiPermissionDemand(Payload, frozen=True):
    """A card that asks for a grant was posted."""

    guild_id: str = ""
    """The guild."""
    channel_id: str = ""
    """Channel of the card."""
    api_identify: ApiIdentify | None = None
    """The call that is asked for."""
    title: str = ""
    """Title of the card."""
    desc: str = ""
    """What the grant is for."""
