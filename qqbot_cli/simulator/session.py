"""A gateway session: its place in the numbering, and what it can replay. No I/O."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from qqbot_cli.model.intents import Intents
from qqbot_cli.model.opcode import Opcode
from qqbot_cli.simulator.routing import EVENT_INTENTS, belongs_to


def frame_text(name: str, d_text: str, seq: int, event_id: str | None = None) -> str:
    """Return a DISPATCH frame; READY and RESUMED are the ones without an id."""
    tail = "" if event_id is None else f',"id":{json.dumps(event_id)}'
    return f'{{"op":{Opcode.DISPATCH:d},"s":{seq},"t":{json.dumps(name)}{tail},"d":{d_text}}}'


class Receiver(Protocol):
    """The live connection of a session."""

    def push(self, text: str, seq: int) -> None:
        """Send an event."""

    def take_over(self) -> None:
        """End: the session continues on another connection."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """One event in the replay buffer."""

    seq: int
    pushed_at: float
    text: str


@dataclass(slots=True, eq=False)
class GatewaySession:
    """What a client that identified may come back to."""

    session_id: str
    shard: tuple[int, int]
    intents: Intents
    seq: int = 0
    """The newest ``s`` of this session, sent or not."""
    receiver: Receiver | None = None
    away_since: float | None = None
    """When the connection was lost; None while there is one."""
    forgotten: bool = False
    """Whether it ends with its connection."""
    muted: bool = False
    """Whether it gets no events, on whatever connection; what it does not get is not remembered."""
    _buffer: deque[Remembered] = field(default_factory=deque)
    _lost_through: int = 0
    """The newest event that can no longer be replayed."""

    def wants(self, name: str, guild_id: int | None, shard_index: int | None) -> bool:
        """Whether an event belongs here; events nobody knows are not filtered by intents."""
        if self.muted:
            return False
        needed = EVENT_INTENTS.get(name)
        if needed is not None and not needed & self.intents:
            return False
        if shard_index is not None:
            return self.shard[0] == shard_index
        return belongs_to(guild_id, self.shard)

    def next_seq(self) -> int:
        """Count one more dispatch."""
        self.seq += 1
        return self.seq

    def push(self, name: str, d_text: str, event_id: str, *, now: float, limit: int, age: float) -> int:
        """Number an event, remember it, send it if there is a connection; return its ``s``."""
        seq = self.next_seq()
        text = frame_text(name, d_text, seq, event_id)
        self._buffer.append(Remembered(seq, now, text))
        self._forget(now=now, limit=limit, age=age)
        if self.receiver is not None:
            self.receiver.push(text, seq)
        return seq

    def can_replay(self, seq: int, *, now: float, limit: int, age: float) -> bool:
        """Whether everything after *seq* is still remembered."""
        self._forget(now=now, limit=limit, age=age)
        return seq >= self._lost_through

    def trim(self, seq: int) -> None:
        """Forget everything up to *seq*."""
        while self._buffer and self._buffer[0].seq <= seq:
            self._lost_through = self._buffer.popleft().seq

    def missed(self, seq: int) -> Iterator[Remembered]:
        """Yield what came after *seq*, oldest first."""
        return (event for event in self._buffer if event.seq > seq)

    def attach(self, receiver: Receiver) -> None:
        """Continue on *receiver*."""
        self.receiver = receiver
        self.away_since = None

    def detach(self, receiver: Receiver, *, now: float) -> None:
        """The connection ended; of no effect if the session lives on another one."""
        if self.receiver is receiver:
            self.receiver = None
            self.away_since = now

    def _forget(self, *, now: float, limit: int, age: float) -> None:
        buffer = self._buffer
        while buffer and (len(buffer) > limit or buffer[0].pushed_at < now - age):
            self._lost_through = buffer.popleft().seq


class Sessions:
    """Every session the platform remembers."""

    def __init__(self, make_id: Callable[[], str]) -> None:
        self._make_id = make_id
        self._sessions: dict[str, GatewaySession] = {}

    def __iter__(self) -> Iterator[GatewaySession]:
        return iter(list(self._sessions.values()))

    def start(self, shard: tuple[int, int], intents: Intents) -> GatewaySession:
        """Begin a session; one of the same shard that lost its connection is given up."""
        for old in self:
            if old.shard == shard and old.receiver is None:
                del self._sessions[old.session_id]
        session = GatewaySession(self._make_id(), shard, intents)
        self._sessions[session.session_id] = session
        return session

    def get(self, session_id: object) -> GatewaySession | None:
        """Return the session of that id if it can be resumed, or None."""
        session = self._sessions.get(session_id) if isinstance(session_id, str) else None
        return None if session is None or session.forgotten else session

    def forget_all(self) -> None:
        """Let every session end with its connection."""
        for session in self:
            session.forgotten = True

    def online(self) -> bool:
        """Whether the bot has a live connection."""
        return any(session.receiver is not None for session in self._sessions.values())

    def drop_ended(self, *, now: float, age: float) -> None:
        """Give up sessions without a connection that are forgotten, or away for more than *age* seconds."""
        for session in self:
            away = session.away_since
            if away is not None and (session.forgotten or away < now - age):
                del self._sessions[session.session_id]
