"""Events per second and CPU per event, from socket to handler: qqbot in memory and with its durable inbox, a
bare loop, and qq-botpy.

`python benchmarks/receive.py [--events N] [--rounds N]`. A server process pushes the same frames to each
client in turn, every client in a process of its own; ratios are of the medians. The bare loop is the
least one could do: receive, decode envelope and payload with msgspec, await a handler. qq-botpy is left
out, with a word, where it is not installed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

APPID: Final = "102000001"
SECRET: Final = "benchmark-secret"
GROUPS: Final = 50
CHUNK: Final = 1 << 16
SAMPLE: Final = Path(__file__).parent.parent / "tests/samples/GROUP_AT_MESSAGE_CREATE.json"


def frames(count: int) -> list[str]:
    """Return *count* group messages like the sample, spread over `GROUPS` groups."""
    frame = json.loads(SAMPLE.read_text(encoding="utf-8"))
    body = frame["d"]
    made = []
    for number in range(count):
        frame["s"] = number + 2
        frame["id"] = f"GROUP_AT_MESSAGE_CREATE:{number:036d}"
        body["id"] = f"ROBOT1.0_{number:060d}"
        body["group_id"] = body["group_openid"] = f"{number % GROUPS:032X}"
        made.append(json.dumps(frame, ensure_ascii=False, separators=(",", ":")))
    return made


def wire(made: list[str]) -> list[bytes]:
    """Return websocket text frames with *made*, in chunks: so that the server is never what is measured."""
    chunks, chunk = [], bytearray()
    for frame in made:
        payload = frame.encode()
        chunk += b"\x81\x7e" + len(payload).to_bytes(2, "big") + payload
        if len(chunk) >= CHUNK:
            chunks.append(bytes(chunk))
            chunk = bytearray()
    return [*chunks, bytes(chunk)]


async def serve(count: int) -> None:
    """Serve token, gateway and frames until stdin closes; print the port first."""
    from aiohttp import web

    chunks = wire(frames(count))
    hello = json.dumps({"op": 10, "d": {"heartbeat_interval": 45000}})
    ready = {"version": 1, "session_id": "s", "user": {"id": "1", "username": "b"}, "shard": [0, 1]}

    def answer(body: object) -> web.Response:
        # Without a charset, which botpy does not expect.
        return web.Response(body=json.dumps(body).encode(), content_type="application/json")

    async def token(_request: web.Request) -> web.Response:
        return answer({"access_token": "t" * 32, "expires_in": "7200"})

    async def me(_request: web.Request) -> web.Response:
        return answer({"id": "1", "username": "b", "avatar": ""})

    async def gateway(request: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        url = f"ws://{request.host}/websocket"
        return answer({"url": url, "shards": 1, "session_start_limit": limit})

    async def websocket(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(compress=False)
        await ws.prepare(request)
        await ws.send_str(hello)
        async for message in ws:
            op = json.loads(message.data)["op"]
            if op == 1:
                await ws.send_str('{"op":11}')
            elif op == 2:
                await ws.send_str(json.dumps({"op": 0, "s": 1, "t": "READY", "d": ready}))
                await asyncio.sleep(0.5)  # so that clients are idle when the first event comes
                transport = request.transport
                assert transport is not None
                for chunk in chunks:
                    transport.write(chunk)
                    while transport.get_write_buffer_size() > 4 * CHUNK:
                        await asyncio.sleep(0.001)
        return ws

    app = web.Application()
    app.router.add_post("/token", token)
    app.router.add_get("/users/@me", me)
    app.router.add_get("/gateway/bot", gateway)
    app.router.add_get("/websocket", websocket)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


class Meter:
    """Measures from the last idle moment before the first event to the end of the last."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.done = asyncio.Event()
        self._begun = (time.perf_counter(), time.process_time())
        self._hit = False

    async def idle(self) -> None:
        """Keep taking the time while nothing happens: a client may read a lot before it handles anything."""
        while not self._hit:
            self._begun = (time.perf_counter(), time.process_time())
            await asyncio.sleep(0.005)

    def hit(self) -> None:
        """One event was handled."""
        self._hit = True
        self.left -= 1
        if self.left == 0:
            wall, cpu = self._begun
            self.result = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
            self.done.set()


async def bare(port: int, meter: Meter) -> None:
    """The least one could do."""
    import aiohttp
    import msgspec

    from qqbot_cli.model.frame import Frame
    from qqbot_cli.model.payload.group_message import GroupMessage

    envelope = msgspec.json.Decoder(Frame).decode
    payload = msgspec.json.Decoder(GroupMessage).decode

    async def handle(_message: GroupMessage) -> None:
        meter.hit()

    identify = {"op": 2, "d": {"token": "QQBot t", "intents": 1 << 25, "shard": [0, 1]}}
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"ws://127.0.0.1:{port}/websocket") as ws,
    ):
        await ws.receive()
        await ws.send_str(json.dumps(identify))
        await ws.receive()
        async for message in ws:
            await handle(payload(envelope(message.data).body))
            if meter.done.is_set():
                return


