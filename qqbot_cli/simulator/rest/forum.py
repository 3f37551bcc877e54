"""Threads of forums: taken at once, published after a review.

Source: platform documentation, "论坛".
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Final

from qqbot_cli.simulator.quota import Pace
from qqbot_cli.simulator.refusals import UNKNOWN_CHANNEL_ID, Refusal
from qqbot_cli.simulator.rest.call import Call, Handler, Json, filled, refuse
from qqbot_cli.simulator.rest.guilds import FORUM, Channel
from qqbot_cli.simulator.rest.site import Site

TITLE: Final = 100
"""Characters of a title; the platform has such a limit and publishes no number."""
EACH_MINUTE: Final = 10
"""Threads published in a minute; an assumption, the documentation names only the refusal."""
_HTML: Final = 2
_JSON: Final = 4
_TAG: Final = re.compile(r"<[^>]*>")
_THREAD: Final = 1
"""Type of what was reviewed."""

TOO_OFTEN: Final = Refusal(503004, "发表过于频繁")
NO_TITLE: Final = Refusal(503005, "标题为空")
NO_CONTENT: Final = Refusal(503006, "内容为空")
ID_WRONG: Final = Refusal(503009, "帖子id无效")
NO_THREAD: Final = Refusal(503012, "帖子不存在或已删除")
NO_JSON: Final = Refusal(503014, "json内容解析失败")
NO_CONVERSION: Final = Refusal(503015, "内容转换失败")
TOO_LONG: Final = Refusal(503017, "字数超限")
TITLE_TOO_LONG: Final = Refusal(503020, "标题过长")


@dataclass(slots=True)
class _Forums:
    """Published threads by channel, newest last."""

    threads: dict[str, dict[str, Json]] = field(default_factory=dict)
    pace: Pace = field(default_factory=lambda: Pace(EACH_MINUTE, 60.0))
    next_id: int = 1


def _list_threads(site: Site, call: Call) -> Json:
    threads = site.room(_Forums).threads.get(_forum(site, call).id, {})
    return {"threads": list(threads.values()), "is_finish": 1}


def _get_thread(site: Site, call: Call) -> Json:
    return {"thread": _thread(site, call)}


def _put_thread(site: Site, call: Call) -> Json:
    channel, body = _forum(site, call), call.fields(NO_CONVERSION)
    title, content = filled(body.text("title"), NO_TITLE), filled(body.text("content"), NO_CONTENT)
    form = body.number("format")
    if form not in range(1, _JSON + 1):
        refuse(NO_CONVERSION)
    if len(title) > TITLE:
        refuse(TITLE_TOO_LONG)
    if len(content) > site.switches.longest_text:
        refuse(TOO_LONG)
    rich = (
        _rich_json(content) if form == _JSON else _rich(_TAG.sub("", content) if form == _HTML else content)
    )
    if not site.room(_Forums).pace.step(site.clock()):
        refuse(TOO_OFTEN)
    task_id = site.ids.number()
    refused = site.is_forbidden(title, content)

    def publish() -> None:
        _publish(site, channel, title, rich, task_id, refused=refused)

    site.aftermath.later(site.switches.audit_seconds, publish)
    return {"task_id": task_id, "create_time": str(int(site.wall))}


def _publish(site: Site, channel: Channel, title: str, rich: str, task_id: str, *, refused: bool) -> None:
    """The review is over: the thread is there, or it never will be."""
    forums = site.room(_Forums)
    thread_id = "" if refused else f"B_{forums.next_id:x}{site.ids.number(10)}"
    place = {"guild_id": channel.guild_id, "channel_id": channel.id, "author_id": site.bot_id}
    result = {
        "task_id": task_id,
        **place,
        "thread_id": thread_id,
        "post_id": "",
        "reply_id": "",
        "type": _THREAD,
        "result": int(refused),
        "err_msg": "内容未通过审核" if refused else "",
        "date_time": site.stamp(),
    }
    site.tell("FORUM_PUBLISH_AUDIT_RESULT", result)
    if refused:
        return
    forums.next_id += 1
    info = {"thread_id": thread_id, "title": title, "content": rich, "date_time": site.stamp()}
    thread = forums.threads.setdefault(channel.id, {})[thread_id] = {**place, "thread_info": info}
    _tell(site, "CREATE", thread)


def _delete_thread(site: Site, call: Call) -> None:
    thread = _thread(site, call)
    del site.room(_Forums).threads[call.path["channel_id"]][call.path["thread_id"]]
    _tell(site, "DELETE", thread)


def _tell(site: Site, ending: str, thread: Json) -> None:
    """Tell of a thread, in full and in the form of the public domain; titles of events are rich text."""
    info = thread["thread_info"]
    assert isinstance(info, dict)
    site.tell(f"FORUM_THREAD_{ending}", {**thread, "thread_info": {**info, "title": _rich(info["title"])}})
    place = {name: thread[name] for name in ("guild_id", "channel_id", "author_id")}
    site.tell(f"OPEN_FORUM_THREAD_{ending}", place)


def _forum(site: Site, call: Call) -> Channel:
    channel = site.channel(call.path["channel_id"])
    return channel if channel.type == FORUM else refuse(UNKNOWN_CHANNEL_ID)


def _thread(site: Site, call: Call) -> Json:
    channel, thread_id = _forum(site, call), call.path["thread_id"]
    if not thread_id.startswith("B_"):
        refuse(ID_WRONG)
    return site.room(_Forums).threads.get(channel.id, {}).get(thread_id) or refuse(NO_THREAD)


def _rich(text: str) -> str:
    """Return *text* as rich text, a paragraph for each line."""
    lines = [
        {"elems": [{"text": {"text": line}, "type": 1}] if line else [], "props": {}}
        for line in text.split("\n")
    ]
    return json.dumps({"paragraphs": lines}, ensure_ascii=False)


def _rich_json(content: str) -> str:
    try:
        value = json.loads(content)
    except ValueError:
        refuse(NO_JSON)
    if not isinstance(value, dict) or not isinstance(value.get("paragraphs"), list):
        refuse(NO_JSON)
    return content


HANDLERS: Final[dict[str, Handler]] = {
    "list_threads": _list_threads,
    "get_thread": _get_thread,
    "put_thread": _put_thread,
    "delete_thread": _delete_thread,
}
