"""Which events are new, in memory."""

from __future__ import annotations

from qqbot_cli.store.numbering import Numbering
from tests.store.stores import event


def test_no_more_keys_are_known_than_allowed_up_to_a_batch_also_if_nobody_prunes() -> None:
    numbering = Numbering(most=10)
    for batch in range(100):
        numbering.number([event(f"{batch} {number}") for number in range(4)])

    assert numbering.number([event("97 0"), event("99 3"), event("96 3")])[0] == [401, None, 402]
    assert numbering.forget(before=1) == 100 * 4 - 8


def test_the_keys_of_one_batch_are_kept_however_few_are_allowed() -> None:
    numbering = Numbering(most=1)
    numbering.number([event(f"{number}") for number in range(4)])

    assert numbering.number([event("0"), event("3")])[0] == [None, None]
