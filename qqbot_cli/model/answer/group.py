"""Groups and their members. Since 2026; some calls are open to chosen bots only.

Source: platform documentation, "群管理".
"""

from __future__ import annotations

from datetime import datetime

from qqbot_cli.model.payload.contact import VerifyInfo
from qqbot_cli.model.payload.shared import Payload, parse_time


class GroupInfo(Payload, frozen=True):
    """A group."""

    group_openid: str = ""
    """Key of the group for this bot."""
    group_name: str = ""
    """Shown name."""
    group_finger_memo: str = ""
    """What it says about itself."""
    group_class_text: str = ""
    """Category, in words."""
    group_tags: tuple[str, ...] = ()
    """Tags."""
    group_member_num: int = 0
    """People in it."""


class GroupBotState(Payload, frozen=True):
    """What the bot is within a group."""

    member_openid: str = ""
    """Key of the bot within this group."""
    joined_at: str = ""
    """RFC 3339; see `joined`."""
    allow_proactive_msg: bool = False
    """Whether it may write without being asked."""
    recv_msg_setting: str = ""
    """What it is told: ``all``, ``only_mention`` or ``mention_and_context``."""
    member_role: str = ""
    """``member``, ``admin`` or ``owner``."""

    @property
    def joined(self) -> datetime | None:
        """When the bot came, or None if the platform did not say."""
        return parse_time(self.joined_at)


class GroupMember(Payload, frozen=True):
    """Somebody in a group."""

    member_openid: str = ""
    """Key of the person within this group."""
    username: str = ""
    """Shown name."""
    member_role: str = ""
    """``member``, ``admin`` or ``owner``."""
    bot: bool = False
    """Whether it is a bot."""
    joined_at: str = ""
    """RFC 3339; see `joined`."""
    union_openid: str = ""
    """Links a person across applications of one owner, where that was configured."""
    nick: str = ""
    """Another name for `username`, in one plug-in of the platform; see `shown_name`."""

    @property
    def shown_name(self) -> str:
        """The name, wherever it stands."""
        return self.username or self.nick

    @property
    def joined(self) -> datetime | None:
        """When they came, or None if the platform did not say."""
        return parse_time(self.joined_at)


class GroupMembers(Payload, frozen=True):
    """A page of members, at most 30."""

    members: tuple[GroupMember, ...] = ()
    """The members."""
    next_cursor: str = ""
    """Asks for the next page; empty on the last one."""


class IndexedGroupMember(Payload, frozen=True):
    """Somebody in a group, in the older form."""

    member_openid: str
    """Key of the person within this group."""
    join_timestamp: int = 0
    """Seconds since 1970; see `joined`."""

    @property
    def joined(self) -> datetime | None:
        """When they came, or None if the platform did not say."""
        return parse_time(self.join_timestamp)


class IndexedGroupMembers(Payload, frozen=True):
    """A page of members, in the older form."""

    members: tuple[IndexedGroupMember, ...] = ()
    """The members."""
    next_index: int = 0
    """Asks for the next page; 0 on the last one."""


class GroupMembersRemoved(Payload, frozen=True):
    """Members were removed."""

    remove_members_result: str = ""
    """``success``."""
    add_to_member_blacklist_fail_openids: tuple[str, ...] = ()
    """Those who could not be kept from coming back."""


class BlacklistUser(Payload, frozen=True):
    """Somebody who may not join."""

    member_openid: str = ""
    """Who."""
    union_openid: str = ""
    """Links a person across applications of one owner, where that was configured."""
    username: str = ""
    """Shown name."""
    banned_at: str = ""
    """RFC 3339; see `banned`."""
    bot: bool = False
    """Whether it is a bot."""

    @property
    def banned(self) -> datetime | None:
        """Since when, or None if the platform did not say."""
        return parse_time(self.banned_at)


class Blacklist(Payload, frozen=True):
    """A page of those who may not join."""

    users: tuple[BlacklistUser, ...] = ()
    """The people."""
    next_cursor: str = ""
    """Asks for the next page; empty on the last one."""


class BlacklistChanged(Payload, frozen=True):
    """The list of those who may not join was changed."""

    fail_openids: tuple[str, ...] = ()
    """Those for whom it failed."""


class JoinRequest(Payload, frozen=True):
    """Somebody asks to join."""

    join_request_id: str
    """Names the request when it is decided."""
    member_openid: str = ""
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

    @property
    def applied_at(self) -> datetime | None:
        """When they asked, or None if the platform did not say."""
        return parse_time(self.apply_at)


class JoinRequests(Payload, frozen=True):
    """A page of those who ask to join."""

    list: tuple[JoinRequest, ...] = ()
    """The requests."""
    next_cursor: str = ""
    """Asks for the next page; empty on the last one."""


class MuteSchedule(Payload, frozen=True):
    """Everybody is muted once, for a time."""

    task_id: str = ""
    """Key of the rule."""
    start_at: str = ""
    """RFC 3339; see `starts_at`."""
    end_at: str = ""
    """RFC 3339; see `ends_at`."""
    enabled: bool = False
    """Whether it is in force."""

    @property
    def starts_at(self) -> datetime | None:
        """From when, or None if the platform did not say."""
        return parse_time(self.start_at)

    @property
    def ends_at(self) -> datetime | None:
        """Until when, or None if the platform did not say."""
        return parse_time(self.end_at)


class RecurringMute(Payload, frozen=True):
    """Everybody is muted again and again."""

    task_id: str = ""
    """Key of the rule."""
    weekdays: tuple[int, ...] = ()
    """1 Monday to 7 Sunday."""
    start_time: str = ""
    """``HH:mm``, Beijing time."""
    end_time: str = ""
    """``HH:mm``, Beijing time; before `start_time` it means the next day."""
    enabled: bool = False
    """Whether it is in force."""


class GlobalMuteRule(Payload, frozen=True):
    """When everybody is muted; there is no call to change it."""

    mode: str = ""
    """``none``, ``always`` or ``schedule``."""
    schedule_rules: tuple[MuteSchedule, ...] = ()
    """Once, for a time."""
    recurring_rules: tuple[RecurringMute, ...] = ()
    """Again and again."""


class MutedMember(Payload, frozen=True):
    """Somebody who is muted."""

    member_openid: str = ""
    """Who."""
    mute_expire_at: str = ""
    """RFC 3339; see `expires_at`."""
    username: str = ""
    """Shown name."""
    union_openid: str = ""
    """Links a person across applications of one owner, where that was configured."""

    @property
    def expires_at(self) -> datetime | None:
        """Until when, or None if the platform did not say."""
        return parse_time(self.mute_expire_at)


class GroupMute(Payload, frozen=True):
    """Who is muted in a group."""

    global_rule: GlobalMuteRule = GlobalMuteRule()
    """When everybody is."""
    members: tuple[MutedMember, ...] = ()
    """Who is, alone."""
