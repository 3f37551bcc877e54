"""The guilds of the bot, and the link by which people add it."""

from __future__ import annotations

from typing import Final

from qqbot_cli.simulator.refusals import BAD_REQUEST, UNKNOWN_USER
from qqbot_cli.simulator.rest.call import Call, Handler, Json, is_number, refuse
from qqbot_cli.simulator.rest.site import Site

GUILDS_PAGE: Final = 100
"""Guilds in a page at most."""
CALLBACK_DATA: Final = 32
"""Characters a link carries at most."""


def _list_bot_guilds(site: Site, call: Call) -> list[Json]:
    limit = call.number("limit", GUILDS_PAGE, range(1, GUILDS_PAGE + 1))
    anchors = (call.query.get("before"), call.query.get("after"))
    if any(anchor and not is_number(anchor) for anchor in anchors):
        refuse(BAD_REQUEST)
    before, after = anchors
    guilds = sorted(site.guilds.values(), key=lambda guild: int(guild.id))
    if before:  # goes before the other anchor, and turns the list round
        guilds = [guild for guild in reversed(guilds) if int(guild.id) < int(before)]
    elif after:
        guilds = [guild for guild in guilds if int(guild.id) > int(after)]
    return [guild.card() for guild in guilds[:limit]]


def _generate_url_link(site: Site, call: Call) -> Json:
    # Known by its code for wrong parameters: that of an abnormal account.
    data = call.fields(UNKNOWN_USER).text("callback_data") or ""
    if len(data) > CALLBACK_DATA:
        refuse(UNKNOWN_USER)
    url = f"https://qun.qq.com/qunpro/robot/qunshare?robot_appid={site.appid}&data={data}"
    return {"retcode": 0, "msg": "success", "data": {"url": url}}


HANDLERS: Final[dict[str, Handler]] = {
    "list_bot_guilds": _list_bot_guilds,
    "generate_url_link": _generate_url_link,
}
