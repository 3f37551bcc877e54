"""Messages that are reviewed: nobody sees them before the verdict, which is an event."""

from __future__ import annotations

import pytest

from qqbot_cli.simulator import Scene, Simulator
from tests.simulator.client import Api

PLACES = {
    Scene.CHANNEL: ("say_channel", "channel_id"),
    Scene.DMS: ("say_private", "guild_id"),
    Scene.GROUP: ("say_group", "group_openid"),
    Scene.C2C: ("say_c2c", "user_openid"),
}


def path(simulator: Simulator, scene: Scene) -> str:
    world = simulator.world
    return {
        Scene.CHANNEL: f"/channels/{world.guilds[0].channel_ids[0]}/messages",
        Scene.DMS: f"/dms/{world.people[0].dm_guild_id}/messages",
        Scene.GROUP: f"/v2/groups/{world.groups[0].openid}/messages",
        Scene.C2C: f"/v2/users/{world.people[0].openid}/messages",
    }[scene]


@pytest.mark.parametrize("scene", Scene, ids=str)
@pytest.mark.parametrize("verdict", ["pass", "reject"])
async def test_a_reviewed_message_is_seen_after_its_verdict(
    simulator: Simulator, api: Api, scene: Scene, verdict: str
) -> None:
    say, place = PLACES[scene]
    async with api.ready(intents=1 << 27) as gateway:
        said = await getattr(simulator, say)("hello")
        simulator.switches.audit_next.append("pass" if verdict == "pass" else "reject")
        status, answer = await api.call("POST", path(simulator, scene), {"content": "x", "msg_id": said})
        assert simulator.messages == []
        d = (await gateway.event(f"MESSAGE_AUDIT_{verdict.upper()}"))["d"]

    if scene.in_guild:
        assert (status, answer["code"]) == (202, 304024)
        assert answer["data"]["message_audit"]["audit_id"] == d["audit_id"]
    else:
        assert (status, answer["audit_id"]) == (200, d["audit_id"])
    assert d[place] in path(simulator, scene)
    assert [message.id for message in simulator.messages] == ([d["message_id"]] if verdict == "pass" else [])


async def test_a_review_may_never_end(simulator: Simulator, api: Api) -> None:
    simulator.switches.audit_next.extend(["never", "pass"])
    simulator.switches.audit_seconds = 0.0
    async with api.ready(intents=1 << 27) as gateway:
        status, answer = await api.call("POST", path(simulator, Scene.CHANNEL), {"content": "first"})
        await api.call("POST", path(simulator, Scene.GROUP), {"content": "second"})
        await gateway.event("MESSAGE_AUDIT_PASS")

    assert (status, answer["code"]) == (202, 304023)
    assert [message.content for message in simulator.messages] == ["second"]
