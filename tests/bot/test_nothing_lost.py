"""Whatever happens, in whatever order: every event that the platform delivered is handled.

The real shard machine, the real inbox and the real store against a model of the platform that numbers
events, keeps them for RESUME and, if it likes, forgets what the heartbeat acknowledges. Connections are lost
and processes die at any moment; the model is asked at the end whether anything is missing.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from qqbot_cli.bot.durable import DurableInbox
from qqbot_cli.bot.manager import Identity
from qqbot_cli.bot.session import UnknownEvent, UnknownEventSession
from qqbot_cli.model.frame import Frame, decode_frame
from qqbot_cli.model.inbox import State
from qqbot_cli.protocol.action import Deliver, Heartbeat, Identify, Resume
from qqbot_cli.protocol.shard import ShardMachine
from qqbot_cli.store.sqlite import SqliteStore

HELLO = decode_frame('{"op":10,"d":{"heartbeat_interval":45000}}')

PLEASE_BEAT = decode_frame('{"op":1}')


class Platform:
    """One session: numbered events, a buffer, and what the heartbeat lets go."""

    def __init__(self, *, trims: bool) -> None:
        self.trims = trims
        self.seq = 1
        self.buffer: list[tuple[int, Frame]] = []
        self.trimmed_to = 0

    def emit(self, number: int) -> Frame:
        self.seq += 1
        content = {"op": 0, "s": self.seq, "t": "NEW_EVENT", "id": f"E:{number}", "d": {"n": number}}
        frame = decode_frame(json.dumps(content))
        self.buffer.append((self.seq, frame))
        return frame

    def heartbeat(self, seq: int | None) -> None:
        if self.trims and seq is not None:
            self.trimmed_to = max(self.trimmed_to, seq)

    def resume(self, seq: int) -> list[Frame]:
        assert seq >= self.trimmed_to, "the platform has forgotten what is asked for"
        self.seq += 1
        resumed = decode_frame(json.dumps({"op": 0, "s": self.seq, "t": "RESUMED", "d": ""}))
        return [*(frame for number, frame in self.buffer if number > seq), resumed]


class Process:
    """One life of the bot: machine, inbox and plugins; its store outlives it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.open: list[UnknownEventSession] = []
        self.handled: list[int] = []

    async def begin(self) -> None:
        self.store = SqliteStore(self.folder / "inbox.sqlite3")
        await self.store.__aenter__()
        self.inbox = DurableInbox(self.store, limit=4, report=lambda _fact: None)
        self.inbox.begin(self, self._stored)
        self.inbox.identify(Identity(1, 1, ""))
        await self.inbox.restore()
        self.pump = asyncio.create_task(self.inbox.run())
        past = self.inbox.past(0)
        self.shard = ShardMachine(0, jitter=lambda: 0.5, past=past, durable=True)
        self.shard.start(now=0)

    async def die(self) -> Path:
        """End at this moment; return the folder with what is on the disk."""
        left = Path(tempfile.mkdtemp(dir=self.folder.parent))

        def copy(_database: object) -> None:
            for file in self.folder.glob("inbox.sqlite3*"):
                if not file.name.endswith("-shm"):
                    shutil.copy(file, left)

        await self.store._look(copy)  # in the thread that writes: no process dies between two files
        self.pump.cancel()
        await asyncio.wait((self.pump,))
        await self.store.__aexit__(None, None, None)
        return left

    def _stored(self, _shard: int, session_id: str | None, seqs: Any) -> int | None:  # noqa: ANN401
        return self.shard.stored(session_id, seqs)

    def wants(self, _name: str) -> bool:
        return True

    def dispatch(
        self, shard: int, frame: Frame, received: float, row: int = 0, plugins: Collection[str] = (),
        *, rerun: bool = False,
    ) -> bool:  # fmt: skip
        if not row:
            return False
        event = UnknownEvent(frame.event or "", bytes(frame.body), "")
        session = UnknownEventSession(None, None, event, frame.id or "", shard, received, frame.body)  # type: ignore[arg-type]
        session.row = row
        self.open.append(session)
        return True

    def receive(self, frame: Frame) -> None:
        actions = self.shard.receive(frame, now=1)
        if actions and isinstance(actions[0], Deliver):
            self.inbox.put(0, frame, asyncio.get_running_loop().time())

    def finish(self, index: int) -> None:
        session = self.open.pop(index % len(self.open))
        self.handled.append(session.raw["n"])
        self.inbox.done(session)

    def connect(self, platform: Platform) -> None:
        self.shard.tick(now=self.shard.deadline)
        self.shard.token_ready(now=0)
        self.shard.permit_granted(now=0)
        self.shard.opened(now=0)
        for action in self.shard.receive(HELLO, now=0):
            match action:
                case Identify():
                    assert not platform.buffer, "a session was thrown away"
                    self.receive(decode_frame('{"op":0,"s":1,"t":"READY","d":{"session_id":"s"}}'))
                case Resume(session):
                    for frame in platform.resume(session.seq):
                        self.receive(frame)

    async def settle(self) -> None:
        """Give the pumps time to store and to hand out."""
        for _ in range(200):
            await asyncio.sleep(0.001)
            if not self.inbox._arrived and not self.inbox._done:
                return


