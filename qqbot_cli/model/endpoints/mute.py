"""Muting people in guilds."""

from __future__ import annotations

from typing import Any, Final

from qqbot_cli.model.answer.mute import GuildMuteResponse
from qqbot_cli.model.body.mute import GuildMute
from qqbot_cli.model.endpoints.row import Endpoint, Repeat


def _mute(name: str, path: str, summary: str, source: str, **more: Any) -> Endpoint:  # noqa: ANN401
    """Row of a call that mutes people, or lets them speak again."""
    return Endpoint(
        name,
        "PATCH",
        path,
        summary,
        "Administrators are never muted.",
        body=GuildMute,
        repeat=Repeat.SAFE,
        needs="administrator of the guild",
        codes=(*range(502001, 502011),),
        source=source,
        **more,
    )


ROWS: Final = (
    _mute(
        "mute_guild",
        "/guilds/{guild_id}/mute",
        "Mute everybody in a guild, or let them speak again.",
        "禁言全员",
        success=(204,),
        refuses=("user_ids",),
    ),
    _mute(
        "mute_members",
        "/guilds/{guild_id}/mute",
        "Mute several members of a guild, and return those for whom it worked.",
        "禁言批量成员",
        result=GuildMuteResponse,
        requires=("user_ids",),
    ),
    _mute(
        "mute_member",
        "/guilds/{guild_id}/members/{user_id}/mute",
        "Mute a member of a guild, or let them speak again.",
        "禁言指定成员",
        success=(204,),
        refuses=("user_ids",),
    ),
)
