"""Plugins and networks that mean no good, between a real bot and the simulated platform."""

from __future__ import annotations

import asyncio
import logging
import socket
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from qqbot_cli import EventHandler, GroupReplySession, Plugin, PluginContext, RateLimitedError, Simulator
from qqbot_cli.model.fact import HandlerFailed, HeartbeatAcked, TokenChanged
from qqbot_cli.model.hosts import Endpoints
from qqbot_cli.model.simulation import FaultKind, Simulation
from qqbot_cli.protocol.limits import Limits
from qqbot_cli.rest.share import MOST_CALLS
from qqbot_cli.simulator import Latency
from tests.e2e.bots import CANARY, Bot, Recorder, running, simulating, until
from tests.turns import NOISE
from tests.virtual import run_virtually

HOST = "platform.test"


class Names(AbstractResolver):
    """A name server that does as the test wants."""

    def __init__(self) -> None:
        self.address = "127.0.0.1"
        self.fails = False
        self.hangs = asyncio.Event()
        self.hangs.set()
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        assert host == HOST
        await self.hangs.wait()
        if self.fails:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        result = ResolveResult(
            hostname=host, host=self.address, port=port, family=socket.AF_INET, proto=0, flags=0
        )
        return [result]

    async def close(self) -> None:
        pass


def by_name(simulator: Simulator) -> Endpoints:
    """The addresses of *simulator*, with a name in them instead of a number."""
    api = simulator.endpoints.api.replace("127.0.0.1", HOST)
    gateway = api.replace("http://", "ws://") + "/websocket/"
    return Endpoints(api, api, simulator.endpoints.token.replace("127.0.0.1", HOST), gateway)


async def test_f06_names_that_cannot_be_resolved_are_said_in_words_and_tried_until_they_can() -> None:
    names = Names()
    names.fails = True
    async with simulating() as simulator:
        settings: dict[str, Any] = {"endpoints": by_name(simulator), "resolver": names}
        async with running(simulator, Recorder(), ready=None, **settings) as bot:
            await until(lambda: "host name cannot be resolved" in bot.client.snapshot().stage_error)
            failed = [fact for fact in bot.facts if isinstance(fact, TokenChanged)]
            assert "host name cannot be resolved" in failed[0].error
            assert failed[0].raised  # and logged by the start, which knows when it tries again
            before = names.asked
            names.fails = False
            await until(lambda: bot.ready == 1)

            assert names.asked > before


async def reconnect(simulator: Simulator, bot: Bot, names: Names) -> None:
    """End connections until a new one needs a look-up: an idle one of the REST calls may serve before."""
    before = names.asked
    while names.asked == before:
        if bot.ready:
            await simulator.inject(FaultKind.DROP)
        await asyncio.sleep(0.02)


async def test_f06_each_reconnect_asks_anew_and_backs_off_while_nobody_knows() -> None:
    names = Names()
    async with simulating() as simulator:
        settings: dict[str, Any] = {"endpoints": by_name(simulator), "resolver": names, "jitter": lambda: 0.5}
        async with running(simulator, Recorder(), **settings) as bot:
            names.fails = True
            await reconnect(simulator, bot, names)
            await until(
                lambda: (
                    bot.client.snapshot().shards[0].last_error
                    == "cannot connect: host name cannot be resolved"
                )
            )
            before = names.asked
            await asyncio.sleep(1)
            assert names.asked - before <= 3
            names.fails = False
            await until(lambda: bot.ready == 1, 17)

        assert simulator.stats.identifies == 1


async def test_f06_a_name_server_that_does_not_answer_is_left_at_the_deadline() -> None:
    names = Names()
    async with simulating() as simulator:
        limits = Limits(interval=(0.1, 120), connecting=0.3)
        settings: dict[str, Any] = {"endpoints": by_name(simulator), "resolver": names, "limits": limits}
        async with running(simulator, Recorder(), **settings) as bot:
            names.hangs.clear()
            await reconnect(simulator, bot, names)
            begun = time.monotonic()
            await until(
                lambda: bot.client.snapshot().shards[0].last_error == "cannot connect: no answer in time"
            )
            assert time.monotonic() - begun <= 0.3 + NOISE
            names.hangs.set()
            await until(lambda: bot.ready == 1)

        assert simulator.stats.identifies == 1


