"""Every store against a model of a page: whatever is done to both, both answer the same."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from qqbot_cli.model.inbox import (
    EVERY_ROW,
    Batch,
    Counts,
    DeadLetter,
    Failure,
    Received,
    Recovered,
    Retention,
    SavedSession,
    State,
    Store,
)
from tests.store.stores import BENCHES, Bench, event, session

T = TypeVar("T")

RETENTION = Retention(seen_for=100.0, seen_count=1_000, attempts=4, crashes=2)

KEYS = st.sampled_from(["", "a", "b", "c", "d"])
NUMBERS = st.lists(st.integers(1, 12), max_size=4)
"""Rows: those that exist, and some that do not."""
SESSIONS = st.tuples(st.integers(0, 1), st.sampled_from(["s-1", "s-2"]), st.integers(0, 9))


@dataclass
class Kept:
    """An event of the model."""

    received: Received
    attempts: int = 1
    crashes: int = 0
    running: bool = False
    error: str = ""
    plugins: tuple[str, ...] = ()


@dataclass
class Model:
    """What a store is."""

    newest: int = 0
    begun: int = 0
    done: int = 0
    waiting: dict[int, Kept] = field(default_factory=dict)
    dead: dict[int, Kept] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)
    sessions: dict[int, SavedSession] = field(default_factory=dict)

    def insert(self, received: Received) -> int | None:
        if received.key in self.seen:
            return None
        if received.key:
            self.seen[received.key] = received.received_at
        self.newest += 1
        self.waiting[self.newest] = Kept(received)
        return self.newest

    def save(self, given: SavedSession) -> None:
        old = self.sessions.get(given.shard)
        same = old is not None and old.session_id == given.session_id
        seq = max(old.seq, given.seq) if old is not None and same else given.seq
        self.sessions[given.shard] = session(seq, shard=given.shard, session_id=given.session_id)

    def fail(self, row: int, error: str) -> None:
        if row in self.waiting:
            one = self.waiting[row]
            one.running, one.crashes, one.error, one.plugins = False, 0, error, ("echo",)

    def bury(self, row: int, error: str) -> None:
        if row in self.waiting:
            crashes = self.waiting[row].crashes
            self.fail(row, error)
            self.dead[row] = one = self.waiting.pop(row)
            one.crashes = crashes

    def recover(self) -> int:
        for one in self.waiting.values():
            one.crashes += one.running
            one.running = False
        lost = [row for row, one in self.waiting.items() if one.crashes >= 2 or one.attempts >= 4]
        for row in lost:
            self.dead[row] = self.waiting.pop(row)
        return len(lost)

    def take_dead(self, rows: list[int] | None) -> list[int]:
        return [row for row in sorted(self.dead) if rows is None or row in rows]


class Comparison(RuleBasedStateMachine):
    """Does everything twice."""

    make: Callable[[Path], Bench]

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.bench = self.make(Path(self.folder.name))
        self.runner = asyncio.Runner()
        self.model = Model()
        self.store: Store = self.bench.open(RETENTION)
        self.do(self.store.__aenter__())

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def teardown(self) -> None:
        self.do(self.store.__aexit__())
        self.runner.close()
        self.folder.cleanup()

    def reopen(self) -> None:
        self.do(self.store.__aexit__())
        self.store = self.bench.open(RETENTION)
        self.do(self.store.__aenter__())

    @rule(
        keys=st.lists(KEYS, max_size=5),
        sessions=st.lists(SESSIONS, max_size=2),
        begun=st.sampled_from([0, 3, EVERY_ROW]),
        done=NUMBERS,
    )
    def write(
        self, keys: list[str], sessions: list[tuple[int, str, int]], begun: int, done: list[int]
    ) -> None:
        now = self.bench.clock.now
        events = [event(key, at=now) for key in keys]
        saved = [session(seq, shard=shard, session_id=name) for shard, name, seq in sessions]

        rows = self.do(self.store.write(Batch(events, saved, begun, done)))

        assert rows == [self.model.insert(one) for one in events]
        self.model.begun = max(self.model.begun, min(begun, self.model.newest))
        for one in saved:
            self.model.save(one)
        for row in done:
            self.model.done += self.model.waiting.pop(row, None) is not None

    @rule(failed=NUMBERS, dead=NUMBERS)
    def fail(self, failed: list[int], dead: list[int]) -> None:
        failures = [Failure(row, "failed", ("echo",)) for row in failed]
        letters = [DeadLetter(row, "dead", ("echo",)) for row in dead]

        self.do(self.store.write(Batch(failed=failures, dead=letters)))

        for row in failed:
            self.model.fail(row, "failed")
        for row in dead:
            self.model.bury(row, "dead")

    @rule(rows=NUMBERS)
    def start(self, rows: list[int]) -> None:
        self.do(self.store.start(rows))

        for row in rows:
            if row in self.model.waiting:
                self.model.waiting[row].attempts += 1
                self.model.waiting[row].running = True

    @rule()
    def recover(self) -> None:
        recovered = self.do(self.store.recover(self.bench.clock.now))

        assert recovered == Recovered(self.model.recover(), self.model.begun)

    @rule()
    def crash(self) -> None:
        if not self.bench.durable:
            return
        self.bench.crash()
        self.reopen()
        assert self.store.unclean

    @rule()
    def end_and_begin(self) -> None:
        if not self.bench.durable:
            return
        self.reopen()
        assert not self.store.unclean
        for row, one in self.model.waiting.items():
            first = one.attempts == 1 and not one.crashes and not one.error and row <= self.model.begun
            one.attempts -= one.running or first
            one.running = False

    @rule(rows=st.none() | NUMBERS)
    def revive(self, rows: list[int] | None) -> None:
        chosen = self.model.take_dead(rows)

        assert self.do(self.store.revive(rows)) == len(chosen)

        for row in chosen:
            old = self.model.dead.pop(row)
            self.model.waiting[row] = Kept(old.received, 0, 0, False, "", old.plugins)

    @rule(rows=st.none() | NUMBERS)
    def drop(self, rows: list[int] | None) -> None:
        chosen = self.model.take_dead(rows)

        assert self.do(self.store.drop(rows)) == len(chosen)

        for row in chosen:
            del self.model.dead[row]

    @rule(seconds=st.sampled_from([0.0, 40.0, 200.0]), compact=st.booleans())
    def time_passes(self, seconds: float, compact: bool) -> None:
        self.bench.clock.now += seconds
        now = self.bench.clock.now
        if compact:
            self.do(self.store.compact(now))
        else:
            self.do(self.store.prune(now))
        self.model.seen = {key: at for key, at in self.model.seen.items() if at >= now - 100}

    @invariant()
    def both_are_the_same(self) -> None:
        counts, *lists = self.do(self._look())
        model = self.model
        assert counts == Counts(len(model.waiting), len(model.dead), model.done, 0)
        for found, expected in zip(lists, (model.waiting, model.dead), strict=True):
            assert {
                one.row: (one.received, one.attempts, one.crashes, one.running, one.plugins) for one in found
            } == {
                row: (one.received, one.attempts, one.crashes, one.running, one.plugins)
                for row, one in sorted(expected.items())
            }
            assert [one.row for one in found] == sorted(expected)
            assert [one.error for one in found if one.error in ("failed", "dead", "")] == [
                expected[one.row].error for one in found if one.error in ("failed", "dead", "")
            ]
        assert self.do(self.store.sessions()) == [model.sessions[shard] for shard in sorted(model.sessions)]

    async def _look(self) -> tuple[Counts, list[Any], list[Any]]:
        return (
            await self.store.counts(),
            await self.store.unfinished(),
            await self.store.list_events(State.DEAD),
        )


def compare(name: str, examples: int, steps: int) -> None:
    machine = type(f"{name} comparison", (Comparison,), {"make": staticmethod(BENCHES[name])})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("name", BENCHES)
@pytest.mark.long
def test_a_store_does_what_the_model_does(name: str) -> None:
    compare(name, examples=30, steps=25)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", BENCHES)
def test_a_store_does_what_the_model_does_for_long(name: str) -> None:
    compare(name, examples=1_000, steps=50)
