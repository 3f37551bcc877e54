# Generated from model/endpoints by tools/generate.py. Do not edit.

"""Groups and their members. Since 2026."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

from qqbot_cli.model.answer.group import (
    Blacklist,
    BlacklistChanged,
    BlacklistUser,
    GroupBotState,
    GroupInfo,
    GroupMember,
    GroupMembers,
    GroupMembersRemoved,
    GroupMute,
    IndexedGroupMember,
    IndexedGroupMembers,
    JoinRequest,
    JoinRequests,
)
from qqbot_cli.model.body.group import (
    BlacklistParams,
    GroupMuteParams,
    IndexedMembersParams,
    JoinRequestDecision,
    RemoveMembersParams,
)
from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.rest.api.base import Calls


class GroupCalls(Calls):
    """Groups and their members. Since 2026."""

    async def get_group_info(self, group_openid: str) -> GroupInfo:
        """Return what a group says about itself.

        ``GET /v2/groups/{group_openid}/info``. Limit: 60 a minute. Needs: grant of the platform
        (else 11253).

        Args:
            group_openid: The group.

        Source: platform documentation, 群管理.
        """
        return cast(
            GroupInfo, await self.client.call(ENDPOINTS["get_group_info"], {"group_openid": group_openid})
        )

    async def get_group_bot_state(self, group_openid: str) -> GroupBotState:
        """Return what the bot is within a group, and whether it may write without being asked.

        ``GET /v2/groups/{group_openid}/bot_state``. Limit: 60 a minute. Needs: grant of the
        platform (else 11253).

        Args:
            group_openid: The group.

        Source: platform documentation, 群管理.
        """
        return cast(
            GroupBotState,
            await self.client.call(ENDPOINTS["get_group_bot_state"], {"group_openid": group_openid}),
        )

    async def list_group_members(self, group_openid: str, *, cursor: str | None = None) -> GroupMembers:
        """Return a page of the members of a group.

        ``GET /v2/groups/{group_openid}/members``. Limit: 60 a minute. Needs: grant of the platform
        (else 11253).

        Args:
            group_openid: The group.
            cursor: `next_cursor` of the page before; left out for the first.

        Source: platform documentation, 群管理.
        """
        return cast(
            GroupMembers,
            await self.client.call(
                ENDPOINTS["list_group_members"], {"group_openid": group_openid}, query={"cursor": cursor}
            ),
        )

    def iter_group_members(self, group_openid: str) -> AsyncIterator[GroupMember]:
        """Give all of them, each once, page after page.

        Asks for pages with `list_group_members`.

        Args:
            group_openid: The group.
        """
        return self.client.pages(ENDPOINTS["list_group_members"], {"group_openid": group_openid})

    async def list_group_members_by_index(
        self, group_openid: str, body: IndexedMembersParams | None = None
    ) -> IndexedGroupMembers:
        """Return a page of the members of a group, the older way.

        ``POST /v2/groups/{group_openid}/members``. Needs: invitation.

        Args:
            group_openid: The group.
            body: Which page of members.

        Legacy: by invitation only, replaced by `list_group_members`.
        """
        return cast(
            IndexedGroupMembers,
            await self.client.call(
                ENDPOINTS["list_group_members_by_index"], {"group_openid": group_openid}, body=body
            ),
        )

    def iter_group_members_by_index(
        self, group_openid: str, *, limit: int = 500
    ) -> AsyncIterator[IndexedGroupMember]:
        """Give all of them, each once, page after page.

        Asks for pages with `list_group_members_by_index`.

        Args:
            group_openid: The group.
            limit: Items in a page; 1 to 500.
        """
        return self.client.pages(
            ENDPOINTS["list_group_members_by_index"],
            {"group_openid": group_openid},
            body=IndexedMembersParams(limit=limit),
        )

    async def get_group_member(self, group_openid: str, member_openid: str) -> GroupMember:
        """Return a member of a group.

        ``GET /v2/groups/{group_openid}/members/{member_openid}``. Limit: 30 a minute. Needs: grant
        of the platform (else 11253).

        Args:
            group_openid: The group.
            member_openid: The person, as a member of this group.

        Source: platform documentation, 群管理.
        """
        return cast(
            GroupMember,
            await self.client.call(
                ENDPOINTS["get_group_member"], {"group_openid": group_openid, "member_openid": member_openid}
            ),
        )

    async def remove_group_members(self, group_openid: str, body: RemoveMembersParams) -> GroupMembersRemoved:
        """Remove people from a group.

        ``POST /v2/groups/{group_openid}/batch_remove_members``. Limit: 30 a minute. Needs:
        administrator of the group (else 11703).

        Args:
            group_openid: The group.
            body: Whom to remove.

        Raises:
            PermissionDeniedError: 11703.

        Source: platform documentation, 群管理.
        """
        return cast(
            GroupMembersRemoved,
            await self.client.call(
                ENDPOINTS["remove_group_members"], {"group_openid": group_openid}, body=body
            ),
        )

    async def get_group_blacklist(
        self, group_openid: str, *, cursor: str | None = None, limit: int | None = None
    ) -> Blacklist:
        """Return a page of those who may not join a group.

        ``GET /v2/groups/{group_openid}/member_blacklist``. Limit: 30 a minute. Needs: administrator
        of the group (else 11703).

        Args:
            group_openid: The group.
            cursor: `next_cursor` of the page before; left out for the first.
            limit: People in a page; 20 without it. 1 to 100.

        Raises:
            PermissionDeniedError: 11703.

        Source: platform documentation, 群管理.
        """
        return cast(
            Blacklist,
            await self.client.call(
                ENDPOINTS["get_group_blacklist"],
                {"group_openid": group_openid},
                query={"cursor": cursor, "limit": limit},
            ),
        )

    def iter_group_blacklist(self, group_openid: str, *, limit: int = 100) -> AsyncIterator[BlacklistUser]:
        """Give all of them, each once, page after page.

        Asks for pages with `get_group_blacklist`.

        Args:
            group_openid: The group.
            limit: Items in a page; 1 to 100.
        """
        return self.client.pages(
            ENDPOINTS["get_group_blacklist"], {"group_openid": group_openid}, query={"limit": limit}
        )

    async def update_group_blacklist(self, group_openid: str, body: BlacklistParams) -> BlacklistChanged:
        """Keep people from joining a group, or let them, and return those for whom it failed.

        ``POST /v2/groups/{group_openid}/member_blacklist``. Limit: 60 a minute. Needs:
        administrator of the group (else 11703).

        Args:
            group_openid: The group.
            body: Who may not join, or may again.

        Raises:
            PermissionDeniedError: 11703.

        Source: platform documentation, 群管理.
        """
        return cast(
            BlacklistChanged,
            await self.client.call(
                ENDPOINTS["update_group_blacklist"], {"group_openid": group_openid}, body=body
            ),
        )

    async def list_group_join_requests(
        self, group_openid: str, *, cursor: str | None = None, limit: int | None = None
    ) -> JoinRequests:
        """Return a page of those who ask to join a group.

        ``GET /v2/groups/{group_openid}/join_request_list``. Limit: 30 a minute. Needs:
        administrator of the group (else 11703).

        Args:
            group_openid: The group.
            cursor: `next_cursor` of the page before; left out for the first.
            limit: Requests in a page; 20 without it. 1 to 50.

        Raises:
            PermissionDeniedError: 11703.

        Source: platform documentation, 群管理.
        """
        return cast(
            JoinRequests,
            await self.client.call(
                ENDPOINTS["list_group_join_requests"],
                {"group_openid": group_openid},
                query={"cursor": cursor, "limit": limit},
            ),
        )

    def iter_group_join_requests(self, group_openid: str, *, limit: int = 50) -> AsyncIterator[JoinRequest]:
        """Give all of them, each once, page after page.

        Asks for pages with `list_group_join_requests`.

        Args:
            group_openid: The group.
            limit: Items in a page; 1 to 50.
        """
        return self.client.pages(
            ENDPOINTS["list_group_join_requests"], {"group_openid": group_openid}, query={"limit": limit}
        )

    async def decide_group_join_request(
        self, group_openid: str, member_openid: str, body: JoinRequestDecision
    ) -> None:
        """Let somebody into a group, or decline.

        ``POST /v2/groups/{group_openid}/approval_join_request/{member_openid}``. Limit: 60 a
        minute. Needs: administrator of the group (else 11703). Not repeated after a time-out: it
        would happen twice.

        Args:
            group_openid: The group.
            member_openid: The person, as a member of this group.
            body: What becomes of a request to join.

        Raises:
            PermissionDeniedError: 11703.

        Source: platform documentation, 群管理.
        """
        await self.client.call(
            ENDPOINTS["decide_group_join_request"],
            {"group_openid": group_openid, "member_openid": member_openid},
            body=body,
        )

    async def get_group_mute(self, group_openid: str) -> GroupMute:
        """Return who is muted in a group, and when everybody is.

        ``GET /v2/groups/{group_openid}/restrict_chat_setting``. Limit: 30 a minute. Needs:
        administrator of the group (else 11703).

        Args:
            group_openid: The group.

        Raises:
            PermissionDeniedError: 11703.

        Source: platform documentation, 群管理.
        """
        return cast(
            GroupMute, await self.client.call(ENDPOINTS["get_group_mute"], {"group_openid": group_openid})
        )

    async def mute_group_members(self, group_openid: str, body: GroupMuteParams) -> None:
        """Mute people in a group, or let them speak again; ordinary members only.

        ``POST /v2/groups/{group_openid}/restrict_chat_setting``. Limit: 60 a minute. Needs:
        administrator of the group (else 11703).

        Args:
            group_openid: The group.
            body: Whom to mute, and who may speak again.

        Raises:
            PermissionDeniedError: 11703.

        Source: platform documentation, 群管理.
        """
        await self.client.call(ENDPOINTS["mute_group_members"], {"group_openid": group_openid}, body=body)