async def test_f06_a_platform_that_moves_to_another_address_is_found_there() -> None:
    names = Names()
    async with simulating() as simulator:
        settings: dict[str, Any] = {"endpoints": by_name(simulator), "resolver": names}
        async with running(simulator, Recorder(), **settings) as bot:
            names.address = "127.0.0.9"  # where nobody is
            await reconnect(simulator, bot, names)
            await until(
                lambda: bot.client.snapshot().shards[0].last_error == "cannot connect: connection refused"
            )
            names.address = "127.0.0.1"
            await until(lambda: bot.ready == 1)

        assert simulator.stats.identifies == 1


# --- plugins


class Leaking(EventHandler):
    """Starts what it never ends, and one thing that is looked after."""

    async def setup(self, context: PluginContext[None]) -> None:
        self.kept: list[asyncio.Task[Any]] = []
        self.owned = context.create_task(self._refresh(), name="refresh")

    async def _refresh(self) -> None:
        await asyncio.Event().wait()

    async def group_message_create(self, session: GroupReplySession) -> None:
        if session.event.text == "break":
            raise ValueError
        self.kept.extend(asyncio.create_task(self._refresh()) for _ in range(1200))
        await session.reply("started")

    async def teardown(self) -> None:
        assert self.owned.cancelled()
        for task in self.kept:
            task.cancel()
        await asyncio.gather(*self.kept, return_exceptions=True)


@pytest.mark.long
async def test_f68_a_plugin_that_leaks_tasks_is_named_within_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    handler = Leaking()
    async with simulating() as simulator:
        async with running(simulator, [Plugin("leaking", handler)]) as bot:
            said = await simulator.say_group("go")
            await until(lambda: simulator.replies_to(said))
            await until(lambda: "plugin leaking has 1201 tasks that have not ended" in caplog.text)

            assert "1200 of them are Leaking._refresh" in caplog.text
        assert not [fact for fact in bot.facts if isinstance(fact, HandlerFailed)]


class Vandal(EventHandler):
    """Tries to change everything it is given."""

    def __init__(self) -> None:
        self.refused: list[str] = []

    async def c2c_message_create(self, session: Any) -> None:  # noqa: ANN401
        event, card = session.event, session.event.ark_data
        deeds: dict[str, Callable[[], Any]] = {
            "field": lambda: setattr(event, "content", "changed"),
            "nested": lambda: setattr(event.author, "user_openid", "changed"),
            "list": lambda: event.attachments.append(None),
            "dict": lambda: card.fields.update(title="changed"),
            "item": lambda: card.fields.__setitem__("title", "changed"),
            "dict in dict": lambda: card.fields["place"].__setitem__("city", "changed"),
            "list in dict": lambda: card.fields["tags"].append("changed"),
        }
        for name, deed in deeds.items():
            try:
                deed()
            except (AttributeError, TypeError):
                self.refused.append(name)
        session.raw["content"] = "changed"
        session.raw["ark_data"]["fields"]["tags"].append("changed")


async def test_f71_what_one_plugin_does_to_an_event_no_other_sees() -> None:
    card = {"ark_type": "map", "fields": {"title": "t", "tags": ["a"], "place": {"city": "北京"}}}
    payload = {
        "id": "m-1",
        "author": {"user_openid": "u-1"},
        "content": "original",
        "timestamp": "2026-08-01T12:00:00+08:00",
        "attachments": [{"content_type": "image/png", "url": "https://example.com/1.png"}],
        "message_type": 3,
        "ark_data": card,
    }
    vandal, second = Vandal(), Recorder()
    plugins = [Plugin("a-vandal", vandal), Plugin("b-second", second)]
    async with simulating() as simulator, running(simulator, plugins):
        await simulator.emit("C2C_MESSAGE_CREATE", payload)
        await until(lambda: second.sessions and len(vandal.refused) == 7)

    session = second.sessions[0]
    assert (session.event.content, session.event.author.user_openid) == ("original", "u-1")
    assert len(session.event.attachments) == 1
    assert session.event.ark_data.fields["title"] == "t"
    assert session.event.ark_data.fields["tags"] == ("a",)
    assert session.event.ark_data.fields["place"] == {"city": "北京"}
    assert session.raw == payload