async def qqbot(port: int, meter: Meter) -> None:
    """The whole of qqbot, through `Client`; events in memory."""
    await _qqbot(port, meter, durable=False)


async def durable(port: int, meter: Meter) -> None:
    """The same with every event stored in SQLite before it is handled, and marked as done after."""
    await _qqbot(port, meter, durable=True)


async def _qqbot(port: int, meter: Meter, *, durable: bool) -> None:
    from qqbot_cli import Client, Endpoints, EventHandler, GroupReplySession, Intents, Token
    from qqbot_cli.store.sqlite import SqliteStore

    class Handler(EventHandler):
        async def group_message_create(self, session: GroupReplySession) -> None:
            meter.hit()

    base = f"http://127.0.0.1:{port}"
    client = Client(
        Token(APPID, SECRET),
        Intents.PUBLIC_MESSAGES,
        Handler(),
        endpoints=Endpoints(api=base, sandbox_api=base, token=f"{base}/token"),
        store=SqliteStore(Path("inbox.sqlite3")) if durable else None,
    )
    running = asyncio.ensure_future(client.start())
    await meter.done.wait()
    await client.close()
    await running


async def botpy(port: int, meter: Meter) -> None:
    """qq-botpy as it is, pointed at the server."""
    import botpy  # type: ignore[import-not-found, unused-ignore]
    from botpy import http as botpy_http
    from botpy import robot as botpy_robot

    base = f"127.0.0.1:{port}"

    async def update(self: Any) -> None:  # noqa: ANN401 - botpy has no types
        self.access_token, self.expires_in = "t" * 32, time.time() + 7200

    botpy_robot.Token.update_access_token = update
    botpy_http.Route.DOMAIN = botpy_http.Route.SANDBOX_DOMAIN = base
    botpy_http.Route.SCHEME = "http"

    class Handler(botpy.Client):  # type: ignore[misc, unused-ignore]
        async def on_group_at_message_create(self, message: object) -> None:
            meter.hit()

    client = Handler(intents=botpy.Intents(public_messages=True))

    async def run() -> None:
        async with client:
            await (await client.start(appid=APPID, secret=SECRET, ret_coro=True))

    await _until_done(run(), meter)


async def _until_done(work: Coroutine[Any, Any, None], meter: Meter) -> None:
    """Let *work* run until all events were handled; if it ends before, that is an error."""
    working = asyncio.ensure_future(work)
    finished = asyncio.ensure_future(meter.done.wait())
    await asyncio.wait((working, finished), return_when=asyncio.FIRST_COMPLETED)
    finished.cancel()
    if not meter.done.is_set():
        working.result()
        raise SystemExit("the client ended before all events had come")
    working.cancel()


CLIENTS: Final[dict[str, Callable[[int, Meter], Awaitable[None]]]] = {
    "bare": bare,
    "qqbot": qqbot,
    "durable": durable,
    "botpy": botpy,
}


def measure(name: str, port: int, count: int) -> dict[str, float] | None:
    """Run the client *name* in a process of its own and return its seconds; None if it cannot run."""
    program = str(Path(__file__).resolve())
    command = [sys.executable, program, "--client", name, "--port", str(port), "--events", str(count)]
    with TemporaryDirectory() as folder:  # botpy writes a log file to the working directory
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=folder)
    if done.returncode:
        print(f"{name}: not measured: {done.stderr.strip().splitlines()[-1:]}")
        return None
    result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def compare(count: int, rounds: int) -> None:
    """Measure all clients in turn and print ratios."""
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve", "--events", str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    assert server.stdin is not None
    port = int(server.stdout.readline())
    seen: dict[str, list[dict[str, float]]] = {name: [] for name in CLIENTS}
    for _ in range(rounds):
        for name, results in seen.items():
            result = measure(name, port, count)
            if result is not None:
                results.append(result)
    server.stdin.close()
    server.wait()
    print(f"{count} group messages, {rounds} rounds, medians")
    cpu = {name: statistics.median(one["cpu"] for one in all_) / count for name, all_ in seen.items() if all_}
    rate = {
        name: count / statistics.median(one["wall"] for one in all_) for name, all_ in seen.items() if all_
    }
    for name in cpu:
        print(f"{name:7} {cpu[name] * 1e6:6.1f} µs CPU per event {rate[name]:9,.0f} events/s")
    print(f"qqbot / bare: {cpu['qqbot'] / cpu['bare']:.2f} times the CPU per event (to reach: at most 1.4)")
    if "botpy" in rate:
        print(f"qqbot / botpy: {rate['qqbot'] / rate['botpy']:.2f} times the throughput (to reach: 3.5)")
        print(f"durable / botpy: {rate['durable'] / rate['botpy']:.2f} times the throughput (to reach: 2)")


def main() -> None:
    """Play the role that the arguments name."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--client", choices=CLIENTS, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.events))
    elif options.client:

        async def play() -> None:
            meter = Meter(options.events)
            idling = asyncio.ensure_future(meter.idle())
            await CLIENTS[options.client](options.port, meter)
            await idling
            print(json.dumps(meter.result))

        asyncio.run(play())
    else:
        compare(options.events, options.rounds)


if __name__ == "__main__":
    main()
