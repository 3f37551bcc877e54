"""The next step of a shard and its time, in every state it can be in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import pytest

from qqbot_cli.bot.step import Step, next_step
from qqbot_cli.gateway.connection import ShardConnection
from qqbot_cli.model.fact import ShardState
from qqbot_cli.protocol.shard import ShardMachine
from qqbot_cli.protocol.spacing import Budget, Spacing
from tests.machines import HELLO, RECONNECT, connect, event, frame, make_ready_shard, make_shard

if TYPE_CHECKING:
    import aiohttp

    from qqbot_cli.gateway.connection import Gateway, Sink, Tokens


def connection(machine: ShardMachine) -> ShardConnection:
    return ShardConnection(
        machine,
        count=1,
        intents=0,
        http=cast("aiohttp.ClientSession", None),
        tokens=cast("Tokens", None),
        gateway=cast("Gateway", None),
        sink=cast("Sink", None),
        report=lambda _fact: None,
        reading_limit=60,
    )


def started() -> ShardMachine:
    shard = make_shard()
    shard.start(now=0)
    return shard


def without_token() -> ShardMachine:
    shard = started()
    shard.token_failed("network", refused=False, now=0.25)
    return shard


def wants_permit() -> ShardMachine:
    shard = started()
    shard.token_ready(now=2)
    return shard


def connecting() -> ShardMachine:
    shard = wants_permit()
    shard.permit_granted(now=3)
    return shard


def opened() -> ShardMachine:
    shard = connecting()
    shard.opened(now=4)
    return shard


def identifying() -> ShardMachine:
    shard = started()
    connect(shard, now=5)
    return shard


def fallen() -> ShardMachine:
    shard = make_ready_shard()
    shard.receive(frame(RECONNECT), now=5)
    shard.closed(4009, now=5)
    return shard


def resuming() -> ShardMachine:
    shard = fallen()
    shard.start(now=6)
    shard.token_ready(now=6)
    shard.opened(now=6)
    shard.receive(frame(HELLO), now=6)
    shard.receive(event(2), now=9)  # the replay is given more time with each event
    return shard


def draining() -> ShardMachine:
    shard = make_ready_shard()
    shard.drain(now=7)
    return shard


def refused() -> ShardMachine:
    shard = identifying()
    shard.closed(4914, now=6)
    return shard


@pytest.mark.parametrize(
    ("make", "asking", "state", "step"),
    [
        (make_shard, False, ShardState.STOPPED, Step(step="ends with the bot")),
        (started, True, ShardState.WAIT_TOKEN, Step("a token", "identify", 15)),
        (without_token, False, ShardState.WAIT_TOKEN, Step(step="asks for a token again", at=0.5)),
        (connecting, False, ShardState.CONNECTING, Step("the connection", "identify", 13)),
        (opened, False, ShardState.WAIT_HELLO, Step("hello", "identify", 14)),
        (identifying, False, ShardState.IDENTIFYING, Step("ready", "", 20)),
        (make_ready_shard, False, ShardState.READY, Step()),
        (resuming, False, ShardState.RESUMING, Step("the replay", "", 29)),
        (draining, False, ShardState.DRAINING, Step("the close", "", 12)),
        (refused, False, ShardState.FATAL, Step(step="stopped for good")),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
async def test_every_state_has_its_next_step_and_its_time(
    make: Callable[[], ShardMachine], asking: bool, state: ShardState, step: Step
) -> None:
    shard = connection(make())
    shard.asking = asking

    assert shard.machine.state is state
    assert next_step(shard, None, {}, now=10) == step


async def test_after_a_connection_has_ended_the_pause_is_counted_down() -> None:
    shard = connection(fallen())

    assert next_step(shard, None, {}, now=5) == Step(step="resume", at=shard.machine.deadline)


async def test_who_has_no_room_waits_for_room_and_not_for_a_token() -> None:
    machine = fallen()
    machine.start(now=machine.deadline)
    shard = connection(machine)
    shard.paused = True

    assert next_step(shard, None, {}, now=10) == Step("room in the inbox", "resume")
    assert next_step(shard, None, {}, now=10, stopping=True) == Step(step="ends with the bot")


async def test_who_is_far_back_in_the_queue_is_told_a_later_time() -> None:
    spacing = Spacing(Budget(total=1000, remaining=3, reset_at=900.0, max_concurrency=2))
    for index in range(7):
        spacing.ask(index)
    assert spacing.grant(now=2) == [0, 1]
    for index in (0, 1):
        spacing.started(index, now=2)

    turns = spacing.turns(now=3)
    assert turns == pytest.approx({2: 7.1, 3: 900, 4: 900, 5: 900, 6: 900})
    for index in (2, 3):
        shard = connection(wants_permit())
        shard.machine.index = index
        assert next_step(shard, spacing, turns, now=3) == Step(step="identify", at=turns[index])
    spacing.withdraw(2)
    spacing.ask(2)
    assert spacing.turns(now=3) == pytest.approx({3: 7.1, 4: 900, 5: 900, 6: 900, 2: 900})


async def test_whose_turn_depends_on_others_waits_for_it() -> None:
    spacing = Spacing(Budget(total=1000, remaining=1000, reset_at=900.0, max_concurrency=1))
    for index in (5, 0):
        spacing.ask(index)
    spacing.grant(now=2)

    step = next_step(connection(wants_permit()), spacing, spacing.turns(now=3), now=3)
    assert step == Step("its turn to identify")


async def test_without_quota_the_renewal_is_waited_for() -> None:
    spacing = Spacing(Budget(total=1000, remaining=0, reset_at=900.0, max_concurrency=1))
    spacing.ask(0)

    step = next_step(connection(wants_permit()), spacing, spacing.turns(now=3), now=3)
    assert step == Step(step="identify, when the quota of session starts is renewed", at=900.0)
