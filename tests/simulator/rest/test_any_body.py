"""Whatever a client sends, a call is answered or refused; nothing else happens."""

from __future__ import annotations

import contextlib
import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest

from qqbot_cli.model.endpoints import ENDPOINTS
from qqbot_cli.model.simulation import Simulation
from qqbot_cli.simulator.platform import Platform
from qqbot_cli.simulator.refusals import RefusedError
from qqbot_cli.simulator.rest import HANDLERS, note
from qqbot_cli.simulator.rest.call import Call
from qqbot_cli.simulator.rest.site import Site
from tests.model.test_bodies import BODIES

TRIES = 150
VALUES: tuple[object, ...] = (
    *(None, True, False, 0, 1, -1, 7.5, 10**30, "", " ", "x", "0", "1", "-1", "²", "x" * 300),
    *("9" * 5000, "9" * 19, 10**15, str(10**15), "0001-01-01T00:00:00", "0001-01-01T00:00:00+23:59"),
    *([], [None], ["x"], [{}], [[]], {}, {"x": 1}, {"id": 7}),
)
SAMPLES: dict[str, Any] = {name: wire for name, _, wire in BODIES}
"""What a call that is right says, where one is known."""


@pytest.fixture
def site() -> Site:
    return Platform(Simulation(users=0, shards=1), appid="1", secret=None, clock=lambda: 0.0).site


def changed(sample: object, chance: random.Random) -> object:
    """*sample* with something in it that does not belong there."""
    value = copy.deepcopy(sample)
    places = list(everywhere(value))
    if not places or chance.random() < 0.1:
        return chance.choice(VALUES)
    for holder, key in chance.sample(places, min(len(places), chance.randint(1, 2))):
        holder[key] = chance.choice(VALUES)
    return value


def everywhere(value: object) -> Iterator[tuple[Any, Any]]:
    """Every object and list in *value*, with each of its keys."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from everywhere(value[key])


@pytest.mark.parametrize("name", HANDLERS)
def test_a_body_of_any_kind_is_taken_or_refused(site: Site, name: str) -> None:
    row, chance = ENDPOINTS[name], random.Random(name)
    guild, group = site.world.guilds[0], site.world.groups[0]
    real = {
        "guild_id": [guild.id],
        "channel_id": [*site.guilds[guild.id].channels],
        "user_id": [person.id for person in site.world.people],
        "role_id": ["1", "2", "5"],
        "group_openid": [group.openid],
        "member_openid": [person.openid for person in site.world.people],
    }
    for _ in range(TRIES):
        path = {key: chance.choice([*real.get(key, ()), "x", "²"]) for key in row.parameters}
        query = {query.name: str(chance.choice(VALUES)) for query in row.query if chance.random() < 0.7}
        body = changed(SAMPLES.get(name, {"name": "x"}), chance)
        with contextlib.suppress(RefusedError):
            HANDLERS[name](site, Call(path, query, body))


@pytest.mark.parametrize(
    "name",
    ["GUILD_MEMBER_ADD", "GUILD_MEMBER_REMOVE", "MESSAGE_CREATE", "MESSAGE_DELETE", "MESSAGE_REACTION_ADD",
     "GROUP_MEMBER_ADD", "GROUP_JOIN_REQUEST", "AUDIO_OR_LIVE_CHANNEL_MEMBER_ENTER"],
)  # fmt: skip
def test_an_event_of_any_kind_is_heard(site: Site, name: str) -> None:
    chance = random.Random(name)
    person, guild, group = site.world.people[0], site.world.guilds[0], site.world.groups[0]
    sample = {
        "id": "m",
        "guild_id": guild.id,
        "channel_id": guild.channel_ids[0],
        "group_openid": group.openid,
        "member_openid": person.openid,
        "join_request_id": "r",
        "user": {"id": person.id},
        "author": {"id": person.id},
        "roles": ["1"],
        "message": {"id": "m"},
        "emoji": {"id": "1", "type": 1},
        "target": {"id": "m"},
        "user_id": person.id,
    }
    for _ in range(TRIES):
        note(site, name, changed(sample, chance))
