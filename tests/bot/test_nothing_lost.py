"""Whatever happens, in whatever order: every event that the platform delivered is handled.

Connections and sessions are lost, handlers fail, the disk hangs, the bot is stopped and killed, at any
moment and in any order. After each step the file is read and held against what has happened; at the end all
handlers are let finish, and nothing may be missing.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from qqbot_cli.model.frame import Frame
from tests.bot.lives import Book, Life, Platform

PEOPLE = ("A", "B")


class NothingLost(RuleBasedStateMachine):
    @initialize(trims=st.booleans())
    def a_bot_connects(self, trims: bool) -> None:
        self.runner = asyncio.Runner()
        self.root = Path(tempfile.mkdtemp())
        (self.root / "first").mkdir()
        self.platform = Platform(trims=trims)
        self.book = Book(self.platform)
        self.people: dict[int, str] = {}
        self.late: list[tuple[Frame, int]] = []
        """Frames of the present connection that were overtaken, and how many beats ago."""
        self.life = Life(self.root / "first", self.book)
        self.runner.run(self.life.begin(unclean=False))
        self.run(self.reconnect)
        self.run(self.life.settle)

    def run(self, step: Any) -> None:  # noqa: ANN401
        async def do() -> None:
            made = step()
            if made is not None:
                await made

        self.runner.run(do())

    def reconnect(self) -> None:
        self.late.clear()
        self.life.connect()

    # --- the platform

    def emit(self, person: str) -> Frame:
        number = len(self.people) + 1
        self.people[number] = person
        return self.platform.emit(number, person)

    def deliver(self, *frames: Frame) -> None:
        if self.life.connected:
            self.run(lambda: self.life.receive(*frames))

    @rule(people=st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3), at_once=st.booleans())
    def events_happen(self, people: list[str], at_once: bool) -> None:
        self.deliver(*[self.emit(person) for person in people])
        if at_once:
            self.run(self.life.settle)

    @rule(people=st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)))
    def two_events_change_places(self, people: tuple[str, str]) -> None:
        overtaken, frame = (self.emit(person) for person in people)
        self.deliver(frame)
        if self.life.connected:
            self.late.append((overtaken, 0))

    @rule()
    def what_is_late_comes(self) -> None:
        late, self.late = self.late, []
        self.deliver(*(frame for frame, _ in late))

    @rule(index=st.integers(0, 9))
    def an_event_comes_twice(self, index: int) -> None:
        if self.people:
            number = 1 + index % len(self.people)
            self.deliver(self.platform.emit(number, self.people[number]))

    @rule()
    def a_number_is_skipped(self) -> None:
        self.platform.seq += 1

    @rule()
    def the_session_is_lost(self) -> None:
        self.platform.alive = False

    # --- the connection

    @precondition(lambda self: self.life.connected)
    @rule()
    def a_heartbeat_is_sent(self) -> None:
        due = [frame for frame, beats in self.late if beats]  # nothing is late for longer than an interval
        self.late = [(frame, 1) for frame, beats in self.late if not beats]
        self.deliver(*due)
        self.run(self.life.beat)

    @precondition(lambda self: self.life.connected)
    @rule()
    def the_connection_is_lost(self) -> None:
        self.run(self.life.disconnect)

    @precondition(lambda self: not self.life.connected)
    @rule()
    def the_connection_comes_back(self) -> None:
        self.run(self.reconnect)

    # --- the handlers

    @rule()
    def time_passes(self) -> None:
        self.run(self.life.look_again)

    @rule(times=st.integers(1, 3))
    def the_disk_works(self, times: int) -> None:
        self.run(lambda: self.life.disk.work(times))

    @rule(index=st.integers(0, 9), at_once=st.booleans())
    def a_handler_finishes(self, index: int, at_once: bool) -> None:
        self.run(lambda: self.life.end(index))
        if at_once:
            self.run(self.life.settle)

    @rule(index=st.integers(0, 9), times=st.integers(1, 4))
    def a_handler_fails_and_will_try_again(self, index: int, times: int) -> None:
        for _ in range(times):
            self.run(self.life.settle)
            self.run(lambda: self.life.end(index, ConnectionError("nobody answers")))
            self.run(self.life.settle)
            if times > 1:
                self.run(self.life.retry)

    @rule(index=st.integers(0, 9))
    def a_handler_fails_for_good(self, index: int) -> None:
        self.run(lambda: self.life.end(index, ValueError("no such city")))

    @rule()
    def it_is_time_to_try_again(self) -> None:
        self.run(self.life.retry)

    # --- the process

    @rule(at_the_end=st.sampled_from(["finish", "hang", "finish when cancelled"]), patient=st.booleans())
    def the_bot_is_stopped_and_started(self, at_the_end: str, patient: bool) -> None:
        async def stop_and_start() -> None:
            folder = await self.life.stop(at_the_end, patient=patient)
            self.is_intact()
            self.life = Life(folder, self.book)
            await self.life.begin(unclean=False)

        self.run(stop_and_start)

    @rule()
    def the_process_dies(self) -> None:
        async def die_and_start() -> None:
            folder = await self.life.die()
            self.book.crashes += 1
            self.life = Life(folder, self.book)
            await self.life.begin(unclean=True)

        self.run(die_and_start)

    # --- what must hold

    def is_intact(self) -> None:
        if self.life.witness.broken is not None:
            raise self.life.witness.broken
        assert self.life.over or not self.life.pump.done()

    @invariant()
    def what_is_stored_is_what_has_happened(self) -> None:
        self.is_intact()
        self.book.check(self.life.contents())

    async def finish(self) -> None:
        """Let everything end, and look for what is missing."""
        life = self.life
        for _ in range(5 * len(self.people) + 10):
            await life.settle()
            self.is_intact()
            if not life.inbox.waiting and not self.book.missing(life.contents()):
                break
            life.retry()
            life.finish_all()
        self.book.check(life.contents())
        missing = self.book.missing(life.contents())
        assert not missing, f"lost: {sorted(missing)}"
        assert life.contents().gaps >= self.book.gaps_due, "a gap was not recorded"

    def teardown(self) -> None:
        if not hasattr(self, "runner"):
            return
        try:
            if not self.life.connected:
                self.run(self.reconnect)
            self.what_is_late_comes()
            self.run(self.finish)
        finally:
            self.run(self.life.die)
            self.runner.close()
            shutil.rmtree(self.root)


class NothingLostForLong(NothingLost):
    """The same with more steps."""


TestNothingLost = pytest.mark.long(NothingLost.TestCase)
TestNothingLost.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)

TestNothingLostForLong = pytest.mark.slow(pytest.mark.timeout(3_600)(NothingLostForLong.TestCase))
TestNothingLostForLong.settings = settings(max_examples=2_000, stateful_step_count=60, deadline=None)
