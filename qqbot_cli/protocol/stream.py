"""A text that grows while somebody reads it: what they see, what comes next, and when.

Every piece says the whole text so far, so that a lost piece is made good by the next. What is written
faster than pieces may follow each other is merged into the next piece.
Source: platform documentation, "流式消息"; the pace is that of the official clients.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from qqbot_cli.errors import MessageError
from qqbot_cli.model.outgoing import ContentType, InputState, StreamMessage

PACE: Final = 0.3
"""Seconds between two pieces, at least; the platform refuses what comes too fast with 50002."""
SLOWEST: Final = 2.4
"""Seconds between two pieces after repeated refusals."""


class StreamText:
    """One growing text."""

    def __init__(self, fields: Mapping[str, Any], content_type: ContentType) -> None:
        """*fields* say what it answers: ``msg_id`` or ``event_id``, and ``msg_seq``."""
        self.text = ""
        """Everything that was written."""
        self.stream_id = ""
        """Id of the message; empty before the first answer."""
        self._fields = dict(fields)
        self._content_type = content_type
        self._index = 0
        self._said = ""
        """What was put into a piece, and may be seen."""
        self._seen = ""
        """What was answered, and is seen."""
        self._pace = PACE
        self._not_before = float("-inf")

    @property
    def started(self) -> bool:
        """Whether there is a message that can go on, and has to be finished."""
        return bool(self.stream_id)

    @property
    def pending(self) -> bool:
        """Whether there is something to say that people do not see."""
        return self.text != self._seen

    def append(self, piece: str) -> None:
        """Write *piece* after what is there."""
        self.text += piece

    def replace(self, text: str) -> None:
        """Write *text* in place of what is there.

        Raises:
            MessageError: If it does not begin with what people may see already.
        """
        if not text.startswith(self._said):
            raise MessageError(
                [f"stream: the text must begin with the {len(self._said)} characters that are shown already"]
            )
        self.text = text

    def wait(self, *, now: float) -> float:
        """Return the seconds until the next piece may be sent."""
        return max(0.0, self._not_before - now)

    def piece(self, *, last: bool) -> StreamMessage:
        """Return what to send next; one that is refused as too fast is made again, with the same number."""
        self._said = self.text
        more: dict[str, Any] = {"stream_msg_id": self.stream_id} if self.started else {}
        return StreamMessage(
            input_state=InputState.FINISHED if last else InputState.GENERATING,
            index=self._index,
            content_type=self._content_type,
            content_raw=self.text,
            **self._fields,
            **more,
        )

    def taken(self, piece: StreamMessage, stream_id: str, *, now: float) -> None:
        """*piece* was accepted; *stream_id* is what the answer names it."""
        self._seen = piece.content_raw
        self._index += 1
        self.stream_id = self.stream_id or stream_id
        self._not_before = now + self._pace

    def too_fast(self, *, now: float) -> None:
        """The last piece was refused because it came too soon: go slower from now on."""
        self._pace = min(self._pace * 2, SLOWEST)
        self._not_before = now + self._pace
