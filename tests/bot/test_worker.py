"""Handlers: in order within a conversation, side by side across, and none reaches beyond its own event."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest

from qqbot_cli.bot.handler import EventHandler
from qqbot_cli.bot.plugin import OnError, Plugin
from qqbot_cli.bot.retry import DELAYS, delay_after
from qqbot_cli.bot.session import EventSession, UnknownEvent, UnknownEventSession
from qqbot_cli.bot.worker import PluginRunner
from qqbot_cli.errors import RateLimitedError
from qqbot_cli.model.fact import Fact, HandlerFailed


class Desk:
    """A runner, what it reported, and a clock for its supervisor."""

    def __init__(
        self,
        *,
        delay: float | None = None,
        fault: Exception | None = None,
        **settings: Any,  # noqa: ANN401
    ) -> None:
        self.facts: list[Fact] = []
        self.given: list[EventSession[Any]] = []
        self.sessions: list[EventSession[Any]] = []
        """Done, in their order."""
        self.attempts: list[str] = []
        """Ids of events that were tried again."""
        self.set_back: list[tuple[str, str]] = []
        """Plugins that will try again, with their error."""
        plugin = Plugin("test", EventHandler(), **settings)

        def retry(exc: BaseException, failures: int, earlier: int) -> float | None:
            if fault is not None:
                raise fault
            usual = delay_after(exc, failures, earlier)
            return usual if delay is None or usual is None else delay

        self.runner = PluginRunner(plugin, ledger=self, report=self.facts.append, retry=retry)

    @property
    def done_count(self) -> int:
        return len(self.sessions)

    def done(self, session: EventSession[Any]) -> None:
        self.sessions.append(session)

    def failed(self, session: EventSession[Any], plugin: str, error: str) -> None:
        self.set_back.append((plugin, error))

    async def again(self, session: EventSession[Any]) -> None:
        self.attempts.append(session.event_id)

    def add(
        self, key: object, work: Callable[[], Awaitable[None]], *, earlier: int = 0, uncounted: bool = False
    ) -> bool:
        async def method(_session: object) -> None:
            await work()

        event = UnknownEvent("X", b"{}", "")
        session = UnknownEventSession(None, None, event, f"X:{self.done_count}", 0, 0.0)  # type: ignore[arg-type]
        session.unfinished, session.earlier, session.uncounted = 1, earlier, uncounted
        self.given.append(session)
        return self.runner.add(key, method, session)

    @property
    def failures(self) -> list[HandlerFailed]:
        return [fact for fact in self.facts if isinstance(fact, HandlerFailed)]

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                self.runner.check(asyncio.get_running_loop().time())
                await asyncio.sleep(0.005)


@asynccontextmanager
async def desk(**settings: Any) -> AsyncIterator[Desk]:  # noqa: ANN401
    made = Desk(**settings)
    try:
        yield made
    finally:
        await made.runner.close()


async def test_one_conversation_is_handled_in_order_and_others_meanwhile() -> None:
    seen: list[str] = []
    gate = asyncio.Event()

    async def slow() -> None:
        await gate.wait()
        seen.append("a1")

    async def note(word: str) -> None:
        seen.append(word)

    async with desk() as d:
        d.add("a", slow)
        d.add("a", lambda: note("a2"))
        d.add("b", lambda: note("b1"))
        await d.until(lambda: seen == ["b1"])
        gate.set()
        await d.until(lambda: d.done_count == 3)

    assert seen == ["b1", "a1", "a2"]


async def test_f76_what_only_waits_for_its_turn_is_not_counted_as_a_run() -> None:
    gate = asyncio.Event()

    async def wait() -> None:
        await gate.wait()

    async with desk() as d:
        d.add("a", wait, uncounted=True)
        d.add("a", fine, uncounted=True)
        d.add("b", fine, uncounted=True)
        await d.until(lambda: d.done_count == 1)
        assert len(d.attempts) == 2

        gate.set()
        await d.until(lambda: d.done_count == 3)
        assert len(d.attempts) == 3


async def test_no_more_handlers_run_at_once_than_allowed() -> None:
    running = most = 0

    async def work() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1

    async with desk(concurrency=3) as d:
        for key in range(12):
            d.add(key, work)
        await d.until(lambda: d.done_count == 12)

    assert most == 3


async def test_handlers_that_never_wait_leave_the_loop_its_turns() -> None:
    async def busy() -> None:
        time.sleep(0.005)

    async with desk() as d:
        for number in range(60):
            d.add(number % 3, busy)
        await asyncio.sleep(0.03)

        assert 0 < d.done_count < 60
        await d.until(lambda: d.done_count == 60)


async def test_f62_handlers_of_a_plugin_that_blocks_begin_one_by_one() -> None:
    done_by_turn: list[int] = []

    async def block() -> None:
        time.sleep(0.55)

    async with desk(concurrency=16) as d:
        for number in range(5):
            d.add(number, block)
        while d.done_count < 5:
            await asyncio.sleep(0)
            done_by_turn.append(d.done_count)

    assert max(after - before for before, after in pairwise([0, *done_by_turn])) == 1


async def test_f62_time_in_which_the_loop_stood_still_is_not_a_handlers() -> None:
    gate = asyncio.Event()

    async def wait() -> None:
        await gate.wait()

    async with desk(timeout=0.5) as d:
        d.add("a", wait)
        await asyncio.sleep(0.01)
        d.runner.check(asyncio.get_running_loop().time())
        time.sleep(0.6)
        d.runner.check(asyncio.get_running_loop().time())
        gate.set()
        await d.until(lambda: d.done_count == 1)

        assert not d.failures
        assert d.runner.handled == 1


async def fine() -> None:
    pass


class ShyError(Exception):
    def __init__(self, again: BaseException) -> None:
        self.again = again

    def __str__(self) -> str:
        raise self.again


@pytest.mark.parametrize("again", [ValueError("no"), SystemExit(3), KeyboardInterrupt()], ids=repr)
async def test_f64_an_exception_without_a_message_to_show_is_reported_like_others(
    again: BaseException,
) -> None:
    async def broken() -> None:
        raise ShyError(again)

    async with desk(concurrency=1) as d:
        d.add("a", broken)
        d.add("b", fine)
        await d.until(lambda: d.done_count == 2)

    (failure,) = d.failures
    assert failure.error == f"ShyError: its message cannot be shown, {type(again).__name__}"
    assert "raise ShyError(again)" in failure.traceback


async def test_f64_of_a_long_error_both_ends_are_kept() -> None:
    async def broken() -> None:
        raise ValueError("begin" + 5_000_000 * "x" + "end")

    async with desk() as d:
        d.add("a", broken)
        await d.until(lambda: d.done_count == 1)

    (failure,) = d.failures
    assert failure.error.startswith("ValueError: begin")
    assert failure.error.endswith("xend")
    assert "characters left out" in failure.error
    assert len(failure.error) < 600
    assert len(failure.traceback) < 21_000
    assert "raise ValueError" in failure.traceback


async def test_no_handler_begins_while_the_runner_closes() -> None:
    begun: list[str] = []

    async def tidy_up() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(9)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0.05)

    async def begin() -> None:
        begun.append("b")

    async with desk(timeout=0.05, concurrency=1) as d:
        d.add("a", tidy_up)
        d.add("b", begin)
        await d.until(lambda: bool(d.failures))  # it is overdue, and was told to end
        await d.runner.close()
        await asyncio.sleep(0.1)

    assert begun == []


async def test_a_fault_in_a_worker_is_said_and_costs_one_event(caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> None:
        raise ValueError

    async with desk(fault=ZeroDivisionError("of ours"), concurrency=1) as d:
        d.add("a", broken)
        d.add("b", fine)
        await d.until(lambda: d.done_count == 2)

        assert d.sessions[0].failures == [("test", "ZeroDivisionError: of ours")]
        assert d.runner.handled == 1
    assert "a worker failed: ZeroDivisionError: of ours" in caplog.text


async def test_f64_a_handler_that_raises_is_reported_with_its_line_and_the_next_is_handled() -> None:
    async def broken() -> None:
        raise ValueError("no such city")

    async with desk() as d:
        d.add("a", broken)
        d.add("a", fine)
        await d.until(lambda: d.done_count == 2)

        assert (d.runner.handled, d.runner.failed) == (1, 1)
        failure = d.failures[0]
        assert failure.error == "ValueError: no such city"
        assert "test_worker.py:" in failure.place
        assert failure.event_id == "X:0"
        assert "raise ValueError" in failure.traceback


async def test_f65_a_handler_that_hangs_is_cancelled_and_its_conversation_goes_on() -> None:
    async def hang() -> None:
        await asyncio.sleep(100)

    async with desk(timeout=0.05, concurrency=1) as d:
        d.add("a", hang)
        d.add("a", fine)
        await d.until(lambda: d.done_count == 2)

        assert d.runner.handled == 1
        assert d.failures[0].error == "TimeoutError: took more than 0.05 s"
        assert "test_worker.py:" in d.failures[0].place


async def test_f66_a_handler_that_swallows_cancellation_is_given_up() -> None:
    ends = asyncio.Event()

    async def stubborn() -> None:
        while not ends.is_set():
            try:
                await ends.wait()
            except asyncio.CancelledError:
                continue

    async with desk(timeout=0.02, concurrency=1) as d:
        d.add("a", stubborn)
        d.add("a", fine)
        await d.until(lambda: d.done_count == 2)

        assert d.runner.abandoned == 1
        ends.set()
        await d.until(lambda: d.runner.abandoned == 0)
        assert d.done_count == 2


async def test_f66_after_sixteen_such_the_plugin_gets_nothing_more() -> None:
    ends = asyncio.Event()

    async def stubborn() -> None:
        while not ends.is_set():
            try:
                await ends.wait()
            except asyncio.CancelledError:
                continue

    async with desk(timeout=0.02, concurrency=16) as d:
        for key in range(16):
            d.add(key, stubborn)
        await d.until(lambda: d.done_count == 16)

        assert d.runner.state == "off"
        assert not d.add("new", stubborn)
        assert d.runner.skipped == 1
        ends.set()
        await d.until(lambda: d.runner.abandoned == 0)


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError])
async def test_f69_whatever_a_handler_raises_is_only_a_failure(kind: type[BaseException]) -> None:
    async def leave() -> None:
        raise kind

    async with desk(concurrency=1) as d:
        d.add("a", leave)
        d.add("a", fine)
        await d.until(lambda: d.done_count == 2)

        assert (d.runner.handled, d.runner.failed) == (1, 1)


async def test_a_handler_that_cancels_its_own_task_does_not_stop_the_worker() -> None:
    async def cancel() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(0)

    async with desk(concurrency=1) as d:
        d.add("a", cancel)
        d.add("b", fine)
        await d.until(lambda: d.done_count == 2)
        assert d.runner.handled == 1


async def test_on_error_stop_ends_the_plugin_with_its_first_failure() -> None:
    async def broken() -> None:
        raise ValueError

    async with desk(on_error=OnError.STOP) as d:
        d.add("a", broken)
        await d.until(lambda: d.done_count == 1)

        assert d.runner.state == "off"
        assert not d.add("a", broken)


async def test_on_error_pause_rests_after_five_failures_in_a_row() -> None:
    async def broken() -> None:
        raise ValueError

    async with desk(on_error=OnError.PAUSE) as d:
        for work in (broken, broken, fine, broken, broken, broken, broken):
            d.add("a", work)
        await d.until(lambda: d.done_count == 7)
        assert d.runner.state == "on"

        d.add("a", broken)
        await d.until(lambda: d.done_count == 8)
        assert d.runner.state == "paused"
        assert not d.add("a", fine)


async def test_idle_workers_are_used_again() -> None:
    async def fine() -> None:
        await asyncio.sleep(0)

    async with desk(concurrency=4) as d:
        for number in range(100):
            d.add(number % 3, fine)
            await d.until(lambda number=number: d.done_count == number + 1)  # type: ignore[misc]
        assert d.runner.running == 0
        assert len(d.runner.durations) == 100


# --- trying again


async def test_f64_what_time_may_mend_is_tried_again_and_its_conversation_waits() -> None:
    seen: list[str] = []

    async def flaky() -> None:
        seen.append("try")
        if seen.count("try") < 3:
            raise ConnectionResetError("network")

    async def next_one() -> None:
        seen.append("next")

    async with desk(delay=0.01) as d:
        d.add("a", flaky)
        d.add("a", next_one)
        await d.until(lambda: d.done_count == 2)

        assert seen == ["try", "try", "try", "next"]
        assert d.attempts == ["X:0", "X:0"]
        assert d.set_back == [("test", "ConnectionResetError: network")] * 2
        assert (d.runner.handled, d.runner.failed) == (2, 2)
        assert [session.failures for session in d.sessions] == [None, None]


async def test_f64_other_conversations_go_on_while_one_waits_for_its_next_try() -> None:
    async def broken() -> None:
        raise ConnectionResetError

    async with desk(delay=60.0) as d:
        d.add("a", broken)
        d.add("b", fine)
        await d.until(lambda: d.done_count == 1)

        assert [session.event_id for session in d.runner.unfinished()] == ["X:0"]


async def test_f76_an_event_that_always_fails_is_given_up_after_five_runs() -> None:
    async def broken() -> None:
        raise ConnectionResetError("network")

    async with desk(delay=0.001) as d:
        d.add("a", broken)
        await d.until(lambda: d.done_count == 1)

        assert len(d.failures) == 5
        assert d.sessions[0].failures == [("test", "ConnectionResetError: network")]


@pytest.mark.parametrize("error", [ValueError("x"), AttributeError("x"), SystemExit(1), FileNotFoundError()])
async def test_f64_a_fault_of_the_plugin_is_not_repeated(error: BaseException) -> None:
    async def broken() -> None:
        raise error

    async with desk(delay=0.001) as d:
        d.add("a", broken)
        await d.until(lambda: d.done_count == 1)

        assert len(d.failures) == 1
        assert d.sessions[0].failures


def test_the_delays_grow_and_end_and_obey_the_platform() -> None:
    busy = RateLimitedError("slow down", status=429)
    busy.retry_after = 12.0

    assert [delay_after(ConnectionError(), failures) for failures in range(5)] == [*DELAYS, None]
    assert delay_after(busy, 0) == 12.0
    assert delay_after(KeyError(), 0) is None
    assert [delay_after(ConnectionError(), failures, 2) for failures in range(3)] == [*DELAYS[:2], None]


async def test_a_plugin_that_is_stopped_leaves_nothing_waiting_for_another_try() -> None:
    async def broken() -> None:
        raise ConnectionResetError

    async with desk(delay=60.0) as d:
        d.add("a", broken)
        await d.until(lambda: len(d.failures) == 1)
        d.runner._stop("test")
        await d.until(lambda: d.done_count == 1)

        assert list(d.runner.unfinished()) == []
        assert d.sessions[0].failures == [("test", "skipped, the plugin is stopped")]


async def test_f76_runs_of_earlier_processes_count_towards_the_last_try() -> None:
    async def broken() -> None:
        raise ConnectionResetError

    async with desk(delay=0.001) as d:
        d.add("a", broken, earlier=3)
        await d.until(lambda: d.done_count == 1)

        assert len(d.failures) == 2
        assert d.given[0].failures


@pytest.mark.parametrize("failure", [ConnectionResetError, ValueError])
async def test_f58_a_handler_that_fails_because_the_bot_stops_has_another_try(
    failure: type[Exception],
) -> None:
    began = asyncio.Event()

    async def cut_off() -> None:
        began.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise failure from None

    async with desk(delay=0.0) as d:
        d.add("a", cut_off)
        await began.wait()
        await d.runner.close()

        await asyncio.sleep(0.01)  # a retry would come now
        assert len(d.failures) == 1
        assert (d.done_count, d.given[0].failures, d.given[0].unfinished) == (0, None, 1)
