"""Lets simulated people live: everybody acts in his own time, one task drives them all."""

from __future__ import annotations

import asyncio
import heapq
import logging
from typing import TYPE_CHECKING

from qqbot_cli.model.simulation import Simulation
from qqbot_cli.simulator.people import Act, life
from qqbot_cli.simulator.scene import Scene

if TYPE_CHECKING:
    from qqbot_cli.simulator.server import Simulator

chat = logging.getLogger("qqbot_cli.simulator.chat")
"""What people say to the bot, and what it answers."""


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
        )
        for person in range(simulation.users)
    ]
    acts = [next(acts) for acts in lives]
    agenda = [(loop.time() + act.pause, person) for person, act in enumerate(acts)]
    heapq.heapify(agenda)
    while agenda:
        due, person = heapq.heappop(agenda)
        await asyncio.sleep(due - loop.time())
        await _perform(simulator, person, acts[person])
        acts[person] = next(lives[person])
        heapq.heappush(agenda, (due + acts[person].pause, person))


async def _perform(simulator: Simulator, person: int, act: Act) -> None:
    if act.to_bot or act.button:
        name = simulator.world.people[person].username
        chat.info("%s (%s): %s", name, act.scene, f"[{act.text}]" if act.button else act.text)
    if act.button:
        await simulator.press_button(act.text, scene=act.scene, user=person, group=act.group, guild=act.guild)
        return
    match act.scene:
        case Scene.GROUP:
            await simulator.say_group(
                act.text, user=person, group=act.group, to_bot=act.to_bot, mentions=act.mentions
            )
        case Scene.CHANNEL:
            await simulator.say_channel(
                act.text,
                user=person,
                guild=act.guild,
                channel=act.channel,
                to_bot=act.to_bot,
                mentions=act.mentions,
            )
        case Scene.DMS:
            await simulator.say_private(act.text, user=person, guild=act.guild)
        case Scene.C2C:
            await simulator.say_c2c(act.text, user=person)
