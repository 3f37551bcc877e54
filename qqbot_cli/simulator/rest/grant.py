"""Which calls a guild has granted to the bot, and asking for one.

Source: platform documentation, "频道 API 接口权限".
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from qqbot_cli.model.endpoints import ENDPOINTS, Endpoint
from qqbot_cli.simulator.refusals import Refusal
from qqbot_cli.simulator.rest.call import Call, Handler, Json, filled, needed, refuse
from qqbot_cli.simulator.rest.rights import may_be_granted
from qqbot_cli.simulator.rest.site import Site

EACH_DAY: Final = 3
"""Cards a day in each guild."""

NOT_THERE: Final = Refusal(610007, "机器人不在该频道")
WRONG: Final = Refusal(610008, "参数无效")
UNKNOWN_API: Final = Refusal(610009, "获取接口详情失败")
GRANTED: Final = Refusal(610010, "接口已授权")
TOO_OFTEN: Final = Refusal(610013, "授权链接发送次数超限")


class _Cards:
    """How many cards were posted, by guild and day."""

    def __init__(self) -> None:
        self.posted: Counter[tuple[str, str]] = Counter()


def _get_api_permissions(site: Site, call: Call) -> Json:
    if call.path["guild_id"] not in site.guilds:
        refuse(NOT_THERE)
    apis = [
        {
            "path": row.path,
            "method": row.method,
            "desc": row.source or row.name,
            "auth_status": int(_is_granted(site, row)),
        }
        for row in ENDPOINTS.values()
        if may_be_granted(row)
    ]
    return {"apis": apis}


def _post_permission_demand(site: Site, call: Call) -> Json:
    guild = site.guilds.get(call.path["guild_id"]) or refuse(NOT_THERE)
    body = call.fields(WRONG)
    channel = guild.channels.get(body.text("channel_id") or "") or refuse(WRONG)
    desc, api = filled(body.text("desc"), WRONG), needed(body.inner("api_identify"), WRONG)
    path, method = filled(api.text("path"), WRONG), filled(api.text("method"), WRONG)
    rows = [row for row in ENDPOINTS.values() if may_be_granted(row)]
    asked = [row for row in rows if (row.path, row.method) == (path, method.upper())]
    if not asked:
        refuse(UNKNOWN_API)
    if all(_is_granted(site, row) for row in asked):
        refuse(GRANTED)
    posted, key = site.room(_Cards).posted, (guild.id, site.today().isoformat())
    if posted[key] >= EACH_DAY:
        refuse(TOO_OFTEN)
    posted[key] += 1
    return {
        "guild_id": guild.id,
        "channel_id": channel.id,
        "api_identify": {"path": path, "method": method},
        "title": "机器人申请获取权限",
        "desc": desc,
    }


def _is_granted(site: Site, row: Endpoint) -> bool:
    return site.switches.grants is None or row.name in site.switches.grants


HANDLERS: Final[dict[str, Handler]] = {
    "get_api_permissions": _get_api_permissions,
    "post_permission_demand": _post_permission_demand,
}
