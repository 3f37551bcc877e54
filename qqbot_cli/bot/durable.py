"""The durable inbox: no event is handed out before it is stored, and none is forgotten before it is done.

What arrives is stored in batches, each together with the sequence number of its session; then it is handed
to the plugins; when the last of them has finished, it is marked as done. So RESUME can always ask for
exactly what is not stored, a restart goes on with exactly what is not done, and what the platform sends
twice is recognised by its key.

Only so many events are in the hands of plugins at once. What comes while they are busy stays in the store
and is fetched, in order, when they have room: slow handlers cost space on the disk, not memory, and do not
outlast the patience of the platform.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

from qqbot_cli.bot.absent import Absentees
from qqbot_cli.bot.arrival import Arrival, from_store, numbers
from qqbot_cli.bot.inbox import Dispatcher, Stored
from qqbot_cli.bot.manager import Identity
from qqbot_cli.bot.outcome import Outcomes
from qqbot_cli.bot.remembered import RememberedSessions
from qqbot_cli.bot.session import EventSession
from qqbot_cli.bot.suspects import Suspects
from qqbot_cli.bot.tally import Tally
from qqbot_cli.errors import StoreError
from qqbot_cli.model.events import READY, RESUMED
from qqbot_cli.model.fact import EventGivenUp, GapRecorded, InboxRestored, Report
from qqbot_cli.model.frame import Frame, ready_session_id
from qqbot_cli.model.inbox import (
    EVERY_ROW,
    Batch,
    Gap,
    State,
    Store,
    StoredEvent,
)
from qqbot_cli.protocol.past import Past

BATCH: Final = 256
"""Events of one transaction."""
BACKLOG_LIMIT: Final = 1_000_000
"""Events that may wait in the store before reading stops."""
_PRUNE_EVERY: Final = 600.0
_LOOK: Final = 1.0
"""Seconds for one look at what the operator has done; the next has another chance."""
_LAST: Final = 0.4
"""Seconds for what is stored at the very end."""
_UNSTORED: Final = frozenset((READY, RESUMED))
"""Events about the connection: after a restart they would tell of one that is gone."""


class DurableInbox:
    """Keeps events in a store until they are done."""

    def __init__(
        self,
        store: Store,
        *,
        limit: int,
        report: Report,
        backlog_limit: int = BACKLOG_LIMIT,
        look_every: float = 2.0,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """Make an inbox; `restore` and `begin` come before anything else.

        Args:
            store: Where events are kept; open.
            limit: Events that may be in the hands of plugins.
            report: Where facts go.
            backlog_limit: Events that may wait in the store before reading stops.
            look_every: Seconds between two looks for events that somebody has revived.
            wall: Answers unix seconds.
        """
        self.tally = Tally()
        self.dead = 0
        self._store = store
        self._limit = limit
        self._backlog_limit = backlog_limit
        self._look_every = look_every
        self._report = report
        self._wall = wall
        self._clock = asyncio.get_running_loop().time
        self._dispatcher: Dispatcher
        self._absentees: Absentees
        self._stored: Stored
        self._sessions = RememberedSessions(clock=self._clock, wall=wall)
        self._arrived: list[Arrival] = []
        self._on_the_way = 0
        """Events that are being stored."""
        self._taken: set[int] = set()
        """Rows that plugins have in their hands."""
        self._pausing: set[int] = set()
        """Those of them that wait for another try, and cannot be what ends the process meanwhile."""
        self._unstored = 0
        """Events without a row that plugins have in their hands."""
        self._outcomes = Outcomes()
        self._forgotten: set[int] = set()
        self._gaps: list[Gap] = []
        self._numbers_due = False
        """Whether it is time to see which numbers will not come any more."""
        self._cursor = 0
        """Row up to which everything has been handed out."""
        self._suspects = Suspects(begun=0, crashed=False)
        self._backlog = 0
        """Events in the store that have not been handed out."""
        self._unknown = True
        """Whether there may be waiting events that nobody here knows of."""
        self._open = True
        self._came = asyncio.Event()
        """Set when something arrives."""
        self._wake = asyncio.Event()
        """Set when something is done, lost or shut."""
        self._room = asyncio.Event()
        self._room.set()
        self._empty = asyncio.Event()
        self._next_look = self._next_prune = 0.0

    # --- what others see

    @property
    def waiting(self) -> int:
        """Events that are not done."""
        return self._at_hand + self._backlog + len(self._absentees.rows)

    @property
    def _at_hand(self) -> int:
        """Events that are being stored or handled."""
        return len(self._arrived) + self._on_the_way + len(self._taken) + self._unstored

    @property
    def trouble(self) -> str:
        """Why nothing can be stored right now, or empty."""
        return self._store.trouble or ""

    # --- the beginning

    def begin(self, dispatcher: Dispatcher, stored: Stored) -> None:
        """Hand events to *dispatcher* from now on, and tell *stored* what is safe."""
        self._dispatcher = dispatcher
        self._absentees = Absentees(dispatcher.wants)
        self._stored = stored

    async def restore(self) -> None:
        """Take up what the last process left: its sessions, and the events that are not done."""
        store = self._store
        recovered = await store.recover(self._wall())
        self._suspects = Suspects(begun=recovered.begun, crashed=store.unclean)
        sessions = self._sessions.load(await store.sessions(), lost=store.lost)
        counts = await store.counts()
        self._backlog = self.tally.earlier = counts.waiting
        self.dead = counts.dead
        if self._backlog or sessions or recovered.dead:
            self._report(InboxRestored(self._backlog, sessions, recovered.dead, store.unclean))

    def identify(self, identity: Identity) -> None:
        """From now on sessions are started as *identity* says."""
        self._sessions.identify(identity)

    def past(self, shard: int) -> Past:
        """Return what the store knows of *shard*, on the monotonic clock."""
        return self._sessions.past(shard)

    # --- what the connections do

    def put(self, shard: int, frame: Frame, received: float) -> bool:
        """Take an event; return False if the next should wait for `room`."""
        if frame.event == READY:
            self._sessions.started(shard, ready_session_id(frame))
        wanted = self._dispatcher.wants(frame.event or "")
        self._arrived.append(Arrival(shard, self._sessions.current(shard), frame, received, wanted))
        self._came.set()
        return self._has_room()

    def _has_room(self) -> bool:
        on_the_way = len(self._arrived) + self._on_the_way
        fits = on_the_way < self._limit and self._backlog < self._backlog_limit and self._open
        if fits:
            self._room.set()
        else:
            self._room.clear()
        return fits

    async def room(self) -> None:
        """Wait until there is room again; after `shut` for ever."""
        await self._room.wait()

    def forget(self, shard: int) -> None:
        """The session of *shard* cannot be resumed any more."""
        self._sessions.forget(shard)
        self._forgotten.add(shard)
        self._came.set()

    def note_gap(self, gap: GapRecorded) -> None:
        """Keep *gap* for whoever asks later."""
        now = self._wall()
        began = None if gap.seconds is None else now - gap.seconds
        self._gaps.append(Gap(gap.shard, began, now, gap.reason))
        self._wake.set()

    # --- what the plugins do

    def done(self, session: EventSession[Any]) -> None:
        """All handlers of one event have ended."""
        row = session.row
        if session.failures:
            self.tally.given_up += 1
        else:
            self.tally.handled += 1
        if not row:
            self._unstored -= 1
            self._wake.set()
            return
        if session.failures:
            plugins, errors = zip(*session.failures, strict=True)
            error = "; ".join(dict.fromkeys(errors))
            self._outcomes.given_up(session, plugins, error)
            self.dead += 1
            self._report(EventGivenUp(row, session.name, session.event_id, ", ".join(plugins), error))
        else:
            self._outcomes.done(row)
        self._taken.discard(row)
        self._pausing.discard(row)
        self._wake.set()

    def failed(self, session: EventSession[Any], plugin: str, error: str) -> None:
        """The last handler that had not finished failed, and will be tried again."""
        if session.row:
            self._outcomes.failed(session, plugin, error)
            self._pausing.add(session.row)
            self._wake.set()

    async def again(self, session: EventSession[Any]) -> None:
        """Count one more attempt; returns when that is stored."""
        row = session.row
        if not row:
            return
        self._pausing.discard(row)
        failed = self._outcomes.take_failures(row)
        if failed:  # of its last run; it must not be stored after the beginning of this one
            await self._store.write(Batch(failed=failed))
        await self._store.start([row])

    # --- the pumps

    async def run(self) -> None:
        """Store what comes, settle what is done, hand out what waits, for ever.

        Two pumps, because what is done makes room: it must not wait behind what finds none.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self._run_arrivals(), name="inbox arrivals")
            group.create_task(self._run_settlements(), name="inbox settlements")

    async def _run_arrivals(self) -> None:
        while True:
            await self._came.wait()
            self._came.clear()
            while self._arrived or self._forgotten or self._numbers_due:
                # All of it may find no room, and must not keep what is done from making some.
                await self._store_ends()
                await self._give_numbers_up()
                await self._store_arrived()
                self._has_room()
            if not self._open:
                self._wake.set()  # nothing is on its way any more

    async def _store_arrived(self) -> None:
        """Make durable what has come, then hand out what is new."""
        if not self._arrived:
            return
        await self._store_gaps()  # first: once a new session is stored, nobody would miss its gap
        free = self._limit - len(self._taken)
        at_once = self._open and not self._backlog and free > 0
        # What plugins have no room for must not count as begun.
        size = min(BATCH, free) if at_once else BATCH
        arrived, self._arrived = self._arrived[:size], self._arrived[size:]
        kept = [one for one in arrived if one.wanted and one.frame.event not in _UNSTORED]
        behind = self._wall() - self._clock()
        batch = Batch(
            events=[one.to_store(behind) for one in kept],
            sessions=self._sessions.positions(arrived),
            begun=EVERY_ROW if at_once else 0,
        )
        self._on_the_way = len(arrived)
        rows = await self._store.write(batch)
        self._on_the_way = 0
        for (shard, session_id), seqs in numbers(arrived).items():
            self._stored(shard, session_id, seqs)
        self._take_up(arrived, iter(rows), at_once=at_once)

    def _take_up(self, arrived: Sequence[Arrival], rows: Iterator[int | None], *, at_once: bool) -> None:
        """Hand out what is new of what has been stored, unless it has to wait."""
        for one in arrived:
            if not one.wanted:
                self.tally.unwanted += 1
                continue
            if one.frame.event in _UNSTORED:
                self._unstored += self._dispatcher.dispatch(one.shard, one.frame, one.received)
                continue
            row = next(rows)
            if row is None:
                self.tally.repeated += 1
                continue
            if row <= self._cursor:
                continue  # fetched from the store already
            if self._backlog or not at_once or len(self._taken) >= self._limit or not self._open:
                self._backlog += 1  # it has its turn when what came before has had it
                self._wake.set()
            else:
                self._hand_out(row, one.shard, one.frame, one.received)

    async def _run_settlements(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(self._next_look if self._open else None):
                    await self._wake.wait()
            self._wake.clear()
            if self._open and self._clock() >= self._next_look:
                await self._look_again()
            while self._outcomes or self._gaps:
                await self._settle()
                await self._fetch()
            await self._fetch()
            self._has_room()
            if not self._open and not self._at_hand:
                self._empty.set()

    async def _settle(self) -> None:
        """Make durable what has been done, given up and lost; nothing that needs room."""
        await self._store_gaps()
        if self._outcomes:
            await self._store.write(self._outcomes.take())

    async def _store_ends(self) -> None:
        """Make durable that sessions have ended."""
        if self._forgotten:
            forgotten, self._forgotten = self._forgotten, set()
            await self._store.write(Batch(sessions=self._sessions.ended(sorted(forgotten))))

    async def _give_numbers_up(self) -> None:
        """Make durable that numbers which were left out are not expected any more, then say so."""
        if not self._numbers_due:
            return
        self._numbers_due = False
        for shard, session_id in self._sessions.unsettled():
            up_to = self._stored(shard, session_id, ())
            moved = self._sessions.settled(shard, session_id, up_to)
            if moved:
                await self._store.write(Batch(sessions=moved))
                self._stored(shard, session_id, (), up_to)

    async def _store_gaps(self) -> None:
        while self._gaps:
            await self._store.add_gap(self._gaps.pop(0))

    def _hand_out(
        self,
        row: int,
        shard: int,
        frame: Frame,
        received: float,
        plugins: Collection[str] = (),
        *,
        earlier: int | None = None,
    ) -> None:
        self._cursor = max(self._cursor, row)
        self._taken.add(row)
        if not self._dispatcher.dispatch(shard, frame, received, row, plugins, earlier=earlier):
            self._taken.discard(row)
            self._outcomes.done(row)
            self._wake.set()

    async def _fetch(self) -> None:
        """Hand out what waits in the store, as far as plugins have room."""
        while self._backlog and self._open and len(self._taken) <= self._limit // 2:
            counted, most = self._backlog, min(BATCH, self._suspects.most, self._limit)
            events = await self._store.unfinished(self._cursor, most)
            if not events:
                if self._backlog == counted:  # else something has been stored behind our back
                    self._backlog = 0
                continue
            absent, events = self._absentees.split(events)
            if absent:
                self._cursor = absent[-1].row
                self._has_fetched(len(absent))
                await self._store.write(self._absentees.leave(absent))
                continue
            again = self._suspects.include(events[0])
            if again:
                running = self._taken - self._pausing
                # What has ended must not be blamed for what comes next.
                may_run = () if self._outcomes else self._suspects.may_run(events, running)
                if not may_run:
                    return  # what runs has to end first
                events = list(may_run)
            else:
                self._suspects.clear()
                await self._store.write(Batch(begun=events[-1].row))
            if self._open:  # else it was shut meanwhile, and the store says goodbye to what did not run
                self._has_fetched(len(events))
                self._hand_out_stored(events, again=again)

    def _has_fetched(self, count: int) -> None:
        # Perhaps an operator has revived events among them, which nobody had counted: none are left when none
        # are found.
        self._backlog = max(1, self._backlog - count)

    def _hand_out_stored(self, events: Iterable[StoredEvent], *, again: bool) -> None:
        behind = self._wall() - self._clock()
        for event in events:
            self._hand_out(
                event.row,
                event.received.shard,
                from_store(event.received),
                event.received.received_at - behind,
                event.plugins,
                earlier=event.attempts if again else None,
            )

    async def _look_again(self) -> None:
        """Find events that the operator has revived, and let go what is not needed or expected any more."""
        now = self._clock()
        self._next_look = now + self._look_every
        if now >= self._next_prune or self._store.trouble:  # keys may be what fills it
            self._next_prune = now + _PRUNE_EVERY
            self.dead -= (await self._store.prune(self._wall())).dead
        if self._sessions.unsettled():
            self._numbers_due = True
            self._came.set()
        found: list[StoredEvent] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK):  # a page that cannot be read must not keep anything waiting
                found = await self._look_for_revived()
        await self._take_up_revived(found)

    async def _look_for_revived(self) -> list[StoredEvent]:
        """Return the oldest waiting events if there are more than we know of."""
        if await self._store.touched():
            self._unknown = True
        if not self._unknown:
            return []  # counting takes long where many wait
        counts = await self._store.counts()
        self.dead = counts.dead + self._outcomes.dead  # which were given up meanwhile
        count = len(self._mine())
        self._unknown = counts.waiting > count + self._backlog
        if not self._unknown:
            return []
        return await self._store.list_events(State.WAITING, count + BATCH)

    async def _take_up_revived(self, found: Sequence[StoredEvent]) -> None:
        """Hand out those of *found* that had been handed out before, as far as plugins have room."""
        mine = self._mine()  # not those of before: the others have gone on meanwhile
        waiting = [event for event in found if event.row not in mine]
        if not self._backlog and not self._on_the_way and any(event.row > self._cursor for event in waiting):
            self._backlog = 1  # or more
        revived = [event for event in waiting if event.row <= self._cursor]
        absent = [event for event in revived if self._absentees.include(event)]
        if absent:
            await self._store.write(self._absentees.leave(absent))
        room = self._limit - len(self._taken)
        runnable = [event for event in revived if event not in absent][:room]
        if self._open:
            self.tally.earlier += len(runnable)
            self._hand_out_stored(runnable, again=True)

    def _mine(self) -> set[int]:
        """Return the rows that wait in the store because of us, or left by us, and were not revived."""
        return self._taken | self._absentees.rows | self._outcomes.rows

    # --- the end

    def shut(self) -> None:
        """Hand out no more: whoever asks for room waits for ever. What came is stored, what runs may end."""
        self._open = False
        self._room.clear()
        self._wake.set()

    async def empty(self) -> None:
        """Wait until no plugin has anything in its hands; only after `shut`."""
        await self._empty.wait()

    async def close(self) -> None:
        """Store what has happened since the pumps have ended: what is done must not be done again.

        A store that cannot be written is not waited for.
        """
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(_LAST):
                await self._settle()
                await self._store_ends()
                # Counted on the way, with an event too many where the last one has just been fetched.
                kept = (await self._store.counts()).waiting
                self._backlog = max(0, kept - len(self._taken) - len(self._absentees.rows))
