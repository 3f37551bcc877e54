"""A bad network: a TCP front before a port, through which connections lead and which spoils them on demand.

It knows bytes and sockets, nothing of what they mean, so it works for TLS as well. `toxic` decides what
becomes of the bytes; this reads, waits and writes.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from qqbot_cli.model.simulation import Way
from qqbot_cli.simulator.toxic import Blackhole, Course, Ending, Hang, Limit, Piece, Refuse, Rst, Toxic

_CHUNK: Final = 1 << 14
_AHEAD: Final = 64
"""Chunks that are read before the first of them is written."""
_BACKLOG: Final = 128
_FILLERS: Final = 2
"""Connections that fill a listening socket without a queue."""
_RST_DELAY: Final = 0.01
"""Seconds between the last byte and the reset, which would otherwise overtake it."""
_LINGER: Final = struct.pack("ii", 1, 0)
BOTH: Final = (Way.UP, Way.DOWN)


@dataclass(slots=True)
class Traffic:
    """Counters since the start."""

    connections: int = 0
    """That were accepted."""
    up: int = 0
    """Bytes handed to the platform."""
    down: int = 0
    """Bytes handed to clients."""
    resets: int = 0
    """Connections ended by RST: by a toxic, or because one side had done so."""


@dataclass(slots=True, eq=False)
class Poison:
    """A toxic in force."""

    toxic: Toxic
    ways: Collection[Way] = BOTH
    timer: asyncio.TimerHandle | None = field(default=None, repr=False)


class Front:
    """Listens before ``host:port`` for as long as the ``async with`` lasts."""

    def __init__(
        self, upstream_host: str, upstream_port: int, *, host: str = "127.0.0.1", port: int = 0, seed: int = 1
    ) -> None:
        """Make a front that does not listen yet.

        Args:
            upstream_host: Where connections lead.
            upstream_port: The port there.
            host: Address to listen on.
            port: Port to listen on; 0 takes a free one, which stays the same from then on.
            seed: Seed of jitter and of the sizes of slices.
        """
        self.traffic = Traffic()
        self._upstream = (upstream_host, upstream_port)
        self._address = (host, port)
        self._chance = random.Random(f"front/{seed}")
        self._poisons: list[Poison] = []
        self._links: dict[_Link, asyncio.Task[None]] = {}
        self._listener: socket.socket | None = None
        self._fillers: list[socket.socket] = []
        self._accepting: asyncio.Task[None] | None = None
        self._stirring: asyncio.Task[None] | None = None
        self._stirred = asyncio.Event()
        self._flows = {way: asyncio.Event() for way in BOTH}
        for flow in self._flows.values():
            flow.set()

    async def __aenter__(self) -> Self:
        self._listener = _bound(self._address)
        self._address = self._listener.getsockname()[:2]
        self._listen()
        self._stirring = asyncio.create_task(self._stir(), name="front doors")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()
        tasks = [task for task in (self._stirring, self._accepting, *self._links.values()) if task]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._close_fillers()
        if self._listener is not None:
            self._listener.close()

    @property
    def address(self) -> str:
        """Host and port that clients connect to."""
        host, port = self._address
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def port(self) -> int:
        """The port that clients connect to."""
        return self._address[1]

    @property
    def open(self) -> int:
        """Connections that live."""
        return len(self._links)

    @property
    def toxics(self) -> list[Toxic]:
        """What is in force, oldest first."""
        return [poison.toxic for poison in self._poisons]

    def add(self, toxic: Toxic, *ways: Way, seconds: float | None = None) -> Poison:
        """Put *toxic* into force at once, also for connections that live, and return what `remove` takes.

        Args:
            toxic: What goes wrong.
            ways: For which directions; both if none is named.
            seconds: For how long; until `remove` or `clear` if left out. 0 is for connections that live, not
                for those that come: a `Limit` or `Rst` stays with a connection, whatever happens here.
        """
        poison = Poison(toxic, ways or BOTH)
        for link in self._links:
            link.arm(poison)
        if seconds == 0:
            return poison
        self._poisons.append(poison)
        if seconds is not None:
            poison.timer = asyncio.get_running_loop().call_later(seconds, self.remove, poison)
        self._changed()
        return poison

    def remove(self, poison: Poison) -> None:
        """End a toxic; one that has ended already is left alone."""
        if poison in self._poisons:
            self._poisons.remove(poison)
            self._changed()
        if poison.timer is not None:
            poison.timer.cancel()

    def clear(self) -> None:
        """End every toxic."""
        for poison in list(self._poisons):
            self.remove(poison)

    def reset(self) -> None:
        """End every live connection with RST."""
        self.add(Rst(), seconds=0)

    def in_force(self, way: Way) -> Iterator[Toxic]:
        """Yield what spoils one direction."""
        return (poison.toxic for poison in self._poisons if way in poison.ways)

    async def flows(self, way: Way) -> None:
        """Wait until bytes get through."""
        await self._flows[way].wait()

    def _changed(self) -> None:
        for way, flow in self._flows.items():
            if any(isinstance(toxic, Blackhole) for toxic in self.in_force(way)):
                flow.clear()
            else:
                flow.set()
        self._stirred.set()

    # --- the door

    async def _stir(self) -> None:
        """Open and close the door as the toxics want it, for ever."""
        door: type[Toxic] | None = None
        while True:
            await self._stirred.wait()
            self._stirred.clear()
            kinds = {type(toxic) for toxic in self.toxics}
            wanted: type[Toxic] | None = Refuse if Refuse in kinds else Hang if Hang in kinds else None
            if wanted is not door:
                await self._shut()
                door = wanted
                if wanted is None:
                    self._listen()
                elif wanted is Hang:
                    self._fill()

    async def _shut(self) -> None:
        """Refuse connections, but keep the port."""
        if self._accepting is not None:
            self._accepting.cancel()
            await asyncio.wait((self._accepting,))
            self._accepting = None
        self._close_fillers()
        assert self._listener is not None
        self._listener.close()
        self._listener = _bound(self._address)

    def _listen(self) -> None:
        assert self._listener is not None
        self._listener.listen(_BACKLOG)
        self._accepting = asyncio.create_task(self._accept(self._listener), name="front")

    def _fill(self) -> None:
        """Listen with a queue that is full: a system drops the packets that should open a connection then."""
        assert self._listener is not None
        self._listener.listen(0)
        for _ in range(_FILLERS):
            filler = socket.socket(self._listener.family)
            filler.setblocking(False)
            filler.connect_ex(self._address)
            self._fillers.append(filler)

    def _close_fillers(self) -> None:
        while self._fillers:
            self._fillers.pop().close()

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(listener)
            self.traffic.connections += 1
            courses = {way: Course(self._chance) for way in BOTH}
            link = _Link(self, client, courses)
            for poison in self._poisons:
                link.arm(poison)
            task = asyncio.create_task(link.run(self._upstream), name="front link")
            self._links[link] = task
            task.add_done_callback(lambda _, link=link: self._links.pop(link))  # type: ignore[misc]


class _Link:
    """One connection: the client's socket, ours to the platform, and what passes between them."""

    def __init__(self, front: Front, client: socket.socket, courses: dict[Way, Course]) -> None:
        self._front = front
        self._client = client
        self._courses = courses
        self._pumps = 0
        self._over = asyncio.Event()
        self._ending: Ending | None = None
        self._loop = asyncio.get_running_loop()

    def arm(self, poison: Poison) -> None:
        """Let a toxic that counts bytes count from here on."""
        for way in poison.ways:
            self._courses[way].arm(poison.toxic)
        if isinstance(poison.toxic, Limit | Rst) and poison.toxic.size <= 0:
            self._end(Ending.RESET if isinstance(poison.toxic, Rst) else Ending.CLOSE)

    def _end(self, ending: Ending) -> None:
        self._ending = self._ending or ending
        self._over.set()

    async def run(self, upstream: tuple[str, int]) -> None:
        """Carry bytes until the connection ends."""
        server: socket.socket | None = None
        try:
            _prepare(self._client)
            server = socket.socket(socket.AF_INET6 if ":" in upstream[0] else socket.AF_INET)
            _prepare(server)
            try:
                await self._loop.sock_connect(server, upstream)
            except OSError:
                self._end(Ending.RESET)
            else:
                await self._carry(server)
        finally:
            if self._ending is Ending.RESET:
                self._front.traffic.resets += 1
            for sock in (self._client, server):
                if sock is not None:
                    _close(sock, self._ending)

    async def _carry(self, server: socket.socket) -> None:
        ends = {Way.UP: (self._client, server), Way.DOWN: (server, self._client)}
        pumps = [
            asyncio.create_task(self._pump(way, *pair), name=f"front {way}") for way, pair in ends.items()
        ]
        self._pumps = len(pumps)
        try:
            await self._over.wait()
        finally:
            # Nobody may wait for a socket that is about to be closed.
            for pump in pumps:
                pump.cancel()
            await asyncio.wait(pumps)
        for pump in pumps:
            if not pump.cancelled():
                pump.result()

    async def _pump(self, way: Way, source: socket.socket, target: socket.socket) -> None:
        queue: asyncio.Queue[list[Piece]] = asyncio.Queue(_AHEAD)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read(way, source, queue), name=f"front {way} reads")
                group.create_task(self._write(way, target, queue), name=f"front {way} writes")
        except* OSError:  # one side has reset its connection, and the other is to learn of it
            self._end(Ending.RESET)
        finally:
            self._pumps -= 1
            if not self._pumps:
                self._over.set()

    async def _read(self, way: Way, source: socket.socket, queue: asyncio.Queue[list[Piece]]) -> None:
        front, course, clock = self._front, self._courses[way], self._loop.time
        data = b"-"
        while data and course.ending is None:
            await front.flows(way)
            data = await self._loop.sock_recv(source, _CHUNK)
            now = clock()
            if data:
                pieces = course.take(data, front.in_force(way), now=now)
            else:
                pieces = [Piece(course.end_due(front.in_force(way), now=now), b"")]
            await queue.put(pieces)

    async def _write(self, way: Way, target: socket.socket, queue: asyncio.Queue[list[Piece]]) -> None:
        front, course, clock, traffic = self._front, self._courses[way], self._loop.time, self._front.traffic
        written = 0
        while True:
            for piece in await queue.get():
                if (pause := piece.due - clock()) > 0:
                    await asyncio.sleep(pause)
                await front.flows(way)
                if not piece.data:
                    target.shutdown(socket.SHUT_WR)
                    return
                await self._loop.sock_sendall(target, piece.data)
                written += len(piece.data)
                if way is Way.UP:
                    traffic.up += len(piece.data)
                else:
                    traffic.down += len(piece.data)
            if course.ending is not None and written == course.taken:
                await asyncio.sleep(_RST_DELAY)
                self._end(course.ending)
                return


def _bound(address: tuple[str, int]) -> socket.socket:
    """Return a socket that has the port, but does not listen."""
    listener = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setblocking(False)
    listener.bind(address)
    return listener


def _prepare(sock: socket.socket) -> None:
    sock.setblocking(False)
    # Slices are to leave as they are, not put together again by the system.
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _close(sock: socket.socket, ending: Ending | None) -> None:
    with contextlib.suppress(OSError):
        if ending is Ending.RESET:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
        else:
            sock.shutdown(socket.SHUT_RDWR)
    sock.close()
