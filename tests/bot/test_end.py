"""The end of a bot: its reason is not lost, and nothing goes on after it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from qqbot_cli import Client, Token
from qqbot_cli.bot.background import background
from qqbot_cli.bot.client import _until
from qqbot_cli.errors import StoreError
from qqbot_cli.model.fact import Fact, ShardChanged, ShardState
from tests.e2e.bots import INTENTS, QUICK, Recorder, simulating, until


async def endless() -> None:
    await asyncio.Event().wait()


async def resisting() -> None:
    """A part that fails when it is ended."""
    try:
        await endless()
    except asyncio.CancelledError:
        raise StoreError("while it was ended") from None


async def fail(message: str) -> None:
    raise StoreError(message)


async def begun() -> None:
    """Let the parts begin."""
    await asyncio.sleep(0)


async def outcome(
    block: Callable[[], Coroutine[Any, Any, None]],
    *parts: Callable[[], Coroutine[Any, Any, None]],
    stop: asyncio.Event | None = None,
) -> str:
    """Do *block* with *parts* in the background; return why it ended, empty without a reason."""

    async def work() -> None:
        async with background(*(part() for part in parts)):
            await begun()
            await block()

    try:
        async with asyncio.timeout(10):
            await _until(stop or asyncio.Event(), work())
    except StoreError as exc:
        return exc.message
    return ""


async def test_a_part_that_fails_ends_the_rest_with_its_reason() -> None:
    assert await outcome(endless, lambda: fail("by a part"), endless) == "by a part"


async def test_the_reason_of_an_end_is_not_lost_when_a_part_fails_because_of_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert await outcome(lambda: fail("by the block"), resisting, endless) == "by the block"
    assert [one.message for one in caplog.records] == [
        "while the bot was ended: StoreError: while it was ended"
    ]


@pytest.mark.parametrize("block", [begun, endless], ids=["done", "stopped"])
async def test_a_part_that_fails_at_an_orderly_end_is_the_reason(
    block: Callable[[], Coroutine[Any, Any, None]],
) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.05, stop.set)

    assert await outcome(block, endless, resisting, stop=stop) == "while it was ended"


async def test_of_two_parts_the_first_that_failed_is_the_reason() -> None:
    assert await outcome(endless, resisting, lambda: fail("first"), lambda: fail("second")) == "first"


async def test_an_orderly_end_has_no_reason() -> None:
    stop = asyncio.Event()
    stop.set()

    assert await outcome(endless, endless, stop=stop) == ""


async def test_an_end_that_fails_leaves_no_shard_without_an_owner() -> None:
    def report(fact: Fact) -> None:
        if isinstance(fact, ShardChanged) and fact.new is ShardState.DRAINING:
            raise StoreError("while shards were ended")

    async with simulating(shards=2) as simulator:
        token = Token(simulator.appid, simulator.secret)
        client = Client(
            token, INTENTS, Recorder(), report=report, endpoints=simulator.endpoints, limits=QUICK
        )
        running = asyncio.ensure_future(client.start())
        await until(lambda: client.snapshot().ready == 2)
        await client.close()
        with pytest.raises(StoreError, match="while shards were ended"):
            await running

        assert not [task for task in asyncio.all_tasks() if "Shard" in repr(task)]
