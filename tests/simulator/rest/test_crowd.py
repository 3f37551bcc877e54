"""The bot takes people and places away from those who chat, and they go on without."""

from __future__ import annotations

from datetime import datetime, timedelta

from qqbot_cli.model.simulation import Simulation
from qqbot_cli.simulator import Simulator
from qqbot_cli.simulator.wallclock import CHINA
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


async def test_who_is_muted_says_nothing_where_they_are_muted_but_goes_on_elsewhere() -> None:
    simulation = Simulation(users=3, shards=1, seed=3, pace=0.001)
    async with Simulator(simulation) as simulator, api_of(simulator) as api, api.ready() as gateway:
        at = await places_of(simulator, api)
        await api.nothing("PATCH", f"/guilds/{at.guild}/members/{at.user}/mute", {"mute_seconds": "3600"})
        end = datetime.now(CHINA) + timedelta(hours=1)
        mute = {"op": "add", "member_openid": at.group_member, "mute_expire_at": end.isoformat()}
        await api.done("POST", f"/v2/groups/{at.group}/restrict_chat_setting", {"members": [mute]})
        await api.done("DELETE", f"/channels/{at.other_text}")
        while (await gateway.frame())["t"] != "CHANNEL_DELETE":
            pass
        said, left = set(), set()
        for _ in range(1000):
            frame = await gateway.frame()
            d = frame["d"]
            match frame["t"]:
                case "MESSAGE_CREATE":
                    said.add((d["guild_id"], d["author"]["id"]))
                case "GROUP_AT_MESSAGE_CREATE" | "GROUP_MESSAGE_CREATE":
                    said.add((d["group_openid"], d["author"]["member_openid"]))
                case "C2C_MESSAGE_CREATE":
                    said.add(("", d["author"]["user_openid"]))
                case "GUILD_MEMBER_REMOVE":
                    left.add((d["guild_id"], d["user"]["id"]))
                case "GROUP_MEMBER_REMOVE":
                    left.add((d["group_openid"], d["member_openid"]))
            # Who leaves and comes back begins anew.
            assert not {(at.guild, at.user), (at.group, at.group_member)} & (said - left), frame

    assert said >= {(at.guild, at.owner), (at.group, at.group_owner), ("", at.group_member)}
