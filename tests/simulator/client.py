"""A bare client for the simulator's tests: JSON over sockets, and no decisions."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self, cast

import aiohttp

from qqbot_cli.simulator import Simulator
from qqbot_cli.simulator.switches import EVERYTHING

PATIENCE = 2.0
MISSING = object()
Frame = dict[str, Any]


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Gateway:
    """One websocket."""

    def __init__(self, ws: aiohttp.ClientWebSocketResponse, token: str) -> None:
        self.ws = ws
        self.token = token
        self.session_id = ""

    async def send(self, op: int, d: object = MISSING) -> None:
        await self.ws.send_json({"op": op} if d is MISSING else {"op": op, "d": d})

    async def frame(self) -> Frame:
        """The next frame; a close is a failure."""
        message = await self.ws.receive(timeout=PATIENCE)
        assert message.type is aiohttp.WSMsgType.TEXT, f"{message.type} {self.ws.close_code}"
        return cast(Frame, json.loads(message.data))

    async def event(self, name: str) -> Frame:
        frame = await self.frame()
        assert frame.get("t") == name, frame
        return frame

    async def identify(
        self, *, intents: object = EVERYTHING.value, shard: object = (0, 1), token: object = None
    ) -> None:
        await self.send(2, {"token": token or f"QQBot {self.token}", "intents": intents, "shard": shard})

    async def login(self, *, intents: int = EVERYTHING.value, shard: tuple[int, int] = (0, 1)) -> Frame:
        assert (await self.frame())["op"] == 10
        await self.identify(intents=intents, shard=shard)
        ready = await self.event("READY")
        self.session_id = ready["d"]["session_id"]
        return ready

    async def resume(self, session_id: str, seq: object, *, prefix: str = "QQBot ") -> None:
        await self.send(6, {"token": prefix + self.token, "session_id": session_id, "seq": seq})

    async def closed(self) -> int | None:
        """The close code of the other side, after any frames before it; None for an unclean end."""
        while True:
            message = await self.ws.receive(timeout=PATIENCE)
            if message.type is aiohttp.WSMsgType.CLOSE:
                return int(message.data)
            if message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR):
                return None


class Api:
    """REST calls with a token."""

    def __init__(self, simulator: Simulator, http: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self.http = http
        self.token = ""

    async def __aenter__(self) -> Self:
        self.token = (await self.ask_token())["access_token"]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return

    async def ask_token(self, **changes: object) -> Frame:
        body = {"appId": self.simulator.appid, "clientSecret": self.simulator.secret, **changes}
        async with self.http.post(self.simulator.endpoints.token, json=body) as response:
            return cast(Frame, await response.json())

    async def call(
        self, method: str, path: str, body: object = None, *, authorization: str | None = None
    ) -> tuple[int, Frame]:
        headers = {"Authorization": f"QQBot {self.token}" if authorization is None else authorization}
        url = self.simulator.endpoints.api + path
        async with self.http.request(method, url, json=body, headers=headers) as response:
            return response.status, await response.json()

    async def refused(self, method: str, path: str, body: object = None) -> int:
        """The ``err_code`` of a call that must fail."""
        status, answer = await self.call(method, path, body)
        assert status >= 400, answer
        return int(answer["err_code"])

    async def done(self, method: str, path: str, body: object = None) -> Frame:
        """The answer to a call that must succeed."""
        status, answer = await self.call(method, path, body)
        assert status == 200, answer
        return answer

    async def nothing(self, method: str, path: str, body: object = None) -> None:
        """A call that must succeed with 204: no body, and no word about its type."""
        headers = {"Authorization": f"QQBot {self.token}"}
        url = self.simulator.endpoints.api + path
        async with self.http.request(method, url, json=body, headers=headers) as response:
            assert (response.status, await response.read()) == (204, b"")
            assert "Content-Type" not in response.headers

    async def listed(self, path: str, body: object = None) -> list[Frame]:
        """The answer to a call that must answer a list."""
        answer: object = await self.done("GET", path, body)
        assert isinstance(answer, list)
        return answer

    @asynccontextmanager
    async def gateway(self) -> AsyncIterator[Gateway]:
        url = (await self.done("GET", "/gateway"))["url"]
        async with self.http.ws_connect(url, autoping=True) as ws:
            yield Gateway(ws, self.token)

    @asynccontextmanager
    async def ready(
        self, *, intents: int = EVERYTHING.value, shard: tuple[int, int] = (0, 1)
    ) -> AsyncIterator[Gateway]:
        async with self.gateway() as gateway:
            await gateway.login(intents=intents, shard=shard)
            yield gateway


@asynccontextmanager
async def api_of(simulator: Simulator) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as http, Api(simulator, http) as api:
        yield api
