"""Figures of many seconds at the values a bot has by itself: virtual time over real sockets."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import aiohttp
import pytest

from qqbot_cli import Endpoints, EventHandler, Plugin, Simulation, Simulator
from qqbot_cli.model.simulation import FaultKind
from qqbot_cli.protocol.limits import Limits
from qqbot_cli.simulator import Closed, wire
from tests.e2e.bots import CANARY, Bot, Recorder, running, until
from tests.virtual import run_virtually


def now() -> float:
    return asyncio.get_running_loop().time()


@asynccontextmanager
async def platform(*, shards: int = 1) -> AsyncIterator[Simulator]:
    simulation = Simulation(users=0, shards=shards, max_concurrency=10)
    async with Simulator(simulation, secret=CANARY, clock=asyncio.get_running_loop().time) as simulator:
        yield simulator


@asynccontextmanager
async def usual(
    simulator: Simulator,
    handler: EventHandler | list[Plugin],
    **more: Any,  # noqa: ANN401
) -> AsyncIterator[Bot]:
    """A bot that has the limits of every bot, and nothing that would need a thread."""
    async with running(simulator, handler, store=None, limits=Limits(), blocked_after=None, **more) as bot:
        yield bot


def test_f36_what_cannot_be_read_for_a_minute_is_resumed_when_half_of_the_inbox_is_empty() -> None:
    async def minute() -> None:
        gate = asyncio.Semaphore(0)
        handler = Recorder(lambda _session: gate.acquire())
        slow = [Plugin("slow", handler, timeout=300)]
        async with platform() as simulator, usual(simulator, slow) as bot:

            def let_go(number: int) -> None:
                for _ in range(number):
                    gate.release()

            said = [await simulator.say_group(f"message {number}") for number in range(1500)]
            await until(lambda: bot.client.snapshot().shards[0].paused)
            begun = now()
            await until(lambda: [one for one in simulator.history if isinstance(one, Closed)], timeout=100)
            assert 59.5 <= now() - begun <= 61
            let_go(499)
            await asyncio.sleep(30)
            assert bot.client.snapshot().waiting == 501
            assert (bot.ready, simulator.stats.upgrades) == (0, 1)

            let_go(1)
            await until(lambda: simulator.stats.resumes == 1)
            let_go(1000)
            await until(lambda: bot.ready == 1 and len(handler.sessions) == 1500)
            assert [session.event.id for session in handler.sessions] == said
            assert (simulator.stats.identifies, simulator.stats.resumes) == (1, 1)

    run_virtually(minute())


async def token_of(simulator: Simulator) -> str:
    asked = {"appId": simulator.appid, "clientSecret": simulator.secret}
    async with (
        aiohttp.ClientSession() as http,
        http.post(simulator.endpoints.token, json=asked) as answer,
    ):
        return str((await answer.json())["access_token"])


class TokenDesk:
    """A token endpoint that gives one token, for 20 s, and then answers no more."""

    def __init__(self, token: str) -> None:
        self.tries: list[tuple[float, float]] = []
        """When each that got no answer began and was given up."""
        self._answer = b'{"access_token":"%s","expires_in":"20"}' % token.encode()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            if self._answer:
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(self._answer)}\r\nConnection: close\r\n\r\n"
                writer.write(head.encode() + self._answer)
                self._answer = b""
                return
            begun = now()
            while await reader.read(1000):
                pass
            self.tries.append((begun, now()))
        finally:
            writer.close()


def test_f47_three_shards_wait_for_one_request_of_ten_seconds_at_a_time() -> None:
    async def five_minutes() -> list[tuple[float, float]]:
        async with platform(shards=3) as simulator:
            desk = TokenDesk(await token_of(simulator))
            server = await asyncio.start_server(desk.serve, "127.0.0.1", 0)
            where, port = simulator.endpoints, server.sockets[0].getsockname()[1]
            endpoints = Endpoints(where.api, where.sandbox_api, f"http://127.0.0.1:{port}/")
            async with server, usual(simulator, Recorder(), ready=3, endpoints=endpoints) as bot:
                await asyncio.sleep(25)
                await simulator.inject(FaultKind.DROP)
                await asyncio.sleep(300)
                assert bot.states() == ["waiting for token"] * 3
                return [*desk.tries]  # without the one that the end cuts short

    tries = run_virtually(five_minutes())

    assert len(tries) >= 5
    # aiohttp ends what takes long at the next full second of its clock.
    assert all(9.99 <= end - begin <= 11 for begin, end in tries)
    assert all(later >= end for (_, end), (later, _) in pairwise(tries))


def test_f65_the_slot_of_a_handler_that_hangs_is_free_after_ten_and_a_half_seconds() -> None:
    async def slots() -> list[float]:
        begun: list[float] = []

        async def hang(_session: object) -> None:
            begun.append(now())
            await asyncio.Event().wait()

        async with platform() as simulator, usual(simulator, [Plugin("p", Recorder(hang), concurrency=1)]):
            for group in range(2):  # two conversations, which would be handled side by side
                await simulator.say_group("hello", group=group)
            await until(lambda: len(begun) == 2, timeout=60)
        return begun

    first, second = run_virtually(slots())

    assert 10 <= second - first <= 10.5


def test_f64_what_may_pass_is_tried_again_after_1_5_and_30_seconds() -> None:
    async def tries() -> list[float]:
        begun: list[float] = []

        async def fail(_session: object) -> None:
            begun.append(now())
            raise ConnectionResetError

        async with platform() as simulator, usual(simulator, Recorder(fail)):
            await simulator.say_group("hello")
            await until(lambda: len(begun) == 4, timeout=60)
        return begun

    pauses = [later - earlier for earlier, later in pairwise(run_virtually(tries()))]

    assert pauses == [pytest.approx(seconds, abs=0.2) for seconds in (1, 5, 30)]


HELLO = wire.frame(b'{"op":10,"d":{"heartbeat_interval":45000}}')
UPGRADED = """HTTP/1.1 101 Switching Protocols\r
Upgrade: websocket\r
Connection: Upgrade\r
Sec-WebSocket-Accept: {}\r
\r
"""


def accepted(request: bytes) -> bytes:
    """The answer to a handshake."""
    (key,) = re.findall(rb"(?i)sec-websocket-key: *(\S+)", request)
    digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11", usedforsecurity=False).digest()
    return UPGRADED.format(base64.b64encode(digest).decode()).encode()


@pytest.mark.parametrize("slow", ["handshake", "hello"])
def test_f09_one_byte_a_second_is_left_after_ten_seconds_in_all(slow: str) -> None:
    async def seconds() -> float:
        took: asyncio.Queue[float] = asyncio.Queue()

        async def trickle(writer: asyncio.StreamWriter, answer: bytes) -> None:
            if slow == "hello":
                writer.write(answer)
                answer = b""
            for byte in answer + HELLO:
                writer.write(bytes([byte]))
                await asyncio.sleep(1)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            answer = accepted(await reader.readuntil(b"\r\n\r\n"))
            begun, writing = now(), asyncio.ensure_future(trickle(writer, answer))
            with contextlib.suppress(ConnectionError):
                await reader.read(1)  # a close frame, or the end
            took.put_nowait(now() - begun)
            writing.cancel()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with platform() as simulator, server:
            where = simulator.endpoints
            endpoints = Endpoints(where.api, where.sandbox_api, where.token, f"ws://127.0.0.1:{port}/")
            async with usual(simulator, Recorder(), ready=None, endpoints=endpoints):
                return await asyncio.wait_for(took.get(), 60)

    assert 9.5 <= run_virtually(seconds()) <= 10.5
