"""A store that forgets everything when the process ends. It is what the others are measured against."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final, Self

from qqbot_cli.model.inbox import (
    Batch,
    Compacted,
    Counts,
    Failure,
    Gap,
    Pruned,
    Received,
    Recovered,
    Retention,
    SavedSession,
    State,
    StoredEvent,
)
from qqbot_cli.store.wording import condemned

MEMORY_RETENTION: Final = Retention(seen_count=100_000)
"""Fewer keys than on a disk: each takes some 200 bytes."""


class MemoryStore:
    """Events, sessions and gaps in plain dictionaries."""

    trouble: str | None = None
    unclean = False
    notices: Sequence[str] = ()
    lost = ""

    def __init__(
        self, *, retention: Retention = MEMORY_RETENTION, clock: Callable[[], float] = time.time
    ) -> None:
        """*clock* answers unix seconds."""
        self._retention = retention
        self._clock = clock
        self._newest = 0
        self._begun = 0
        self._done = 0
        self._waiting: dict[int, StoredEvent] = {}
        self._dead: dict[int, StoredEvent] = {}
        self._seen: dict[str, tuple[int, float]] = {}
        """Row and time of each known key, in the order of rows."""
        self._sessions: dict[int, SavedSession] = {}
        self._gaps: list[Gap] = []
        self._touched = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        return

    # --- what the bot does all the time

    async def write(self, batch: Batch) -> list[int | None]:
        """Store *batch*; return the row of each of its events, None for a repetition."""
        now = self._clock()
        rows = [self._insert(event, now) for event in batch.events]
        self._begun = max(self._begun, min(batch.begun, self._newest))
        for session in batch.sessions:
            self._save(session)
        for row in batch.done:
            if self._waiting.pop(row, None) is not None:
                self._done += 1
        for failure in batch.failed:
            self._fail(failure, self._waiting, State.WAITING, now)
        for letter in batch.dead:
            self._fail(letter, self._dead, State.DEAD, now)
        return rows

    def _insert(self, event: Received, now: float) -> int | None:
        if event.key in self._seen:
            return None
        self._newest = row = self._newest + 1
        if event.key:
            self._seen[event.key] = (row, event.received_at)
            if len(self._seen) > 2 * self._retention.seen_count:
                self._forget_keys(-math.inf)  # memory must not depend on somebody who prunes
        self._waiting[row] = StoredEvent(row, event, 1, 0, State.WAITING, False, "", (), now)
        return row

    def _save(self, session: SavedSession) -> None:
        old = self._sessions.get(session.shard)
        if old is not None and old.session_id == session.session_id and old.seq > session.seq:
            session = replace(session, seq=old.seq)
        self._sessions[session.shard] = session

    def _fail(self, failure: Failure, target: dict[int, StoredEvent], state: State, now: float) -> None:
        event = self._waiting.get(failure.row)
        if event is None:
            return
        if state is not State.WAITING:
            del self._waiting[failure.row]  # where it stays, it keeps its place in the order
        target[failure.row] = replace(
            event,
            state=state,
            running=False,
            crashes=0 if state is State.WAITING else event.crashes,
            error=failure.error,
            plugins=tuple(failure.plugins),
            changed_at=now,
        )

    async def start(self, rows: Sequence[int]) -> None:
        """Note that these waiting events run, in one more attempt."""
        now = self._clock()
        for row in rows:
            event = self._waiting.get(row)
            if event is not None:
                attempts = event.attempts + 1
                self._waiting[row] = replace(event, attempts=attempts, running=True, changed_at=now)

    # --- what it does at its start

    async def unfinished(self, after: int = 0, limit: int = 256) -> list[StoredEvent]:
        """Return waiting events with rows above *after*, in the order of their rows."""
        return _page(self._waiting, after, limit)

    async def recover(self, now: float) -> Recovered:
        """Settle what was left running."""
        condemned_rows = []
        for row, event in self._waiting.items():
            crashes = event.crashes + event.running
            settled = replace(event, crashes=crashes, running=False, changed_at=now)
            if event.running:
                self._waiting[row] = settled
            if crashes >= self._retention.crashes or event.attempts >= self._retention.attempts:
                condemned_rows.append(settled)
        for event in condemned_rows:
            del self._waiting[event.row]
            error = condemned(event.attempts, event.crashes, event.error)
            self._dead[event.row] = replace(event, state=State.DEAD, error=error, changed_at=now)
        return Recovered(len(condemned_rows), self._begun)

    async def sessions(self) -> list[SavedSession]:
        """Return the newest session of each shard, in the order of shards."""
        return sorted(self._sessions.values(), key=lambda session: session.shard)

    async def add_gap(self, gap: Gap) -> None:
        """Keep *gap*."""
        self._gaps.append(gap)
        del self._gaps[: -self._retention.gaps]

    async def gaps(self, limit: int = 100) -> list[Gap]:
        """Return gaps, the newest first."""
        return self._gaps[::-1][:limit]

    # --- what its operator does

    async def counts(self) -> Counts:
        """Return how much there is."""
        return Counts(len(self._waiting), len(self._dead), self._done, len(self._gaps))

    async def list_events(self, state: State, limit: int = 100, after: int = 0) -> list[StoredEvent]:
        """Return events with rows above *after*, in the order of their rows."""
        return _page(self._waiting if state is State.WAITING else self._dead, after, limit)

    async def touched(self) -> bool:
        """Return whether anybody has revived or dropped events since this was asked last."""
        touched, self._touched = self._touched, False
        return touched

    async def revive(self, rows: Sequence[int] | None) -> int:
        """Let dead events wait again, None for all; return how many there were."""
        now = self._clock()
        found = self._take_dead(rows)
        for event in found:
            self._waiting[event.row] = replace(
                event, state=State.WAITING, attempts=0, crashes=0, error="", changed_at=now
            )
        return len(found)

    async def drop(self, rows: Sequence[int] | None) -> int:
        """Throw dead events away, None for all; return how many there were."""
        return len(self._take_dead(rows))

    def _take_dead(self, rows: Iterable[int] | None) -> list[StoredEvent]:
        self._touched = True
        wanted = list(self._dead) if rows is None else dict.fromkeys(rows)
        return [self._dead.pop(row) for row in wanted if row in self._dead]

    async def prune(self, now: float) -> Pruned:
        """Forget keys and dead letters that are beyond the retention; return how many."""
        dropped = sorted(self._dead)[: max(0, len(self._dead) - self._retention.dead)]
        for row in dropped:
            del self._dead[row]
        return Pruned(self._forget_keys(now - self._retention.seen_for), len(dropped))

    def _forget_keys(self, before: float) -> int:
        """Forget the oldest keys up to the first that is neither too old nor one too many."""
        old = []
        newest_forgotten = self._newest - self._retention.seen_count
        for key, (row, received_at) in self._seen.items():
            if row > newest_forgotten and received_at >= before:
                break
            old.append(key)
        for key in old:
            del self._seen[key]
        return len(old)

    async def compact(self, now: float) -> Compacted:
        """Prune; memory gives space back by itself."""
        return Compacted(0, (await self.prune(now)).dead)


def _page(events: Mapping[int, StoredEvent], after: int, limit: int) -> list[StoredEvent]:
    """Return the first *limit* of *events* with rows above *after*.

    Dictionaries lose their order when dead events are revived or die out of turn.
    """
    return [events[row] for row in islice(sorted(row for row in events if row > after), limit)]
