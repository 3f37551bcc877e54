"""One thread that does all the work on a database, so that the event loop never waits for a disk.

Changes that are waiting when a transaction begins share it. What the disk or another process prevents is
kept and tried again; until a change has succeeded, nothing that came after it is stored in its place, but
whoever only looks is answered as far as that is possible, and so is whoever makes room. Nobody waits behind
who only looks: one page that cannot be read must not keep anything from being stored. Everybody is answered
in the end: if the thread itself ends by a fault, whoever waits and whoever comes later gets a `StoreError`.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from qqbot_cli.errors import ExitCode, StoreError
from qqbot_cli.store.hindrance import Hindrance, hindrance, may_pass

logger = logging.getLogger(__name__)

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]


class Kind(Enum):
    """What a piece of work may do."""

    BATCH = "changes, in the order they came"
    """A later batch holds the larger sequence number: it must not be stored without the earlier one."""
    CHANGE = "changes"
    """May overtake what there is no room for, because it may be what makes room: batches, and changes that
    are about other rows."""
    LOOK = "looks"
    """Runs outside of a transaction."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try, in seconds."""

    busy: float = 0.2
    """For a lock of another process, at once; whoever asks meanwhile waits too."""
    once: float = 1.0
    """The same for who does not try again."""
    silent: float = 1.0
    """A lock that lasts longer at the start is told."""
    retry: float = 5.0
    """Between two attempts to write to a disk that is full."""
    locked: float = 30.0
    """A lock of another process that lasts longer is trouble."""
    close: float = 5.0
    """What is still to be stored at the end may take so long."""


@dataclass(frozen=True, slots=True)
class _Request:
    kind: Kind
    work: Work[Any]
    future: asyncio.Future[Any]
    rows: frozenset[int] | None
    """What a change is about; None if that may be anything."""

    def may_overtake(self, earlier: _Request) -> bool:
        """Whether it may be stored before *earlier*, for which there is no room."""
        if self.kind is Kind.BATCH or earlier.kind is Kind.BATCH:
            return self.kind is not Kind.BATCH
        return self.rows is not None and earlier.rows is not None and self.rows.isdisjoint(earlier.rows)


_Outcome = tuple[asyncio.Future[Any], Any, BaseException | None]


