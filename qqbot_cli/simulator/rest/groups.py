"""The groups as they are at this moment: members, blacklist, requests to join. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from qqbot_cli.simulator.rest.call import Json
from qqbot_cli.simulator.scribe import JOINED_AT
from qqbot_cli.simulator.world import Group, World

MEMBER = "member"


@dataclass(slots=True)
class GroupMember:
    """Somebody in a group; fields as the platform names them."""

    member_openid: str
    username: str
    union_openid: str = ""
    member_role: str = MEMBER
    bot: bool = False
    joined_at: str = JOINED_AT

    def card(self) -> Json:
        """Return what calls tell about them."""
        return {
            "member_openid": self.member_openid,
            "username": self.username,
            "member_role": self.member_role,
            "bot": self.bot,
            "joined_at": self.joined_at,
            "union_openid": self.union_openid,
        }


@dataclass(slots=True)
class GroupSite:
    """One group."""

    openid: str
    hears_all: bool
    bot_openid: str
    members: dict[str, GroupMember]
    gone: dict[str, GroupMember] = field(default_factory=dict)
    """Who was there once."""
    banned: dict[str, str] = field(default_factory=dict)
    """Who may not join -> since when."""
    requests: dict[str, Json] = field(default_factory=dict)
    """Requests to join that wait, by their id."""
    muted: dict[str, str] = field(default_factory=dict)
    """Who is muted -> until when, in RFC 3339."""

    def admit(self, member: GroupMember) -> None:
        """Let somebody in."""
        self.members.setdefault(member.member_openid, member)

    def remove(self, openid: str) -> None:
        """Let somebody go."""
        member = self.members.pop(openid, None)
        if member is not None:
            self.gone[openid] = member
        self.muted.pop(openid, None)


def settle(group: Group, world: World) -> GroupSite:
    """Return *group* as it is at first: everybody is in it."""
    people = [
        GroupMember(person.openid, person.username, person.union_openid, person.role)
        for person in world.people
    ]
    bot = GroupMember(world.bot.openid, world.bot.username, bot=True)
    members = {member.member_openid: member for member in (bot, *people)}
    return GroupSite(group.openid, group.hears_all, bot.member_openid, members)


def applicant(d: Mapping[str, object], stamp: str) -> GroupMember:
    """Return who asks to join by *d*, as the member they become at *stamp*."""
    return GroupMember(
        str(d.get("member_openid")),
        str(d.get("username") or ""),
        str(d.get("union_openid") or ""),
        bot=d.get("bot") is True,
        joined_at=stamp,
    )
