"""Plugins are set up and torn down each for itself, whatever they do: the bot starts and ends."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from qqbot_cli import EventHandler, Plugin, PluginContext
from qqbot_cli.bot.lifecycle import set_up, tear_down
from qqbot_cli.bot.tasks import PluginTasks
from qqbot_cli.model.answer import BotInfo
from qqbot_cli.rest.api import BotApi
from qqbot_cli.rest.caller import RUNNING_PLUGIN
from tests.e2e.bots import Recorder, running, simulating, until


class Plain(EventHandler):
    """Remembers for whom it was set up and torn down."""

    def __init__(self) -> None:
        self.called: list[str] = []

    async def setup(self, context: PluginContext[Any]) -> None:
        self.called.append(f"setup {RUNNING_PLUGIN.get()}")

    async def teardown(self) -> None:
        self.called.append(f"teardown {RUNNING_PLUGIN.get()}")


class Stubborn(EventHandler):
    """Neither ends in time nor lets itself be cancelled, until it is freed."""

    def __init__(self) -> None:
        self.free = asyncio.Event()
        self.entered = asyncio.Event()

    async def _stay(self) -> None:
        self.entered.set()
        while not self.free.is_set():
            try:
                await self.free.wait()
            except asyncio.CancelledError:
                continue

    async def setup(self, context: PluginContext[Any]) -> None:
        await self._stay()

    async def teardown(self) -> None:
        await self._stay()


class Failing(EventHandler):
    def __init__(self, exc: BaseException) -> None:
        self.exc = exc

    async def setup(self, context: PluginContext[Any]) -> None:
        raise self.exc


class Slow(EventHandler):
    async def setup(self, context: PluginContext[Any]) -> None:
        await asyncio.Event().wait()

    async def teardown(self) -> None:
        await asyncio.Event().wait()


async def started(tasks: PluginTasks, *handlers: EventHandler) -> tuple[list[str], list[str]]:
    """Return the names of the plugins that are ready, and why the others are not."""
    plugins = [Plugin(f"p{number}", handler) for number, handler in enumerate(handlers)]
    async with asyncio.timeout(20):
        ready, failed = await set_up(plugins, cast("BotApi", None), BotInfo(id="1"), tasks, limit=0.05)
    return [plugin.name for plugin in ready], [failure.reason for failure in failed]


@pytest.fixture
def tasks() -> PluginTasks:
    return PluginTasks(lambda _: None)


async def test_f66_a_setup_that_swallows_its_cancellation_fails_alone(tasks: PluginTasks) -> None:
    stubborn, plain = Stubborn(), Plain()

    ready, failed = await started(tasks, stubborn, plain)

    assert ready == ["p1"]
    assert failed == ["setup: TimeoutError: not done within 0.05 s, and does not end when it is cancelled"]
    assert plain.called == ["setup p1"]
    stubborn.free.set()


async def test_f66_a_teardown_that_swallows_its_cancellation_delays_no_other(tasks: PluginTasks) -> None:
    stubborn, plain = Stubborn(), Plain()

    async with asyncio.timeout(20):
        await tear_down([Plugin("a", stubborn), Plugin("b", plain)], tasks, limit=0.05)

    assert plain.called == ["teardown b"]
    stubborn.free.set()


async def test_f58_plugins_that_do_not_end_have_their_time_together_not_one_after_the_other(
    tasks: PluginTasks,
) -> None:
    slow = [Plugin(str(number), Slow()) for number in range(20)]
    begun = asyncio.get_running_loop().time()

    await tear_down(slow, tasks, limit=0.2)

    assert asyncio.get_running_loop().time() - begun < 20 * 0.2


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        (Slow(), "TimeoutError: not done within 0.05 s"),
        (Failing(ValueError("no city")), "ValueError: no city"),
        (Failing(SystemExit(3)), "SystemExit: 3"),
        (Failing(KeyboardInterrupt()), "KeyboardInterrupt"),
        (Failing(asyncio.CancelledError("odd")), "CancelledError: by itself"),
    ],
    ids=["slow", "error", "exit", "interrupt", "cancelled"],
)
async def test_f70_a_setup_that_fails_leaves_its_plugin_out(
    tasks: PluginTasks, handler: EventHandler, reason: str
) -> None:
    ready, failed = await started(tasks, handler, Plain())

    assert ready == ["p1"]
    assert failed == [f"setup: {reason}"]


async def test_a_setup_is_no_task_of_the_plugin(tasks: PluginTasks) -> None:
    with tasks.counted():
        await started(tasks, Plain())

    assert tasks.count("p0") == 0


async def test_f66_a_bot_can_be_closed_while_a_setup_resists() -> None:
    stubborn = Stubborn()
    async with simulating() as simulator, running(simulator, stubborn, ready=None) as bot:
        await until(stubborn.entered.is_set)
        async with asyncio.timeout(20):
            await bot.client.close()

        assert bot.running.done()
    stubborn.free.set()


async def test_a_bot_that_is_being_closed_can_be_hurried(caplog: pytest.LogCaptureFixture) -> None:
    stuck = Recorder(lambda _session: asyncio.Event().wait())
    async with simulating() as simulator, running(simulator, stuck) as bot:
        await simulator.say_c2c("hello")
        await until(lambda: stuck.sessions)
        closing = asyncio.create_task(bot.client.close())
        await asyncio.sleep(0.1)
        assert not closing.done()

        async with asyncio.timeout(5):
            await bot.client.close(0.2)
            await closing

    (warning,) = (line for line in caplog.messages if line.startswith("not finished"))
    assert warning.endswith(": 1 event, kept for the next start")
    assert 0.2 < float(warning.split()[3]) < 5
