"""Events in the calendars of schedule channels.

Source: platform documentation, "日程"; the rules are those its error codes name.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from qqbot_cli.simulator.refusals import Refusal
from qqbot_cli.simulator.rest.call import Call, Fields, Handler, Json, filled, is_number, needed, refuse
from qqbot_cli.simulator.rest.guilds import APPLICATION, SCHEDULES, Channel
from qqbot_cli.simulator.rest.site import Site
from qqbot_cli.simulator.wallclock import CHINA

EACH_DAY: Final = 10
"""Events an administrator, which the bot is one of, creates in a day."""
EACH_DAY_IN_GUILD: Final = 100
LONGEST_MS: Final = 7 * 86_400_000
REMINDERS: Final = tuple("012345")
_MOMENTS: Final = range(4_000_000_000_000)
"""Milliseconds since 1970, up to the end of the next century."""
_NO_CHANNEL: Final = ("", "0")

WRONG: Final = Refusal(302000, "参数错误")
GONE: Final = Refusal(302011, "日程已被删除")
TOO_MANY: Final = Refusal(302012, "今日已创建10个日程，请明天再来")
TOO_MANY_IN_GUILD: Final = Refusal(302021, "频道每日日程数量超限")
REFUSED: Final = Refusal(302013, "安全策略拦截")
TOO_LONG: Final = Refusal(302014, "日程时间不能超过7天")
IN_THE_PAST: Final = Refusal(302015, "开始时间不能早于当前时间")
BACKWARDS: Final = Refusal(302016, "结束时间不能早于开始时间")
EMPTY: Final = Refusal(302017, "日程对象为空")
NO_NUMBER: Final = Refusal(302018, "类型转换失败")
JUMP_ELSEWHERE: Final = Refusal(302022, "跳转子频道不属于该频道")
JUMP_TO_SCHEDULES: Final = Refusal(302023, "跳转子频道不能是日程子频道")
JUMP_NOWHERE: Final = Refusal(302024, "跳转子频道不存在")


@dataclass(slots=True)
class _Calendar:
    """Events by channel, and how many were created each day."""

    events: dict[str, dict[str, Json]] = field(default_factory=dict)
    created: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Guild, or an empty text for the bot, and day."""
    next_id: int = 1


def _get_schedules(site: Site, call: Call) -> list[Json]:
    channel = _channel(site, call)
    # Some clients put it into the body of the GET, as the documentation does.
    text = call.query.get("since")
    since = call.fields(NO_NUMBER).number("since") if text is None else _number(text)
    events = site.room(_Calendar).events.get(channel.id, {}).values()
    if since is not None:
        return [event for event in events if int(str(event["end_timestamp"])) > since]
    today = site.today()
    return [event for event in events if _day(event, "start") <= today <= _day(event, "end")]


def _get_schedule(site: Site, call: Call) -> Json:
    return _event(site, _channel(site, call), call)


def _create_schedule(site: Site, call: Call) -> Json:
    channel, calendar = _channel(site, call), site.room(_Calendar)
    fields = _judged(site, channel, call)
    day = site.today().isoformat()
    if calendar.created["", day] >= EACH_DAY:
        refuse(TOO_MANY)
    if calendar.created[channel.guild_id, day] >= EACH_DAY_IN_GUILD:
        refuse(TOO_MANY_IN_GUILD)
    calendar.created.update((("", day), (channel.guild_id, day)))
    member = site.guilds[channel.guild_id].members[site.bot_id]
    event = {"id": str(calendar.next_id), **fields, "creator": member.card()}
    calendar.next_id += 1
    calendar.events.setdefault(channel.id, {})[str(event["id"])] = event
    return event


def _update_schedule(site: Site, call: Call) -> Json:
    channel = _channel(site, call)
    event = _event(site, channel, call)
    event.update(_judged(site, channel, call))
    return event


def _delete_schedule(site: Site, call: Call) -> None:
    channel = _channel(site, call)
    event = _event(site, channel, call)
    del site.room(_Calendar).events[channel.id][str(event["id"])]


def _judged(site: Site, channel: Channel, call: Call) -> Json:
    """Return the fields of an event that may be, as the platform keeps them."""
    event = needed(call.fields(WRONG).inner("schedule", EMPTY), EMPTY)
    name, description = filled(event.text("name"), WRONG), event.text("description") or ""
    start, end = _moment(event, "start_timestamp"), _moment(event, "end_timestamp")
    if start < site.wall * 1000:
        refuse(IN_THE_PAST)
    if end <= start:
        refuse(BACKWARDS)
    if end - start > LONGEST_MS:
        refuse(TOO_LONG)
    reminder = event.text("remind_type") or "0"
    if reminder not in REMINDERS:
        refuse(WRONG)
    if site.is_forbidden(name, description):
        refuse(REFUSED)
    return {
        "name": name,
        "description": description,
        "start_timestamp": str(start),
        "end_timestamp": str(end),
        "jump_channel_id": _jump(site, channel, event.text("jump_channel_id") or "0"),
        "remind_type": reminder,
    }


def _jump(site: Site, channel: Channel, target_id: str) -> str:
    if target_id in _NO_CHANNEL:
        return "0"
    target = site.find_channel(target_id) or refuse(JUMP_NOWHERE)
    if target.guild_id != channel.guild_id:
        refuse(JUMP_ELSEWHERE)
    return refuse(JUMP_TO_SCHEDULES) if target.application_id == SCHEDULES else target.id


def _channel(site: Site, call: Call) -> Channel:
    channel = site.channel(call.path["channel_id"])
    has_calendar = channel.type == APPLICATION and channel.application_id == SCHEDULES
    return channel if has_calendar else refuse(WRONG)


def _event(site: Site, channel: Channel, call: Call) -> Json:
    found = site.room(_Calendar).events.get(channel.id, {}).get(call.path["schedule_id"])
    return found or refuse(GONE)


def _moment(event: Fields, name: str) -> int:
    moment = needed(event.number(name, NO_NUMBER), WRONG)
    return moment if moment in _MOMENTS else refuse(NO_NUMBER)


def _number(text: str) -> int:
    return int(text) if is_number(text) else refuse(NO_NUMBER)


def _day(event: Json, which: str) -> date:
    return datetime.fromtimestamp(int(str(event[f"{which}_timestamp"])) / 1000, CHINA).date()


HANDLERS: Final[dict[str, Handler]] = {
    "get_schedules": _get_schedules,
    "get_schedule": _get_schedule,
    "create_schedule": _create_schedule,
    "update_schedule": _update_schedule,
    "delete_schedule": _delete_schedule,
}
