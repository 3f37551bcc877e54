# Generated from model/endpoints by tools/generate.py. Do not edit.

"""Events in the calendars of schedule channels."""

from __future__ import annotations

from typing import cast

from qqbot_cli.model.answer.schedule import Schedule
from qqbot_cli.model.body.schedule import ScheduleParams
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.rest.api.base import Calls


class ScheduleCalls(Calls):
    """Events in the calendars of schedule channels."""

    async def get_schedules(self, channel_id: str, *, since: int | None = None) -> list[Schedule]:
        """Return the events of a schedule channel.

        ``GET /channels/{channel_id}/schedules``. Needs: schedule channel.

        Args:
            channel_id: The channel.
            since: Milliseconds since 1970: events that end after it; today's without it.

        Raises:
            ApiError: 302000, 302001, 302002, 302008, 302009.

        Source: platform documentation, 获取频道日程列表.
        """
        return cast(
            list[Schedule],
            await self.client.call(
                ENDPOINTS["get_schedules"], {"channel_id": channel_id}, query={"since": since}
            ),
        )

    async def get_schedule(self, channel_id: str, schedule_id: str) -> Schedule:
        """Return an event.

        ``GET /channels/{channel_id}/schedules/{schedule_id}``.

        Args:
            channel_id: The channel.
            schedule_id: The event in the calendar.

        Raises:
            ApiError: 302000, 302003, 302008.
            NotFoundError: 302011.

        Source: platform documentation, 获取日程详情.
        """
        return cast(
            Schedule,
            await self.client.call(
                ENDPOINTS["get_schedule"], {"channel_id": channel_id, "schedule_id": schedule_id}
            ),
        )

    async def create_schedule(self, channel_id: str, body: ScheduleParams) -> Schedule:
        """Create an event and return it.

        ``POST /channels/{channel_id}/schedules``. Quota: 10 a day for each administrator, 100 a day
        for each guild. Needs: administrator of the guild. Not repeated after a time-out: it would
        happen twice.

        Args:
            channel_id: The channel.
            body: An event to create, or what is to become of one.

        Raises:
            ApiError: 302000, 302001, 302004, 302006, 302007, 302014, 302015, 302016, 302017,
                302018, 302019, 302022, 302023, 302024.
            ContentRefusedError: 302013, 302020.
            NotFoundError: 302011.
            PermissionDeniedError: 302010.
            RateLimitedError: 302012, 302021.

        Source: platform documentation, 创建日程.
        """
        return cast(
            Schedule,
            await self.client.call(ENDPOINTS["create_schedule"], {"channel_id": channel_id}, body=body),
        )

    async def update_schedule(self, channel_id: str, schedule_id: str, body: ScheduleParams) -> Schedule:
        """Change an event and return what it is now.

        ``PATCH /channels/{channel_id}/schedules/{schedule_id}``. Needs: administrator of the guild.

        Args:
            channel_id: The channel.
            schedule_id: The event in the calendar.
            body: An event to create, or what is to become of one.

        Raises:
            ApiError: 302000, 302001, 302004, 302007, 302014, 302015, 302016, 302017, 302018,
                302019, 302022, 302023, 302024.
            ContentRefusedError: 302013, 302020.
            NotFoundError: 302011.
            PermissionDeniedError: 302010.

        Source: platform documentation, 修改日程.
        """
        return cast(
            Schedule,
            await self.client.call(
                ENDPOINTS["update_schedule"],
                {"channel_id": channel_id, "schedule_id": schedule_id},
                body=body,
            ),
        )

    async def delete_schedule(self, channel_id: str, schedule_id: str) -> None:
        """Delete an event.

        ``DELETE /channels/{channel_id}/schedules/{schedule_id}``. Needs: administrator of the
        guild.

        Args:
            channel_id: The channel.
            schedule_id: The event in the calendar.

        Raises:
            ApiError: 302000, 302005.
            NotFoundError: 302011.
            PermissionDeniedError: 302010.

        Source: platform documentation, 删除日程.
        """
        await self.client.call(
            ENDPOINTS["delete_schedule"], {"channel_id": channel_id, "schedule_id": schedule_id}
        )
