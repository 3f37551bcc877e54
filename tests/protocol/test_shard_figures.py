"""The shard machine over very many connections, and over hours of refusals."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable

import pytest

from qqbot_cli.model.fact import ShardState
from qqbot_cli.protocol.action import (
    Action,
    Actions,
    Close,
    Connect,
    GetPermit,
    GetToken,
    Heartbeat,
    Identify,
)
from qqbot_cli.protocol.shard import ShardMachine
from tests.machines import ACK, HELLO, RESUMED, asked, frame, make_ready_shard, make_shard, reconnect, wait

HOUR = 3600.0
PATIENCE = 15.0
"""Seconds that an acknowledgement may take."""


@pytest.mark.long
def test_f19_late_and_repeated_acknowledgements_never_end_a_connection_in_a_hundred_thousand_runs() -> None:
    chance = random.Random(19)
    shard = make_ready_shard()
    shard.may_renew = False
    ack, resumed = frame(ACK), frame(RESUMED)
    ended = 0
    for _ in range(100_000):
        now, actions = wait(shard)
        assert [type(action) for action in asked(actions)] == [Heartbeat], actions
        answers = chance.randint(1, 3)
        if chance.random() < 0.2:
            # It ends before the answer came, which comes when the next has begun, or never.
            answers -= 1
            shard.closed(1006, now=now + 1)
            now = reconnect(shard)
            shard.receive(resumed, now=now)
            ended += 1
        for late in sorted(chance.uniform(0, PATIENCE) for _ in range(answers)):
            assert not asked(shard.receive(ack, now=now + late))

    assert shard.state is ShardState.READY
    assert shard.reconnects == ended > 19_000


Refuse = Callable[[ShardMachine, float], Actions]


def answered(shard: ShardMachine, action: Action, refuse: Refuse, now: float) -> Actions:
    """What follows *action* where everything works but IDENTIFY."""
    match action:
        case GetToken():
            return shard.token_ready(now=now)
        case GetPermit():
            return shard.permit_granted(now=now)
        case Connect():
            return [*shard.opened(now=now), *shard.receive(frame(HELLO), now=now)]
        case Identify():
            return refuse(shard, now)
        case Close():
            return shard.closed(4903, now=now)
        case _:
            return []


@pytest.mark.parametrize(
    ("refuse", "fresh_tokens", "reason"),
    [
        (
            lambda shard, now: shard.receive(frame('{"op":9}'), now=now),
            1,
            "the platform refused to create a session",
        ),
        (
            lambda shard, now: shard.closed(4903, now=now),
            0,
            "4903 the platform could not create a session",
        ),
    ],
    ids=["op 9, then 4903", "4903"],
)
def test_f26_identifies_that_are_refused_are_at_most_twenty_in_the_first_hour(
    refuse: Refuse, fresh_tokens: int, reason: str
) -> None:
    shard = make_shard(jitter=1.0)  # which makes the pauses as short as they can get
    now, waiting, done = 0.0, deque(shard.start(now=0.0)), []
    while now < HOUR:
        if not waiting:
            now, actions = wait(shard)
            waiting.extend(actions)
            continue
        done.append(waiting.popleft())
        waiting.extend(answered(shard, done[-1], refuse, now))

    assert 10 <= done.count(Identify()) <= 20
    assert done.count(GetToken(refused=True)) == fresh_tokens
    assert shard.reason == reason
