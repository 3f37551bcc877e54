"""The sending half of one websocket, and everything that can go wrong on the way.

Frames wait in a bounded queue for one writer, so that nobody who emits an event ever waits for a reader
that does not read. Closing is an item of the same queue: what was sent before it arrives before it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, assert_never

from aiohttp import web

from qqbot_cli.simulator.switches import Switches
from qqbot_cli.simulator.wire import fragments

QUEUE_LIMIT: Final = 10_000
"""Frames that wait for a reader before the connection is given up."""
HIGH_WATER: Final = 500
"""Frames from which on `room` holds back whoever emits."""
PATIENCE: Final = 0.25
"""Seconds `room` waits for a reader that reads nothing, once."""
CLOSE_PATIENCE: Final = 5.0
"""Seconds until a connection that should close is cut."""
TOO_SLOW: Final = 4008
_RST_DELAY: Final = 0.01
"""Seconds between the first bytes of a frame and the reset that follows them."""


@dataclass(frozen=True, slots=True)
class _Close:
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Below:
    """Bytes below the websocket layer."""

    data: bytes


_Item = str | bytes | _Close | _Below


@dataclass(frozen=True, slots=True)
class _Waiting:
    due: float
    what: _Item
    seq: int | None


class Line:
    """One connection as the writer sees it."""

    def __init__(self, ws: web.WebSocketResponse, transport: asyncio.Transport, switches: Switches) -> None:
        self._ws = ws
        self._transport = transport
        self._switches = switches
        self._loop = asyncio.get_running_loop()
        self._queue: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._stalled = False
        self._reversed: list[_Waiting] = []
        self._reorder = 0
        self._duplicate = 0
        self._delay = 0.0
        self._timers: list[asyncio.TimerHandle] = []
        self.limit = QUEUE_LIMIT
        """Frames the queue holds; a long replay may raise it."""
        self.silent = False
        """Whether heartbeats go unanswered."""
        self.frozen = False
        """Whether the line is dead without anybody having been told."""
        self.last_sent = 0
        """The newest ``s`` that was written to the socket."""
        self.close_code: int | None = None
        """What the connection was closed with from this side."""

    @property
    def open(self) -> bool:
        """Whether frames can still be sent."""
        return self.close_code is None and not self._transport.is_closing()

    def push(self, text: str, seq: int) -> None:
        """Send an event, twice or in another order if a fault asks for it."""
        event = self._waiting(text, seq)
        copies = [event]
        if self._duplicate > 0:
            self._duplicate -= 1
            copies.append(event)
        if self._reorder > 0:
            self._reversed.extend(copies)
            self._reorder -= 1
            copies = []
            if self._reorder == 0:
                copies, self._reversed = self._reversed[::-1], []
        for copy in copies:
            self._put(copy)

    def send(self, what: str | bytes, seq: int | None = None) -> None:
        """Send a frame that no fault but delay touches."""
        self._put(self._waiting(what, seq))

    def send_below(self, data: bytes) -> None:
        """Send bytes as they are, below the websocket layer, between two frames."""
        self._put(self._waiting(_Below(data), None))

    def duplicate(self, count: int) -> None:
        """Send each of the next *count* events twice."""
        self._duplicate = count

    def reorder(self, count: int) -> None:
        """Collect the next *count* events and send them in reverse."""
        self._reorder = count

    def close(self, code: int, reason: str = "") -> None:
        """Close after what is already in the queue; a connection that does not comply is cut."""
        if self.close_code is not None:
            return
        self._put(self._waiting(_Close(code, reason), None))
        self.close_code = code
        self._later(CLOSE_PATIENCE, self.abort)

    def close_later(self, delay: float, code: int, reason: str) -> None:
        """Close in *delay* seconds, if the client has not done so by then."""
        self._later(delay, lambda: self.close(code, reason))

    def drop(self) -> None:
        """End the TCP connection with FIN and without a close frame."""
        self._queue.clear()
        self._transport.close()

    def abort(self) -> None:
        """End the TCP connection at once."""
        self._queue.clear()
        self._transport.abort()

    def reset(self) -> None:
        """End the TCP connection with RST."""
        sock = self._transport.get_extra_info("socket")
        if sock is not None and hasattr(socket, "SO_LINGER"):
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.abort()

    def reset_mid_frame(self) -> None:
        """Send a frame header that promises 200 bytes, fewer bytes than that, then RST."""
        self._queue.clear()
        self._transport.write(b"\x81\x7e\x00\xc8" + b'{"op":0,"s":')
        self.freeze()  # what is said meanwhile must not complete the frame
        self._later(_RST_DELAY, self.reset)

    def hold_back(self, seconds: float) -> None:
        """Keep every frame from now on for *seconds* before it is sent."""
        self._delay = seconds

    def hurry(self) -> None:
        """Hold nothing back any more; what is held back already stays so."""
        self._delay = 0.0

    def fall_silent(self) -> None:
        """Leave heartbeats unanswered."""
        self.silent = True

    def speak(self) -> None:
        """Answer heartbeats again."""
        self.silent = False

    def freeze(self) -> None:
        """Neither read nor write any more; the other side is told nothing."""
        self.frozen = True
        self._transport.pause_reading()

    def thaw(self) -> None:
        """Go on where `freeze` stopped, as a network does that comes back; a full queue is the end."""
        if not self.frozen:
            return
        self.frozen = False
        if len(self._queue) >= self.limit:
            self.abort()
        elif not self._transport.is_closing():
            self._transport.resume_reading()
        self._wake.set()

    async def room(self) -> None:
        """Wait until the reader has caught up; a reader that stands still is not waited for."""
        if len(self._queue) < HIGH_WATER or self._stalled or self.frozen or self._delay:
            return
        self._room.clear()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._room.wait()
        except TimeoutError:
            self._stalled = True

    async def run(self) -> None:
        """Write the queue to the socket until the connection ends."""
        try:
            while True:
                await self._write(await self._next())
        except ConnectionError:
            return

    def release(self) -> None:
        """Cancel the timers; the connection has ended."""
        for timer in self._timers:
            timer.cancel()
        self._queue.clear()
        self._room.set()

    async def _next(self) -> _Waiting:
        while True:
            pause = None if self.frozen or not self._queue else self._queue[0].due - self._loop.time()
            if pause is not None and pause <= 0:
                return self._queue.popleft()
            self._wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def _write(self, item: _Waiting) -> None:
        match item.what:
            case str() as text if self._switches.fragment_size:
                self._transport.write(fragments(text.encode(), self._switches.fragment_size))
            case str() as text:
                await self._ws.send_str(text)
            case bytes() as data:
                await self._ws.send_bytes(data)
            case _Close(code, reason):
                await self._ws.close(code=code, message=reason.encode())
            case _Below(data):
                self._transport.write(data)
            case _:
                assert_never(item.what)
        self.last_sent = max(self.last_sent, item.seq or 0)
        self._stalled = False
        if len(self._queue) < HIGH_WATER // 2:
            self._room.set()

    def _waiting(self, what: _Item, seq: int | None) -> _Waiting:
        return _Waiting(self._loop.time() + self._delay if self._delay else 0.0, what, seq)

    def _put(self, item: _Waiting) -> None:
        if not self.open:
            return
        if len(self._queue) < self.limit:
            self._queue.append(item)
            self._wake.set()
        elif not self.frozen:
            self.close_code = TOO_SLOW
            self.reset()

    def _later(self, delay: float, action: Callable[[], None]) -> None:
        self._timers.append(self._loop.call_later(delay, action))
