"""Tasks that plugins start: named, counted, ended with their plugin, and never the end of the bot."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from qqbot_cli.bot.context import PluginContext
from qqbot_cli.bot.tasks import MANY, PluginTasks
from qqbot_cli.model.answer import BotInfo
from qqbot_cli.model.fact import Fact, HandlerFailed
from qqbot_cli.rest.api import BotApi
from qqbot_cli.rest.caller import RUNNING_PLUGIN


async def for_ever() -> None:
    await asyncio.Event().wait()


async def as_plugin(name: str, work: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401
    """Do *work* as a handler of the plugin would, and return what it does."""
    token = RUNNING_PLUGIN.set(name)
    try:
        return await work()
    finally:
        RUNNING_PLUGIN.reset(token)


def context_of(tasks: PluginTasks, name: str = "weather") -> PluginContext[None]:
    return PluginContext(name, None, cast("BotApi", None), BotInfo(id="1"), tasks)


async def test_f68_an_owned_task_is_named_after_its_plugin_and_ends_with_it() -> None:
    tasks = PluginTasks(lambda _: None)
    cleaned: list[str] = []

    async def poll() -> None:
        try:
            await for_ever()
        finally:
            cleaned.append(RUNNING_PLUGIN.get())

    named = context_of(tasks).create_task(for_ever(), name="refresh")
    unnamed = context_of(tasks).create_task(poll())
    other = context_of(tasks, "other").create_task(for_ever())
    await asyncio.sleep(0)
    assert named.get_name() == "plugin weather: refresh"
    assert unnamed.get_name().startswith("plugin weather: ")
    assert tasks.count("weather") == 2

    await tasks.end("weather")

    assert (named.cancelled(), unnamed.cancelled(), other.done()) == (True, True, False)
    assert cleaned == ["weather"]
    assert tasks.count("weather") == 0
    await tasks.end("other")


async def test_f68_a_task_that_is_ended_before_it_begins_makes_no_noise() -> None:
    tasks = PluginTasks(lambda _: None)

    context_of(tasks).create_task(for_ever())  # a coroutine never awaited would be a warning, so an error
    await tasks.end("weather")


@pytest.mark.parametrize("kind", [ValueError, SystemExit, KeyboardInterrupt, GeneratorExit])
async def test_f68_f69_the_failure_of_an_owned_task_is_reported_like_that_of_a_handler(
    kind: type[BaseException],
) -> None:
    facts: list[Fact] = []
    tasks = PluginTasks(facts.append)

    async def broken() -> None:
        raise kind("no such city")

    task = context_of(tasks).create_task(broken(), name="refresh")
    await asyncio.wait((task,))
    await asyncio.sleep(0)

    (failed,) = facts
    assert isinstance(failed, HandlerFailed)
    assert (failed.plugin, failed.callback) == ("weather", "task refresh")
    assert f"{kind.__name__}: no such city" in failed.error
    assert "test_tasks.py:" in failed.place
    assert "raise kind" in failed.traceback


async def test_f68_what_an_owned_task_returns_is_there_for_whoever_awaits_it() -> None:
    async def answer() -> int:
        return 42

    assert await context_of(PluginTasks(lambda _: None)).create_task(answer()) == 42


async def test_f68_a_task_that_does_not_end_is_left_after_a_second(caplog: pytest.LogCaptureFixture) -> None:
    tasks, ends = PluginTasks(lambda _: None), asyncio.Event()

    async def stubborn() -> None:
        while not ends.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await ends.wait()

    task = context_of(tasks).create_task(stubborn())
    await asyncio.sleep(0)
    await tasks.end("weather")

    assert "plugin weather: 1 tasks do not end when they are cancelled" in caplog.text
    ends.set()
    await task


async def test_f68_other_tasks_are_counted_by_the_plugin_that_starts_them() -> None:
    tasks = PluginTasks(lambda _: None)
    before = asyncio.get_running_loop().get_task_factory()
    with tasks.counted():

        async def handler() -> list[asyncio.Task[None]]:
            async def starts_another() -> None:
                await asyncio.create_task(for_ever())

            return [asyncio.create_task(for_ever()), asyncio.create_task(starts_another(), name="mine")]

        ours = asyncio.create_task(for_ever())
        started = await as_plugin("weather", handler)
        await asyncio.sleep(0)

        assert tasks.count("weather") == 3
        assert started[0].get_name() == "plugin weather: for_ever"
        assert started[1].get_name() == "mine"
        for task in (*started, ours):
            task.cancel()
        await asyncio.gather(*started, ours, return_exceptions=True)
        await asyncio.sleep(0)
        assert tasks.count("weather") == 0
    assert asyncio.get_running_loop().get_task_factory() is before


async def test_f69_sys_exit_in_such_a_task_does_not_end_the_loop() -> None:
    with PluginTasks(lambda _: None).counted():

        async def handler() -> asyncio.Task[None]:
            async def leave() -> None:
                raise SystemExit(3)

            return asyncio.create_task(leave())

        task = await as_plugin("weather", handler)
        with pytest.raises(RuntimeError, match="SystemExit: 3 in a task of a plugin"):
            await task


async def test_f68_a_thousand_tasks_and_more_are_a_warning_and_a_thousand_that_stay_are_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    tasks = PluginTasks(lambda _: None)
    kept: list[asyncio.Task[None]] = []

    async def leak(count: int) -> None:
        async def handler() -> None:
            kept.extend(asyncio.create_task(for_ever()) for _ in range(count))

        await as_plugin("weather", handler)

    with tasks.counted():
        await leak(MANY - 1)
        tasks.look()
        assert not caplog.records
        await leak(1)
        tasks.look()
        tasks.look()
        await leak(10)
        tasks.look()
        assert len(caplog.records) == 1
        assert "plugin weather has 1000 tasks that have not ended" in caplog.text
        assert "1000 of them are for_ever" in caplog.text
        await leak(MANY)
        tasks.look()
        assert len(caplog.records) == 2
        for task in kept:
            task.cancel()
        await asyncio.gather(*kept, return_exceptions=True)
