"""The guilds as they are at this moment: channels, members, roles. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from qqbot_cli.simulator.ids import Ids
from qqbot_cli.simulator.rest.call import Json
from qqbot_cli.simulator.scribe import JOINED_AT
from qqbot_cli.simulator.world import Guild, Person, World

TEXT: Final = 0
VOICE: Final = 2
CATEGORY: Final = 4
LIVE: Final = 10005
APPLICATION: Final = 10006
FORUM: Final = 10007
"""Types of channels."""
SCHEDULES: Final = "1000050"
"""The application of a channel with a calendar."""

EVERYONE: Final = "1"
ADMINISTRATOR: Final = "2"
OWNER: Final = "4"
CHANNEL_ADMINISTRATOR: Final = "5"
"""Roles every guild has."""

VIEW: Final = 1
MANAGE: Final = 2
SPEAK: Final = 4
"""Rights in a channel."""

_DEFAULT_ROLES: Final = {
    EVERYONE: "全体成员",
    ADMINISTRATOR: "管理员",
    OWNER: "频道主",
    CHANNEL_ADMINISTRATOR: "子频道管理员",
}
_FURNITURE: Final = (
    ("语音厅", VOICE, "0"),
    ("直播间", LIVE, "0"),
    ("论坛", FORUM, "0"),
    ("日程", APPLICATION, SCHEDULES),
)
"""Channels beside those in which people chat: name, type, application."""
_TEXT_NAMES: Final = ("大厅", "闲聊")


@dataclass(slots=True)
class Channel:
    """A channel; fields as the platform names them."""

    id: str
    guild_id: str
    name: str
    type: int
    owner_id: str
    sub_type: int = 0
    position: int = 1
    parent_id: str = "0"
    private_type: int = 0
    speak_permission: int = 1
    application_id: str = "0"
    chosen: tuple[str, ...] = ()
    """Users who see it although it is private."""
    user_rights: dict[str, int] = field(default_factory=dict)
    role_rights: dict[str, int] = field(default_factory=dict)
    """Rights that were changed, as bits."""
    voices: list[str] = field(default_factory=list)
    """Users who are in it, for voice and live channels."""

    @property
    def is_spoken(self) -> bool:
        """Whether people talk in it aloud."""
        return self.type in (VOICE, LIVE)

    def card(self) -> Json:
        """Return what calls and events tell about it."""
        return {
            "id": self.id,
            "guild_id": self.guild_id,
            "name": self.name,
            "type": self.type,
            "sub_type": self.sub_type,
            "position": self.position,
            "parent_id": self.parent_id,
            "owner_id": self.owner_id,
            "private_type": self.private_type,
            "speak_permission": self.speak_permission,
            "application_id": self.application_id,
        }


@dataclass(slots=True)
class Member:
    """Somebody in a guild."""

    user: Json
    nick: str
    roles: list[str]
    joined_at: str = JOINED_AT
    muted_until: float = 0.0
    """Seconds since 1970."""
    channels: set[str] = field(default_factory=set)
    """Channels they administer."""

    @property
    def id(self) -> str:
        """The user id."""
        return str(self.user["id"])

    @property
    def is_admin(self) -> bool:
        """Whether they administer the guild."""
        return ADMINISTRATOR in self.roles or OWNER in self.roles

    def card(self) -> Json:
        """Return what calls and events tell about them."""
        return {
            "user": self.user,
            "nick": self.nick,
            "roles": list(self.roles),
            "joined_at": self.joined_at,
        }


@dataclass(slots=True)
class Role:
    """A role; fields as the platform names them."""

    id: str
    name: str
    color: int = 4278245297
    hoist: int = 0


@dataclass(slots=True)
class GuildSite:
    """One guild."""

    id: str
    name: str
    owner_id: str
    icon: str
    channels: dict[str, Channel]
    members: dict[str, Member]
    roles: dict[str, Role]
    banned: set[str] = field(default_factory=set)
    """Users who may not come back."""
    muted_until: float = 0.0
    """When everybody may speak again, in seconds since 1970."""

    def is_muted(self, member: Member, *, wall: float) -> bool:
        """Whether *member* may not speak at *wall*; administrators always may."""
        return not member.is_admin and max(member.muted_until, self.muted_until) > wall

    def card(self) -> Json:
        """Return what calls tell about it."""
        return {
            "id": self.id,
            "name": self.name,
            "icon": self.icon,
            "owner_id": self.owner_id,
            "owner": False,
            "joined_at": JOINED_AT,
            "member_count": len(self.members),
            "max_members": 300,
            "description": "模拟器里的频道",
        }

    def role_card(self, role: Role) -> Json:
        """Return what calls tell about *role*."""
        holders = sum(role.id in member.roles for member in self.members.values())
        return {
            "id": role.id,
            "name": role.name,
            "color": role.color,
            "hoist": role.hoist,
            "number": holders,
            "member_limit": 1000,
        }

    def siblings(self, channel: Channel) -> list[Channel]:
        """Return the channels that are ordered together with *channel*, in their order, without it."""
        found = [
            other
            for other in self.channels.values()
            if other is not channel
            and (other.type == CATEGORY) == (channel.type == CATEGORY)
            and other.parent_id == channel.parent_id
        ]
        return sorted(found, key=lambda other: other.position)

    def place(self, channel: Channel, position: int | None) -> None:
        """Put *channel* before the one at *position*, at the end without one, and number all anew."""
        first = 2 if channel.type == CATEGORY else 1
        row = self.siblings(channel)
        before = len(row)
        if position is not None:
            before = next((n for n, other in enumerate(row) if other.position >= position), len(row))
        row.insert(before, channel)
        for number, other in enumerate(row, start=first):
            other.position = number


def furnish(guild: Guild, world: World, ids: Ids) -> GuildSite:
    """Return *guild* as it is at first: everybody is in it, and there is a channel of every kind."""
    owner = world.people[0]
    category = Channel(ids.number(8), guild.id, "默认分组", CATEGORY, owner.id, position=2)
    texts = [
        Channel(channel_id, guild.id, _TEXT_NAMES[n % len(_TEXT_NAMES)], TEXT, owner.id)
        for n, channel_id in enumerate(guild.channel_ids)
    ]
    others = [
        Channel(ids.number(8), guild.id, name, kind, owner.id, application_id=application)
        for name, kind, application in _FURNITURE
    ]
    for number, channel in enumerate([*texts, *others], start=1):
        channel.parent_id, channel.position = category.id, number
    people = (_member(person, number) for number, person in enumerate(world.people))
    bot = Member(bot_user(world), world.bot.username, [EVERYONE])
    return GuildSite(
        guild.id,
        guild.name,
        owner.id,
        owner.avatar,
        channels={channel.id: channel for channel in (category, *texts, *others)},
        members={member.id: member for member in (bot, *people)},
        roles={number: Role(number, name) for number, name in _DEFAULT_ROLES.items()},
    )


def bot_user(world: World) -> Json:
    """Return the bot as an author."""
    bot = world.bot
    return {"id": bot.id, "username": bot.username, "avatar": bot.avatar, "bot": True}


def guild_user(person: Person) -> Json:
    """Return *person* as a user of guilds."""
    return {"id": person.id, "username": person.username, "avatar": person.avatar, "bot": False}


def member_of(d: Mapping[str, object]) -> Member | None:
    """Return who came, by the payload of an event; None if it does not say."""
    user, roles = d.get("user"), d.get("roles")
    if not isinstance(user, Mapping) or not isinstance(user.get("id"), str):
        return None
    held = [role for role in roles if isinstance(role, str)] if isinstance(roles, list) else []
    joined = d.get("joined_at")
    return Member(
        dict(user), str(d.get("nick") or ""), held or [EVERYONE], joined if isinstance(joined, str) else ""
    )


def _member(person: Person, number: int) -> Member:
    """The first person owns the guild, the second administers it."""
    special = {0: [OWNER], 1: [ADMINISTRATOR]}.get(number, [])
    return Member(guild_user(person), person.username, [EVERYONE, *special])


def holders(guild: GuildSite, role_id: str) -> Iterator[Member]:
    """Yield the members who have a role."""
    return (member for member in guild.members.values() if role_id in member.roles)
