"""Members of guilds."""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.answer.member import GuildRoleMembers
from qqbot_cli.model.body.member import MemberDeleteOptions
from qqbot_cli.model.endpoints.row import Endpoint, Paging, Query
from qqbot_cli.model.payload.shared import Member

_LIMIT: Final = Query(
    "limit", int, "Members in a page, which may be shorter; 1 without it.", least=1, most=400
)

ROWS: Final = (
    Endpoint(
        "list_guild_members",
        "GET",
        "/guilds/{guild_id}/members",
        "Return a page of the members of a guild.",
        "Pages may overlap and may be shorter than `limit`; only an empty one is the last.",
        query=(Query("after", str, 'User id of the last member of the page before; "0" without it.'), _LIMIT),
        result=Member,
        many=True,
        needs="private-domain bot",
        paging=Paging(send="after", last="user.id", key="user.id", first="0"),
        source="获取频道成员列表",
    ),
    Endpoint(
        "get_guild_member",
        "GET",
        "/guilds/{guild_id}/members/{user_id}",
        "Return a member of a guild.",
        result=Member,
        source="获取频道成员详情",
    ),
    Endpoint(
        "delete_guild_member",
        "DELETE",
        "/guilds/{guild_id}/members/{user_id}",
        "Remove somebody from a guild; administrators cannot be removed.",
        body=MemberDeleteOptions,
        body_optional=True,
        success=(204,),
        needs="private-domain bot, administrator of the guild",
        source="删除频道成员",
    ),
    Endpoint(
        "list_guild_role_members",
        "GET",
        "/guilds/{guild_id}/roles/{role_id}/members",
        "Return a page of the members who have a role.",
        "Pages may be shorter than `limit`, and longer for the roles of administrators.",
        query=(
            Query("start_index", str, '`next` of the page before; "0" without it.'),
            _LIMIT,
        ),
        result=GuildRoleMembers,
        needs="private-domain bot",
        paging=Paging(send="start_index", items="data", next="next", key="user.id", first="0"),
        source="获取频道身份组成员列表",
    ),
)
