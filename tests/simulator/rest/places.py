"""Where things are in a fresh simulator, and what events have told."""

from __future__ import annotations

from dataclasses import dataclass

from qqbot_cli.simulator import Simulator
from tests.simulator.client import Api, Frame, Gateway

NAMES = {2: "voice", 4: "category", 10005: "live", 10006: "calendar", 10007: "forum"}


@dataclass(frozen=True)
class Places:
    """Ids of the first guild and of the first group, and of people there."""

    guild: str
    text: str
    other_text: str
    voice: str
    category: str
    live: str
    calendar: str
    forum: str
    owner: str
    admin: str
    user: str
    bot: str
    group: str
    group_owner: str
    group_member: str

    def fill(self, text: str) -> str:
        """*text* with the ids for the names in braces."""
        return text.format_map(vars(self))


async def places_of(simulator: Simulator, api: Api) -> Places:
    guild, people = simulator.world.guilds[0], simulator.world.people
    channels = await api.listed(f"/guilds/{guild.id}/channels")
    special = {NAMES[channel["type"]]: channel["id"] for channel in channels if channel["type"] in NAMES}
    return Places(
        guild=guild.id,
        text=guild.channel_ids[0],
        other_text=guild.channel_ids[1],
        owner=people[0].id,
        admin=people[1].id,
        user=people[2].id,
        bot=simulator.bot_user_id,
        group=simulator.world.groups[0].openid,
        group_owner=people[0].openid,
        group_member=people[2].openid,
        **special,
    )


async def told(gateway: Gateway, name: str) -> Frame:
    """The payload of the next event, which is *name*."""
    d = (await gateway.event(name))["d"]
    assert isinstance(d, dict)
    return d
