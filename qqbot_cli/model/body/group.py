"""Managing groups. Since 2026; the bot has to be an administrator of the group.

Source: platform documentation, "群管理".
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import UNSET, UnsetType

from qqbot_cli.errors import InvalidRequestError
from qqbot_cli.model.body.base import Body, Name, People


class ListOp(StrEnum):
    """Whether something goes onto a list or off it."""

    ADD = "add"
    DEL = "del"


class IndexedMembersParams(Body, frozen=True, kw_only=True):
    """Which page of members."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] | UnsetType = UNSET
    """Members in a page."""
    start_index: int | UnsetType = UNSET
    """0 at first, then ``next_index`` of the page before."""


class RemoveMembersParams(Body, frozen=True, kw_only=True):
    """Whom to remove."""

    member_openids: People
    """Who."""
    add_to_member_blacklist: bool | UnsetType = UNSET
    """Whether they may not come back."""


class BlacklistParams(Body, frozen=True, kw_only=True):
    """Who may not join, or may again."""

    op: ListOp
    """Which of the two."""
    member_openids: People
    """Who."""


class JoinDecision(StrEnum):
    """What becomes of a request."""

    APPROVE = "approve"
    DECLINE = "decline"


class JoinRequestDecision(Body, frozen=True, kw_only=True):
    """What becomes of a request to join."""

    op: JoinDecision
    """What becomes of it."""
    join_request_id: str | UnsetType = UNSET
    """The request; optional by the documentation, better given."""
    reject_reason: str | UnsetType = UNSET
    """What the person is told; when declined only."""
    add_to_member_blacklist: bool | UnsetType = UNSET
    """Whether the person may not ask again; when declined only."""

    def __post_init__(self) -> None:
        refusing = (self.reject_reason, self.add_to_member_blacklist)
        if self.op is JoinDecision.APPROVE and refusing != (UNSET, UNSET):
            raise InvalidRequestError("reject_reason / add_to_member_blacklist", "only with decline")


class MuteOp(StrEnum):
    """What becomes of somebody's mute."""

    ADD = "add"
    UPDATE = "update"
    DEL = "del"


class MemberMute(Body, frozen=True, kw_only=True):
    """What becomes of one member's mute."""

    op: MuteOp
    """What becomes of it."""
    member_openid: Name
    """Who; ordinary members only."""
    mute_expire_at: str | UnsetType = UNSET
    """RFC 3339, at most 30 days ahead; not needed to end a mute."""

    def __post_init__(self) -> None:
        if self.op is not MuteOp.DEL and not self.mute_expire_at:
            raise InvalidRequestError("mute_expire_at", "needed unless a mute ends")

    @classmethod
    def until(cls, moment: datetime, member_openid: str, op: MuteOp = MuteOp.ADD) -> MemberMute:
        """Return a mute of *member_openid* that ends at *moment*, which is aware."""
        if moment.tzinfo is None:
            raise InvalidRequestError("mute_expire_at", "the moment must know its time zone")
        return cls(op=op, member_openid=member_openid, mute_expire_at=moment.isoformat(timespec="seconds"))


class GroupMuteParams(Body, frozen=True, kw_only=True):
    """Whom to mute, and who may speak again."""

    members: Annotated[tuple[MemberMute, ...], msgspec.Meta(min_length=1, max_length=10)]
    """Who; another edition of the page allows 20."""