class Flooding(EventHandler):
    """Calls the platform as often as it can, from half as many tasks again as are allowed."""

    def __init__(self) -> None:
        self.refused = self.answered = 0
        self.goes_on = True
        self.tasks: list[asyncio.Task[None]] = []

    async def group_message_create(self, session: GroupReplySession) -> None:
        self.tasks = [asyncio.create_task(self._call(session)) for _ in range(MOST_CALLS + 500)]

    async def _call(self, session: GroupReplySession) -> None:
        while self.goes_on:
            try:
                await session.api.client.call_other("GET", "/users/@me")
                self.answered += 1
            except RateLimitedError:
                self.refused += 1
                await asyncio.sleep(0.2)


async def latencies(*, flooded: bool) -> list[float]:
    """How long the gateway takes to answer heartbeats over a slow line, in virtual time."""
    flooding = Flooding()
    plugins = [Plugin("a-flood", flooding), Plugin("b-quiet", Recorder())]
    furnished = Simulation(users=0, shards=1, heartbeat_interval=1)
    clock = asyncio.get_running_loop().time
    async with (
        Simulator(furnished, secret=CANARY, clock=clock, front=True) as simulator,
        running(simulator, plugins, store=None, blocked_after=None) as bot,
    ):
        simulator.front.add(Latency(0.1))
        if flooded:
            await simulator.say_group("flood")
            await until(lambda: flooding.refused)
        begun = len(beats(bot))
        await until(lambda: len(beats(bot)) >= begun + 5, timeout=60)
        flooding.goes_on = False
        await asyncio.gather(*flooding.tasks)
        return beats(bot)[begun:]


def beats(bot: Bot) -> list[float]:
    return [fact.latency for fact in bot.facts if isinstance(fact, HeartbeatAcked)]


def test_f72_a_flood_leaves_the_latency_of_the_gateway_within_ten_percent() -> None:
    # In virtual time, where work takes none: what is measured is whether heartbeats queue behind calls,
    # and not the computer, which has the platform and the flood to serve besides.
    usual = run_virtually(latencies(flooded=False))
    during = run_virtually(latencies(flooded=True))

    assert min(usual) == pytest.approx(0.2)
    assert max(during) <= 1.1 * min(usual)
    assert min(during) >= 0.9 * max(usual)


@pytest.mark.alone
async def test_f72_a_plugin_that_floods_delays_neither_another_nor_the_gateway() -> None:
    flooding = Flooding()
    answers = Recorder(lambda session: session.reply("quiet"))
    plugins = [Plugin("a-flood", flooding), Plugin("b-quiet", answers)]
    async with simulating(heartbeat_interval=4) as simulator, running(simulator, plugins) as bot:

        async def answered_within() -> float:
            begun = time.monotonic()
            said = await simulator.say_c2c("quiet?")
            await until(lambda: simulator.replies_to(said))
            return time.monotonic() - begun

        await simulator.say_group("flood")
        await until(lambda: flooding.refused)
        during = []
        for _ in range(10):
            during.append(await answered_within())
            await asyncio.sleep(0.2)
        beats = [fact.latency for fact in bot.facts if isinstance(fact, HeartbeatAcked)]
        flooding.goes_on = False
        await asyncio.gather(*flooding.tasks)

    # Both ends share one processor with the flood here: the figures are those of a busy event loop.
    assert statistics.median(during) < 0.5
    assert statistics.median(beats) < 0.2
    assert flooding.answered > 500
    assert (simulator.stats.identifies, simulator.stats.resumes) == (1, 0)
