"""A simulator without people, and a bare client for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from qqbot_cli.model.simulation import Simulation
from qqbot_cli.simulator import Simulator
from tests.simulator.client import Api, Clock, api_of


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def simulator(clock: Clock) -> AsyncIterator[Simulator]:
    simulation = Simulation(users=0, shards=1, max_concurrency=100)
    async with Simulator(simulation, clock=clock) as simulator:
        yield simulator


@pytest.fixture
async def api(simulator: Simulator) -> AsyncIterator[Api]:
    async with api_of(simulator) as api:
        yield api
