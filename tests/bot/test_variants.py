"""Payloads that are not what the documentation says: nothing raises, nothing is lost."""

from __future__ import annotations

import asyncio
import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qqbot_cli.model.events import EVENTS, READY, RESUMED, UNKNOWN_EVENT, EventSpec
from qqbot_cli.model.fact import EventUnknown, ShardState
from qqbot_cli.model.frame import decode_frame
from qqbot_cli.protocol.action import DELIVER
from tests.machines import make_ready_shard
from tests.offices import SAMPLES, handler_of_everything, office


def sample(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    return body


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401
    """Every place inside a JSON value."""
    found = [path] if path else []
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        found += places(value, (*path, key))
    return found


SAMPLED = {name: sample(name)["d"] for name in EVENTS}
PUSHED = [row for row in EVENTS.values() if row.name not in (READY, RESUMED)]
"""Events that are no answers to the shard itself."""
BATCH = 500
"""Events that are looked at and then let go."""
VARIANTS = 40
"""For each example of hypothesis, which makes five: two hundred for each event."""


def replacement(chance: random.Random) -> object:
    """Any value that may stand where another was."""
    return chance.choice(
        (
            None,
            chance.random() < 0.5,
            chance.randint(-(2**63), 2**64 - 1),
            chance.uniform(-1e9, 1e9),
            "".join(chance.choices("09aZ-.é你😀 \x00", k=chance.randint(0, 8))),
            [],
            {},
            [None, 1, "x", {}],
        )
    )


def variant(body: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A payload like *body*, with fields dropped, nulled, retyped and added."""
    body = copy.deepcopy(body)
    for _ in range(chance.randint(1, 4)):
        found = places(body)
        if not found:
            break
        *way, last = chance.choice(found)
        node = body
        for step in way:
            node = node[step]
        if chance.random() < 0.5:
            del node[last]
        else:
            node[last] = replacement(chance)
    body["a_new_field"] = replacement(chance)
    return body


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for thousands of examples."""
    with asyncio.Runner() as made:
        yield made


@pytest.mark.parametrize("row", EVENTS.values(), ids=lambda row: row.name)
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_f42_a_payload_with_other_types_is_typed_or_reaches_unknown_event_and_is_never_lost(
    row: EventSpec, seed: int, runner: asyncio.Runner
) -> None:
    chance = random.Random(seed)
    documented = SAMPLED[row.name]
    bodies = [variant(documented if isinstance(documented, dict) else {}, chance) for _ in range(VARIANTS)]
    for number, body in enumerate(bodies):
        if row.by_own_id and "id" in body:
            body["id"] = f"message {number}"  # or it would be a repetition

    async def give_all() -> None:
        handler = handler_of_everything()
        async with office(handler) as o:
            for number, body in enumerate(bodies):
                frame = {"op": 0, "s": 1, "t": row.name, "id": f"event {number}", "d": body}
                assert o.give(decode_frame(json.dumps(frame)))
            await o.finish()
            reasons = [fact.reason for fact in o.told(EventUnknown)]
        assert len(handler.calls) == len(bodies)
        assert sorted((session.raw for _, session in handler.calls), key=repr) == sorted(bodies, key=repr)
        unknown = [session for callback, session in handler.calls if callback == UNKNOWN_EVENT]
        assert sorted(reasons) == sorted({session.event.reason for session in unknown})  # once per kind
        assert all("$" in reason or "field" in reason for reason in reasons)
        for callback, session in handler.calls:
            if callback != UNKNOWN_EVENT:
                assert callback == row.callback
                assert type(session.event) is row.payload

    runner.run(give_all())


def of_any_event(chance: random.Random, number: int) -> tuple[str, dict[str, Any]]:
    """The name of an event, and a payload unlike the documented one; *number* is never repeated."""
    row = chance.choice(PUSHED)
    documented = SAMPLED[row.name]
    body = variant(documented if isinstance(documented, dict) else {}, chance)
    if row.by_own_id and "id" in body:
        body["id"] = f"message {number}"
    return row.name, body


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(20_000, id="20 thousand"),
        pytest.param(1_000_000, id="a million", marks=[pytest.mark.slow, pytest.mark.timeout(600)]),
    ],
)
async def test_f42_a_shard_goes_on_however_many_payloads_are_of_other_types(count: int) -> None:
    chance = random.Random(count)
    shard = make_ready_shard()
    handler = handler_of_everything()
    async with office(handler) as o:
        for first in range(2, count + 2, BATCH):
            given = [of_any_event(chance, number) for number in range(first, first + BATCH)]
            for number, (name, body) in enumerate(given, start=first):
                content = {"op": 0, "s": number, "t": name, "id": f"event {number}", "d": body}
                frame = decode_frame(json.dumps(content))
                assert shard.receive(frame, now=1) == DELIVER
                assert o.give(frame)
            await o.finish()
            raw = [session.raw for _, session in handler.calls]
            assert sorted(map(repr, raw)) == sorted(repr(body) for _, body in given)
            handler.calls.clear()
            o.facts.clear()
        assert o.done_count == count

    assert shard.state is ShardState.READY
    assert shard.seq == count + 1
