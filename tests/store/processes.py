"""Programs that tests run beside a store: they write, lock, or die."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]

LOCKER: Final = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
database.execute("ROLLBACK")
database.close()
"""
"""Holds the lock of a database from its first line of output to its first line of input."""

OWNER: Final = """
import asyncio, sys
from pathlib import Path
from qqbot_cli.store.sqlite import SqliteStore

async def main():
    async with SqliteStore(Path(sys.argv[1])):
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.readline)

asyncio.run(main())
"""
"""Is the bot of a store until its first line of input."""

WRITER: Final = """
import asyncio, os, sys
from pathlib import Path
from qqbot_cli.model.inbox import Batch
from qqbot_cli.store.sqlite import SqliteStore
from tests.store.stores import event, session

async def main():
    async with SqliteStore(Path(sys.argv[1])) as store:
        await store.recover(0.0)
        seq = (await store.sessions() or [session(0)])[0].seq
        earlier = []
        while True:
            events = [event(f"{number}", seq=number, body=b"x" * 600) for number in range(seq + 1, seq + 9)]
            seq += len(events)
            done, earlier = earlier[:4], earlier[4:]
            earlier += await store.write(Batch(events, [session(seq)], done=done))
            os.write(1, f"{seq} {' '.join(map(str, done))}\\n".encode())

asyncio.run(main())
"""
"""Writes eight events at a time for ever; after each answer prints the newest number and the rows done."""


@contextmanager
def program(source: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Run the program *source* and wait for its first line of output; it is killed after the block."""
    process = subprocess.Popen(
        [sys.executable, "-c", source, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    """Return the first line of output."""
    assert process.stdout is not None
    return process.stdout.readline()


def say(process: subprocess.Popen[str]) -> None:
    """Give *process* its first line of input."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def run(source: str, *arguments: object, timeout: float = 20) -> subprocess.CompletedProcess[str]:
    """Run the program *source* to its end and return what it printed."""
    return subprocess.run(
        [sys.executable, "-c", source, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def kill_after(process: subprocess.Popen[str], seconds: float) -> list[str]:
    """Kill *process* some seconds after its first line of output, and return all complete lines."""
    begin = first_line(process)
    time.sleep(seconds)
    process.kill()
    assert process.stdout is not None
    lines = (begin + process.stdout.read()).split("\n")
    return lines[:-1]
