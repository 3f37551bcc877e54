"""What the platform changed is found by comparing frames with the table of events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qqbot_cli.model.drift import Drift, DriftKind, drifts_of
from qqbot_cli.model.events import EVENTS

SAMPLES = Path(__file__).parents[1] / "samples"
GROUP = "GROUP_AT_MESSAGE_CREATE"


def payload(name: str, **changes: object) -> dict[str, Any]:
    body = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))["d"]
    return {**body, **changes}


@pytest.mark.parametrize("name", EVENTS)
def test_the_documented_samples_have_no_drift(name: str) -> None:
    sample = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))

    assert list(drifts_of(name, sample["d"])) == []


def test_an_unknown_event_is_told_with_its_fields() -> None:
    assert list(drifts_of("NEW_EVENT", {"id": "1", "level": 3})) == [
        Drift("NEW_EVENT", DriftKind.UNKNOWN_EVENT, found="object"),
        Drift("NEW_EVENT", DriftKind.UNKNOWN_FIELD, "id", found="string"),
        Drift("NEW_EVENT", DriftKind.UNKNOWN_FIELD, "level", found="integer"),
    ]


def test_unknown_fields_are_told_with_their_place_also_inside_lists() -> None:
    attachments = [{"url": "https://x", "blurhash": "a"}, {"url": "https://y", "blurhash": "b"}]
    author = {**payload(GROUP)["author"], "level": 3}

    assert list(drifts_of(GROUP, payload(GROUP, attachments=attachments, author=author))) == [
        Drift(GROUP, DriftKind.UNKNOWN_FIELD, "author.level", found="integer"),
        Drift(GROUP, DriftKind.UNKNOWN_FIELD, "attachments[].blurhash", found="string"),
        Drift(GROUP, DriftKind.UNKNOWN_FIELD, "attachments[].blurhash", found="string"),
    ]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"message_type": "0"}, Drift(GROUP, DriftKind.RETYPED_FIELD, "message_type", "integer", "string")),
        ({"content": 5}, Drift(GROUP, DriftKind.RETYPED_FIELD, "content", "string", "integer")),
        ({"mentions": {}}, Drift(GROUP, DriftKind.RETYPED_FIELD, "mentions", "array", "object")),
        ({"author": "x"}, Drift(GROUP, DriftKind.RETYPED_FIELD, "author", "object", "string")),
        ({"group_openid": None}, Drift(GROUP, DriftKind.MISSING_FIELD, "group_openid")),
    ],
    ids=lambda value: value.path if isinstance(value, Drift) else "",
)
def test_a_field_of_another_type_is_told_with_both(change: dict[str, object], expected: Drift) -> None:
    assert list(drifts_of(GROUP, payload(GROUP, **change))) == [expected]


@pytest.mark.parametrize("value", [None, "", []], ids=repr)
def test_what_is_empty_is_no_drift(value: object) -> None:
    field = "mentions" if value == [] else "content"

    assert list(drifts_of(GROUP, payload(GROUP, **{field: value}))) == []


def test_an_older_shape_that_is_read_is_no_drift() -> None:
    nested = payload("MESSAGE_DELETE")
    forum = payload("FORUM_THREAD_CREATE")
    forum["thread_info"]["title"] = json.loads(forum["thread_info"]["title"])

    assert list(drifts_of("MESSAGE_DELETE", {**nested["message"], "op_user": nested["op_user"]})) == []
    assert list(drifts_of("FORUM_THREAD_CREATE", forum)) == []


def test_a_payload_that_is_no_object_is_retyped_as_a_whole() -> None:
    assert list(drifts_of(GROUP, "text")) == [Drift(GROUP, DriftKind.RETYPED_FIELD, "$", "object", "string")]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(EVENTS)), JSON)
def test_any_json_can_be_compared(name: str, d: object) -> None:
    assert all(isinstance(drift, Drift) for drift in drifts_of(name, d))
