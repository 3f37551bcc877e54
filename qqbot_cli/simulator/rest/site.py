"""The state behind the REST interface: places, people, what was said. Made from the seed, then it changes.

Rooms keep what only they know in a state of their own, which `Site.room` makes when it is first wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TypeVar

from qqbot_cli.simulator.ids import Ids
from qqbot_cli.simulator.ledger import Ledger
from qqbot_cli.simulator.record import Record
from qqbot_cli.simulator.refusals import UNKNOWN_CHANNEL_ID, UNKNOWN_GUILD, UNKNOWN_RESOURCE, UNKNOWN_USER
from qqbot_cli.simulator.rest.aftermath import Aftermath
from qqbot_cli.simulator.rest.call import Json, refuse, seconds_of
from qqbot_cli.simulator.rest.groups import GroupSite, settle
from qqbot_cli.simulator.rest.guilds import Channel, GuildSite, Member, bot_user, furnish
from qqbot_cli.simulator.rest.timeline import Timeline
from qqbot_cli.simulator.scene import Scene
from qqbot_cli.simulator.switches import Switches
from qqbot_cli.simulator.wallclock import CHINA
from qqbot_cli.simulator.world import Group, Guild, Person, World

T = TypeVar("T")


class Site:
    """Everything that calls read and change; it does no I/O."""

    def __init__(
        self,
        world: World,
        ids: Ids,
        *,
        appid: str,
        ledger: Ledger,
        switches: Switches,
        report: Callable[[Record], None],
        clock: Callable[[], float],
        wall: float,
    ) -> None:
        """Furnish all places.

        Args:
            world: Who is there.
            ids: Where identifiers are from.
            appid: Number of the bot.
            ledger: What is known of conversations.
            switches: How the platform behaves.
            report: Where facts go.
            clock: Seconds of everything that expires.
            wall: Seconds since 1970 at this moment; from then on *clock* tells them.
        """
        self.world = world
        self.ids = ids
        self.appid = appid
        self.ledger = ledger
        self.switches = switches
        self.report = report
        self.clock = clock
        self._epoch = wall - clock()
        self.guilds: dict[str, GuildSite] = {guild.id: furnish(guild, world, ids) for guild in world.guilds}
        self.groups: dict[str, GroupSite] = {group.openid: settle(group, world) for group in world.groups}
        self.timeline = Timeline()
        self.aftermath = Aftermath()
        self._rooms: dict[type, object] = {}

    def room(self, kind: type[T]) -> T:
        """Return the state of one family of calls."""
        state = self._rooms.setdefault(kind, kind())
        assert isinstance(state, kind)
        return state

    @property
    def wall(self) -> float:
        """Seconds since 1970."""
        return self._epoch + self.clock()

    def stamp(self, wall: float | None = None) -> str:
        """Return a moment in RFC 3339; now if left out."""
        return datetime.fromtimestamp(self.wall if wall is None else wall, CHINA).isoformat(
            timespec="seconds"
        )

    def today(self) -> date:
        """Return the day in China."""
        return datetime.fromtimestamp(self.wall, CHINA).date()

    @property
    def bot_id(self) -> str:
        """The bot's user id in guilds."""
        return self.world.bot.id

    def guild(self, guild_id: str) -> GuildSite:
        """Return a guild the bot is in; any other is refused."""
        return self.guilds.get(guild_id) or refuse(UNKNOWN_GUILD)

    def find_channel(self, channel_id: str) -> Channel | None:
        """Return a channel, None if there is none of that id."""
        found = (guild.channels.get(channel_id) for guild in self.guilds.values())
        return next(filter(None, found), None)

    def channel(self, channel_id: str) -> Channel:
        """Return a channel; one that does not exist is refused."""
        return self.find_channel(channel_id) or refuse(UNKNOWN_CHANNEL_ID)

    def member(self, guild: GuildSite, user_id: str) -> Member:
        """Return a member; anybody else is refused."""
        return guild.members.get(user_id) or refuse(UNKNOWN_USER)

    def group(self, openid: str) -> GroupSite:
        """Return a group the bot is in; any other is refused."""
        return self.groups.get(openid) or refuse(UNKNOWN_RESOURCE)

    def admits(
        self, scene: Scene, person: Person, *, group: Group, guild: Guild, channel_id: str, joining: bool
    ) -> bool:
        """Whether *person* can act there: the place exists, and they are in it, or may come if they join."""
        chat_group, place = self.groups[group.openid], self.guilds[guild.id]
        match scene:
            case Scene.GROUP if joining:
                return person.openid not in chat_group.banned
            case Scene.GROUP:
                return person.openid in chat_group.members
            case Scene.CHANNEL if joining:
                return person.id not in place.banned
            case Scene.CHANNEL:
                return person.id in place.members and channel_id in place.channels
            case _:
                return True

    def is_muted(self, scene: Scene, person: Person, *, group: Group, guild: Guild) -> bool:
        """Whether the platform takes no words of *person* there."""
        match scene:
            case Scene.GROUP:
                end = self.groups[group.openid].muted.get(person.openid, "")
                return (seconds_of(end) or 0.0) > self.wall
            case Scene.CHANNEL:
                place = self.guilds[guild.id]
                return place.is_muted(place.members[person.id], wall=self.wall)
            case _:
                return False

    def tell(self, name: str, d: Mapping[str, object]) -> None:
        """Let the event *name* follow the answer."""
        self.aftermath.tell(name, dict(d))

    def tell_about(self, name: str, guild: GuildSite, thing: Channel | Member) -> None:
        """Let an event follow that tells what the bot did to a channel or a member."""
        self.tell(name, {**thing.card(), "guild_id": guild.id, "op_user_id": self.bot_id})

    def is_forbidden(self, *texts: str | None) -> bool:
        """Whether a review refuses one of *texts*."""
        return any(word in text for text in texts if text for word in self.switches.forbidden_words)

    def guild_of(self, channel_id: str) -> str:
        """Return the guild of a channel; "0" for none."""
        channel = self.find_channel(channel_id)
        return "0" if channel is None else channel.guild_id

    def bot_message(self, channel: Channel, content: str, **more: object) -> Json:
        """Return a message of the bot in *channel*, and show it."""
        message: Json = {
            "id": self.ids.guild_message_id(),
            "channel_id": channel.id,
            "guild_id": channel.guild_id,
            "content": content,
            "timestamp": self.stamp(),
            "author": bot_user(self.world),
            **more,
        }
        self.timeline.add(message)
        return message
