"""Which calls a guild has granted to the bot."""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.answer.grant import ApiPermissionDemand, ApiPermissions
from qqbot_cli.model.body.grant import PermissionDemand
from qqbot_cli.model.endpoints.row import Endpoint

ROWS: Final = (
    Endpoint(
        "get_api_permissions",
        "GET",
        "/guilds/{guild_id}/api_permission",
        "Return the calls that guilds may grant, and which of them this one has granted.",
        result=ApiPermissions,
        codes=(*range(610001, 610008), 610011),
        source="获取频道可用权限列表",
    ),
    Endpoint(
        "post_permission_demand",
        "POST",
        "/guilds/{guild_id}/api_permission/demand",
        "Post a card that asks the administrators of a guild to grant a call.",
        body=PermissionDemand,
        result=ApiPermissionDemand,
        quota="3 a day for each guild",
        codes=(*range(610001, 610015),),
        source="创建频道 API 接口权限授权链接",
    ),
)
