"""A growing text: what is merged, what is numbered, and that nothing shown is taken back."""

from __future__ import annotations

import pytest

from qqbot_cli.errors import MessageError
from qqbot_cli.model.outgoing import ContentType, InputState, StreamMessage
from qqbot_cli.protocol.stream import PACE, SLOWEST, StreamText


def make() -> StreamText:
    return StreamText({"msg_id": "m", "msg_seq": 7}, ContentType.MARKDOWN)


def show(text: StreamText, *, now: float, last: bool = False) -> StreamMessage:
    piece = text.piece(last=last)
    text.taken(piece, "S1", now=now)
    return piece


def test_every_piece_has_the_whole_text_the_same_number_and_the_next_index() -> None:
    text = make()
    text.append("Hel")
    first = show(text, now=0.0)
    text.append("lo")
    second = show(text, now=1.0, last=True)

    assert first == StreamMessage(
        input_state=InputState.GENERATING, index=0, content_raw="Hel", msg_id="m", msg_seq=7
    )
    assert second == StreamMessage(
        input_state=InputState.FINISHED,
        index=1,
        content_raw="Hello",
        msg_id="m",
        msg_seq=7,
        stream_msg_id="S1",
    )


def test_what_is_written_meanwhile_goes_into_the_next_piece() -> None:
    text = make()
    text.append("a")
    piece = text.piece(last=False)
    text.append("b")
    text.append("c")
    text.taken(piece, "S1", now=0.0)

    assert text.pending
    assert text.piece(last=False).content_raw == "abc"


def test_pieces_keep_their_distance() -> None:
    text = make()
    text.append("a")
    assert text.wait(now=5.0) == 0
    show(text, now=5.0)

    assert text.wait(now=5.1) == pytest.approx(PACE - 0.1)
    assert text.wait(now=9.0) == 0


def test_what_came_too_fast_is_said_again_with_the_same_index_and_more_slowly() -> None:
    text = make()
    text.append("a")
    show(text, now=0.0)
    text.append("b")
    refused = text.piece(last=False)
    text.too_fast(now=1.0)

    assert text.wait(now=1.0) == pytest.approx(2 * PACE)
    assert text.piece(last=False) == refused
    for _ in range(10):
        text.too_fast(now=1.0)
    assert text.wait(now=1.0) == SLOWEST


def test_what_may_be_seen_cannot_be_changed_but_what_is_not_sent_can() -> None:
    text = make()
    text.replace("draft")
    text.replace("Hello")
    piece = text.piece(last=False)

    with pytest.raises(MessageError, match="must begin with the 5 characters that are shown"):
        text.replace("Goodbye")
    text.taken(piece, "S1", now=0.0)
    text.replace("Hello again")
    assert text.text == "Hello again"


def test_a_text_has_started_when_people_see_something() -> None:
    text = make()

    def state() -> tuple[bool, bool]:
        return text.started, text.pending

    states = [state()]
    text.append("a")
    states.append(state())
    piece = text.piece(last=False)
    states.append(state())
    text.taken(piece, "S1", now=0.0)
    states.append(state())

    assert states == [(False, False), (False, True), (False, True), (True, False)]
