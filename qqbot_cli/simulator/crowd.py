"""Lets simulated people live: everybody acts in his own time, one task drives them all."""

from __future__ import annotations

import asyncio
import heapq
import logging
from typing import TYPE_CHECKING, Final

from qqbot_cli.model.simulation import Simulation
from qqbot_cli.simulator.people import Act, Deed, life
from qqbot_cli.simulator.scene import Scene

if TYPE_CHECKING:
    from qqbot_cli.simulator.server import Simulator

chat = logging.getLogger("qqbot_cli.simulator.chat")
"""What people say to the bot, and what it answers."""

_EVENTS: Final[dict[tuple[Deed, Scene], tuple[str, ...]]] = {
    (Deed.REACT, Scene.CHANNEL): ("MESSAGE_REACTION_ADD",),
    (Deed.UNREACT, Scene.CHANNEL): ("MESSAGE_REACTION_REMOVE",),
    (Deed.WITHDRAW, Scene.CHANNEL): ("MESSAGE_DELETE",),
    (Deed.WITHDRAW, Scene.DMS): ("DIRECT_MESSAGE_DELETE",),
    (Deed.JOIN, Scene.GROUP): ("GROUP_MEMBER_ADD",),
    (Deed.JOIN, Scene.CHANNEL): ("GUILD_MEMBER_ADD",),
    (Deed.JOIN, Scene.C2C): ("FRIEND_ADD",),
    (Deed.LEAVE, Scene.GROUP): ("GROUP_MEMBER_REMOVE",),
    (Deed.LEAVE, Scene.CHANNEL): ("GUILD_MEMBER_REMOVE",),
    (Deed.LEAVE, Scene.C2C): ("FRIEND_DEL",),
    (Deed.POST, Scene.CHANNEL): ("FORUM_THREAD_CREATE", "OPEN_FORUM_THREAD_CREATE"),
    (Deed.COMMENT, Scene.CHANNEL): ("FORUM_POST_CREATE", "OPEN_FORUM_POST_CREATE"),
    (Deed.REPLY, Scene.CHANNEL): ("FORUM_REPLY_CREATE", "OPEN_FORUM_REPLY_CREATE"),
}
"""What the platform tells of acts that are no messages."""

_SPEAKING: Final = frozenset((Deed.SAY, Deed.POST, Deed.COMMENT, Deed.REPLY))
"""What the platform refuses to those who are muted."""


async def talk(simulator: Simulator, simulation: Simulation) -> None:
    """Let everybody act, for ever; people are quiet until a bot listens."""
    await simulator.wait_for(lambda: simulator.stats.identifies, timeout=None)
    loop = asyncio.get_running_loop()
    lives = [
        life(
            person,
            seed=simulation.seed,
            pace=simulation.pace,
            people=simulation.users,
            guilds=simulation.shards,
            say=simulation.say,
        )
        for person in range(simulation.users)
    ]
    crowd = _Crowd(simulator)
    acts = [next(acts) for acts in lives]
    agenda = [(loop.time() + act.pause, person) for person, act in enumerate(acts)]
    heapq.heapify(agenda)
    while agenda:
        due, person = heapq.heappop(agenda)
        await asyncio.sleep(due - loop.time())
        if not simulator.switches.hush:
            await crowd.perform(person, acts[person])
        acts[person] = next(lives[person])
        heapq.heappush(agenda, (due + acts[person].pause, person))


class _Crowd:
    """Carries out acts, and remembers what was said where."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._newest: dict[tuple[int, int], str] = {}
        """Guild and channel -> id of the newest message there."""
        self._own: dict[tuple[int, Scene], tuple[str, int, int, bool]] = {}
        """Person and scene -> id, guild, channel of their newest message, and whether it was for the bot."""

    async def perform(self, person: int, act: Act) -> None:
        """Let *person* do *act*, unless the bot has taken the place or the person away."""
        joining = act.deed is Deed.JOIN
        if not self._simulator.admits(
            act.scene,
            user=person,
            group=act.group,
            guild=act.guild,
            channel=act.channel,
            joining=joining,
        ):
            return
        if act.deed in _SPEAKING and self._simulator.is_muted(
            act.scene, user=person, group=act.group, guild=act.guild
        ):
            return
        if act.deed is Deed.SAY:
            await self._say(person, act)
        elif act.deed is Deed.PRESS:
            self._tell(person, act, f"[{act.text}]")
            await self._simulator.press_button(
                act.text, scene=act.scene, user=person, group=act.group, guild=act.guild
            )
        elif act.deed is Deed.WITHDRAW:
            await self._withdraw(person, act.scene)
        else:
            about = self._newest.get((act.guild, act.channel), "")
            for name in _EVENTS[act.deed, act.scene]:
                await self._simulator.emit(
                    name, user=person, group=act.group, guild=act.guild, channel=act.channel, about=about
                )

    async def _say(self, person: int, act: Act) -> None:
        simulator = self._simulator
        if act.to_bot:
            self._tell(person, act, act.text)
        match act.scene:
            case Scene.GROUP:
                await simulator.say_group(
                    act.text, user=person, group=act.group, to_bot=act.to_bot, mentions=act.mentions
                )
            case Scene.CHANNEL:
                said = await simulator.say_channel(
                    act.text,
                    user=person,
                    guild=act.guild,
                    channel=act.channel,
                    to_bot=act.to_bot,
                    mentions=act.mentions,
                )
                self._newest[act.guild, act.channel] = said
                self._own[person, act.scene] = (said, act.guild, act.channel, act.to_bot)
            case Scene.DMS:
                said = await simulator.say_private(act.text, user=person, guild=act.guild)
                self._own[person, act.scene] = (said, act.guild, 0, True)
            case Scene.C2C:
                await simulator.say_c2c(act.text, user=person)

    async def _withdraw(self, person: int, scene: Scene) -> None:
        """Take the newest message back, if there is one; those that mentioned the bot are told twice."""
        own = self._own.pop((person, scene), None)
        if own is None:
            return
        about, guild, channel, to_bot = own
        names = _EVENTS[Deed.WITHDRAW, scene]
        if to_bot and scene is Scene.CHANNEL:
            names = (*names, "PUBLIC_MESSAGE_DELETE")
        for name in names:
            await self._simulator.emit(name, user=person, guild=guild, channel=channel, about=about)

    def _tell(self, person: int, act: Act, words: str) -> None:
        name = self._simulator.world.people[person].username
        chat.info("%s (%s): %s", name, act.scene, words)
