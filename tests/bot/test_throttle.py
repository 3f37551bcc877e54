"""F-63: a limit for memory stops reading, and nothing else."""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Iterator

import pytest

from qqbot_cli.bot import memory
from qqbot_cli.bot.memory import resident_memory
from qqbot_cli.bot.throttle import MemoryThrottle
from qqbot_cli.model.frame import Frame, decode_frame

FRAME = decode_frame('{"op":0,"s":1,"t":"NEW_EVENT","d":{}}')
LIMIT = 100_000_000

Words = ctypes.Array[ctypes.c_uint64]


class Endless:
    """A sink that always has room."""

    def put(self, shard: int, frame: Frame, received: float) -> bool:
        return True

    async def room(self) -> None:
        """There is."""

    def forget(self, shard: int) -> None:
        raise AssertionError("nothing here ends a session")


class Machine:
    """A process whose memory and handlers do as they are told."""

    def __init__(self) -> None:
        self.memory: int | None = 50_000_000
        self.busy = True
        self.throttle = MemoryThrottle(
            Endless(), LIMIT, busy=lambda: self.busy, measure=lambda: self.memory, look_every=0.001
        )

    def look(self, memory: int | None) -> bool:
        """Return whether the next event may be read at once if there is so much memory."""
        self.memory = memory
        self.throttle.look()
        return self.throttle.put(0, FRAME, 0.0)


async def test_f63_reading_stops_above_the_limit_and_goes_on_well_below_it() -> None:
    machine = Machine()

    reads = [machine.look(memory) for memory in (LIMIT, LIMIT + 1, LIMIT, 95_000_000, 90_000_000, LIMIT)]

    assert reads == [True, False, False, False, True, True]


async def test_f63_whoever_waits_for_room_gets_it_when_memory_is_freed() -> None:
    machine = Machine()
    machine.look(120_000_000)
    assert machine.throttle.trouble == "memory is at 120 MB, the limit is 100 MB"
    watching = asyncio.ensure_future(machine.throttle.watch())
    waiting = asyncio.ensure_future(machine.throttle.room())
    await asyncio.sleep(0.02)
    assert not waiting.done()

    machine.memory = 60_000_000
    async with asyncio.timeout(10):
        await waiting

    watching.cancel()
    assert machine.throttle.trouble == ""


async def test_f63_memory_that_no_event_holds_makes_no_deaf_bot(caplog: pytest.LogCaptureFixture) -> None:
    machine = Machine()
    assert not machine.look(120_000_000)

    machine.busy = False

    assert [machine.look(120_000_000) for _ in range(3)] == [True, True, True]
    assert caplog.text.count("something leaks, or the limit is too low") == 1


async def test_f63_a_measurement_that_fails_changes_nothing() -> None:
    machine = Machine()

    assert [machine.look(memory) for memory in (None, 120_000_000, None)] == [True, False, False]


async def test_f63_a_system_that_tells_nothing_is_mentioned(caplog: pytest.LogCaptureFixture) -> None:
    machine = Machine()
    machine.memory = None
    watching = asyncio.ensure_future(machine.throttle.watch())
    await asyncio.sleep(0.01)

    watching.cancel()

    assert caplog.text.count("memory is not limited") == 1


@pytest.mark.skipif(resident_memory() is None, reason="this system does not tell")
def test_memory_is_what_there_is_now_and_not_the_peak() -> None:
    before = resident_memory() or 0
    block = b"x" * 64_000_000
    during = resident_memory() or 0
    del block
    after = resident_memory() or 0

    assert during - before > 32_000_000
    assert during - after > 32_000_000


class Library:
    """Answers as the libraries of other systems are documented to."""

    def proc_pidinfo(
        self, pid: int, flavor: int, arg: object, info: ctypes.Array[ctypes.c_uint64], size: int
    ) -> int:
        assert ctypes.sizeof(info) == size == 96
        info[0], info[1] = 9_000_000, 7_000_000
        return size

    def K32GetProcessMemoryInfo(self, handle: ctypes.c_void_p, counters: object, size: int) -> int:  # noqa: N802
        assert size == (72 if ctypes.sizeof(ctypes.c_void_p) == 8 else 40)
        counters._obj.WorkingSetSize = 7_000_000  # type: ignore[attr-defined] # of what byref returns
        return 1


def measures() -> Iterator[object]:
    yield memory._of_macos(Library())  # type: ignore[arg-type] # stands for one
    yield memory._of_windows(Library())  # type: ignore[arg-type]


def test_other_systems_are_asked_as_they_are_documented() -> None:
    assert [*measures()] == [7_000_000, 7_000_000]
