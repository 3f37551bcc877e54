"""Start-up times as ratios: `qqbot --help` against `python -c pass`, and from start to READY.

`python benchmarks/startup.py [--rounds N]`. Commands take turns, so that both see the same machine.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence


def seconds(command: Sequence[str]) -> float:
    """Return how long *command* takes as a whole process."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun


def compare_help(rounds: int) -> None:
    """Print how much longer `qqbot --help` takes than doing nothing."""
    nothing = [sys.executable, "-c", "pass"]
    helping = [sys.executable, "-m", "qqbot_cli", "--help"]
    pairs = [(seconds(nothing), seconds(helping)) for _ in range(rounds)]
    base = statistics.median(pair[0] for pair in pairs)
    ours = statistics.median(pair[1] for pair in pairs)
    print(f"python -c pass {base * 1e3:.1f} ms, qqbot --help {ours * 1e3:.1f} ms: {ours / base:.2f} times")


async def time_ready(shards: int) -> float:
    """Return the seconds from `Client.start` to the last shard's READY, in the simulator."""
    from qqbot_cli import Client, EventHandler, Intents, ReadySession, Simulation, Simulator, Token

    class Handler(EventHandler):
        def __init__(self) -> None:
            self.left = shards
            self.all = asyncio.Event()

        async def ready(self, session: ReadySession) -> None:
            self.left -= 1
            if self.left == 0:
                self.all.set()

    simulation = Simulation(users=0, shards=shards, max_concurrency=shards)
    async with Simulator(simulation) as simulator:
        handler = Handler()
        token = Token(simulator.appid, simulator.secret)
        client = Client(token, Intents.default(), handler, endpoints=simulator.endpoints)
        begun = time.perf_counter()
        running = asyncio.ensure_future(client.start())
        await handler.all.wait()
        elapsed = time.perf_counter() - begun
        await client.close()
        await running
    return elapsed


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    compare_help(options.rounds)
    for shards in (1, 2):
        times = [asyncio.run(time_ready(shards)) for _ in range(3)]
        print(f"start to READY, {shards} shard(s) in the simulator: {statistics.median(times) * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
