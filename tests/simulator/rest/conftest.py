"""The places of a fresh simulator."""

from __future__ import annotations

import pytest

from qqbot_cli.simulator import Simulator
from tests.simulator.client import Api
from tests.simulator.rest.places import Places, places_of


@pytest.fixture
async def places(simulator: Simulator, api: Api) -> Places:
    return await places_of(simulator, api)
