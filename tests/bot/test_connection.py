"""The thin shell around a shard's decisions, against a peer that misbehaves below the protocol."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import aiohttp

from qqbot_cli.gateway.connection import ShardConnection
from qqbot_cli.model.fact import Fact, Report, ShardChanged, ShardState
from qqbot_cli.model.frame import Frame
from qqbot_cli.simulator import wire
from tests.machines import HELLO, READY, make_shard
from tests.virtual import run_virtually

Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

ENDLESS = "x" * (16 << 20)
"""A token that fits into no buffer between two sockets: sending it has to wait for the other end."""
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Surroundings:
    """What a shard needs of a bot: a token, a gateway, and somebody who takes its events."""

    url = ""

    async def get(self) -> str:
        return ENDLESS

    def refuse(self, value: str) -> None: ...
    async def permit(self, shard: int) -> None: ...
    def permit_used(self, shard: int) -> None: ...
    def permit_returned(self, shard: int) -> None: ...
    async def refresh(self) -> None: ...
    async def room(self) -> None: ...
    def forget(self, shard: int) -> None: ...
    def put(self, shard: int, frame: Frame, received: float) -> bool:
        return True


async def shake_hands(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept a websocket, and say hello."""
    request = await reader.readuntil(b"\r\n\r\n")
    key = request.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
    lines = ("HTTP/1.1 101 ", "Upgrade: websocket", "Connection: upgrade", f"Sec-WebSocket-Accept: {accept}")
    writer.write("\r\n".join((*lines, "", "")).encode() + wire.frame(HELLO.encode()))


async def greet(over: asyncio.Event, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Be a gateway that says hello and reads no further, until it is *over*."""
    await shake_hands(reader, writer)
    await over.wait()
    writer.transport.abort()


@asynccontextmanager
async def connecting(around: Surroundings, peer: Peer, report: Report) -> AsyncIterator[asyncio.Task[None]]:
    """Give a shard that runs against *peer* for as long as the block."""
    server = await asyncio.start_server(peer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    around.url = f"ws://{host}:{port}"
    async with aiohttp.ClientSession() as http:
        shard = ShardConnection(
            make_shard(), count=1, intents=1, http=http, tokens=around, gateway=around, sink=around,
            report=report, reading_limit=60,
        )  # fmt: skip
        running = asyncio.create_task(shard.run())
        yield running
        running.cancel()
        await asyncio.wait([running])
        assert running.cancelled(), running.exception()
    server.close()
    await server.wait_closed()


async def seconds_in(state: ShardState) -> float:
    """How long a shard whose peer does not read stays in *state* for the first time."""
    clock = asyncio.get_running_loop().time
    begun = ended = 0.0
    over = asyncio.Event()

    def note(fact: Fact) -> None:
        nonlocal begun, ended
        if isinstance(fact, ShardChanged) and fact.new is state:
            begun = clock()
        elif isinstance(fact, ShardChanged) and fact.old is state:
            ended = clock()
            over.set()

    async with connecting(Surroundings(), partial(greet, over), note):
        await over.wait()
    return ended - begun


def test_f04_a_peer_that_does_not_read_is_left_ten_seconds_after_it_stopped() -> None:
    # Ten seconds for the frame, and one and a half to part.
    assert 10 <= run_virtually(seconds_in(ShardState.IDENTIFYING)) <= 11.5


class Busy(Surroundings):
    """Has a token, and no room for the first event until the peer is *gone*."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()

    async def get(self) -> str:
        return "token"

    def put(self, shard: int, frame: Frame, received: float) -> bool:
        return frame.event == "READY"

    async def room(self) -> None:
        await self.gone.wait()
        await asyncio.sleep(1)


async def ping_and_go(around: Busy, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Be a gateway whose last frame but one is a ping."""
    await shake_hands(reader, writer)
    await reader.read(1)  # of the identify, which is an answer to hello
    event = b'{"op":0,"s":2,"t":"NEW_EVENT","id":"e","d":{}}'
    writer.write(wire.frame(READY.encode()) + wire.frame(event) + wire.frame(b"", wire.PING))
    writer.write(wire.close_frame(4009))
    await writer.drain()
    writer.close()
    around.gone.set()


async def changes_of_a_shard_that_is_left() -> list[ShardChanged]:
    changes: list[ShardChanged] = []
    around = Busy()
    over = asyncio.Event()

    def note(fact: Fact) -> None:
        if isinstance(fact, ShardChanged):
            changes.append(fact)
            if fact.new is ShardState.BACKOFF:
                over.set()

    async with connecting(around, partial(ping_and_go, around), note) as running:
        waiting = asyncio.create_task(over.wait())
        await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        await asyncio.wait([waiting])
    return changes


def test_i10_a_ping_that_cannot_be_answered_any_more_ends_neither_the_bot_nor_the_reading() -> None:
    *_, ready, left = run_virtually(changes_of_a_shard_that_is_left())

    assert ready.new is ShardState.READY
    assert (left.new, left.code) == (ShardState.BACKOFF, 4009)
