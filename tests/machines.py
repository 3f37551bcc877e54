"""A shard machine that remembers what it asked for, for tests that read like a conversation."""

from __future__ import annotations

import json

from qqbot_cli.model.fact import ShardChanged
from qqbot_cli.model.frame import Frame, decode_frame
from qqbot_cli.protocol.action import Action, Actions, Tell
from qqbot_cli.protocol.limits import Limits
from qqbot_cli.protocol.shard import ShardMachine

HELLO = '{"op":10,"d":{"heartbeat_interval":45000}}'
READY = '{"op":0,"s":1,"t":"READY","d":{"session_id":"s-1","user":{"id":"1"},"shard":[0,1]}}'
RESUMED = '{"op":0,"s":2,"t":"RESUMED","d":""}'
ACK = '{"op":11}'
RECONNECT = '{"op":7}'


def frame(text: str) -> Frame:
    return decode_frame(text)


def event(seq: object, name: str = "GROUP_AT_MESSAGE_CREATE") -> Frame:
    return decode_frame(json.dumps({"op": 0, "s": seq, "t": name, "id": f"{name}:{seq}", "d": {}}))


def asked(actions: Actions) -> list[Action]:
    """What is to be done, without what is only told."""
    return [action for action in actions if not isinstance(action, Tell)]


def changes(actions: Actions) -> list[ShardChanged]:
    return [
        action.fact
        for action in actions
        if isinstance(action, Tell) and isinstance(action.fact, ShardChanged)
    ]


def make_shard(*, jitter: float = 0.5, limits: Limits = Limits()) -> ShardMachine:
    return ShardMachine(0, jitter=lambda: jitter, limits=limits)


def connect(shard: ShardMachine, *, now: float) -> None:
    """From a state that wants a token to a socket that has said hello."""
    shard.token_ready(now=now)
    shard.permit_granted(now=now)
    shard.opened(now=now)
    shard.receive(frame(HELLO), now=now)


def make_ready_shard(*, jitter: float = 0.5) -> ShardMachine:
    """Ready since 0, a heartbeat every 45 s, the first at 22.5."""
    shard = make_shard(jitter=jitter)
    shard.start(now=0)
    connect(shard, now=0)
    shard.receive(frame(READY), now=0)
    return shard


def wait(shard: ShardMachine) -> tuple[float, Actions]:
    """Let time pass until the machine wants something."""
    now = shard.deadline
    return now, shard.tick(now=now)


def reconnect(shard: ShardMachine) -> float:
    """From BACKOFF to a socket that has said hello; returns when that was."""
    now, _ = wait(shard)
    connect(shard, now=now)
    return now
