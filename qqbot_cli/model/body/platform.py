"""The access token, and the link by which people add the bot.

Source: platform documentation, "接口调用与鉴权" and "获取机器人分享链接".
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from qqbot_cli.model.body.base import Body


class AccessTokenRequest(Body, frozen=True, kw_only=True):
    """Credentials of the bot; the only body whose fields are not in snake case."""

    app_id: str = msgspec.field(name="appId")
    """The appid."""
    client_secret: str = msgspec.field(name="clientSecret")
    """The secret."""

    def __repr__(self) -> str:
        return f"AccessTokenRequest(app_id={self.app_id!r})"


class UrlLinkParams(Body, frozen=True, kw_only=True):
    """What the link carries."""

    callback_data: Annotated[str, msgspec.Meta(max_length=32)] | UnsetType = UNSET
    """Comes back as ``scene_param`` of FRIEND_ADD when somebody adds the bot through the link."""
