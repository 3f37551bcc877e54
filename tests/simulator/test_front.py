"""The front before a real echo server: what a client sees of each toxic."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import sys
import time
from collections.abc import AsyncIterator

import pytest

from qqbot_cli.simulator import (
    Bandwidth,
    Blackhole,
    Front,
    Hang,
    Latency,
    Limit,
    Refuse,
    Rst,
    Simulator,
    Slice,
    SlowClose,
    Way,
)
from tests.simulator.client import api_of

DATA = b"0123456789" * 3
SOON = 2.0


class Line:
    """A client's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, data: bytes) -> bytes:
        """Send *data* and return as much as comes back."""
        self.writer.write(data)
        async with asyncio.timeout(SOON):
            return await self.reader.readexactly(len(data))

    async def end(self) -> bytes | int:
        """What comes before the end, or the number of the error that is the end."""
        async with asyncio.timeout(SOON):
            try:
                return await self.reader.read()
            except OSError as exc:
                return exc.errno or 0

    async def is_silent(self, seconds: float = 0.05) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self.reader.read(1)
        except TimeoutError:
            return True
        return False


@pytest.fixture
async def front() -> AsyncIterator[Front]:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(1000):
                writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    async with server, Front("127.0.0.1", server.sockets[0].getsockname()[1]) as made:
        yield made


@contextlib.asynccontextmanager
async def line_to(front: Front) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@pytest.fixture
async def line(front: Front) -> AsyncIterator[Line]:
    async with line_to(front) as made:
        assert await made.say(b"hello") == b"hello"
        yield made


async def test_without_toxics_it_is_not_there_but_counts(front: Front, line: Line) -> None:
    assert await line.say(DATA * 10_000) == DATA * 10_000
    assert front.open == 1
    line.writer.write_eof()

    assert await line.end() == b""
    assert (front.traffic.connections, front.traffic.up) == (1, 5 + len(DATA) * 10_000)
    assert front.traffic.down == front.traffic.up


@pytest.mark.alone
async def test_latency_is_there_for_as_long_as_asked_for(front: Front, line: Line) -> None:
    front.add(Latency(0.1), Way.DOWN, seconds=0.05)
    begun = time.monotonic()
    await line.say(DATA)
    slow = time.monotonic()
    await line.say(DATA)

    assert slow - begun >= 0.1
    assert time.monotonic() - slow < 0.1
    assert front.toxics == []


@pytest.mark.alone
async def test_bandwidth_and_slices_change_the_time_and_not_the_bytes(front: Front, line: Line) -> None:
    front.add(Slice(1), Way.UP)
    front.add(Bandwidth(200), Way.DOWN)
    begun = time.monotonic()

    assert await line.say(DATA) == DATA
    assert 0.1 <= time.monotonic() - begun <= 1


@pytest.mark.parametrize("way", list(Way))
async def test_a_blackhole_swallows_one_way_and_gives_back_what_it_had(
    front: Front, line: Line, way: Way
) -> None:
    hole = front.add(Blackhole(), way)
    before = front.traffic.up
    line.writer.write(DATA)

    assert await line.is_silent()
    assert front.traffic.up - before == (0 if way is Way.UP else len(DATA))
    front.remove(hole)
    assert await line.reader.readexactly(len(DATA)) == DATA


async def test_a_blackhole_hides_the_end_of_a_connection_too(front: Front, line: Line) -> None:
    front.add(Blackhole(), seconds=0.2)
    line.writer.write_eof()

    assert await line.is_silent()
    assert await line.end() == b""


async def test_rst_in_the_middle_of_what_is_sent(front: Front, line: Line) -> None:
    front.add(Rst(6), Way.DOWN, seconds=0)
    line.writer.write(DATA)

    assert await line.reader.read(100) == DATA[:6]
    assert await line.end() == errno.ECONNRESET
    assert front.traffic.resets == 1
    async with line_to(front) as other:
        assert await other.say(DATA) == DATA


async def test_rst_at_once_meets_every_connection_there_is(front: Front, line: Line) -> None:
    async with line_to(front) as other:
        await other.say(DATA)
        front.reset()

        assert [await line.end(), await other.end()] == [errno.ECONNRESET] * 2


async def test_a_limit_closes_in_order(front: Front, line: Line) -> None:
    front.add(Limit(4), Way.DOWN)
    line.writer.write(DATA)

    assert await line.end() == DATA[:4]


async def test_a_slow_close_delays_the_end(front: Front, line: Line) -> None:
    front.add(SlowClose(0.1), Way.UP)
    begun = time.monotonic()
    line.writer.write_eof()

    assert await line.end() == b""
    assert time.monotonic() - begun >= 0.1


async def test_refused_connections_are_taken_again_at_the_same_port(front: Front, line: Line) -> None:
    refuse = front.add(Refuse())
    await asyncio.sleep(0.01)
    with pytest.raises(ConnectionRefusedError):
        async with line_to(front):
            pass
    assert await line.say(DATA) == DATA
    front.remove(refuse)
    await asyncio.sleep(0.01)

    async with line_to(front) as other:
        assert await other.say(DATA) == DATA


@pytest.mark.skipif(sys.platform != "linux", reason="what a full queue does differs")
async def test_a_connection_that_hangs_is_opened_when_the_network_is_back(front: Front, line: Line) -> None:
    front.add(Hang(), seconds=0.3)
    await asyncio.sleep(0.01)
    hanging = asyncio.ensure_future(asyncio.open_connection("127.0.0.1", front.port))
    await asyncio.sleep(0.1)

    assert not hanging.done()
    assert await line.say(DATA) == DATA
    _, writer = await hanging
    writer.close()


async def test_a_platform_that_is_gone_is_a_reset(front: Front) -> None:
    async with Front("127.0.0.1", 9) as other, line_to(other) as line:
        assert await line.end() == errno.ECONNRESET


async def test_all_addresses_of_a_simulator_lead_through_its_front() -> None:
    async with Simulator(front=True) as simulator, api_of(simulator) as api, api.ready():
        where = simulator.endpoints
        assert where.api == f"http://{simulator.front.address}"
        assert where.token.startswith(where.api)
        assert (await api.done("GET", "/gateway"))["url"] == f"ws://{simulator.front.address}/websocket/"
        assert simulator.front.open == 2
