"""An event on its way from a connection into the store, and out of it again."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

import msgspec

from qqbot_cli.model.events import EVENTS
from qqbot_cli.model.frame import Frame
from qqbot_cli.model.inbox import Received
from qqbot_cli.model.opcode import Opcode

_OWN_ID: Final = frozenset(row.name for row in EVENTS.values() if row.by_own_id)


class _Identified(msgspec.Struct):
    id: str | int = ""


_identified: Final = msgspec.json.Decoder(_Identified).decode


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """One event, not stored yet."""

    shard: int
    session_id: str | None
    frame: Frame
    received: float
    """Monotonic seconds."""
    wanted: bool
    """Whether any plugin handles it; of what nobody wants only the number is stored."""

    def to_store(self, behind: float) -> Received:
        """Return what is stored of it; *behind* is the wall clock minus the monotonic one."""
        frame = self.frame
        return Received(
            self.shard,
            frame.event or "",
            frame.id or "",
            key_of(frame) or self._place(),
            bytes(frame.body),
            self.received + behind,
        )

    def _place(self) -> str:
        """Return a key for an event without ids: RESUME brings the same again under the same number.

        The contents are part of it, should a number ever stand for two events.
        """
        if self.session_id is None or self.frame.seq is None:
            return ""
        contents = blake2b(self.frame.body, digest_size=8).hexdigest()
        return f"{self.session_id}/{self.frame.seq}/{contents}"


def numbers(arrived: Iterable[Arrival]) -> dict[tuple[int, str | None], list[int | None]]:
    """Return the sequence numbers of what has *arrived*, by shard and session."""
    found: dict[tuple[int, str | None], list[int | None]] = {}
    for one in arrived:
        found.setdefault((one.shard, one.session_id), []).append(one.frame.seq)
    return found


def from_store(received: Received) -> Frame:
    """Return the frame of an event that was stored; its number means nothing any more."""
    body = msgspec.Raw(received.body)
    return Frame(int(Opcode.DISPATCH), body, None, received.name, received.event_id or None)


def key_of(frame: Frame) -> str:
    """Return what repetitions of the event in *frame* have in common, empty if it has no id.

    Messages are recognised by their own id, because the platform may push one again in another envelope.
    """
    if frame.event in _OWN_ID:
        try:
            own = _identified(frame.body).id
        except (msgspec.MsgspecError, ValueError, RecursionError):
            own = ""
        if own:
            return f"{frame.event}/{own}"
    return frame.id or ""
