"""What follows a state that is not ready: what a shard waits for, how long, and what it does then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from qqbot_cli.gateway.connection import ShardConnection
from qqbot_cli.model.fact import ShardState
from qqbot_cli.protocol.spacing import Spacing


@dataclass(frozen=True, slots=True)
class Step:
    """The next step of a shard."""

    awaited: str = ""
    """What it waits for; empty if it lets time pass."""
    step: str = ""
    """What it does then; empty if what is awaited says it, or if nothing follows."""
    at: float | None = None
    """When it is due, or when it gives up if something is awaited, in monotonic seconds; None if unknown."""


_AWAITED: Final = {
    ShardState.WAIT_TOKEN: "a token",
    ShardState.CONNECTING: "the connection",
    ShardState.WAIT_HELLO: "hello",
    ShardState.IDENTIFYING: "ready",
    ShardState.RESUMING: "the replay",
    ShardState.DRAINING: "the close",
}
_LAST: Final = frozenset((ShardState.IDENTIFYING, ShardState.RESUMING, ShardState.DRAINING))
"""What is awaited there is the step itself."""


def next_step(
    connection: ShardConnection,
    spacing: Spacing | None,
    turns: Mapping[int, float],
    *,
    now: float,
    stopping: bool = False,
) -> Step:
    """Return what follows; *turns* tells when shards may expect their permit.

    While the bot is *stopping* there will be no room for anything any more.
    """
    machine = connection.machine
    state, step, due = machine.state, machine.next_step, machine.state_deadline
    match state:
        case ShardState.READY:
            return Step()
        case ShardState.FATAL:
            return Step(step="stopped for good")
        case ShardState.STOPPED:
            return Step(step="ends with the bot")
        case ShardState.BACKOFF:
            return Step(step=step, at=due)
        case ShardState.WAIT_TOKEN if connection.paused and stopping:
            return Step(step="ends with the bot")
        case ShardState.WAIT_TOKEN if connection.paused:
            return Step("room in the inbox", step)
        case ShardState.WAIT_TOKEN if not connection.asking:
            return Step(step="asks for a token again", at=due)
        case ShardState.WAIT_PERMIT if spacing is not None and spacing.exhausted(now=now):
            quota = "identify, when the quota of session starts is renewed"
            return Step(step=quota, at=turns.get(machine.index))
        case ShardState.WAIT_PERMIT if machine.index in turns:
            return Step(step=step, at=turns[machine.index])
        case ShardState.WAIT_PERMIT:
            return Step("its turn to identify")
        case _:
            return Step(_AWAITED[state], "" if state in _LAST else step, due)
