"""How many events a second a store takes and marks done: memory and SQLite side by side.

`python benchmarks/store.py [--events N] [--rounds N] [--known N] [--switch S]`. Stores take turns. "busy"
has the event loop do other work all the time, as a bot does in a burst; *known* keys are in the store
beforehand; *switch* is how long a busy thread keeps the interpreter for itself, in seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from qqbot_cli.model.inbox import Batch, Received, SavedSession, Store
from qqbot_cli.store.memory import MemoryStore
from qqbot_cli.store.sqlite import SqliteStore

BATCH = 256
BODY = b'{"content":"' + b"x" * 586 + b'"}'
NOW = 1_700_000_000.0


def batches(events: int, dice: random.Random) -> list[Batch]:
    """Return *events* in batches, each with the sequence number that goes with it."""
    made = []
    for begin in range(0, events, BATCH):
        received = [
            Received(0, "GROUP_AT_MESSAGE_CREATE", f"GROUP_AT_MESSAGE_CREATE:{key}", key, BODY, NOW)
            for key in (f"ROBOT1.0_{dice.randbytes(30).hex()}" for _ in range(BATCH))
        ]
        made.append(Batch(received, [SavedSession(0, 1, "s-1", begin + BATCH, "wss://host", NOW, NOW)]))
    return made


async def keep_busy() -> None:
    """Leave no time to anybody else, a millisecond at a time."""
    while True:
        until = time.perf_counter() + 0.001
        while time.perf_counter() < until:
            pass
        await asyncio.sleep(0)


async def measure(store: Store, work: Sequence[Batch]) -> tuple[float, float]:
    """Return events a second written, and marked done."""
    count = sum(len(batch.events) for batch in work)
    begun = time.perf_counter()
    rows = [await store.write(batch) for batch in work]
    written = time.perf_counter()
    for some in rows:
        await store.write(Batch(done=[row for row in some if row is not None]))
    done = time.perf_counter()
    return count / (written - begun), count / (done - written)


async def compare(events: int, rounds: int, known: int, folder: Path, *, busy: bool) -> None:
    """Print medians and ratios."""
    dice = random.Random(7)
    figures: dict[str, list[tuple[float, float]]] = {"memory": [], "sqlite": []}
    async with MemoryStore() as memory, SqliteStore(folder / f"store-{busy}.db") as sqlite:
        stores: dict[str, Store] = {"memory": memory, "sqlite": sqlite}
        for batch in batches(known, dice) if known else []:
            rows = await sqlite.write(batch)
            await sqlite.write(Batch(done=[row for row in rows if row is not None]))
        other = asyncio.ensure_future(keep_busy()) if busy else None
        for _ in range(rounds):
            for name, store in stores.items():
                figures[name].append(await measure(store, batches(events, dice)))
        if other is not None:
            other.cancel()
    medians = {
        name: [statistics.median(column) for column in zip(*rows, strict=True)]
        for name, rows in figures.items()
    }
    for index, what in enumerate(("written", "done")):
        ours, theirs = medians["sqlite"][index], medians["memory"][index]
        loop = "busy" if busy else "idle"
        ratio = theirs / ours
        print(f"{what:8} loop {loop}: memory {theirs:>9,.0f}/s, sqlite {ours:>7,.0f}/s, {ratio:6.1f} times")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=20_480)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--known", type=int, default=0)
    parser.add_argument("--switch", type=float, default=sys.getswitchinterval())
    options = parser.parse_args()
    sys.setswitchinterval(options.switch)
    for busy in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(compare(options.events, options.rounds, options.known, Path(folder), busy=busy))


if __name__ == "__main__":
    main()
