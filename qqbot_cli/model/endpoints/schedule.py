"""Events in the calendars of schedule channels."""

from __future__ import annotations

from typing import Final

from qqbot_cli.model.answer.schedule import Schedule
from qqbot_cli.model.body.schedule import ScheduleParams
from qqbot_cli.model.endpoints.row import Endpoint, Query, Repeat

_ADMIN: Final = "administrator of the guild"
_ALL: Final = "/channels/{channel_id}/schedules"
_ONE: Final = "/channels/{channel_id}/schedules/{schedule_id}"
_WRITE_CODES: Final = (
    302000,
    302001,
    302004,
    302007,
    302010,
    302011,
    *range(302013, 302021),
    302022,
    302023,
    302024,
)

ROWS: Final = (
    Endpoint(
        "get_schedules",
        "GET",
        _ALL,
        "Return the events of a schedule channel.",
        query=(
            Query("since", int, "Milliseconds since 1970: events that end after it; today's without it."),
        ),
        result=Schedule,
        many=True,
        wrapped="schedules",
        needs="schedule channel",
        codes=(302000, 302001, 302002, 302008, 302009),
        source="获取频道日程列表",
    ),
    Endpoint(
        "get_schedule",
        "GET",
        _ONE,
        "Return an event.",
        result=Schedule,
        wrapped="schedule",
        codes=(302000, 302003, 302008, 302011),
        source="获取日程详情",
    ),
    Endpoint(
        "create_schedule",
        "POST",
        _ALL,
        "Create an event and return it.",
        body=ScheduleParams,
        result=Schedule,
        wrapped="schedule",
        quota="10 a day for each administrator, 100 a day for each guild",
        needs=_ADMIN,
        codes=(*_WRITE_CODES, 302006, 302012, 302021),
        source="创建日程",
    ),
    Endpoint(
        "update_schedule",
        "PATCH",
        _ONE,
        "Change an event and return what it is now.",
        body=ScheduleParams,
        result=Schedule,
        wrapped="schedule",
        repeat=Repeat.SAFE,
        needs=_ADMIN,
        codes=_WRITE_CODES,
        source="修改日程",
    ),
    Endpoint(
        "delete_schedule",
        "DELETE",
        _ONE,
        "Delete an event.",
        success=(204,),
        needs=_ADMIN,
        codes=(302000, 302005, 302010, 302011),
        source="删除日程",
    ),
)
