"""Whether a piece of a growing text is taken: it follows the one before, and changes nothing that is shown.

Source: platform documentation, "流式消息"; refusals without a published code have that of bad data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from qqbot_cli.simulator import refusals
from qqbot_cli.simulator.content import CONTENT_RULES
from qqbot_cli.simulator.judge import REPLY_RULE, TARGET_RULE
from qqbot_cli.simulator.ledger import StreamState
from qqbot_cli.simulator.post import MAX_SEQ, Known, Post, fields_of, first_refusal, number
from qqbot_cli.simulator.refusals import Refusal

FINISHED: Final = 10
"""``input_state`` of the last piece; every other one has 1."""

_FIELDS: Final[dict[str, type]] = {
    "input_mode": str,
    "input_state": int,
    "index": int,
    "content_type": str,
    "content_raw": str,
    "msg_id": str,
    "event_id": str,
    "msg_seq": int,
    "stream_msg_id": str,
    "is_wakeup": bool,
}
_WORDS: Final = {"input_mode": ("append", "replace"), "content_type": ("text", "markdown")}


def judge_piece(post: Post, known: Known) -> Refusal | None:
    """Return why a piece is refused, None if it is taken."""
    return first_refusal(_RULES, post, known)


def text_with(piece: Mapping[str, object], before: str) -> str:
    """Return what people see once *piece* is taken."""
    content = str(piece.get("content_raw", ""))
    return content if piece.get("input_mode") == "replace" else before + content


def is_repetition(piece: Mapping[str, object], state: StreamState | None) -> bool:
    """Whether *piece* says again what the newest said, because its answer was lost."""
    return state is not None and piece == state.piece


def _words(post: Post, _known: Known) -> Refusal | None:
    body = post.body
    right = (
        all(body.get(name, words[0]) in words for name, words in _WORDS.items())
        and body.get("input_state") in (1, FINISHED)
        and isinstance(body.get("content_raw"), str)
        and number(post, "index", -1) >= 0
        and 1 <= number(post, "msg_seq", 1) <= MAX_SEQ
    )
    return None if right else refusals.BAD_DATA


def _order(post: Post, known: Known) -> Refusal | None:
    """Refuse what does not go on where the stream is; the first piece opens one."""
    body = post.body
    if "stream_msg_id" not in body:
        if number(post, "index", 0) != 0:
            return refusals.BAD_DATA
        if body.get("is_wakeup"):
            return None if post.reply_to is None else refusals.BAD_DATA
        return refusals.BAD_MSG_ID if post.reply_to is None else REPLY_RULE(post, known)
    state = known.ledger.streams.get(str(body["stream_msg_id"]))
    if state is None or state.target != post.target:
        return refusals.BAD_DATA
    if is_repetition(body, state):
        return None
    follows = (
        state.piece.get("input_state") != FINISHED
        and number(post, "index", 0) == int(str(state.piece.get("index"))) + 1
        and body.get("msg_seq") == state.piece.get("msg_seq")
    )
    if not follows:
        return refusals.BAD_DATA
    if known.now - state.at < known.switches.stream_gap:
        return refusals.STREAM_TOO_FAST
    if not text_with(body, state.text).startswith(state.text):
        return refusals.STREAM_PREFIX
    return None


def _room(post: Post, known: Known) -> Refusal | None:
    state = known.ledger.streams.get(str(post.body.get("stream_msg_id")))
    text = text_with(post.body, state.text if state is not None else "")
    return refusals.TOO_LONG if len(text) > known.switches.longest_text else None


_RULES: Final = (
    TARGET_RULE,
    fields_of(_FIELDS, refusals.BAD_DATA),
    _words,
    _order,
    _room,
    *CONTENT_RULES,
)
