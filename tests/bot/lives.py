"""A platform and the lives of a bot beside it: real machine, inbox, dispatcher and store, but no sockets.

The platform numbers events, keeps them for RESUME and, if it likes, forgets what the heartbeat confirms. A
life ends with an orderly stop or at any moment; its file outlives it. The book is kept across all lives and
asserts, as things happen, what must hold at every moment.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import tempfile
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from queue import Empty
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

from qqbot_cli.bot.dispatcher import Dispatcher
from qqbot_cli.bot.durable import DurableInbox
from qqbot_cli.bot.handler import EventHandler
from qqbot_cli.bot.manager import Identity
from qqbot_cli.bot.plugin import Plugin
from qqbot_cli.bot.retry import delay_after
from qqbot_cli.bot.session import C2CReplySession, Scope
from qqbot_cli.model.fact import GapRecorded
from qqbot_cli.model.frame import Frame, decode_frame
from qqbot_cli.protocol.action import (
    Actions,
    Close,
    Deliver,
    ForgetSession,
    GatewaySession,
    Heartbeat,
    Identify,
    Resume,
    Tell,
)
from qqbot_cli.protocol.shard import ShardMachine
from qqbot_cli.rest.api import BotApi
from qqbot_cli.store import writer
from qqbot_cli.store.sqlite import SqliteStore
from tests.offices import BOT

FILE = "inbox.sqlite3"
HELLO = decode_frame('{"op":10,"d":{"heartbeat_interval":45000}}')
ACK = decode_frame('{"op":11}')
INVALID_SESSION = decode_frame('{"op":9,"d":false}')


@dataclass
class Platform:
    """One shard as the platform sees it."""

    trims: bool
    """Whether it forgets what a heartbeat confirms."""
    alive: bool = False
    """Whether the present session can be resumed."""
    sessions: int = 0
    seq: int = 0
    trimmed_to: int = 0
    sent: list[tuple[str, int, int, Frame]] = field(default_factory=list)
    """Session, sequence number, number of the event, frame."""

    @property
    def session_id(self) -> str:
        return f"s-{self.sessions}"

    def emit(self, number: int, person: str) -> Frame:
        """Send the event *number*, for the first time or again."""
        self.seq += 1
        message = {
            "id": f"m-{number}",
            "content": str(number),
            "timestamp": "2023-11-06T13:37:18+08:00",
            "author": {"user_openid": person},
        }
        envelope = {"op": 0, "s": self.seq, "t": "C2C_MESSAGE_CREATE", "id": f"E:{len(self.sent)}"}
        frame = decode_frame(json.dumps({**envelope, "d": message}))
        self.sent.append((self.session_id, self.seq, number, frame))
        return frame

    def heartbeat(self, seq: int | None) -> None:
        if self.trims and seq is not None:
            self.trimmed_to = max(self.trimmed_to, seq)

    def resume(self, session: GatewaySession) -> list[Frame]:
        if not self.alive or session.session_id != self.session_id:
            return [INVALID_SESSION]
        assert session.seq >= self.trimmed_to, "the platform has forgotten what is asked for"
        replayed = [
            frame for id_, seq, _, frame in self.sent if id_ == session.session_id and seq > session.seq
        ]
        self.seq += 1
        return [*replayed, decode_frame(json.dumps({"op": 0, "s": self.seq, "t": "RESUMED", "d": ""}))]

    def identify(self) -> Frame:
        self.sessions += 1
        self.alive, self.seq, self.trimmed_to = True, 1, 0
        return decode_frame(json.dumps({"op": 0, "s": 1, "t": "READY", "d": {"session_id": self.session_id}}))


@dataclass(frozen=True)
class Kept:
    """What the file holds of an event that is not done."""

    number: int
    attempts: int
    crashes: int
    running: bool


@dataclass(frozen=True)
class Contents:
    """What would outlive the process at one moment."""

    seqs: dict[str, int]
    """By session id."""
    waiting: dict[int, Kept]
    """By row."""
    dead: dict[int, Kept]
    gaps: int

    @property
    def numbers(self) -> set[int]:
        return {kept.number for kept in (*self.waiting.values(), *self.dead.values())}


class Book:
    """What has happened to each event, across all lives."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.crashes = 0
        self.done: defaultdict[int, list[int]] = defaultdict(list)
        """Number -> how many crashes there had been each time it was done."""
        self.failures: Counter[int] = Counter()
        """Runs that failed."""
        self.over: set[int] = set()
        """Rows that need not run any more."""
        self.rows: defaultdict[str, list[int]] = defaultdict(list)
        """Person -> rows, in the order in which they first ran."""
        self.durable: dict[str, int] = {}
        """Session -> the largest number that the file held."""
        self.excused: set[tuple[str, int]] = set()
        """Sessions and numbers that nobody could ask for when the session was replaced."""

    @property
    def gaps_due(self) -> int:
        """Every session but the first that the file has known began with a gap."""
        return max(0, len(self.durable) - 1)

    def begun(self, life: Life, person: str, number: int, row: int) -> None:
        """A handler begins: what it is given is stored and its attempt counted, and it has its turn."""
        kept = life.contents().waiting.get(row)
        assert kept is not None, f"event {number} was handed out before it was stored"
        assert kept.attempts > self.failures[number], f"event {number} runs uncounted"
        rows = self.rows[person]
        early = [other for other in rows if other < row and other not in self.over]
        assert not early, f"row {row} runs before {early} of the same conversation"
        if row not in rows:
            assert row > max(rows, default=0), f"row {row} was overtaken: {rows}"
            rows.append(row)
        assert row >= life.newest.get(person, 0), f"row {row} runs again after {life.newest[person]}"
        life.newest[person] = row

    def finished(self, number: int, row: int) -> None:
        self.done[number].append(self.crashes)
        self.over.add(row)
        again = [number for earlier, later in pairwise(self.done[number]) if earlier == later]
        assert not again, f"event {number} was done twice without a crash"

    def check(self, contents: Contents) -> None:
        """Hold what would outlive a crash against what has happened."""
        for session_id, seq in contents.seqs.items():
            assert seq >= self.durable.get(session_id, 0), "the stored number went back"
            self.durable[session_id] = seq
            self.check_safe(session_id, seq, contents)
        for kept in (*contents.waiting.values(), *contents.dead.values()):
            failures = self.failures[kept.number]
            assert kept.attempts <= min(5, 1 + failures + self.crashes), f"{kept}, {failures} failures"
            assert kept.crashes <= self.crashes, kept
        self.over.update(contents.dead)

    def check_safe(self, session_id: str, seq: int | None, contents: Contents) -> None:
        """Nobody is told that events up to *seq* are safe before they are."""
        newest = max((one for id_, one, _, _ in self.platform.sent if id_ == session_id), default=seq or 0)
        assert session_id != self.platform.session_id or (seq or 0) <= max(newest, self.platform.seq)
        safe = contents.numbers | self.done.keys()
        unsafe = [n for id_, s, n, _ in self.platform.sent if id_ == session_id and s <= (seq or 0)]
        assert safe.issuperset(unsafe), f"told that {seq} is safe, but not {set(unsafe) - safe}"

    def replaced(self) -> None:
        """A session is begun: what was sent in earlier ones and is not stored cannot be asked for."""
        self.excused.update(
            (id_, seq) for id_, seq, _, _ in self.platform.sent if seq > self.durable.get(id_, 0)
        )

    def missing(self, contents: Contents) -> set[int]:
        """Events that are neither done nor dead, and that no gap excuses."""
        wanted = {n for id_, seq, n, _ in self.platform.sent if (id_, seq) not in self.excused}
        return wanted - self.done.keys() - {kept.number for kept in contents.dead.values()}


