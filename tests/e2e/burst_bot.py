"""A bot as a process of its own that tells what a burst of events costs it.

Started with the addresses of API and token endpoint, the path of a store, and "quick" or "stuck" for what its
handler does; the secret stands in an environment variable. Prints "ready", then for each line on stdin one
object of JSON: what it has seen so far, and what that has cost since the first line.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

from qqbot_cli import Client, Endpoints, EventHandler, GroupReplySession, Intents, Plugin, Token
from qqbot_cli.bot.memory import resident_memory
from qqbot_cli.protocol.limits import Limits
from qqbot_cli.store.sqlite import SqliteStore

TICK = 0.01


class Handler(EventHandler):
    """Counts, and lets go at once or never."""

    def __init__(self, *, stuck: bool) -> None:
        self.seen: dict[str, int] = {}
        self._stuck = stuck

    async def group_message_create(self, session: GroupReplySession) -> None:
        self.seen[session.event_id] = self.seen.get(session.event_id, 0) + 1
        if self._stuck:
            await asyncio.Event().wait()


class Costs:
    """Late turns of the event loop, and the most memory that was used."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self.memory = 0
        self.replayed = 0
        """The most that the status ever showed."""

    async def watch(self, client: Client) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(TICK)
            self.late.append(time.perf_counter() - begun - TICK)
            self.memory = max(self.memory, resident_memory() or 0)
            self.replayed = max(self.replayed, *(one.replayed for one in client.snapshot().shards), 0)

    def so_far(self) -> dict[str, float]:
        late = sorted(self.late)
        return {"late": late[len(late) * 99 // 100] if late else 0.0, "memory": self.memory}

    def begin(self) -> None:
        """Forget what the start has cost, which is not asked about."""
        self.late.clear()
        self.memory = resident_memory() or 0


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def main(api: str, token: str, store: str, behaviour: str) -> None:
    handler = Handler(stuck=behaviour == "stuck")
    client = Client(
        Token(os.environ["BURST_APPID"], os.environ["BURST_SECRET"]),
        Intents.PUBLIC_MESSAGES,
        [Plugin("burst", handler, timeout=300)],
        endpoints=Endpoints(api=api, sandbox_api=api, token=token),
        store=SqliteStore(Path(store)),
        limits=Limits(interval=(0.1, 120)),
    )
    running = asyncio.ensure_future(client.start())
    costs = Costs()
    watching = asyncio.ensure_future(costs.watch(client))
    while not client.snapshot().ready:
        await asyncio.sleep(TICK)
    _tell("ready")
    loop = asyncio.get_running_loop()
    begun = False
    while await loop.run_in_executor(None, sys.stdin.readline):
        if not begun:
            costs.begin()
            begun = True
        snapshot = client.snapshot()
        told = {"handled": len(handler.seen), "twice": sum(n > 1 for n in handler.seen.values())}
        _tell(json.dumps({**told, "waiting": snapshot.waiting, "replayed": costs.replayed, **costs.so_far()}))
    watching.cancel()
    running.cancel()  # what hangs would be waited for


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
