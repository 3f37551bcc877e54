"""Who lives on the simulated platform: the bot, people, groups, guilds. Made from a seed, then constant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from qqbot_cli.simulator.ids import Ids
from qqbot_cli.simulator.texts import ROLES, name_of

GROUPS: Final = 2
"""Groups; the bot receives everything in the last one, and only its mentions in the others."""
TEXT_CHANNELS: Final = 2
"""Text channels of a guild."""
LEAST_PEOPLE: Final = 3
"""People who exist even if nobody talks by himself, so that a test can let them speak."""


@dataclass(frozen=True, slots=True)
class BotUser:
    """The bot, by its name in guilds and in groups."""

    id: str
    openid: str
    username: str = "小模"
    avatar: str = "https://thirdqq.qlogo.cn/g?b=oidb&k=bot&s=100&t=1780000000"


@dataclass(frozen=True, slots=True)
class Person:
    """One user, with the different names the platform gives to the same person."""

    id: str
    openid: str
    union_openid: str
    username: str
    role: str
    dm_guild_id: str
    dm_channel_id: str
    avatar: str


@dataclass(frozen=True, slots=True)
class Group:
    """A group chat."""

    openid: str
    hears_all: bool
    """Whether the owner switched on "receive all messages" for the bot."""


@dataclass(frozen=True, slots=True)
class Guild:
    """A guild and its text channels."""

    id: str
    name: str
    channel_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class World:
    """Everybody and every place."""

    bot: BotUser
    people: tuple[Person, ...]
    groups: tuple[Group, ...]
    guilds: tuple[Guild, ...]
    """One guild for each shard, in the order of the shards."""


def make_world(users: int, shards: int, ids: Ids) -> World:
    """Furnish a platform for *users* people and one guild on every shard."""
    return World(
        bot=BotUser(ids.number(), ids.openid()),
        people=tuple(_make_person(index, ids) for index in range(max(users, LEAST_PEOPLE))),
        groups=tuple(Group(ids.openid(), hears_all=index == GROUPS - 1) for index in range(GROUPS)),
        guilds=tuple(
            Guild(
                ids.guild_id(index, shards),
                f"模拟频道{index + 1}",
                tuple(ids.number(8) for _ in range(TEXT_CHANNELS)),
            )
            for index in range(shards)
        ),
    )


def _make_person(index: int, ids: Ids) -> Person:
    return Person(
        id=ids.number(18),
        openid=ids.openid(),
        union_openid=ids.openid(),
        username=name_of(index),
        role=ROLES[min(index, len(ROLES) - 1)],
        dm_guild_id=ids.number(19),
        dm_channel_id=ids.number(8),
        avatar=f"https://thirdqq.qlogo.cn/g?b=oidb&k=person{index}&s=100&t=1780000000",
    )
