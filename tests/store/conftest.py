"""Each test with a `bench` runs for every store there is, with `durable` for those that outlive a process."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.store.stores import BENCHES, DURABLE, Bench


@pytest.fixture(params=BENCHES)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return BENCHES[request.param](tmp_path)


@pytest.fixture(params=DURABLE)
def durable(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return BENCHES[request.param](tmp_path)
