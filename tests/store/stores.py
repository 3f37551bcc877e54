"""What the tests of all stores share: how each is opened, and values to put in."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Protocol

from qqbot_cli.model.inbox import Received, Retention, SavedSession, Store
from qqbot_cli.store.memory import MemoryStore
from qqbot_cli.store.sqlite import SqliteStore
from qqbot_cli.store.writer import Patience

NOW = 1_700_000_000.0

HASTY = Patience(busy=0.02, once=0.02, retry=0.02, locked=0.02)


@dataclass
class Clock:
    """A wall clock that stands still until it is moved."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


class Bench(Protocol):
    """One implementation, as the conformance suite sees it."""

    durable: bool
    clock: Clock

    def open(self, retention: Retention = Retention()) -> Store:
        """Return the store, to be entered; it is the same one each time."""

    def crash(self) -> None:
        """Have the next `open` find what the process would leave if it were killed now."""


@dataclass
class MemoryBench:
    durable = False
    clock: Clock = field(default_factory=Clock)

    def open(self, retention: Retention = Retention()) -> MemoryStore:
        return MemoryStore(retention=retention, clock=self.clock)

    def crash(self) -> None:
        raise AssertionError("not durable")


@dataclass
class SqliteBench:
    folder: Path
    clock: Clock = field(default_factory=Clock)
    durable = True
    _number: count[int] = field(default_factory=count)
    _path: Path | None = None

    def open(self, retention: Retention = Retention()) -> SqliteStore:
        if self._path is None:
            self._path = self.folder / f"{next(self._number)}" / "inbox.db"
        return SqliteStore(self._path, retention=retention, clock=self.clock)

    def crash(self) -> None:
        # The files as they are while the store is open are what a killed process leaves.
        assert self._path is not None
        left = self.folder / f"{next(self._number)}"
        shutil.copytree(self._path.parent, left)
        self._path = left / self._path.name


BENCHES: dict[str, Callable[[Path], Bench]] = {
    "memory": lambda _folder: MemoryBench(),
    "sqlite": SqliteBench,
}

DURABLE = ("sqlite",)
"""Those that outlive the process."""


def event(key: str = "", *, shard: int = 0, body: bytes = b"{}", at: float = NOW, seq: int = 0) -> Received:
    """Return an event; *seq* is its number in the session, for tests that ask which one it was."""
    return Received(shard, "GROUP_AT_MESSAGE_CREATE", f"event-{seq}" if seq else f"id-{key}", key, body, at)


def session(seq: int, *, shard: int = 0, session_id: str = "s-1", saved_at: float = NOW) -> SavedSession:
    """Return a session of *shard* that has come to *seq*."""
    return SavedSession(shard, 1, session_id, seq, "wss://gateway", NOW, saved_at)


class Troubles:
    """What a store said about its trouble."""

    def __init__(self) -> None:
        self.said: list[str | None] = []
        self._news = asyncio.Event()

    def __call__(self, text: str | None) -> None:
        self.said.append(text)
        self._news.set()

    async def next(self) -> str | None:
        """Wait for the next thing that is said and return it."""
        async with asyncio.timeout(10):
            await self._news.wait()
        self._news.clear()
        return self.said[-1]
