"""Two shards through scripted faults with people talking: nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from qqbot_cli import Client, EventHandler, Intents, Plugin, Simulation, Simulator, Token
from qqbot_cli.model.events import EVENTS
from qqbot_cli.model.simulation import Fault, FaultKind
from qqbot_cli.protocol.limits import Limits
from qqbot_cli.simulator import Emitted
from tests.e2e.bots import CANARY, until


class Witness(EventHandler):
    """Remembers every event it was called for, and how often it has answered it.

    An answer may be refused while the gateway is away; then the handler runs again.
    """

    def __init__(self) -> None:
        self.came: set[str] = set()
        self.answered: Counter[str] = Counter()

    async def _saw(self, session: Any) -> None:  # noqa: ANN401
        self.came.add(session.event_id)
        await session.reply("ok")
        self.answered[session.event_id] += 1

    group_message_create = group_full_message_create = _saw
    message_create = direct_message_create = c2c_message_create = _saw

    async def interaction_create(self, session: Any) -> None:  # noqa: ANN401
        self.came.add(session.event_id)
        await session.ack()
        self.answered[session.event_id] += 1


WITNESSED = {row.name for row in EVENTS.values() if row.callback in vars(Witness)}


def script(scale: float) -> tuple[Fault, ...]:
    """Every kind of fault that a session survives, all times multiplied by *scale*."""

    def at(seconds: float) -> float:
        return seconds * scale

    return (
        Fault(FaultKind.CLOSE, 4009, every=at(7)),
        Fault(FaultKind.RECONNECT, every=at(11)),
        Fault(FaultKind.DROP, every=at(5), shard=0),
        Fault(FaultKind.RST, every=at(6.3), shard=1),
        Fault(FaultKind.RST_MID_FRAME, every=at(8.1)),
        Fault(FaultKind.DUPLICATE, 5, every=at(4)),
        Fault(FaultKind.REORDER, 4, every=at(4.5)),
        Fault(FaultKind.CLOSE, 1001, every=at(13)),
        Fault(FaultKind.INVALID_SESSION, 1, after=at(25)),
        Fault(FaultKind.HALF_OPEN, after=at(30), shard=0),
        Fault(FaultKind.BLACKHOLE, start=at(38), end=at(42)),
        Fault(FaultKind.SILENCE_ACKS, start=at(45), end=at(50)),
        Fault(FaultKind.DELAY, 0.1, start=at(10), end=at(14)),
    )


@pytest.mark.parametrize(
    ("seconds", "seed"),
    [
        pytest.param(6, 1, marks=pytest.mark.timeout(120)),
        pytest.param(60, 3, marks=[pytest.mark.slow, pytest.mark.timeout(120)]),
    ],
)
@pytest.mark.long
async def test_i1_i11_every_event_is_handled_once_through_all_faults(seconds: float, seed: int) -> None:
    simulation = Simulation(
        users=30, seed=seed, shards=2, pace=0.5, heartbeat_interval=1, faults=script(seconds / 55)
    )
    witness = Witness()
    intents = Intents.default()
    async with Simulator(simulation, secret=CANARY) as simulator:
        client = Client(
            Token(simulator.appid, simulator.secret),
            intents,
            [Plugin("witness", witness)],
            endpoints=simulator.endpoints,
            limits=Limits(interval=(0.1, 120)),
            report=lambda _fact: None,
        )
        running = asyncio.ensure_future(client.start())
        await asyncio.sleep(seconds)
        for task in asyncio.all_tasks():
            if task.get_name() in ("simulator people", "simulator fault script"):
                task.cancel()
        simulator.heal()

        def missing() -> set[str]:
            emitted = (record for record in simulator.history if isinstance(record, Emitted))
            return {one.id for one in emitted if one.name in WITNESSED and one.seq} - witness.came

        await until(lambda: client.snapshot().ready == 2, timeout=20)
        for _ in range(5):  # a reordering that has begun ends with the fourth event of a connection
            await simulator.say_c2c("the end")
            for guild in range(2):
                await simulator.say_channel("the end", guild=guild)
        # An answer that was refused three times is tried again after half a minute; its conversation waits.
        await until(lambda: not missing(), timeout=45)
        assert simulator.stats.identifies == 2
        assert simulator.stats.resumes >= 5
        assert simulator.stats.violations == 0
        assert client.status.gaps == 0
        assert set(witness.answered.values()) == {1}
        answered = Counter(message.reply_to for message in simulator.messages)
        assert set(answered.values()) <= {1}
        await client.close()
        await running
