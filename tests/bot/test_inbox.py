"""The inbox in memory: a bound, room, and an end."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import pytest

from qqbot_cli.bot.inbox import MemoryInbox
from qqbot_cli.bot.session import UnknownEvent, UnknownEventSession
from qqbot_cli.model.frame import Frame

EVENT = Frame(0)
SESSION = UnknownEventSession(None, None, UnknownEvent("X", b"", ""), "", 0, 0.0)  # type: ignore[arg-type]


class Taker:
    """Takes everything."""

    def wants(self, name: str, plugins: Collection[str] = (), /) -> bool:
        return True

    def dispatch(
        self,
        shard: int,
        frame: Frame,
        received: float,
        row: int = 0,
        plugins: Collection[str] = (),
        *,
        earlier: int | None = None,
    ) -> bool:
        return True


def make_inbox(limit: int = 4) -> MemoryInbox:
    inbox = MemoryInbox(limit=limit)
    inbox.begin(Taker(), lambda _shard, _session_id, _seqs, _up_to=None: None)
    return inbox


async def is_blocked(inbox: MemoryInbox) -> bool:
    try:
        async with asyncio.timeout(0.01):
            await inbox.room()
    except TimeoutError:
        return True
    return False


async def test_a_full_inbox_has_room_again_when_half_of_it_is_done() -> None:
    inbox = make_inbox(4)

    assert [inbox.put(0, EVENT, 0.0) for _ in range(4)] == [True, True, True, False]
    assert await is_blocked(inbox)
    inbox.done(SESSION)
    assert await is_blocked(inbox)
    inbox.done(SESSION)
    assert not await is_blocked(inbox)


async def test_what_nobody_wants_does_not_wait() -> None:
    inbox = MemoryInbox(limit=1)

    assert all(inbox.put(0, EVENT, 0.0) for _ in range(10))
    assert inbox.waiting == 0


@pytest.mark.parametrize("waiting", [0, 3])
async def test_a_shut_inbox_never_has_room_and_tells_when_it_is_empty(waiting: int) -> None:
    inbox = make_inbox()
    for _ in range(waiting):
        inbox.put(0, EVENT, 0.0)

    inbox.shut()
    assert not inbox.put(0, EVENT, 0.0)  # what has been read is still taken
    for _ in range(waiting + 1):
        inbox.done(SESSION)

    await inbox.empty()
    assert await is_blocked(inbox)
