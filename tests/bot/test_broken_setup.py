"""A plugin whose setup fails: its events wait for its repair, unless that shall end the run."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from qqbot_cli import C2CReplySession, EventHandler, GroupReplySession, Plugin, PluginContext
from qqbot_cli.bot.absent import ABSENT
from qqbot_cli.errors import ExitCode, PluginError
from qqbot_cli.model.inbox import State
from qqbot_cli.store.sqlite import SqliteStore
from tests.bot.test_dispatcher import Addressed, Curious, Others
from tests.e2e.bots import Bot, Recorder, running, simulating, until
from tests.offices import office, sample

SKIPPED = "skipped, its setup failed"


class Weather(EventHandler):
    """Cannot do without what it sets up."""

    def __init__(self, *, works: bool = False) -> None:
        self.heard: list[str] = []
        self.torn_down = False
        self._works = works

    async def setup(self, context: PluginContext[Any]) -> None:
        if not self._works:
            raise ValueError("no city")

    async def c2c_message_create(self, session: C2CReplySession) -> None:
        self.heard.append(session.event.text)

    async def teardown(self) -> None:
        self.torn_down = True


class Echo(EventHandler):
    """Handles something else than the weather."""

    async def group_message_create(self, session: GroupReplySession) -> None:
        await session.reply(session.event.text)


async def dead(path: Path) -> list[tuple[tuple[str, ...], str]]:
    async with SqliteStore(path, tool=True) as tool:
        return [(event.plugins, event.error) for event in await tool.list_events(State.DEAD)]


def shown(bot: Bot) -> list[tuple[str, str, str]]:
    return [(plugin.name, plugin.state, plugin.last_error) for plugin in bot.client.snapshot().plugins]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "inbox.sqlite3"


# --- the run ends


async def test_f70_a_bot_none_of_whose_plugins_can_be_set_up_does_not_connect() -> None:
    async with simulating() as simulator, running(simulator, Weather(), ready=None) as bot:
        with pytest.raises(PluginError) as refused:
            await bot.running

        assert refused.value.exit_code is ExitCode.CONFIG
        assert refused.value.message == "plugin handler: setup: ValueError: no city"
        assert simulator.stats.upgrades == 0


async def test_f70_a_strict_bot_ends_with_one_failed_setup_and_tears_the_others_down() -> None:
    good = Weather(works=True)
    plugins = [Plugin("bad", Weather()), Plugin("good", good), Plugin("worse", Weather())]
    async with simulating() as simulator, running(simulator, plugins, ready=None, strict=True) as bot:
        with pytest.raises(PluginError) as refused:
            await bot.running

        assert refused.value.message.split("\n") == [
            "plugin bad: setup: ValueError: no city",
            "plugin worse: setup: ValueError: no city",
        ]
        assert simulator.stats.upgrades == 0
        assert good.torn_down


async def test_without_any_plugin_a_bot_runs() -> None:
    async with simulating() as simulator, running(simulator, [], strict=True) as bot:
        assert bot.ready == 1


# --- the others run, and its events are kept


async def test_f70_what_only_a_plugin_wants_whose_setup_failed_is_kept_until_it_is_repaired(
    path: Path,
) -> None:
    echo, repaired = Plugin("echo", Echo()), Weather(works=True)
    async with simulating() as simulator:
        plugins = [Plugin("weather", Weather()), echo]
        async with running(simulator, plugins, store=SqliteStore(path)) as bot:
            await simulator.say_c2c("rain?")
            said = await simulator.say_group("hello")
            await until(lambda: simulator.replies_to(said) and bot.client.snapshot().dead)

            assert await dead(path) == [(("weather",), SKIPPED)]
            assert shown(bot) == [
                ("echo", "on", ""),
                ("weather", "not loaded", "setup: ValueError: no city"),
            ]
        async with running(simulator, [Plugin("weather", repaired), echo], store=SqliteStore(path)) as bot:
            async with SqliteStore(path, tool=True) as tool:
                assert await tool.revive(None) == 1
            await until(lambda: repaired.heard == ["rain?"])


async def test_f70_what_another_plugin_has_handled_comes_back_to_the_repaired_one_alone(path: Path) -> None:
    recorder, repaired = Recorder(), Weather(works=True)
    async with simulating() as simulator:
        plugins = [Plugin("weather", Weather()), Plugin("recorder", recorder)]
        async with running(simulator, plugins, store=SqliteStore(path)) as bot:
            await simulator.say_c2c("rain?")
            await until(lambda: bot.client.snapshot().dead)
            assert await dead(path) == [(("weather",), SKIPPED)]
        async with SqliteStore(path, tool=True) as tool:
            await tool.revive(None)
        plugins = [Plugin("weather", repaired), Plugin("recorder", recorder)]
        async with running(simulator, plugins, store=SqliteStore(path)):
            await until(lambda: repaired.heard == ["rain?"])

    assert len(recorder.sessions) == 1


async def test_f70_what_is_replayed_for_a_plugin_that_cannot_be_loaded_waits_for_it(path: Path) -> None:
    async def left() -> bool:
        async with SqliteStore(path, tool=True) as tool:
            return [(one.error, one.plugins) for one in await tool.unfinished()] == [(ABSENT, ("weather",))]

    async with simulating() as simulator:
        plugins = [Plugin("weather", Weather()), Plugin("echo", Echo())]
        async with running(simulator, plugins, store=SqliteStore(path)) as bot:
            await simulator.say_c2c("rain?")
            await until(lambda: bot.client.snapshot().dead)
        async with SqliteStore(path, tool=True) as tool:
            await tool.revive(None)
        async with running(simulator, [Plugin("echo", Echo())], store=SqliteStore(path)):
            async with asyncio.timeout(10):
                while not await left():
                    await asyncio.sleep(0.01)

    assert await left()
    assert await dead(path) == []


# --- who is handed what


@pytest.mark.parametrize("called", ["C2C_MESSAGE_CREATE", "A_NEW_EVENT"], ids=["known", "unknown"])
async def test_an_event_for_some_plugins_goes_to_no_other(called: str) -> None:
    class All(Others, Curious): ...

    first, second = All(), All()

    async with office(first, second) as o:
        frame = sample("C2C_MESSAGE_CREATE", called=called)
        o.taken += o.dispatcher.dispatch(0, frame, 0.0, row=7, plugins=("p1",))
        await o.finish()

    assert (len(first.calls), len(second.calls)) == (0, 1)


async def test_a_failure_that_a_broken_plugin_is_not_told_of_is_no_event_it_has_missed() -> None:
    class Listening(EventHandler):
        async def error(self, session: Any) -> None: ...  # noqa: ANN401

    class Failing(Addressed):
        async def group_message_create(self, session: GroupReplySession) -> None:
            self.calls.append(("group_message_create", session))
            raise ValueError

    handler = Failing()

    async with office(handler, broken=[Plugin("listening", Listening())]) as o:
        o.give(sample("GROUP_AT_MESSAGE_CREATE"))
        await o.finish()

    assert handler.calls[0][1].failures == [("p0", "ValueError")]
