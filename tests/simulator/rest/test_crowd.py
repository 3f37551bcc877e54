"""The bot takes people and places away from those who chat, and they go on without."""

from __future__ import annotations

from qqbot_cli.model.simulation import Simulation
from qqbot_cli.simulator import Simulator
from tests.simulator.client import api_of
from tests.simulator.rest.places import places_of


async def test_who_was_banned_is_silent_and_all_others_talk_on() -> None:
    simulation = Simulation(users=3, shards=1, seed=3, pace=0.001)
    async with Simulator(simulation) as simulator, api_of(simulator) as api, api.ready() as gateway:
        at = await places_of(simulator, api)
        member = f"/guilds/{at.guild}/members/{at.user}"
        await api.nothing("DELETE", member, {"add_blacklist": True})
        await api.done("DELETE", f"/channels/{at.other_text}")
        while True:
            frame = await gateway.frame()
            if frame["t"] == "CHANNEL_DELETE":
                break
        authors = set()
        for _ in range(500):
            frame = await gateway.frame()
            assert frame["d"].get("channel_id") != at.other_text, frame
            if frame["t"] == "MESSAGE_CREATE":
                authors.add(frame["d"]["author"]["id"])

    assert authors == {at.owner, at.admin}
