"""What is refused before it is sent: the sentence names the field, the limit and the way out."""

from __future__ import annotations

from typing import Any

import pytest

from qqbot_cli import (
    C2CMessageParams,
    Embed,
    GroupMessageParams,
    InputNotify,
    Markdown,
    MessageError,
    StreamMessage,
)
from qqbot_cli.model.outgoing import InteractionAck, Outgoing, check, problems
from qqbot_cli.model.outgoing.kinds import KINDS, Access
from qqbot_cli.model.scene import Scene
from tests.outgoing import ACCEPTED, ALLOWED, KIND_SAMPLES, PARAMS, REFUSED, REFUSED_PIECES


@pytest.mark.parametrize(("message", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_a_wrong_message_is_refused_with_one_sentence(message: Outgoing, said: str) -> None:
    assert list(problems(message)) == [said]


@pytest.mark.parametrize(("piece", "said"), REFUSED_PIECES.values(), ids=REFUSED_PIECES.keys())
def test_a_wrong_piece_is_refused_with_one_sentence(piece: StreamMessage, said: str) -> None:
    assert list(problems(piece)) == [said]


@pytest.mark.parametrize("message", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_is_not_known_to_be_refused_passes(message: Outgoing) -> None:
    assert list(problems(message)) == []


def test_every_kind_has_a_sample() -> None:
    assert list(KIND_SAMPLES) == [kind.field for kind in KINDS]


@pytest.mark.parametrize("scene", Scene, ids=str)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.field)
def test_a_kind_may_be_sent_where_the_table_says(scene: Scene, kind: object) -> None:
    from qqbot_cli.model.outgoing import ContentKind

    assert isinstance(kind, ContentKind)
    params = PARAMS[scene]
    if kind.field not in params.__struct_fields__:
        assert kind.access[scene] is Access.NO
        return
    found = list(problems(params(**{kind.field: KIND_SAMPLES[kind.field]})))

    assert bool(found) is ((scene, kind) not in ALLOWED)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(MessageError) as caught:
        check(GroupMessageParams(content="a", embed=Embed("t", "p"), msg_seq=0))

    assert len(caught.value.problems) == 2
    assert str(caught.value) == "; ".join(caught.value.problems)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"content": 3}, "content: is of type int, and has to be text"),
        ({"content": b"hi"}, "content: is of type bytes, and has to be text"),
        ({"markdown": 3}, "markdown: is of type int, and has to be text or Markdown"),
        (
            {"markdown": Markdown("x"), "keyboard": [["tea"]]},
            "keyboard: is of type list, and has to be a Keyboard",
        ),
        ({"media": "file_info"}, "media: is of type str, and has to be Media, as an upload answers it"),
    ],
)
def test_a_value_of_another_type_is_named_and_not_sent(fields: dict[str, Any], said: str) -> None:
    assert list(problems(GroupMessageParams(**fields))) == [said]


def test_several_wrong_fields_of_one_part_are_all_named() -> None:
    message = C2CMessageParams(input_notify=InputNotify(0), msg_id="m", event_id="e")

    assert [problem.partition(":")[0] for problem in problems(message)] == [
        "event_id",
        "input_notify.input_second",
    ]


@pytest.mark.parametrize("body", [None, InteractionAck()], ids=["nothing", "no message"])
def test_what_is_no_message_is_not_looked_at(body: InteractionAck | None) -> None:
    check(body)
