"""What is kept so that no event is lost: events until they are done, sessions, gaps, and who keeps them.

Plain values, and the interface of a store. An event is stored together with the sequence number of its
session, before any plugin sees it; so whatever the platform does not send again is in the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol, Self

import msgspec

EVERY_ROW: Final = (1 << 63) - 1
"""Stands for the largest row there is."""


class State(IntEnum):
    """How far an event is; that it runs just now is a flag of those that wait."""

    WAITING = 0
    DEAD = 1
    """Given up; kept until somebody revives or drops it."""


class Received(msgspec.Struct, frozen=True, gc=False):
    """A dispatch as it came."""

    shard: int
    name: str
    event_id: str
    key: str
    """What repetitions of one event share; empty if it is never a repetition."""
    body: bytes
    """JSON text of the payload."""
    received_at: float
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class SavedSession:
    """What a shard needs in order to resume after a restart."""

    shard: int
    count: int
    """Shards in all when the session began."""
    session_id: str
    seq: int
    gateway_url: str
    started_at: float
    """Unix seconds."""
    saved_at: float
    """Unix seconds."""
    intents: int = 0
    """What it subscribed to; with other intents it would go on without the new events."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A time for which a shard has no events: its session could not be resumed."""

    shard: int
    from_at: float | None
    """Unix seconds; None if nobody knows when the old session died."""
    to_at: float
    """Unix seconds."""
    reason: str


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event that is not done."""

    row: int
    """Larger for each new event, and never given twice."""
    received: Received
    attempts: int
    """Runs that began, the present one included."""
    crashes: int
    """Runs in which the process died."""
    state: State
    running: bool
    error: str
    """Why the last run failed, or why it was given up."""
    plugins: tuple[str, ...]
    """Which plugins have to run; empty for all of them."""
    changed_at: float
    """Unix seconds; when state, attempts or error changed last."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A run that failed."""

    row: int
    error: str
    plugins: tuple[str, ...]
    """Which plugins failed; the others need not run again."""


@dataclass(frozen=True, slots=True)
class DeadLetter(Failure):
    """A failure that was the last."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes that become durable together, or not at all."""

    events: Sequence[Received] = ()
    sessions: Sequence[SavedSession] = ()
    begun: int = 0
    """Up to this row events may run from now on, so a crash may be their fault; `EVERY_ROW` includes those of
    this batch."""
    done: Sequence[int] = ()
    dead: Sequence[DeadLetter] = ()
    failed: Sequence[Failure] = ()
    """Runs that failed but are not the last: the event waits, for these plugins, and is not running. One that
    ended so is not what ends processes: its crashes are forgotten."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is."""

    waiting: int
    """Not done and not dead, running ones included."""
    dead: int
    done: int
    """Ever; forgetting events does not change it."""
    gaps: int


@dataclass(frozen=True, slots=True)
class Recovered:
    """What an earlier process left."""

    dead: int
    """Events that are dead now."""
    begun: int
    """Row up to which events may have begun to run there."""


@dataclass(frozen=True, slots=True)
class Retention:
    """For how long, and how often."""

    seen_for: float = 86_400.0
    """Seconds for which a key is remembered; the platform repeats an event within minutes. Keys that came in
    one batch are forgotten together."""
    seen_count: int = 1_000_000
    """The keys of so many newest events are remembered, of others up to a batch."""
    dead: int = 10_000
    """So many newest events that were given up are kept; older ones are dropped."""
    gaps: int = 1_000
    attempts: int = 5
    """An event that began this often and was never done is dead when the process starts."""
    crashes: int = 2
    """An event that was running in so many crashes is dead when the process starts."""
    max_size: int | None = None
    """Bytes that all of it may take on the disk; None for as much as there is."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was beyond the retention."""

    keys: int
    dead: int
    """Events that had been given up, and cannot be replayed any more."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """What a store was relieved of."""

    freed: int
    """Bytes."""
    dead: int
    """Events that had been given up, beyond the retention."""


class Store(Protocol):
    """Where events, sessions and gaps are kept.

    Every method that changes something returns once the change outlives the process. If the store cannot
    write (disk full, locked), it says so in `trouble`, keeps what it was given, tries again, and returns
    when it has succeeded: waiting for it is how the caller slows down.

    Raises:
        StoreError: On entering, if the store cannot be used; later, if it was closed before it could do
            what it was asked.
    """

    @property
    def trouble(self) -> str | None:
        """Why nothing can be written right now, or something not be read; None if all is well."""

    @property
    def unclean(self) -> bool:
        """Whether the store was not closed the last time."""

    @property
    def notices(self) -> Sequence[str]:
        """What the operator should know about the opening: what was lost, what was moved aside."""

    @property
    def lost(self) -> str:
        """Why what an earlier process left is not here any more; empty if it is, or if there was none."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc_info: object) -> None: ...

    async def write(self, batch: Batch) -> list[int | None]:
        """Store *batch*; return the row of each of its events, None for a repetition.

        New events are in their first attempt, but do not count as running: many of them only wait, and none
        is to blame for a crash before it runs for the second time. Of a session with the id that is
        stored already, the larger sequence number is kept; another id replaces it. What is done, failed or
        dead and no longer waits is ignored.
        """

    async def start(self, rows: Sequence[int]) -> None:
        """Note that these waiting events run, in one more attempt; every run after the first needs it.

        After a crash, events with `crashes` should run one at a time: the next crash then condemns the
        culprit alone.
        """

    async def unfinished(self, after: int = 0, limit: int = 256) -> list[StoredEvent]:
        """Return waiting events with rows above *after*, in the order of their rows."""

    async def recover(self, now: float) -> Recovered:
        """Settle what the last process left running, before anything runs.

        After an orderly end nothing was left running, and runs that it ended do not count. After a crash what
        ran counts one crash more (first runs are not counted, nobody knows which of them ran); with too many
        of them, or of attempts, it is dead.
        """

    async def sessions(self) -> list[SavedSession]:
        """Return the newest session of each shard, in the order of shards."""

    async def add_gap(self, gap: Gap) -> None:
        """Keep *gap*."""

    async def gaps(self, limit: int = 100) -> list[Gap]:
        """Return gaps, the newest first."""

    async def counts(self) -> Counts:
        """Return how much there is."""

    async def list_events(self, state: State, limit: int = 100, after: int = 0) -> list[StoredEvent]:
        """Return events with rows above *after*, in the order of their rows."""

    async def touched(self) -> bool:
        """Return whether anybody may have revived or dropped events since this was asked last.

        Quick, however much there is; True for whoever asks for the first time.
        """

    async def revive(self, rows: Sequence[int] | None) -> int:
        """Let dead events wait again, None for all, as if they never ran; return how many there were.

        They wait for the plugins that had failed them.
        """

    async def drop(self, rows: Sequence[int] | None) -> int:
        """Throw dead events away, None for all; return how many there were.

        Their keys are still remembered: a repetition of them is one.
        """

    async def prune(self, now: float) -> Pruned:
        """Forget keys and dead letters that are beyond the retention; return how many."""

    async def compact(self, now: float) -> Compacted:
        """Prune, and give back space that is not used."""
