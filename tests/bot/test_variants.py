"""Payloads that are not what the documentation says: nothing raises, nothing is lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qqbot_cli.model.events import EVENTS, UNKNOWN_EVENT, EventSpec
from qqbot_cli.model.fact import EventUnknown
from qqbot_cli.model.frame import decode_frame
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


REPLACEMENTS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.builds(list),
    st.builds(dict),
    st.builds(lambda: [None, 1, "x", {}]),
)


@st.composite
def variants(draw: st.DrawFn, row: EventSpec) -> dict[str, Any]:
    """The sample of *row* with fields dropped, nulled, retyped and added."""
    body = sample(row.name)["d"]
    if not isinstance(body, dict):
        body = {}
    for _ in range(draw(st.integers(1, 4))):
        found = places(body)
        if not found:
            break
        *way, last = draw(st.sampled_from(found))
        node = body
        for step in way:
            node = node[step]
        if draw(st.booleans()):
            del node[last]
        else:
            node[last] = draw(REPLACEMENTS)
    body["a_new_field"] = draw(REPLACEMENTS)
    return body


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for thousands of examples."""
    with asyncio.Runner() as made:
        yield made


@pytest.mark.parametrize("row", EVENTS.values(), ids=lambda row: row.name)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_f42_a_payload_with_other_types_is_typed_or_reaches_unknown_event_and_is_never_lost(
    row: EventSpec, data: st.DataObject, runner: asyncio.Runner
) -> None:
    body = data.draw(variants(row))
    bodies = [{**body, **({"id": each} if row.by_own_id and "id" in body else {})} for each in ("a", "b")]

    async def give_both() -> None:
        handler = handler_of_everything()
        async with office(handler) as o:
            for event_id, each in zip(("first", "second"), bodies, strict=True):
                frame = {"op": 0, "s": 1, "t": row.name, "id": event_id, "d": each}
                assert o.give(decode_frame(json.dumps(frame)))
            await o.finish()
            assert len(o.told(EventUnknown)) == (UNKNOWN_EVENT in handler.names)  # once per kind
        assert handler.names in ([row.callback] * 2, [UNKNOWN_EVENT] * 2)
        for (callback, session), each in zip(handler.calls, bodies, strict=True):
            assert session.raw == each
            if callback == UNKNOWN_EVENT:
                assert "$" in session.event.reason or "field" in session.event.reason
            else:
                assert type(session.event) is row.payload

    runner.run(give_both())
