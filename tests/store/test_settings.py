"""What SQLite is told to do, seen in what it does: when it waits for the disk, and how large the log gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from qqbot_cli.model.inbox import Batch, DeadLetter
from qqbot_cli.store.sqlite import SqliteStore
from qqbot_cli.store.writer import Kind
from tests.store.stores import event

MB = 1_000_000


def log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


@pytest.mark.long
async def test_the_log_is_written_back_and_shrinks_again(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    logs, files = [], []
    async with SqliteStore(path) as store:
        for _ in range(24):  # some 13 MB each, so four times what the log may hold
            rows = await store.write(Batch([event(body=b"x" * 50_000) for _ in range(256)]))
            await store.write(Batch(done=[row for row in rows if row is not None]))
            logs.append(log_of(path).stat().st_size)
            files.append(path.stat().st_size)
        for _ in range(3):
            await store.write(Batch([event()]))
        logs.append(log_of(path).stat().st_size)

    largest = max(logs)
    assert 60 * MB < largest < 90 * MB
    assert max(files) < 40 * MB
    assert min(logs[logs.index(largest) :]) < 20 * MB


async def test_a_tool_beside_the_bot_leaves_the_log_to_it(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    async with SqliteStore(path) as store:
        rows = await store.write(Batch([event(f"{number}", body=b"x" * 5000) for number in range(200)]))
        await store.write(Batch(dead=[DeadLetter(row or 0, "no", ()) for row in rows]))
        before = path.read_bytes()

        async with SqliteStore(path, tool=True) as tool:
            assert await tool.drop(None) == 200

        assert path.read_bytes() == before
        assert log_of(path).stat().st_size > len(before)


@pytest.mark.parametrize(("full", "waits"), [(False, 1), (True, 2)], ids=["normal", "power_safe"])
async def test_f61_a_transaction_is_on_the_disk_as_soon_as_is_promised(
    tmp_path: Path, full: bool, waits: int
) -> None:
    """1 is NORMAL: with the log before the file; 2 is FULL: with each transaction. 0 would be never."""
    path = tmp_path / "inbox.db"
    async with SqliteStore(path, full=full) as store:
        (found,) = await store._writer.ask(
            Kind.LOOK, lambda database: database.execute("PRAGMA synchronous").fetchone()
        )

    assert found == waits
