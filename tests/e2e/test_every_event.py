"""A plugin that implements every callback, on a platform that emits every event."""

from __future__ import annotations

import pytest

from qqbot_cli.bot.session import SESSIONS, EventSession
from qqbot_cli.model.events import EVENTS, READY, RESUMED
from qqbot_cli.model.fact import EventUnknown
from qqbot_cli.model.intents import Intents
from qqbot_cli.model.simulation import FaultKind
from qqbot_cli.simulator.defaults import DEFAULTS
from tests.e2e.bots import running, simulating, until
from tests.offices import handler_of_everything

EVERYTHING = Intents(sum(Intents))


@pytest.mark.parametrize("quirks", [0.0, 1.0], ids=["well-formed", "quirky"])
async def test_all_59_callbacks_are_called_with_their_types(quirks: float) -> None:
    handler = handler_of_everything()
    async with simulating(quirks=quirks) as simulator, running(simulator, handler, intents=EVERYTHING) as bot:
        for name in DEFAULTS:
            await simulator.emit(name)
        await simulator.inject(FaultKind.DROP)
        await until(lambda: len(handler.calls) >= 59)

        assert not [fact for fact in bot.facts if isinstance(fact, EventUnknown)]
    called: dict[str, EventSession[object]] = dict(handler.calls)
    assert len(handler.calls) == 59
    assert called.keys() == {row.callback for row in EVENTS.values()}
    for row in EVENTS.values():
        session = called[row.callback]
        assert session.name == row.name
        assert type(session) is SESSIONS[row.session]
        assert type(session.event) is row.payload


def test_the_simulator_can_emit_all_but_what_connections_cause() -> None:
    assert {*DEFAULTS, READY, RESUMED} == EVENTS.keys()


async def test_events_that_come_again_after_a_resume_are_handled_once() -> None:
    handler = handler_of_everything()
    async with simulating(repeats=5) as simulator, running(simulator, handler):
        for _ in range(3):
            await simulator.say_c2c("你好")
            await simulator.inject(FaultKind.DROP)
            await until(lambda: handler.names.count("resumed") == simulator.stats.resumes > 0)
        await simulator.say_c2c("最后")
        await until(lambda: handler.names.count("c2c_message_create") >= 4)

    assert handler.names.count("c2c_message_create") == 4
