"""What calls cost: CPU per REST call, and whole answers (event in, reply out) per second, side by side.

`python benchmarks/rest.py [--calls N] [--answers N] [--rounds N]`. One server serves all clients in turn,
every client in a process of its own; ratios are medians of those of each round, so that what else the
machine does in a round befalls both. Calls read a message of a channel, 16 at a
time. Answers go to channels of their own, so that no documented rate holds anybody back. A client whose
package is not installed is left out, with a word.
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
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

APPID: Final = "102000001"
SECRET: Final = "benchmark-secret"
CONCURRENCY: Final = 16
CHANNELS: Final = 2_000
SAMPLES: Final = Path(__file__).parent.parent / "tests/samples"
WAIT: Final = 60
"""Seconds until a client that does not answer everything is given up."""


def events(count: int) -> list[str]:
    """Return *count* messages that are addressed to the bot, in `CHANNELS` channels in turn."""
    frame = json.loads((SAMPLES / "AT_MESSAGE_CREATE.json").read_text(encoding="utf-8"))
    frame["d"]["timestamp"] = datetime.now(UTC).isoformat()  # older messages may not be answered
    made = []
    for number in range(count):
        frame["s"] = number + 2
        frame["id"] = f"AT_MESSAGE_CREATE:{number:036d}"
        frame["d"]["id"] = f"08{number:060d}"
        frame["d"]["channel_id"] = str(number % CHANNELS + 1)
        made.append(json.dumps(frame, ensure_ascii=False))
    return made


async def serve(count: int) -> None:
    """Serve token, gateway, reading and sending until stdin closes; print the port first."""
    from aiohttp import web

    message = json.loads((SAMPLES / "AT_MESSAGE_CREATE.json").read_text(encoding="utf-8"))["d"]
    read = json.dumps({"message": message}).encode()
    sent = json.dumps(message).encode()
    ready = {"version": 1, "session_id": "s", "user": {"id": "1", "username": "b"}, "shard": [0, 1]}

    def answer(body: bytes) -> web.Response:
        # Without a charset, which botpy does not expect.
        return web.Response(body=body, content_type="application/json")

    async def token(_request: web.Request) -> web.Response:
        return answer(b'{"access_token": "' + b"t" * 32 + b'", "expires_in": "7200"}')

    async def me(_request: web.Request) -> web.Response:
        return answer(b'{"id": "1", "username": "b", "avatar": ""}')

    async def gateway(request: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        url = f"ws://{request.host}/websocket"
        return answer(json.dumps({"url": url, "shards": 1, "session_start_limit": limit}).encode())

    async def get(_request: web.Request) -> web.Response:
        return answer(read)

    async def post(request: web.Request) -> web.Response:
        await request.read()
        return answer(sent)

    async def websocket(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(compress=False)
        await ws.prepare(request)
        await ws.send_str(json.dumps({"op": 10, "d": {"heartbeat_interval": 45000}}))
        async for incoming in ws:
            op = json.loads(incoming.data)["op"]
            if op == 1:
                await ws.send_str('{"op":11}')
            elif op == 2:
                await ws.send_str(json.dumps({"op": 0, "s": 1, "t": "READY", "d": ready}))
                await asyncio.sleep(0.5)  # so that clients are idle when the first event comes
                for one in events(count):
                    await ws.send_str(one)
        return ws

    app = web.Application()
    app.router.add_post("/token", token)
    app.router.add_post("/app/getAppAccessToken", token)
    app.router.add_get("/users/@me", me)
    app.router.add_get("/gateway", gateway)
    app.router.add_get("/gateway/bot", gateway)
    app.router.add_get("/websocket", websocket)
    app.router.add_get("/channels/{channel}/messages/{message}", get)
    app.router.add_post("/channels/{channel}/messages", post)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


# --- calls

Call = Callable[[], Awaitable[object]]


async def _many(call: Call, count: int) -> dict[str, float]:
    """Make *count* calls, some at a time, after some to warm up."""

    async def some(number: int) -> None:
        for _ in range(number // CONCURRENCY):
            await call()

    async def all_of(number: int) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(CONCURRENCY):
                group.create_task(some(number))

    await all_of(CONCURRENCY * 10)
    wall, cpu = time.perf_counter(), time.process_time()
    await all_of(count)
    made = count // CONCURRENCY * CONCURRENCY
    return {"wall": (time.perf_counter() - wall) / made, "cpu": (time.process_time() - cpu) / made}


async def call_bare(port: int, count: int) -> dict[str, float]:
    """aiohttp, and the answer parsed."""
    import aiohttp

    url = f"http://127.0.0.1:{port}/channels/1/messages/2"
    headers = {"Authorization": "QQBot " + "t" * 32, "X-Union-Appid": APPID}
    async with aiohttp.ClientSession(headers=headers) as http:

        async def call() -> object:
            async with http.get(url, timeout=aiohttp.ClientTimeout(total=20)) as got:
                return json.loads(await got.read())

        return await _many(call, count)


async def call_qqbot(port: int, count: int) -> dict[str, float]:
    """A method of our API: limits, retries, typed answer."""
    from qqbot_cli import Endpoints, Token
    from qqbot_cli.bot.platform import open_platform

    base = f"http://127.0.0.1:{port}"
    async with open_platform(
        Token(APPID, SECRET),
        endpoints=Endpoints(api=base, sandbox_api=base, token=f"{base}/token"),
        sandbox=False,
        timeout=20,
        report=lambda _fact: None,
        learn=lambda _token: None,
    ) as platform:
        return await _many(lambda: platform.api.get_message("1", "2"), count)


async def call_botpy(port: int, count: int) -> dict[str, float]:
    """The same with qq-botpy."""
    from botpy import BotAPI
    from botpy.http import BotHttp

    _point_botpy(port)
    from botpy.robot import Token

    http = BotHttp(timeout=20, app_id=APPID, secret=SECRET)
    http._token = Token(APPID, SECRET)
    await http.check_session()
    api = BotAPI(http)
    try:
        return await _many(lambda: api.get_message("1", "2"), count)
    finally:
        await http.close()


async def call_httpx(port: int, count: int) -> dict[str, float]:
    """httpx, and the answer parsed."""
    import httpx  # type: ignore[import-not-found, unused-ignore]

    url = f"http://127.0.0.1:{port}/channels/1/messages/2"
    async with httpx.AsyncClient(headers={"Authorization": "QQBot " + "t" * 32}) as http:

        async def call() -> object:
            return (await http.get(url)).json()

        return await _many(call, count)


# --- answers


class Meter:
    """Measures from the first event to the end of the last answer."""

    def __init__(self, count: int) -> None:
        self.left = count
        self.done = asyncio.Event()
        self._begun: tuple[float, float] | None = None

    def came(self) -> None:
        """An event is handled."""
        self._begun = self._begun or (time.perf_counter(), time.process_time())

    def answered(self, count: int) -> None:
        """An answer was sent; *count* are to be."""
        self.left -= 1
        if self.left == 0:
            wall, cpu = self._begun or (0.0, 0.0)
            self.result = {
                "wall": (time.perf_counter() - wall) / count,
                "cpu": (time.process_time() - cpu) / count,
            }
            self.done.set()


async def answer_qqbot(port: int, count: int) -> dict[str, float]:
    """`session.reply`, with events in memory."""
    return await _answer_qqbot(port, count, durable=False)


async def answer_durable(port: int, count: int) -> dict[str, float]:
    """The same with the store."""
    return await _answer_qqbot(port, count, durable=True)


async def _answer_qqbot(port: int, count: int, *, durable: bool) -> dict[str, float]:
    from qqbot_cli import ChannelReplySession, Client, Endpoints, EventHandler, Intents, Token
    from qqbot_cli.store.sqlite import SqliteStore

    meter = Meter(count)

    class Handler(EventHandler):
        async def message_create(self, session: ChannelReplySession) -> None:
            meter.came()
            await session.reply("pong")
            meter.answered(count)

    base = f"http://127.0.0.1:{port}"
    client = Client(
        Token(APPID, SECRET),
        Intents.PUBLIC_GUILD_MESSAGES,
        Handler(),
        endpoints=Endpoints(api=base, sandbox_api=base, token=f"{base}/token"),
        store=SqliteStore(Path("inbox.sqlite3")) if durable else None,
    )
    running = asyncio.ensure_future(client.start())
    await _finished(running, meter)
    await client.close()
    await running
    return meter.result


async def answer_botpy(port: int, count: int) -> dict[str, float]:
    """`message.reply` of qq-botpy."""
    import botpy  # type: ignore[import-not-found, unused-ignore]

    _point_botpy(port)
    meter = Meter(count)

    class Handler(botpy.Client):  # type: ignore[misc, unused-ignore]
        async def on_at_message_create(self, message: Any) -> None:  # noqa: ANN401
            meter.came()
            await message.reply(content="pong")
            meter.answered(count)

    client = Handler(intents=botpy.Intents(public_guild_messages=True))

    async def run() -> None:
        async with client:
            await (await client.start(appid=APPID, secret=SECRET, ret_coro=True))

    await _finished(asyncio.ensure_future(run()), meter)
    return meter.result


async def answer_nonebot(port: int, count: int) -> dict[str, float]:
    """`bot.send` of nonebot with its adapter for this platform."""
    import nonebot
    from nonebot.adapters.qq import Adapter, Bot, GuildMessageEvent

    meter = Meter(count)

    async def handle(bot: Bot, event: GuildMessageEvent) -> None:
        meter.came()
        await bot.send(event, "pong")
        meter.answered(count)

    base = f"http://127.0.0.1:{port}"
    bot = {"id": APPID, "secret": SECRET, "intent": {"guild_messages": False, "at_messages": True}}
    nonebot.init(
        driver="~aiohttp",
        log_level="WARNING",
        qq_api_base=base,
        qq_auth_base=f"{base}/token",
        qq_bots=[bot],
    )
    driver = nonebot.get_driver()
    driver.register_adapter(Adapter)
    nonebot.on_message(handlers=[handle])
    serving = asyncio.ensure_future(driver._serve())  # type: ignore[attr-defined]
    await _finished(serving, meter)
    return meter.result


def _point_botpy(port: int) -> None:
    from botpy import http as botpy_http
    from botpy import robot as botpy_robot

    async def update(self: Any) -> None:  # noqa: ANN401 - botpy has no types
        self.access_token, self.expires_in = "t" * 32, time.time() + 7200

    botpy_robot.Token.update_access_token = update
    botpy_http.Route.DOMAIN = botpy_http.Route.SANDBOX_DOMAIN = f"127.0.0.1:{port}"
    botpy_http.Route.SCHEME = "http"


async def _finished(working: asyncio.Future[None], meter: Meter) -> None:
    """Wait until everything was answered; if *working* ends before, that is an error."""
    finished = asyncio.ensure_future(meter.done.wait())
    await asyncio.wait((working, finished), return_when=asyncio.FIRST_COMPLETED, timeout=WAIT)
    finished.cancel()
    if not meter.done.is_set():
        raise SystemExit(f"{meter.left} events were not answered")


Client_ = Callable[[int, int], Coroutine[Any, Any, dict[str, float]]]
CALLS: Final[dict[str, Client_]] = {
    "bare": call_bare,
    "qqbot": call_qqbot,
    "botpy": call_botpy,
    "httpx": call_httpx,
}
ANSWERS: Final[dict[str, Client_]] = {
    "qqbot": answer_qqbot,
    "durable": answer_durable,
    "botpy": answer_botpy,
    "nonebot": answer_nonebot,
}


def measure(kind: str, name: str, port: int, count: int) -> dict[str, float] | None:
    """Run a client in a process of its own and return its seconds; None if it cannot run."""
    program = str(Path(__file__).resolve())
    command = [sys.executable, program, f"--{kind}", str(count), "--client", name, "--port", str(port)]
    with TemporaryDirectory() as folder:  # botpy writes a log file to the working directory
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=2 * WAIT, check=False, cwd=folder
        )
    if done.returncode:
        print(f"{name}: not measured: {done.stderr.strip().splitlines()[-1:]}")
        return None
    result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def compare(
    kind: str, clients: dict[str, Client_], port: int, count: int, rounds: int
) -> dict[str, list[float]]:
    """Measure *clients* in turn, print the CPU of each, and return it for each round."""
    seen: dict[str, list[dict[str, float]]] = {name: [] for name in clients}
    for _ in range(rounds):
        for name, results in seen.items():
            result = measure(kind, name, port, count)
            if result is not None:
                results.append(result)
    print(f"{count} {kind}, {rounds} rounds, medians")
    cpu = {}
    for name, results in seen.items():
        if results:
            cpu[name] = [one["cpu"] for one in results]
            rate = 1 / statistics.median(one["wall"] for one in results)
            print(f"{name:8} {statistics.median(cpu[name]) * 1e6:7.1f} µs CPU each {rate:8,.0f} a second")
    return cpu


def ratio(ours: list[float], theirs: list[float]) -> float:
    """Return the median of *ours* / *theirs*, round by round."""
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=False))


def main() -> None:
    """Play the role that the arguments name."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=4_000)
    parser.add_argument("--answers", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--client", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(serve(options.answers))
        return
    if options.client:
        calls = "--calls" in sys.argv
        client = (CALLS if calls else ANSWERS)[options.client]
        result = asyncio.run(client(options.port, options.calls if calls else options.answers))
        print(json.dumps(result))
        return
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve", "--answers", str(options.answers)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    assert server.stdin is not None
    port = int(server.stdout.readline())
    cpu = compare("calls", CALLS, port, options.calls, options.rounds)
    if "qqbot" in cpu and "bare" in cpu:
        print(f"qqbot / bare: {ratio(cpu['qqbot'], cpu['bare']):.2f} times the CPU (to reach: at most 1.25)")
    for name in ("botpy", "httpx"):
        if name in cpu and "qqbot" in cpu:
            print(f"{name} / qqbot: {ratio(cpu[name], cpu['qqbot']):.2f} times the CPU")
    print()
    cpu = compare("answers", ANSWERS, port, options.answers, options.rounds)
    for name in ("botpy", "nonebot"):
        if name in cpu and "qqbot" in cpu:
            print(f"{name} / qqbot: {ratio(cpu[name], cpu['qqbot']):.2f} times the CPU")
    server.stdin.close()
    server.wait()


if __name__ == "__main__":
    main()
