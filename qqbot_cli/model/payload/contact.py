"""Groups and people take the bot in, silence it or let it go; members come and go; people ask to join.

Source: platform documentation, "群管理事件", "用户管理事件" and "入群申请事件".
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum

from qqbot_cli.model.payload.shared import Payload, parse_time


class _Happened(Payload, frozen=True, kw_only=True):
    timestamp: int | str = 0
    """Seconds since 1970; see `happened_at`."""

    @property
    def happened_at(self) -> datetime | None:
        """When it happened, or None if the platform did not say."""
        return parse_time(self.timestamp)


class GroupManageEvent(_Happened, frozen=True, kw_only=True):
    """The bot was added to a group or removed, or its unprompted messages were switched."""

    group_openid: str
    """Which group."""
    op_member_openid: str = ""
    """Who did it."""


class GroupMemberEvent(_Happened, frozen=True, kw_only=True):
    """Somebody joined a group, or left it; the platform does not say whether they were removed."""

    group_openid: str
    """Which group."""
    member_openid: str
    """Who."""
    user_openid: str = ""
    """The same person in a one-to-one chat; may be empty."""


class ReviewAnswer(Payload, frozen=True):
    """A question of the group and what the applicant answered."""

    question: str = ""
    """What the group asks."""
    answer: str = ""
    """What the applicant wrote."""


class VerifyInfo(Payload, frozen=True):
    """What an applicant said."""

    method: str = ""
    """``verify_message`` or ``admin_review_qa``."""
    verify_message: str = ""
    """What the applicant wrote, for the first method."""
    review_qa_list: tuple[ReviewAnswer, ...] = ()
    """Questions and answers, for the second."""


class AutoApproval(Payload, frozen=True):
    """The rule of the group that has let somebody in."""

    strategy_id: str = ""
    """Which rule."""


class GroupJoinRequest(Payload, frozen=True):
    """Somebody asks to join a group in which the bot is an administrator. Since August 2026."""

    group_openid: str
    """Which group."""
    join_request_id: str
    """Names the request when it is approved or refused."""
    member_openid: str
    """Who asks."""
    username: str = ""
    """Shown name."""
    union_openid: str = ""
    """Links a person across applications of one owner, where that was configured."""
    apply_at: str = ""
    """RFC 3339; see `applied_at`."""
    apply_source: str = ""
    """``self_apply`` or ``invited``."""
    invited_by: str = ""
    """Who invited, for ``invited``."""
    bot: bool = False
    """Whether a bot asks."""
    risk_tips: str = ""
    """A warning of the platform; mostly empty."""
    verify_info: VerifyInfo = VerifyInfo()
    """What the applicant said."""
    auto_approved: AutoApproval | None = None
    """Set if a rule of the group has let the person in already."""

    @property
    def applied_at(self) -> datetime | None:
        """When they asked, or None if the platform did not say."""
        return parse_time(self.apply_at)


class FriendScene(IntEnum):
    """How somebody came to the bot."""

    DEFAULT = 1000
    SEARCH_ALL = 1001
    SEARCH_BOTS = 1002
    GROUP = 1003
    SPACE = 1004
    PROFILE_SHARED = 2001
    PROFILE_SHARED_OUTSIDE = 2002
    DEVELOPER_LINK = 2003
    DEVELOPER_LINK_OUTSIDE = 2004


class FriendAuthor(Payload, frozen=True):
    """Who added or deleted the bot."""

    union_openid: str = ""
    """Links a person across applications of one owner, where that was configured."""


class C2CManageEvent(_Happened, frozen=True, kw_only=True):
    """Somebody added or deleted the bot, or switched its unprompted messages."""

    openid: str
    """Who."""
    author: FriendAuthor = FriendAuthor()
    """More about them; may be empty."""
    scene: int = 0
    """How they came, FRIEND_ADD only; see `FriendScene` and `came_by`."""
    scene_param: str = ""
    """What the developer had written into a link, FRIEND_ADD only."""
    short_code: str = ""
    """Short code of a link, FRIEND_ADD only."""
    nick: str = ""
    """Known from an SDK, not filled yet."""
    avatar: str = ""
    """Known from an SDK, not filled yet."""

    @property
    def came_by(self) -> FriendScene | None:
        """How they came, or None if the platform did not say or the number is not known yet."""
        try:
            return FriendScene(self.scene)
        except ValueError:
            return None