class Disk:
    """The queue of a store's thread, which does what is in it one by one and only when it is let."""

    def __init__(self) -> None:
        self._items: deque[Any] = deque()
        self._changed = threading.Condition()
        self._allowed = 0
        self.is_free = True
        """Whether everything is done at once."""
        self._resting = False
        """Whether the thread waits for something to do."""

    def put(self, item: object) -> None:
        with self._changed:
            self._items.append(item)
            self._changed.notify()

    def get(self, timeout: float | None = None) -> Any:  # noqa: ANN401
        with self._changed:
            self._resting = True
            if not self._changed.wait_for(self._may_go_on, timeout):
                raise Empty
            return self._take()

    def get_nowait(self) -> Any:  # noqa: ANN401
        with self._changed:
            if not self._may_go_on():
                raise Empty
            return self._take()

    def _may_go_on(self) -> bool:
        return bool(self._items) and (self.is_free or self._allowed > 0)

    def _take(self) -> Any:  # noqa: ANN401
        self._allowed = max(0, self._allowed - 1)
        self._resting = False
        return self._items.popleft()

    def _is_still(self) -> bool:
        with self._changed:
            return self._resting and not self._allowed

    def free(self) -> None:
        with self._changed:
            self.is_free = True
            self._changed.notify()

    async def work(self, times: int) -> None:
        """Let so much be done, and everybody hear of it."""
        for _ in range(times):
            await _everybody_had_a_turn()
            with self._changed:
                if not self._items:
                    return
                self._allowed = 1
                self._changed.notify()
            while not self._is_still():
                await asyncio.sleep(0)
        await _everybody_had_a_turn()


