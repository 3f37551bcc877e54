"""What runs now, for an operator who looks from outside: first runs are not written down one by one."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from qqbot_cli.model.inbox import EVERY_ROW, Batch, Failure
from qqbot_cli.store import lock
from qqbot_cli.store.sqlite import Overview, SqliteStore
from tests.bot.test_durable import desk
from tests.bot.test_durable import event as frame
from tests.store.processes import OWNER, first_line, program
from tests.store.stores import event


async def seen(path: Path) -> Overview:
    async with SqliteStore(path, tool=True) as tool:
        return await tool.overview(10)


async def test_what_was_handed_out_runs_until_it_ends_or_fails(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    async with SqliteStore(path) as store:
        await store.recover(0.0)
        rows = await store.write(Batch([event("a"), event("b"), event("c")], begun=EVERY_ROW))
        first, second, third = (row or 0 for row in rows)
        await store.write(Batch([event("d")]))

        assert (await seen(path)).running == {first, second, third}
        await store.write(Batch(done=[first], failed=[Failure(second, "OSError: away", ("echo",))]))
        assert (await seen(path)).running == {third}
        await store.start([second])
        assert (await seen(path)).running == {second, third}
        assert (await seen(path)).process == str(os.getpid())


async def test_what_an_earlier_process_had_in_hand_runs_only_when_it_is_started_again(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    async with SqliteStore(path) as store:
        rows = await store.write(Batch([event("a"), event("b")], begun=EVERY_ROW))
    assert (await seen(path)).running == set()
    assert (await seen(path)).process is None
    async with SqliteStore(path) as store:
        await store.recover(0.0)
        (new,) = await store.write(Batch([event("c")], begun=EVERY_ROW))

        assert (await seen(path)).running == {new}
        await store.start([rows[0] or 0])
        assert (await seen(path)).running == {rows[0], new}


async def test_what_plugins_have_no_room_for_does_not_run(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    async with desk(SqliteStore(path), limit=3) as d:
        d.put(*(frame(number) for number in range(1, 9)))
        await d.plugins.have(3)

        async def stored() -> bool:
            return (await d.store.counts()).waiting == 8

        await d.until(stored)
        overview = await seen(path)
        assert (overview.counts.waiting, len(overview.running)) == (8, 3)


async def test_a_look_at_the_owner_keeps_no_bot_from_starting(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    with program(OWNER, path) as owner:
        assert first_line(owner) == "open\n"
        owner.kill()
        owner.wait()
    file = os.open(path.with_name("inbox.db.owner"), os.O_RDONLY)
    assert lock.take(file)
    asyncio.get_running_loop().call_later(0.1, os.close, file)

    async with SqliteStore(path) as store:
        assert store.unclean
