"""The inbox: every event between its arrival and the end of its last handler.

The one in here is kept in memory: it bounds what waits, and what waits is gone if the process dies. Events
go straight to their handlers, for a store that forgets would only make them wait. The durable one is
`bot.durable`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable
from typing import Any, Protocol

from qqbot_cli.bot.session import EventSession
from qqbot_cli.bot.tally import Tally
from qqbot_cli.model.frame import Frame

Session = EventSession[Any]


class Stored(Protocol):
    """Who has to know what need not be sent again."""

    def __call__(
        self, shard: int, session_id: str | None, seqs: Iterable[int | None], up_to: int | None = None, /
    ) -> int | None:
        """Note that events with the numbers *seqs* are stored, and that no others will come *up_to* one.

        Return up to which number none is expected any more, None if the shard is in another session.
        """


class Dispatcher(Protocol):
    """Who hands events to plugins."""

    def wants(self, name: str, plugins: Collection[str] = (), /) -> bool:
        """Whether anybody handles events of this name, among *plugins* if there are any."""

    def dispatch(
        self,
        shard: int,
        frame: Frame,
        received: float,
        row: int = 0,
        plugins: Collection[str] = (),
        *,
        earlier: int | None = None,
    ) -> bool:
        """Start to handle an event; return False if nobody wants it."""


class Inbox(Protocol):
    """What connections, dispatcher and status need."""

    @property
    def tally(self) -> Tally:
        """What became of the others."""

    @property
    def waiting(self) -> int:
        """Events that are not done."""

    @property
    def dead(self) -> int:
        """Events that were given up and are kept."""

    @property
    def trouble(self) -> str:
        """Why no event can be taken right now, or empty."""

    def begin(self, dispatcher: Dispatcher, stored: Stored) -> None:
        """Hand events to *dispatcher* from now on, and tell *stored* what is safe."""

    def put(self, shard: int, frame: Frame, received: float) -> bool:
        """Take an event that arrived at *received*; return False if the next should wait for `room`."""

    async def room(self) -> None:
        """Wait until there is room again."""

    def forget(self, shard: int) -> None:
        """The session of *shard* cannot be resumed any more."""

    def done(self, session: Session) -> None:
        """All handlers of one event have ended."""

    def failed(self, session: Session, plugin: str, error: str) -> None:
        """The last handler that had not finished failed, and will be tried again."""

    async def again(self, session: Session) -> None:
        """A handler is about to try again."""

    async def run(self) -> None:
        """Do what has to be done beside, for ever."""

    def shut(self) -> None:
        """Take no more."""

    async def empty(self) -> None:
        """Wait until nothing is waiting."""


class MemoryInbox:
    """Hands events straight to the dispatcher and counts those that are not done."""

    dead = 0
    trouble = ""

    def __init__(self, *, limit: int) -> None:
        """*limit* is the number of events that may wait before reading has to stop."""
        self.waiting = 0
        self.tally = Tally()
        self._dispatch: Callable[[int, Frame, float], bool] = _nobody
        self._limit = limit
        self._enough = limit // 2
        """So much may wait before a full inbox has room again; half, or reading would stop and go."""
        self._full = False
        self._open = True
        self._room = asyncio.Event()
        self._room.set()
        self._empty = asyncio.Event()

    def begin(self, dispatcher: Dispatcher, stored: Stored) -> None:
        """Hand events to *dispatcher* from now on; nothing is *stored* here."""
        self._dispatch = dispatcher.dispatch

    def put(self, shard: int, frame: Frame, received: float) -> bool:
        """Take an event; return False if the next should wait for `room`."""
        if self._dispatch(shard, frame, received):
            self.waiting += 1
        if self.waiting < self._limit:
            return True
        self._full = True
        self._room.clear()
        if self.waiting:
            self._empty.clear()  # shut before, but what has been read is still taken
        return False

    async def room(self) -> None:
        """Wait until at most half of the limit is waiting."""
        await self._room.wait()

    def forget(self, shard: int) -> None:
        """The session of *shard* cannot be resumed any more; none is kept here."""

    def failed(self, session: Session, plugin: str, error: str) -> None:
        """A handler will be tried again; nothing is written down here."""

    async def again(self, session: Session) -> None:
        """A handler is about to try again; nothing is written down here."""

    def done(self, session: Session) -> None:
        """All handlers of one event have ended."""
        if session.failures:
            self.tally.given_up += 1
        else:
            self.tally.handled += 1
        self.waiting -= 1
        if self._full and self.waiting <= self._enough:
            self._full = False
            (self._room if self._open else self._empty).set()

    async def run(self) -> None:
        """Nothing has to be done beside, for ever."""
        await asyncio.get_running_loop().create_future()

    def shut(self) -> None:
        """Take no more: whoever asks for room waits for ever. What has been taken is still handled."""
        self._open = False
        self._limit = self._enough = 0
        self._full = self.waiting > 0
        self._room.clear()
        if not self._full:
            self._empty.set()

    async def empty(self) -> None:
        """Wait until nothing is waiting; only after `shut`."""
        await self._empty.wait()


def _nobody(_shard: int, _frame: Frame, _received: float) -> bool:
    return False
