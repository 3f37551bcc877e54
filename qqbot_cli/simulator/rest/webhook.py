"""The old interface for sessions of webhooks.

Source: the platform's Go SDK.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from qqbot_cli.simulator.refusals import BAD_REQUEST, UNKNOWN_RESOURCE
from qqbot_cli.simulator.rest.call import Call, Handler, Json, filled, needed, refuse
from qqbot_cli.simulator.rest.site import Site

VERSION: Final = 1
_CHECK: Final = "check"


@dataclass(slots=True)
class _Sessions:
    by_id: dict[str, Json] = field(default_factory=dict)


def _create(site: Site, call: Call) -> Json:
    body = call.fields()
    intents, url = needed(body.number("intents"), BAD_REQUEST), filled(body.text("callback_url"), BAD_REQUEST)
    shard = body.raw("shards")
    if not isinstance(shard, list) or len(shard) != 2 or not all(isinstance(n, int) for n in shard):
        refuse(BAD_REQUEST)
    index, count = shard
    if not 0 <= index < count:
        refuse(BAD_REQUEST)
    session_id = site.ids.uuid()
    site.room(_Sessions).by_id[session_id] = {
        "app_id": site.appid,
        "session_id": session_id,
        "callback_url": url,
        "env": "production",
        "intents": intents,
        "last_heartbeat_time": site.stamp(),
        "state": "active",
        "shards": shard,
    }
    bot = {"id": site.bot_id, "username": site.world.bot.username}
    return {"version": VERSION, "session_id": session_id, "bot": bot, "shard": shard}


def _list(site: Site, call: Call) -> list[Json]:
    return list(site.room(_Sessions).by_id.values())


def _check(site: Site, call: Call) -> list[Json]:
    if call.query.get("action") != _CHECK:
        refuse(BAD_REQUEST)
    for session in site.room(_Sessions).by_id.values():
        session["last_heartbeat_time"] = site.stamp()
    return _list(site, call)


def _delete(site: Site, call: Call) -> None:
    if site.room(_Sessions).by_id.pop(call.path["session_id"], None) is None:
        refuse(UNKNOWN_RESOURCE)


HANDLERS: Final[dict[str, Handler]] = {
    "create_webhook_session": _create,
    "list_webhook_sessions": _list,
    "check_webhook_sessions": _check,
    "delete_webhook_session": _delete,
}
