"""The thin shell around a shard's decisions, against a peer that misbehaves below the protocol."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from functools import partial

import aiohttp

from qqbot_cli.gateway.connection import ShardConnection
from qqbot_cli.model.fact import Fact, ShardChanged, ShardState
from qqbot_cli.model.frame import Frame
from qqbot_cli.simulator import wire
from tests.machines import HELLO, make_shard
from tests.virtual import run_virtually

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


async def greet(over: asyncio.Event, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Be a gateway that says hello and reads no further, until it is *over*."""
    request = await reader.readuntil(b"\r\n\r\n")
    key = request.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0]
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
    lines = ("HTTP/1.1 101 ", "Upgrade: websocket", "Connection: upgrade", f"Sec-WebSocket-Accept: {accept}")
    writer.write("\r\n".join((*lines, "", "")).encode() + wire.frame(HELLO.encode()))
    await over.wait()
    writer.transport.abort()


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

    around = Surroundings()
    server = await asyncio.start_server(partial(greet, over), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    around.url = f"ws://{host}:{port}"
    async with aiohttp.ClientSession() as http:
        shard = ShardConnection(
            make_shard(), count=1, intents=1, http=http, tokens=around, gateway=around, sink=around,
            report=note, reading_limit=60,
        )  # fmt: skip
        running = asyncio.create_task(shard.run())
        await over.wait()
        running.cancel()
        await asyncio.wait([running])
    server.close()
    await server.wait_closed()
    return ended - begun


def test_f04_a_peer_that_does_not_read_is_left_ten_seconds_after_it_stopped() -> None:
    # Ten seconds for the frame, and one and a half to part.
    assert 10 <= run_virtually(seconds_in(ShardState.IDENTIFYING)) <= 11.5