class Writer:
    """The thread, seen from the event loop."""

    def __init__(
        self,
        name: str,
        *,
        begin: Callable[[], sqlite3.Connection],
        end: Work[None],
        patience: Patience | None,
        on_trouble: Callable[[str | None], None],
    ) -> None:
        """*begin* and *end* run in the thread, first and last.

        Args:
            name: What the store is called in messages.
            begin: Opens the connection; what it raises, `open` raises.
            end: Closes the connection; its failures do not matter.
            patience: None raises a `StoreError` at once where a bot would try again.
            on_trouble: Is told in the event loop why the store cannot be written, or in places not read, and
                None when that is over.
        """
        self._name = name
        self._begin = begin
        self._end = end
        self._tries_again = patience is not None
        self._patience = patience or Patience()
        self._on_trouble = on_trouble
        self._queue: SimpleQueue[_Request | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._closed = False
        self._asked: set[asyncio.Future[Any]] = set()
        """What has not been answered, wherever in the thread it is."""
        self._fault = ""
        """What has ended the thread before its time."""
        self.damage = False
        """Whether some was met, which only another start mends."""
        # A daemon: a disk that hangs must not keep the process from ending.
        self._thread = threading.Thread(target=self._live, name=f"store {name}", daemon=True)
        self._connection: sqlite3.Connection
        self._blocked: list[_Request] = []
        """Changes that could not be done yet."""
        self._hindrance = Hindrance("")
        """What blocks them."""
        self._blocked_since = 0.0
        self._retry_at = 0.0
        self._unseen: list[_Request] = []
        """Looks that saw nothing yet."""
        self._blindness = Hindrance("")
        """What keeps them from it."""
        self._unseen_since = 0.0
        self._look_at = 0.0
        self._told: str | None = None
        """The trouble that was told last."""

    # --- in the event loop

    async def open(self) -> None:
        """Start the thread and wait until the database is open."""
        self._thread.start()
        try:
            await self._opened
        except BaseException:
            self._closed = True
            self._queue.put(None)  # cancelled: a thread that opens after all has to end
            raise

    async def close(self) -> None:
        """Do what is waiting, then end the thread; after some seconds, give up on it."""
        if self._closed or not self._thread.is_alive():
            return
        self._closed = True
        self._queue.put(None)
        try:
            async with asyncio.timeout(self._patience.close):
                await self._ended
        except TimeoutError:
            logger.error("store %s: does not end, left alone", self._name)
        else:
            self._thread.join()

    def ask(self, kind: Kind, work: Work[T], rows: Iterable[int] | None = None) -> asyncio.Future[T]:
        """Have *work* done; await the answer.

        Args:
            kind: What it may do.
            work: Is called in the thread.
            rows: What a change is about: it overtakes no other that is about one of them. None overtakes no
                change at all, and is overtaken by none.
        """
        if self._closed:
            raise StoreError(f"the store {self._name} is closed")
        if self._fault:
            raise self._ended_by_fault()
        future: asyncio.Future[T] = self._loop.create_future()
        self._asked.add(future)
        future.add_done_callback(self._asked.discard)
        self._queue.put(_Request(kind, work, future, None if rows is None else frozenset(rows)))
        return future

    def _fail(self, exc: BaseException) -> None:
        """The thread has ended by *exc*: nobody shall wait for it."""
        self._fault = f"{type(exc).__name__}: {exc}"
        for future in [*self._asked]:
            if not future.done():
                future.set_exception(self._ended_by_fault())
        self._on_trouble(f"the store is not served any more ({self._fault})")

    def _ended_by_fault(self) -> StoreError:
        # A fault of ours: another process may do better with what is stored.
        return StoreError(
            f"the store {self._name} was ended by a fault of its thread: {self._fault}",
            exit_code=ExitCode.BUG,
        )

    # --- in the thread

    def _live(self) -> None:
        try:
            connection = self._begin()
        except BaseException as exc:  # noqa: BLE001 - belongs to whoever opens
            if isinstance(exc, StoreError) and may_pass(exc.__cause__):
                exc.exit_code = ExitCode.TEMPORARY  # a supervisor should try again
            self._tell([(self._opened, None, exc)])
            return
        self._connection = connection
        self._tell([(self._opened, None, None)])
        try:
            while self._serve():
                pass
        except BaseException as exc:
            logger.error(
                "store %s: its thread ends: %s: %s", self._name, type(exc).__name__, exc, exc_info=exc
            )
            self._call(self._fail, exc)
        finally:
            self._leave(connection)
            self._tell([(self._ended, None, None)])

    def _leave(self, connection: sqlite3.Connection) -> None:
        try:
            self._end(connection)
        except sqlite3.Error:
            pass
        except BaseException as exc:
            logger.error("store %s: %s: %s", self._name, type(exc).__name__, exc, exc_info=exc)

    def _serve(self) -> bool:
        """Do what has been asked meanwhile; return False after the last request."""
        requests = self._take()
        last = None in requests
        was_blocked, was_blind = bool(self._blocked), bool(self._unseen)
        if was_blocked and (last or time.monotonic() >= self._retry_at):
            self._blocked = self._store(self._blocked)
            self._retry_at = time.monotonic() + self._pause(self._hindrance)
        for looks, group in groupby(filter(None, requests), key=lambda one: one.kind is Kind.LOOK):
            if looks:
                self._tell([*filter(None, map(self._look, group))])
            else:
                self._change([*group])
        if was_blind and (last or time.monotonic() >= self._look_at):
            self._look_again()
        if last:
            self._give_up()
            return False
        now = time.monotonic()
        self._blocked_since = self._blocked_since if was_blocked else now
        self._unseen_since = self._unseen_since if was_blind else now
        if self._blocked or self._unseen or self._told:
            self._judge()
        return True

    def _take(self) -> list[_Request | None]:
        """Return all requests that wait, after the first has come or it is time to try again."""
        tries = [self._retry_at] * bool(self._blocked) + [self._look_at] * bool(self._unseen)
        delay = max(0.0, min(tries) - time.monotonic()) if tries else None
        requests: list[_Request | None] = []
        with suppress(Empty):
            requests.append(self._queue.get(timeout=delay))
            while True:
                requests.append(self._queue.get_nowait())
        return requests

    def _look(self, request: _Request) -> _Outcome | None:
        """Return what *request* sees, or None if it has to look again later."""
        try:
            return request.future, request.work(self._connection), None
        except (sqlite3.Error, UnicodeDecodeError) as exc:
            found = hindrance(exc)
            if self._tries_again and found is not None and not found.damage:
                self._blindness = found
                if not self._unseen:  # else whoever comes would put off the others
                    self._look_at = time.monotonic() + self._pause(found)
                self._unseen.append(request)
                return None
            return request.future, None, self._error("cannot be read", exc)
        except Exception as exc:  # noqa: BLE001 - belongs to whoever asked
            return request.future, None, exc

    def _look_again(self) -> None:
        waiting, self._unseen = self._unseen, []
        # Who has been cancelled meanwhile would look for ever.
        self._tell([*filter(None, (self._look(one) for one in waiting if not one.future.done()))])

    def _change(self, requests: list[_Request]) -> None:
        """Store *requests*, or add what cannot be stored to what is blocked."""
        if not self._blocked:
            self._blocked = self._store(requests)
            self._retry_at = time.monotonic() + self._pause(self._hindrance)
        elif self._hindrance.lock:
            self._blocked += requests
        else:
            self._blocked = self._store_room_makers(requests, behind=self._blocked)

    def _store(self, requests: list[_Request]) -> list[_Request]:
        """Return those of *requests* that could not be stored."""
        left = self._commit(requests)
        return left if self._hindrance.lock or len(left) < 2 else self._store_room_makers(left)

    def _store_room_makers(
        self, requests: list[_Request], *, behind: Sequence[_Request] = ()
    ) -> list[_Request]:
        """Store what may overtake those that are left, each by itself; return all that are left."""
        left = [*behind]
        for one in requests:
            if one.kind is Kind.BATCH or not all(map(one.may_overtake, left)) or self._commit([one]):
                left.append(one)
        return left

    def _commit(self, requests: list[_Request]) -> list[_Request]:
        """Do *requests* in one transaction; return those that have to be tried again."""
        try:
            results = self._transact(requests)
        except Exception as exc:  # noqa: BLE001 - belongs to whoever asked
            found = hindrance(exc)
            if found is not None and self._tries_again and not found.damage:
                self._hindrance = found
                return requests
            if found is None and len(requests) > 1:
                return self._commit_one_by_one(requests)
            error = exc if found is None else self._error(found.meaning, exc)
            self._tell([(request.future, None, error) for request in requests])
            return []
        self._tell([(one.future, result, None) for one, result in zip(requests, results, strict=True)])
        return []

    def _commit_one_by_one(self, requests: list[_Request]) -> list[_Request]:
        """Do *requests* so that the one that is to blame fails alone."""
        for index, request in enumerate(requests):
            if self._commit([request]):
                return requests[index:]
        return []

    def _transact(self, requests: Iterable[_Request]) -> list[Any]:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            results = [request.work(connection) for request in requests]
            connection.execute("COMMIT")
        except BaseException:
            # A full disk has rolled back already.
            if connection.in_transaction:
                with suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
            raise
        return results

    def _pause(self, found: Hindrance) -> float:
        return 0.0 if found.lock else self._patience.retry

    def _judge(self) -> None:
        """Say that there is trouble, that it is another now, or that it is over."""
        text, consequence, found = None, "", self._hindrance
        if self._blocked:
            text = self._trouble("written", found, self._blocked_since)
            consequence = "events wait until it can"
        elif self._unseen:
            found = self._blindness
            text = self._trouble("read", found, self._unseen_since)
            consequence = "what comes is stored all the same"
        if text == self._told:
            return
        same, self._told = _without_numbers(text) == _without_numbers(self._told), text
        if text is None:
            logger.warning("store %s can be used again", self._name)
        elif not same:
            way_out = f": {found.help}" if found.help else ""
            logger.error("%s (%s); %s%s", text, self._name, consequence, way_out)
        self._call(self._on_trouble, text)

    def _trouble(self, verb: str, found: Hindrance, since: float) -> str | None:
        """Return why the store cannot be written or read; what was told last while a lock is young."""
        if found.lock and time.monotonic() - since < self._patience.locked:
            return self._told
        return f"the store cannot be {verb}: {found.meaning}"

    def _give_up(self) -> None:
        for requests, found in ((self._blocked, self._hindrance), (self._unseen, self._blindness)):
            error = StoreError(f"the store {self._name} was closed, but {found.meaning}", help=found.help)
            self._tell([(request.future, None, error) for request in requests])

    def _error(self, meaning: str, exc: Exception) -> StoreError:
        found = hindrance(exc)
        if found is not None and found.damage:
            self.damage = True
        error = StoreError(f"the store {self._name}: {meaning} ({exc})", help=found.help if found else "")
        error.__cause__ = exc
        if found is not None and (self._tries_again or (found.passes and not found.damage)):
            # It could be used when it was opened: the next start waits for it, or puts it aside.
            error.exit_code = ExitCode.TEMPORARY
        return error

    def _tell(self, outcomes: Sequence[_Outcome]) -> None:
        self._call(_settle, outcomes)

    def _call(self, function: Callable[[T], None], argument: T) -> None:
        # The loop may be closed if nobody waited for the end.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, argument)


def _without_numbers(text: str | None) -> str:
    """Return *text* without what changes all the time, and is no news."""
    return "".join(sign for sign in text or "" if not sign.isdecimal())


def _settle(outcomes: Sequence[_Outcome]) -> None:
    """Give the answers to those who still wait for them."""
    for future, result, exc in outcomes:
        if future.done():
            continue
        if exc is None:
            future.set_result(result)
        elif isinstance(exc, StopIteration | SystemExit | KeyboardInterrupt):
            # The first no future takes; the others would end the loop as well.
            future.set_exception(StoreError(f"{type(exc).__name__}: {exc}", exit_code=ExitCode.BUG))
        else:
            future.set_exception(exc)