async def _everybody_had_a_turn() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


class Run:
    """One run of a handler, which ends when it is told how."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.end: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Witness(EventHandler):
    """The plugin."""

    def __init__(self, life: Life) -> None:
        self.life = life
        self.open: list[Run] = []
        self.at_the_end = "hang"
        """What its handlers do when the bot stops: finish, hang, or finish when they are cancelled."""
        self.broken: AssertionError | None = None

    async def c2c_message_create(self, session: C2CReplySession) -> None:
        number, row, book = int(session.event.content), session.row, self.life.book
        try:
            book.begun(self.life, session.event.author.user_openid, number, row)
        except AssertionError as exc:
            self.broken = self.broken or exc
        run = Run(number)
        self.open.append(run)
        try:
            if self.at_the_end != "finish":
                await run.end
        except asyncio.CancelledError:
            if self.life.over or self.at_the_end != "finish when cancelled":
                raise
        except ConnectionError:
            book.failures[number] += 1
            if self.life.contents().waiting[row].attempts >= 5:
                book.over.add(row)
            raise
        except ValueError:
            book.failures[number] += 1
            book.over.add(row)
            raise
        finally:
            self.open.remove(run)
        try:
            book.finished(number, row)
        except AssertionError as exc:
            self.broken = self.broken or exc


def never_by_itself(exc: BaseException, failures: int, earlier: int) -> float | None:
    """The rule for retries, but their time comes when the test says so."""
    return None if delay_after(exc, failures, earlier) is None else 3_600.0


class Life:
    """One life of the bot; its folder outlives it."""

    def __init__(self, folder: Path, book: Book) -> None:
        self.folder = folder
        self.book = book
        self.platform = book.platform
        self.over = False
        self.connected = False
        self.now = 0.0
        self.newest: dict[str, int] = {}
        """Person -> the row that ran last."""
        self.disk = Disk()

    async def begin(self, *, unclean: bool) -> None:
        self.store = SqliteStore(self.folder / FILE)
        with patch.object(writer, "SimpleQueue", lambda: self.disk):
            await self.store.__aenter__()
        assert self.store.unclean == unclean
        self.file = sqlite3.connect(self.folder / FILE, isolation_level=None)
        self.inbox = DurableInbox(self.store, limit=4, report=lambda _fact: None, look_every=3_600)
        self.witness = Witness(self)
        scope = Scope(cast("BotApi", SimpleNamespace()), BOT, asyncio.get_running_loop().time)
        plugins = [Plugin("witness", self.witness)]
        self.dispatcher = Dispatcher(plugins, scope, ledger=self.inbox, report=lambda _fact: None)
        (self.runner,) = self.dispatcher.runners
        self.runner._retry = never_by_itself
        await self.inbox.restore()
        self.disk.is_free = False
        assert not any(kept.running for kept in self.contents().waiting.values())
        self.book.over.update(self.contents().dead)
        self.inbox.begin(self.dispatcher, self._stored)
        self.inbox.identify(Identity(1, 1, ""))
        self.pump = asyncio.create_task(self.inbox.run())
        past = self.inbox.past(0)
        self.shard = ShardMachine(0, jitter=lambda: 0.5, past=past, durable=True)
        self.shard.start(now=self.now)
        await self.settle()

    def _stored(
        self, _shard: int, session_id: str | None, seqs: Iterable[int | None], up_to: int | None = None
    ) -> int | None:
        return self.shard.stored(session_id, seqs, up_to)

    # --- the ends

    async def stop(self, at_the_end: str, *, patient: bool) -> Path:
        """End as `Client.close` does, *patient* or with the disk behind; return the folder for the next."""
        self.connected = False
        self.witness.at_the_end = at_the_end
        if at_the_end == "finish":
            self.finish_all()
        self.inbox.shut()
        if patient:
            await self.settle()
        if at_the_end == "finish" and patient and not self.runner._retries:
            async with asyncio.timeout(5):
                await self.inbox.empty()
        await self._end_pump()
        self.disk.free()
        await self.dispatcher.close()
        await self.inbox.close()
        self.over = True
        await self._leave()
        return self.folder

    async def die(self) -> Path:
        """End at this moment; return a folder with what is on the disk."""
        left = Path(tempfile.mkdtemp(dir=self.folder.parent))
        for file in self.folder.glob(f"{FILE}*"):
            if not file.name.endswith("-shm"):
                shutil.copy(file, left)
        self.over = True
        await self._end_pump()
        self.disk.free()
        await self.dispatcher.close()
        await self._leave()
        return left

    async def _end_pump(self) -> None:
        self.pump.cancel()
        await asyncio.wait((self.pump,))
        assert self.pump.cancelled(), self.pump.exception()

    async def _leave(self) -> None:
        self.file.close()
        await self.store.__aexit__(None, None, None)

    # --- the connection

    def connect(self) -> None:
        """Have a connection, in the end with a session."""
        while not self.connected:
            self.now = min(self.shard.deadline, self.now + 1_000)
            self.shard.tick(now=self.now)
            self.shard.token_ready(now=self.now)
            self.shard.permit_granted(now=self.now)
            self.shard.opened(now=self.now)
            self.connected = True
            self.receive(HELLO)

    def disconnect(self) -> None:
        self.connected = False
        self._act(self.shard.closed(None, now=self.now), HELLO)

    def receive(self, *frames: Frame) -> None:
        for frame in frames:
            self._act(self.shard.receive(frame, now=self.now), frame)

    def beat(self) -> None:
        """A heartbeat falls due, and is acknowledged."""
        self.now = self.shard.deadline
        self._act(self.shard.tick(now=self.now), ACK)
        self.receive(ACK)

    def _act(self, actions: Actions, frame: Frame) -> None:
        for action in actions:
            match action:
                case Deliver():
                    self.inbox.put(0, frame, asyncio.get_running_loop().time())
                case ForgetSession():
                    self.inbox.forget(0)
                case Tell(GapRecorded() as gap):
                    self.inbox.note_gap(gap)
                case Heartbeat(seq):
                    self.book.check_safe(self.platform.session_id, seq, self.contents())
                    self.platform.heartbeat(seq)
                case Resume(session):
                    self.book.check_safe(session.session_id, session.seq, self.contents())
                    self.receive(*self.platform.resume(session))
                case Identify():
                    self._identify()
                case Close():
                    self.disconnect()
                case _:
                    pass

    def _identify(self) -> None:
        self.book.check(self.contents())
        platform = self.platform
        known = platform.session_id in self.book.durable
        assert not (platform.alive and known), "a session was thrown away"
        self.book.replaced()
        self.receive(platform.identify())

    # --- handlers and the disk

    def end(self, index: int, failure: Exception | None = None) -> None:
        """End a run that is open."""
        open_ = [run for run in self.witness.open if not run.end.done()]
        if open_:
            run = open_[index % len(open_)]
            if failure is None:
                run.end.set_result(None)
            else:
                run.end.set_exception(failure)

    def finish_all(self) -> None:
        for run in self.witness.open:
            if not run.end.done():
                run.end.set_result(None)

    def retry(self) -> None:
        """The time has come for all that is to be tried again."""
        for key, timer in tuple(self.runner._retries.items()):
            timer.cancel()
            self.runner._try_again(self.runner._lanes[key])

    def contents(self) -> Contents:
        """Read what would outlive the process now."""
        ask = self.file.execute
        ask("BEGIN")
        tables = [
            {row: Kept(int(json.loads(body)["content"]), *counts) for row, body, *counts in ask(statement)}
            for statement in (
                "SELECT row, body, attempts, crashes, running FROM waiting",
                "SELECT row, body, attempts, crashes, running FROM dead",
            )
        ]
        seqs = dict(ask("SELECT session_id, seq FROM sessions WHERE session_id != ''").fetchall())
        ((gaps,),) = ask("SELECT count(*) FROM gaps").fetchall()
        ask("COMMIT")
        return Contents(seqs, tables[0], tables[1], gaps)

    async def settle(self) -> None:
        """Let everything happen that can."""
        await self.disk.work(1_000)

    async def look_again(self) -> None:
        """Let the inbox look after what it looks after now and then."""
        self.inbox._next_look = 0
        self.inbox._wake.set()
        await self.settle()
