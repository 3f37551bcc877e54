"""A store in one file on the local disk.

One thread owns the database (`store.writer`), the statements are in `store.statements`, the tables in
`store.schema`. The log is written before the file (WAL): a crash of the process loses nothing that was
answered; a power failure may undo the last transactions, but events and sequence numbers together, so
the platform is asked for them again.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

from qqbot_cli.errors import StoreError
from qqbot_cli.model.inbox import (
    Batch,
    Compacted,
    Counts,
    Gap,
    Pruned,
    Recovered,
    Retention,
    SavedSession,
    State,
    StoredEvent,
)
from qqbot_cli.store import place, schema, statements
from qqbot_cli.store.hindrance import DAMAGE_HELP, LimitError, hindrance
from qqbot_cli.store.numbering import Numbering
from qqbot_cli.store.writer import Kind, Patience, Work, Writer

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Overview:
    """What an operator sees first, all of it from one moment."""

    process: str | None
    """Number of the bot that has the store; None if none runs."""
    counts: Counts
    running: frozenset[int]
    """Rows that plugins have in their hands, first runs included; unlike in `counts`."""
    sessions: Sequence[SavedSession]
    oldest: Sequence[StoredEvent]
    """Waiting events, those that run included."""


class SqliteStore:
    """Events, sessions and gaps in a database."""

    def __init__(
        self,
        path: Path | str,
        *,
        bot: str = "",
        tool: bool = False,
        full: bool = False,
        retention: Retention = Retention(),
        patience: Patience = Patience(),
        on_trouble: Callable[[str | None], None] | None = None,
        clock: Callable[[], float] = time.time,
        mounts: Path = place.MOUNTS,
    ) -> None:
        """Nothing is opened before the store is entered.

        Args:
            path: The file; it is made with its folders.
            bot: Whose it is, in words: the first bot that opens it leaves its name, and another one is
                refused; empty for somebody who does not care.
            tool: Opened beside the bot: makes nothing, owns nothing, waits a second where a bot tries
                for ever, and does not count as the bot's end.
            full: Wait for the disk at each transaction; then a power failure undoes none of them.
            retention: What is kept for how long.
            patience: How long to try.
            on_trouble: Is told what becomes `trouble`; called in the event loop.
            clock: Answers unix seconds.
            mounts: The system's list of mounted file systems.
        """
        self.path = Path(path)
        self.trouble: str | None = None
        self.unclean = False
        self.notices: Sequence[str] = ()
        self.lost = ""
        self._bot = bot
        self._tool = tool
        self._full = full
        self._retention = retention
        self._patience = patience
        self._on_trouble = on_trouble
        self._clock = clock
        self._mounts = mounts
        self._ownership: place.Ownership | None = None
        self._closed_to_us: Sequence[Path] = ()
        """Files that only can be read."""
        self._writer: Writer
        self._numbering = Numbering()
        self._touched = True
        self._version = 0
        """Of the data, as far as others have changed it."""
        self._begun = 0
        """Row up to which events may have begun to run when it was opened."""

    async def __aenter__(self) -> Self:
        self._writer = Writer(
            str(self.path),
            begin=self._begin_as_tool if self._tool else self._begin,
            end=self._end,
            patience=None if self._tool else self._patience,
            on_trouble=self._note_trouble,
        )
        await self._writer.open()
        for notice in self.notices:
            logger.warning("%s", notice)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._writer.close()

    # --- what the bot does all the time

    async def write(self, batch: Batch) -> list[int | None]:
        """Store *batch*; return the row of each of its events, None for a repetition."""
        now = self._clock()
        # What only ends events makes room, and need not wait behind what finds none.
        kind = Kind.BATCH if batch.events or batch.sessions else Kind.CHANGE
        # What is numbered is stored, for batches never overtake each other; or it never is, because the
        # store was closed, and then nobody asks for rows any more.
        rows, digests = self._numbering.number(batch.events) if batch.events else ([], b"")

        def store(database: sqlite3.Connection) -> None:
            statements.write(database, batch, rows, digests, now)
            if batch.events:
                self._hold(database, rows)

        # Not what is done: whatever is stored about it later is ignored.
        about = [one.row for one in (*batch.failed, *batch.dead)]
        await self._writer.ask(kind, store, about)
        return rows

    async def start(self, rows: Sequence[int]) -> None:
        """Note that these waiting events run, in one more attempt."""
        now = self._clock()
        await self._change(lambda database: statements.start(database, rows, now), rows)

    # --- what it does at its start

    async def unfinished(self, after: int = 0, limit: int = 256) -> list[StoredEvent]:
        """Return waiting events with rows above *after*, in the order of their rows."""
        return await self.list_events(State.WAITING, limit, after)

    async def recover(self, now: float) -> Recovered:
        """Settle what was left running."""
        return await self._change(lambda database: statements.recover(database, self._retention, now))

    async def sessions(self) -> list[SavedSession]:
        """Return the newest session of each shard, in the order of shards."""
        return await self._look(statements.sessions)

    async def add_gap(self, gap: Gap) -> None:
        """Keep *gap*."""
        await self._change(lambda database: statements.add_gap(database, gap, self._retention.gaps))

    async def gaps(self, limit: int = 100) -> list[Gap]:
        """Return gaps, the newest first."""
        return await self._look(lambda database: statements.gaps(database, limit))

    # --- what its operator does

    async def counts(self) -> Counts:
        """Return how much there is."""
        return await self._look(statements.counts)

    async def list_events(self, state: State, limit: int = 100, after: int = 0) -> list[StoredEvent]:
        """Return events with rows above *after*, in the order of their rows."""
        return await self._look(lambda database: statements.list_events(database, state, limit, after))

    async def overview(self, limit: int) -> Overview:
        """Return how things stand, and the *limit* oldest waiting events."""

        def look(database: sqlite3.Connection) -> Overview:
            owner = place.owner(self.path)
            database.execute("BEGIN")
            try:
                return Overview(
                    owner.process if owner else None,
                    statements.counts(database),
                    statements.running(database, owner.begun) if owner else frozenset(),
                    statements.sessions(database),
                    statements.list_events(database, State.WAITING, limit, 0),
                )
            finally:
                if database.in_transaction:
                    database.execute("ROLLBACK")

        return await self._look(look)

    async def touched(self) -> bool:
        """Return whether anybody may have revived or dropped events since this was asked last."""
        before, self._version = self._version, await self._look(statements.data_version)
        touched, self._touched = self._touched, False
        return touched or self._version != before

    async def revive(self, rows: Sequence[int] | None) -> int:
        """Let dead events wait again, None for all; return how many there were."""
        self._touched = True
        now = self._clock()
        return await self._change(lambda database: statements.revive(database, rows, now))

    async def drop(self, rows: Sequence[int] | None) -> int:
        """Throw dead events away, None for all; return how many there were."""
        self._touched = True
        return await self._change(lambda database: statements.drop(database, rows))

    async def prune(self, now: float) -> Pruned:
        """Forget keys and dead letters that are beyond the retention; return how many."""
        retention = self._retention
        kept, dead = await self._change(lambda database: statements.prune(database, retention, now), ())
        if dead and not self._tool:
            logger.warning(
                "store %s: %d given up events were dropped, the oldest: inbox.dead keeps %d of them",
                self.path,
                dead,
                retention.dead,
            )
        return Pruned(self._numbering.forget(before=kept), dead)

    async def compact(self, now: float) -> Compacted:
        """Prune, and give back space that is not used."""
        before = await self._look(lambda _: place.size(self.path))
        dropped = (await self.prune(now)).dead
        while await self._look(statements.vacuum):
            pass
        await self._look(statements.checkpoint)
        after = await self._look(lambda _: place.size(self.path))
        return Compacted(max(0, before - after), dropped)

    # --- the thread

    async def _look(self, work: Work[T]) -> T:
        return await self._writer.ask(Kind.LOOK, work)

    async def _change(self, work: Work[T], rows: Sequence[int] | None = None) -> T:
        if self._closed_to_us:
            raise place.read_only(self.path, self._closed_to_us)
        return await self._writer.ask(Kind.CHANGE, work, rows)

    def _note_trouble(self, text: str | None) -> None:
        self.trouble = text
        if self._on_trouble is not None:
            self._on_trouble(text)

    def _hold(self, database: sqlite3.Connection, rows: Sequence[int | None]) -> None:
        """Let events that have been inserted under *rows* be undone if there is no room for them.

        Only what comes is held to the limit. What becomes of it has to be stored, or it would be in the way
        for ever: an event that is given up takes a page before it leaves one.

        Raises:
            LimitError: If there is none.
        """
        limit = self._retention.max_size
        if limit is None or not schema.exceeds(database, limit):
            return
        fresh = sum(row is not None for row in rows)
        if not fresh:
            return
        counts = statements.counts(database)
        waiting = counts.waiting - fresh
        if counts.dead > waiting:
            reason = f"{counts.dead} given up events fill it; raise it, or qqbot inbox drop"
        elif waiting:
            reason = f"{waiting} events wait until others are done"
        else:
            reason = "what comes at once does not fit; raise it"
        raise LimitError(f"inbox.max_size ({limit / 1_000_000:g} MB) is reached: {reason}")

    def _begin_as_tool(self) -> sqlite3.Connection:
        if place.is_missing(self.path):
            raise place.missing(self.path)
        try:
            with self.path.open("rb"):
                pass  # SQLite would not say why it cannot open the file
            self._closed_to_us = place.closed_to_us(self.path)
            return schema.connect(
                self.path,
                owner=False,
                bot=self._bot,
                access=place.access(self.path, may_write=not self._closed_to_us),
                busy=self._patience.once,
            )
        except OSError as exc:
            raise place.unreadable(self.path, exc) from exc
        except schema.DamagedError as exc:
            raise StoreError(f"the store {self.path} is damaged: {exc}", help=DAMAGE_HELP) from exc
        except sqlite3.Error as exc:
            raise self._unusable(exc) from exc

    def _begin(self) -> sqlite3.Connection:
        self.lost = ""
        place.check(self.path, mounts=self._mounts)
        with place.owning(self.path) as ownership:
            connection = self._open_unlocked(existed=ownership.existed, damaged=ownership.damaged)
            ownership.sign(self._begun)
        self._ownership = ownership
        return connection

    def _open_unlocked(self, *, existed: bool, damaged: bool) -> sqlite3.Connection:
        """Open the database; another process that has locked it is waited for, and told about."""
        begun = time.monotonic()
        told = False
        while True:
            try:
                return self._open(existed=existed, damaged=damaged)
            except sqlite3.Error as exc:
                found = hindrance(exc)
                waited = time.monotonic() - begun
                if found is None or not found.lock or waited >= self._patience.locked:
                    raise self._unusable(exc) from exc
            if waited >= self._patience.silent and not told:
                told = True
                logger.warning(
                    "the store %s is locked by another process, waiting up to %.0f s",
                    self.path,
                    self._patience.locked,
                )

    def _unusable(self, exc: sqlite3.Error) -> StoreError:
        """Return the error of a store that does not open because of *exc*."""
        found = hindrance(exc)
        if found is None:
            return place.unusable(self.path, str(exc))
        if not found.passes and (closed := place.closed_to_us(self.path)):
            return place.read_only(self.path, closed)
        return place.unusable(self.path, f"{found.meaning} ({exc})", help=found.help)

    def _open(self, *, existed: bool, damaged: bool) -> sqlite3.Connection:
        """Open the database and leave the mark of an open store in it; one known to be *damaged* goes."""
        notices = []
        if existed and place.is_missing(self.path):
            notices.append(
                f"the store {self.path} is gone or empty, though there was one: sessions and events that"
                " were not done are lost"
            )
            self.lost = "the store was gone"
            damaged = False
            place.move_aside(self.path, clock=self._clock)
        place.create(self.path)
        try:
            connection = self._connect(damaged=damaged)
        except schema.DamagedError as exc:
            if not existed:
                # Perhaps a slip of the pen in the configuration; then the file is somebody's.
                raise place.unusable(self.path, f"it is no store of qqbot ({exc})") from exc
            self.lost = "the store was damaged and put aside"
            aside = place.move_aside(self.path, clock=self._clock)
            notices.append(
                f"the store {self.path} is damaged ({exc}) and was moved to {aside.name}; a new one was"
                f" begun. In the old one: {exc.contents or 'nothing that can be read'}"
            )
            place.create(self.path)
            connection = self._connect()
        self.notices = notices
        return connection

    def _connect(self, *, damaged: bool = False) -> sqlite3.Connection:
        connection = schema.connect(
            self.path,
            owner=True,
            bot=self._bot,
            busy=self._patience.busy,
            full=self._full,
            max_size=self._retention.max_size,
        )
        with schema.sound(connection):
            if damaged:
                raise schema.damage("the last bot met damage in it")
            connection.execute("BEGIN IMMEDIATE")
            self.unclean = not statements.say_hello(connection)
            self._numbering = statements.numbering(connection, self._retention.seen_count)
            self._begun = statements.begun(connection)
            connection.execute("COMMIT")
        return connection

    def _end(self, database: sqlite3.Connection) -> None:
        try:
            with closing(database):
                if self._ownership is not None and self._writer.damage:
                    self._ownership.sign(self._begun, damaged=True)
                elif self._ownership is not None:
                    database.execute("BEGIN IMMEDIATE")
                    statements.say_goodbye(database)
                    database.execute("COMMIT")
        finally:
            if self._ownership is not None:
                self._ownership.release()