class NothingLost(RuleBasedStateMachine):
    @initialize(trims=st.booleans())
    def a_bot_connects(self, trims: bool) -> None:
        self.runner = asyncio.Runner()
        self.root = Path(tempfile.mkdtemp())
        (self.root / "first").mkdir()
        self.platform = Platform(trims=trims)
        self.emitted = 0
        self.late: list[Frame] = []
        """Frames of the present connection that were overtaken."""
        self.handled: Counter[int] = Counter()
        self.crashes = 0
        self.process = Process(self.root / "first")
        self.runner.run(self.process.begin())
        self.connected = False
        self.run(self.reconnect)
        self.run(self.process.settle)

    def run(self, step: Any) -> None:  # noqa: ANN401
        async def do() -> None:
            made = step()
            if made is not None:
                await made

        self.runner.run(do())

    def reconnect(self) -> None:
        self.late.clear()
        self.process.connect(self.platform)
        self.connected = True

    @rule(count=st.integers(1, 3))
    def events_happen(self, count: int) -> None:
        def emit() -> None:
            for _ in range(count):
                self.emitted += 1
                frame = self.platform.emit(self.emitted)
                if self.connected:
                    self.process.receive(frame)

        self.run(emit)

    @rule()
    def two_events_change_places(self) -> None:
        def emit() -> None:
            frames = [self.platform.emit(self.emitted + number) for number in (1, 2)]
            self.emitted += 2
            if self.connected:
                self.process.receive(frames[1])
                self.late.append(frames[0])

        self.run(emit)
        self.run(self.process.settle)

    @rule()
    def what_is_late_comes(self) -> None:
        self.run(self.deliver_late)

    def deliver_late(self) -> None:
        late, self.late = self.late, []
        for frame in late:
            self.process.receive(frame)

    @rule()
    def time_passes(self) -> None:
        self.run(self.process.settle)

    @rule(index=st.integers(0, 9))
    def a_handler_finishes(self, index: int) -> None:
        if self.process.open:
            self.run(lambda: self.process.finish(index))

    @rule()
    def a_heartbeat_is_sent(self) -> None:
        if self.connected:
            (heartbeat,) = self.process.shard.receive(PLEASE_BEAT, now=1)
            assert isinstance(heartbeat, Heartbeat)
            self.platform.heartbeat(heartbeat.seq)

    @rule()
    def the_connection_is_lost(self) -> None:
        if self.connected:
            self.process.shard.closed(None, now=2)
            self.connected = False

    @rule()
    def the_connection_comes_back(self) -> None:
        if not self.connected:
            self.run(self.reconnect)

    @rule()
    def the_process_dies(self) -> None:
        async def die_and_begin() -> None:
            left = await self.process.die()
            self.count_handled()
            self.process = Process(left)
            await self.process.begin()

        self.connected = False
        self.crashes += 1
        self.run(die_and_begin)

    def missing(self) -> set[int]:
        """Events that were neither handled nor, being in two crashes, given up and kept."""
        dead = self.runner.run(self.process.store.list_events(State.DEAD))
        kept = {json.loads(event.received.body)["n"] for event in dead}
        return set(range(1, self.emitted + 1)) - self.handled.keys() - kept

    def count_handled(self) -> None:
        self.handled.update(self.process.handled)
        self.process.handled.clear()

    @invariant()
    def the_durable_number_never_exceeds_what_was_sent(self) -> None:
        seq = self.process.shard.seq
        assert seq is None or seq <= self.platform.seq

    def teardown(self) -> None:
        if not hasattr(self, "runner"):
            return
        try:
            if self.connected:
                self.run(self.deliver_late)
            else:
                self.run(self.reconnect)
            for _ in range(5 * self.emitted + 10):
                self.run(self.process.settle)
                self.count_handled()
                if not self.missing() and not self.process.inbox.waiting:
                    break
                if self.process.open:
                    self.run(lambda: self.process.finish(0))
            assert not self.missing(), f"lost: {sorted(self.missing())}"
            assert max(self.handled.values(), default=0) <= 1 + self.crashes
        finally:
            self.run(self.process.die)
            self.runner.close()
            shutil.rmtree(self.root)


TestNothingLost = pytest.mark.long(NothingLost.TestCase)
TestNothingLost.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
