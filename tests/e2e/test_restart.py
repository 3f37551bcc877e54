"""Sessions and events outlive the process: what a restart, a crash and a changed configuration cost."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from qqbot_cli import Intents, Plugin, Simulator
from qqbot_cli.bot.manager import ShardPlan
from qqbot_cli.errors import ExitCode, StoreError
from qqbot_cli.model.fact import EventGivenUp, GapRecorded, InboxRestored, RequestFailed
from qqbot_cli.model.inbox import Retention, State
from qqbot_cli.model.simulation import FaultKind
from qqbot_cli.simulator import Acknowledged
from qqbot_cli.store.sqlite import SqliteStore
from qqbot_cli.store.writer import Kind
from tests.e2e.bots import Bot, Recorder, running, simulating, until
from tests.store.processes import LOCKER, first_line, program, say


@asynccontextmanager
async def living(simulator: Simulator, path: Path, handler: Any, **more: Any) -> AsyncIterator[Bot]:  # noqa: ANN401
    """A bot with a store of its own file."""
    async with running(simulator, handler, store=SqliteStore(path), **more) as bot:
        yield bot


def texts(handler: Recorder) -> list[str]:
    return [session.event.text for session in handler.sessions if hasattr(session.event, "text")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "inbox.sqlite3"


async def test_f58_a_restart_resumes_spends_no_session_start_and_loses_nothing(path: Path) -> None:
    handler = Recorder()
    async with simulating() as simulator:
        async with living(simulator, path, handler):
            await simulator.say_c2c("before")
            await until(lambda: texts(handler) == ["before"])
        await simulator.say_c2c("meanwhile")
        async with living(simulator, path, handler) as bot:
            await until(lambda: len(texts(handler)) == 2)
            await simulator.say_c2c("after")
            await until(lambda: len(texts(handler)) == 3)

            assert not [fact for fact in bot.facts if isinstance(fact, GapRecorded)]

        assert texts(handler) == ["before", "meanwhile", "after"]
        assert (simulator.stats.identifies, simulator.stats.resumes) == (1, 1)
        assert simulator.stats.violations == 0


async def test_ten_restarts_cost_one_identify(path: Path) -> None:
    handler = Recorder()
    async with simulating(shards=2) as simulator:
        for number in range(10):
            async with living(simulator, path, handler, ready=2):
                await simulator.say_c2c(str(number))
                await until(lambda number=number: len(texts(handler)) == number + 1)  # type: ignore[misc]

        assert simulator.stats.identifies == 2
        assert simulator.stats.resumes == 18


def left_by_a_crash(path: Path) -> Path:
    """What would be on the disk if the process died at this moment."""
    folder = path.parent / "crashed"
    shutil.copytree(path.parent, folder, ignore=shutil.ignore_patterns("crashed", "*-shm"))
    return folder / path.name


@pytest.mark.parametrize("plugins", [1, 2], ids=["one plugin", "two plugins"])
async def test_f60_an_event_that_was_not_finished_runs_again_and_its_reply_is_not_doubled(
    path: Path, plugins: int
) -> None:
    gate = asyncio.Event()

    async def answer(session: Any) -> None:  # noqa: ANN401
        await session.reply("pong")
        await gate.wait()

    def handlers() -> list[Plugin]:
        return [Plugin(f"p{number}", Recorder(answer)) for number in range(plugins)]

    async with simulating() as simulator:
        async with living(simulator, path, handlers()):
            said = await simulator.say_group("/ping")
            await until(lambda: len(simulator.replies_to(said)) == plugins)
            crashed = left_by_a_crash(path)
            gate.set()
        again = handlers()[::-1]  # the other one is faster this time
        async with living(simulator, crashed, again) as bot:
            await until(lambda: all(plugin.handler.sessions for plugin in again))  # type: ignore[attr-defined]
            await until(lambda: bot.client.snapshot().waiting == 0)

            assert not [fact for fact in bot.facts if isinstance(fact, RequestFailed | EventGivenUp)]
        assert [message.content for message in simulator.replies_to(said)] == ["pong"] * plugins


async def test_f60_a_button_that_was_acknowledged_before_a_crash_is_handled_to_its_end(path: Path) -> None:
    gate = asyncio.Event()

    async def acknowledge(session: Any) -> None:  # noqa: ANN401
        await session.ack()
        await gate.wait()
        await session.reply("pressed")

    async with simulating() as simulator:
        async with living(simulator, path, Recorder(acknowledge)):
            await simulator.press_button()
            await until(lambda: Acknowledged in map(type, simulator.history))
            crashed = left_by_a_crash(path)
            gate.set()
        assert len(simulator.messages) == 1
        async with living(simulator, crashed, Recorder(acknowledge)) as bot:
            await until(lambda: bot.client.snapshot().waiting == 0)

            assert not [fact for fact in bot.facts if isinstance(fact, RequestFailed | EventGivenUp)]
        assert [message.content for message in simulator.messages] == ["pressed"]


async def test_a_session_that_is_too_old_becomes_a_new_one_and_a_recorded_gap(path: Path) -> None:
    handler = Recorder()
    async with simulating() as simulator:
        async with living(simulator, path, handler):
            await simulator.say_c2c("before")
            await until(lambda: texts(handler) == ["before"])
        simulator.forget_sessions()
        async with living(simulator, path, handler, ready=None) as bot:
            await until(lambda: bot.ready == 1 or bot.running.done(), timeout=20)
            await until(lambda: [fact for fact in bot.facts if isinstance(fact, GapRecorded)])

            assert bot.client.snapshot().gaps == 1
        async with SqliteStore(path, tool=True) as store:
            (gap,) = await store.gaps()

    assert gap.reason == "4006 invalid session id"
    assert gap.from_at is not None
    assert gap.to_at > gap.from_at
    assert simulator.stats.identifies == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"intents": Intents.PUBLIC_MESSAGES}, "the intents have changed"),
        ({"shards": ShardPlan(count=2), "ready": 2}, "the number of shards has changed"),
    ],
    ids=["intents", "shards"],
)
async def test_a_session_with_other_intents_or_shards_is_not_resumed(
    path: Path, change: dict[str, Any], reason: str
) -> None:
    handler = Recorder()
    async with simulating(max_concurrency=4) as simulator:
        async with living(simulator, path, handler):
            pass
        async with living(simulator, path, handler, **change) as bot:
            gaps = [fact for fact in bot.facts if isinstance(fact, GapRecorded)]

        assert [gap.reason for gap in gaps] == [reason]
        assert simulator.stats.resumes == 0


async def test_f35_what_the_platform_repeats_after_a_restart_is_handled_once(path: Path) -> None:
    handler = Recorder()
    async with simulating(repeats=5) as simulator:
        async with living(simulator, path, handler):
            for number in range(3):
                await simulator.say_c2c(str(number))
            await until(lambda: len(texts(handler)) == 3)
        async with living(simulator, path, handler):
            await simulator.say_c2c("after")
            await until(lambda: "after" in texts(handler))

    assert texts(handler) == ["0", "1", "2", "after"]


async def test_order_within_a_conversation_holds_across_a_crash(path: Path) -> None:
    gate = asyncio.Event()

    async def wait(_session: Any) -> None:  # noqa: ANN401
        await gate.wait()

    first, second = Recorder(wait), Recorder()
    async with simulating() as simulator:
        async with living(simulator, path, first) as bot:
            for number in range(20):
                await simulator.say_c2c(str(number))
            await until(lambda: bot.client.snapshot().shards[0].seq == 21)  # the newest that is stored
            crashed = left_by_a_crash(path)
            gate.set()
        await simulator.say_c2c("20")
        async with living(simulator, crashed, second) as bot:
            await until(lambda: len(texts(second)) == 21)
            (restored,) = [fact for fact in bot.facts if isinstance(fact, InboxRestored)]

    assert (restored.events, restored.unclean) == (20, True)
    assert texts(second) == [str(number) for number in range(21)]


async def test_a_reply_is_not_doubled_when_its_handler_is_tried_again(path: Path) -> None:
    tries = 0

    async def flaky(session: Any) -> None:  # noqa: ANN401
        nonlocal tries
        tries += 1
        await session.reply("first")
        if tries == 1:
            raise ConnectionResetError("network")
        await session.reply("second")

    async with simulating() as simulator, living(simulator, path, Recorder(flaky)) as bot:
        said = await simulator.say_c2c("hello")
        await until(lambda: tries == 2 and bot.client.snapshot().waiting == 0)

        assert [message.content for message in simulator.replies_to(said)] == ["first", "second"]


async def test_f76_what_a_plugin_fails_is_kept_and_can_be_run_again_while_the_bot_runs(path: Path) -> None:
    repaired = False

    async def handle(_session: Any) -> None:  # noqa: ANN401
        if not repaired:
            raise LookupError("no such city")

    handler = Recorder(handle)
    async with simulating() as simulator, living(simulator, path, handler) as bot:
        await simulator.say_c2c("weather")
        await until(lambda: [fact for fact in bot.facts if isinstance(fact, EventGivenUp)])
        assert bot.client.snapshot().dead == 1

        repaired = True
        async with SqliteStore(path, tool=True) as tool:
            (dead,) = await tool.list_events(State.DEAD)
            assert await tool.revive([dead.row]) == 1
        await until(lambda: len(handler.sessions) == 2)
        await until(lambda: bot.client.snapshot().waiting == 0)


async def test_f78_without_room_on_the_disk_reading_stops_and_nothing_is_lost(path: Path) -> None:
    handler = Recorder()
    async with simulating() as simulator:
        async with SqliteStore(path):
            pass
        small = SqliteStore(path, retention=Retention(max_size=160_000))
        gate = asyncio.Event()

        async def wait(_session: Any) -> None:  # noqa: ANN401
            await gate.wait()

        handler = Recorder(wait)
        async with running(simulator, handler, store=small) as bot:
            said = 0
            while not bot.client.snapshot().trouble:
                await simulator.say_c2c("x" * 2000)
                said += 1
                await asyncio.sleep(0.002)
                assert said < 1000
            assert "inbox.max_size (0.16 MB) is reached" in bot.client.snapshot().trouble
            gate.set()
            await until(lambda: len(handler.sessions) >= said, timeout=25)

            assert len(handler.sessions) == said
            await until(lambda: bot.client.snapshot().trouble == "")  # told after what waited is answered


def damage(path: Path) -> None:
    path.write_bytes(b"no database " * 1000)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [(damage, "the store was damaged and put aside"), (Path.unlink, "the store was gone")],
    ids=["damaged", "gone"],
)
async def test_f79_f80_what_went_with_the_store_is_a_recorded_gap(
    path: Path, spoil: Callable[[Path], None], reason: str
) -> None:
    async with simulating() as simulator:
        async with living(simulator, path, Recorder()) as bot:
            assert not [fact for fact in bot.facts if isinstance(fact, GapRecorded)], "the first of all"
        spoil(path)
        async with living(simulator, path, Recorder()) as bot:
            (gap,) = [fact for fact in bot.facts if isinstance(fact, GapRecorded)]
            assert (gap.reason, gap.seconds) == (reason, None)
        async with SqliteStore(path, tool=True) as store:
            (kept,) = await store.gaps()
            assert (kept.shard, kept.from_at, kept.reason) == (0, None, reason)
        async with living(simulator, path, Recorder()) as bot:
            assert not [fact for fact in bot.facts if isinstance(fact, GapRecorded)]


async def test_the_heartbeat_tells_no_number_that_is_not_stored(path: Path) -> None:
    handler = Recorder()
    async with simulating(heartbeat_interval=0.1) as simulator, living(simulator, path, handler):
        for number in range(200):
            await simulator.say_c2c(str(number))
        await until(lambda: len(handler.sessions) == 200)
        await until(lambda: simulator.stats.heartbeats >= 5)

        assert simulator.stats.violations == 0
        await simulator.inject(FaultKind.DROP)
        await until(lambda: simulator.stats.resumes == 1)
        assert simulator.stats.violations == 0


async def test_a_store_whose_thread_has_ended_ends_the_bot_with_the_reason(path: Path) -> None:
    def slip(_: object) -> None:
        raise SystemExit("by a plugin for stores")

    store = SqliteStore(path)
    async with simulating() as simulator, running(simulator, Recorder(), store=store) as bot:
        with pytest.raises(StoreError, match="SystemExit: by a plugin for stores"):
            await store._writer.ask(Kind.CHANGE, slip)
        # Nobody has anything to store: the bot notices because it looks now and then.
        with pytest.raises(StoreError, match="SystemExit: by a plugin for stores") as caught:
            async with asyncio.timeout(30):
                await bot.running

    assert caught.value.exit_code is ExitCode.BUG


async def test_f81_a_bot_whose_store_is_locked_at_the_start_says_what_it_waits_for(path: Path) -> None:
    async with simulating() as simulator:
        async with living(simulator, path, Recorder()):
            pass
        with program(LOCKER, path) as locker:
            first_line(locker)
            async with living(simulator, path, Recorder(), ready=None) as bot:
                await until(lambda: bot.client.snapshot().stage == "opening the store")
                await asyncio.sleep(0.3)
                assert bot.client.snapshot().stage == "opening the store"
                say(locker)
                await until(lambda: bot.ready == 1)
