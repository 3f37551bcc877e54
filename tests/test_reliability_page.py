"""The table of faults has no empty cell, and no test is named after a fault that is not in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.faults import AREAS, Fault
from tools.reliability_page import faults_and_tests

FAULTS = [fault for faults in AREAS.values() for fault in faults]
TESTS = faults_and_tests(Path(__file__).parent)
NOT_YET = {*range(84, 92), *range(95, 100)}
"""Faults of a shared store and of webhooks."""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"F-{fault.number:02}")
def test_a_fault_has_a_promise_and_a_test(fault: Fault) -> None:
    assert fault.fault
    assert fault.promise
    assert TESTS[fault.number], f"no test is called test_f{fault.number:02}_…"


def test_the_table_is_complete() -> None:
    numbers = [fault.number for fault in FAULTS]

    assert numbers == [number for number in range(1, 102) if number not in NOT_YET]
    assert set(TESTS) <= set(numbers)
