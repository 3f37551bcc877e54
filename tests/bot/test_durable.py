"""The durable inbox: stored before handed out, kept until done, fetched in order."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from qqbot_cli.bot.absent import ABSENT
from qqbot_cli.bot.arrival import key_of
from qqbot_cli.bot.durable import DurableInbox
from qqbot_cli.bot.manager import Identity
from qqbot_cli.bot.session import UnknownEvent, UnknownEventSession
from qqbot_cli.model.fact import EventGivenUp, Fact, GapRecorded, InboxRestored
from qqbot_cli.model.frame import Frame, decode_frame
from qqbot_cli.model.inbox import (
    Batch,
    Counts,
    DeadLetter,
    Gap,
    Received,
    Retention,
    State,
    Store,
    StoredEvent,
)
from qqbot_cli.protocol.action import GatewaySession
from qqbot_cli.store.memory import MemoryStore
from qqbot_cli.store.sqlite import SqliteStore

Session = UnknownEventSession


def event(
    number: int, *, seq: int | None = None, name: str = "NEW_EVENT", event_id: str | None = None
) -> Frame:
    content = {"op": 0, "s": seq or number, "t": name, "id": event_id or f"E:{number}", "d": {"n": number}}
    return decode_frame(json.dumps(content))


READY = decode_frame('{"op":0,"s":1,"t":"READY","d":{"session_id":"s-1"}}')


class Plugins:
    """Stands for the dispatcher: keeps what it is given until it is told to be done."""

    def __init__(self) -> None:
        self.inbox: DurableInbox
        self.got: list[int] = []
        """Numbers of events, in the order in which they came."""
        self.open: list[Session] = []
        self.only: list[Collection[str]] = []
        self.deaf_to: set[str] = set()
        self.absent: set[str] = set()
        self.begun: list[asyncio.Future[None]] = []

    def wants(self, name: str, plugins: Collection[str] = (), /) -> bool:
        return name not in self.deaf_to and self.absent.isdisjoint(plugins)

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
        if frame.event in ("READY", "RESUMED"):
            self.got.append(0)
            return False
        made = UnknownEvent(frame.event or "", bytes(frame.body), "")
        session = UnknownEventSession(None, None, made, frame.id or "", shard, received, frame.body)  # type: ignore[arg-type]
        session.row = row
        self.got.append(json.loads(bytes(frame.body))["n"])
        self.open.append(session)
        self.only.append(plugins)
        if earlier is not None:
            self.begun.append(asyncio.ensure_future(self.inbox.again(session)))
        return True

    def finish(self, *, failing: bool = False) -> None:
        """Be done with the oldest event."""
        session = self.open.pop(0)
        if failing:
            session.give_up("weather", "ValueError: no such city")
        self.inbox.done(session)

    async def have(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.got) < count:
                await asyncio.sleep(0.002)


class Desk:
    """An inbox at work, with what it said."""

    def __init__(self, store: Store, **settings: Any) -> None:  # noqa: ANN401
        self.pump: asyncio.Task[None]
        self.facts: list[Fact] = []
        self.stored: list[tuple[int, str | None, list[int | None]]] = []
        self.given_up: list[int] = []
        """Up to these numbers the connection was told that none will come any more."""
        self.expected_from: int | None = None
        """Up to this number the connection expects none any more."""
        self.store = store
        self.plugins = Plugins()
        self.inbox = DurableInbox(store, report=self.facts.append, **{"limit": 100, **settings})
        self.plugins.inbox = self.inbox
        self.inbox.begin(self.plugins, self._stored)

    def _stored(
        self, shard: int, session_id: str | None, seqs: Iterable[int | None], up_to: int | None = None
    ) -> int | None:
        self.stored.append((shard, session_id, list(seqs)))
        if up_to is not None:
            self.given_up.append(up_to)
        return self.expected_from

    def put(self, *frames: Frame, shard: int = 0) -> list[bool]:
        return [self.inbox.put(shard, frame, asyncio.get_running_loop().time()) for frame in frames]

    def told(self, kind: type[Fact]) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    async def until(self, condition: Any) -> None:  # noqa: ANN401
        async with asyncio.timeout(20):
            while not await condition():
                await asyncio.sleep(0.002)

    async def settled(self) -> None:
        """Wait until what was done is stored as well."""

        async def quiet() -> bool:
            counts = await self.store.counts()
            return counts.waiting == len(self.plugins.open)

        await self.until(quiet)


@asynccontextmanager
async def desk(store: Store, **settings: Any) -> AsyncIterator[Desk]:  # noqa: ANN401
    async with store:
        made = Desk(store, **settings)
        made.inbox.identify(Identity(1, 512, "ws://here"))
        await made.inbox.restore()
        made.pump = asyncio.create_task(made.inbox.run())
        try:
            yield made
        finally:
            await asyncio.gather(*made.plugins.begun)
            made.pump.cancel()
            await asyncio.wait((made.pump,))
            if not made.pump.cancelled():
                made.pump.result()


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "inbox.sqlite3")


async def test_an_event_is_stored_with_its_sequence_number_before_a_plugin_has_it(store: Store) -> None:
    async with desk(store) as d:
        d.put(READY, event(2), event(3))
        await d.plugins.have(3)

        (saved,) = await store.sessions()
        assert (saved.session_id, saved.seq, saved.count, saved.intents) == ("s-1", 3, 1, 512)
        assert d.stored == [(0, "s-1", [1, 2, 3])]
        assert d.plugins.got == [0, 2, 3]
        assert (await store.counts()).waiting == 2


async def test_a_running_bot_says_what_it_drops(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = SqliteStore(tmp_path / "inbox.sqlite3", retention=Retention(dead=2))
    async with store:
        rows = await store.write(Batch([Received(0, "X", f"{n}", f"{n}", b"{}", 0.0) for n in range(5)]))
        await store.write(Batch(dead=[DeadLetter(row or 0, "no", ()) for row in rows]))
    async with desk(store, look_every=0.01) as d:

        async def pruned() -> bool:
            return (await store.counts()).dead == 2

        await d.until(pruned)
        await asyncio.sleep(0.1)  # it has looked again

    said = "3 given up events were dropped, the oldest: inbox.dead keeps 2 of them"
    assert [record.message for record in caplog.records] == [f"store {store.path}: {said}"]


async def test_what_is_done_is_forgotten(store: Store) -> None:
    async with desk(store) as d:
        d.put(event(1), event(2))
        await d.plugins.have(2)
        d.plugins.finish()
        await d.settled()

        assert d.inbox.waiting == 1
        assert (await store.counts()).done == 1


async def test_f35_an_event_that_comes_twice_is_handed_out_once(store: Store) -> None:
    async with desk(store) as d:
        d.put(event(1), event(1), event(2))
        await d.plugins.have(2)
        d.put(event(1, seq=9))
        d.put(event(3))
        await d.plugins.have(3)

        assert d.plugins.got == [1, 2, 3]
        assert d.inbox.tally.repeated == 2


async def test_an_event_without_ids_is_recognised_by_its_number_and_contents(store: Store) -> None:
    def bare(seq: int, number: int) -> Frame:
        return decode_frame(json.dumps({"op": 0, "s": seq, "t": "NEW_EVENT", "d": {"n": number}}))

    async with desk(store) as d:
        d.put(bare(2, 1), bare(2, 1))  # of a session that nobody knows
        await d.plugins.have(2)
        d.put(READY, bare(2, 1), bare(2, 1), bare(3, 1), bare(2, 4), bare(2, 1), event(9))
        await d.plugins.have(7)

        assert d.plugins.got == [1, 1, 0, 1, 1, 4, 9]
        assert d.inbox.tally.repeated == 2


async def test_messages_are_recognised_by_their_own_id() -> None:
    def message(event_id: str, message_id: object) -> Frame:
        d = {"id": message_id}
        return decode_frame(json.dumps({"op": 0, "t": "C2C_MESSAGE_CREATE", "id": event_id, "d": d}))

    assert key_of(message("a", "m-1")) == key_of(message("b", "m-1")) == "C2C_MESSAGE_CREATE/m-1"
    assert key_of(message("a", None)) == "a"
    assert key_of(message("a", ["x"])) == "a"
    assert key_of(decode_frame('{"op":0,"t":"GUILD_CREATE","id":"g","d":{"id":"1"}}')) == "g"


async def test_a_number_that_may_still_come_is_asked_for_after_a_kill(store: Store) -> None:
    async def stored(seq: int) -> bool:
        return [one.seq for one in await store.sessions()] == [seq]

    async with desk(store, look_every=0.01) as d:
        d.put(READY, event(2), event(4), event(5))
        await d.plugins.have(4)
        await asyncio.sleep(0.05)
        assert await stored(2)

        d.put(event(3))
        await d.until(lambda: stored(5))

        d.put(event(7))
        await d.plugins.have(6)
        assert await stored(5)
        d.expected_from = 6  # the connection does not wait for it any more
        await d.until(lambda: stored(7))
        assert d.given_up == [6]  # told when it is stored: a heartbeat must not run ahead


async def test_what_nobody_wants_moves_the_sequence_and_is_not_stored(store: Store) -> None:
    async with desk(store) as d:
        d.plugins.deaf_to = {"NOISE"}
        d.put(READY, event(2, name="NOISE"), event(3))
        await d.plugins.have(2)

        assert d.plugins.got == [0, 3]
        assert (await store.counts()).waiting == 1
        assert [one.seq for one in await store.sessions()] == [3]


async def test_f77_what_plugins_have_no_room_for_stays_in_the_store_and_comes_in_order(store: Store) -> None:
    async with desk(store, limit=4) as d:
        for number in range(1, 41):
            d.put(event(number))
            await asyncio.sleep(0)
        await d.until(lambda: _counted(store, 40))
        assert d.plugins.got == [1, 2, 3, 4]
        assert d.inbox.waiting == 40

        for number in range(40):
            await d.plugins.have(number + 1)
            assert len(d.plugins.open) <= 6  # two fetched while two are left
            d.plugins.finish()
        await d.settled()

    assert d.plugins.got == list(range(1, 41))


async def _counted(store: Store, waiting: int) -> bool:
    return (await store.counts()).waiting == waiting


async def test_f36_reading_stops_when_the_store_is_full_and_goes_on_when_there_is_room(store: Store) -> None:
    async with desk(store, limit=2, backlog_limit=5) as d:
        for number in range(1, 8):
            d.put(event(number))
            await asyncio.sleep(0.01)
        assert d.put(event(8)) == [False]
        room = asyncio.ensure_future(d.inbox.room())
        await asyncio.sleep(0.05)
        assert not room.done()

        for _ in range(6):
            await d.plugins.have(1)
            while d.plugins.open:
                d.plugins.finish()
            await asyncio.sleep(0.02)
        async with asyncio.timeout(20):
            await room
        assert d.plugins.got == list(range(1, 9))


async def test_f64_what_a_plugin_gave_up_is_kept_with_the_reason(store: Store) -> None:
    async with desk(store) as d:
        d.put(event(1))
        await d.plugins.have(1)
        d.plugins.finish(failing=True)
        await d.settled()

        (dead,) = await store.list_events(State.DEAD)
        assert (dead.error, dead.plugins) == ("ValueError: no such city", ("weather",))
        assert d.inbox.dead == 1
        (told,) = d.told(EventGivenUp)
        assert (told.row, told.name, told.plugins) == (dead.row, "NEW_EVENT", "weather")


async def test_what_is_given_up_while_the_store_is_looked_at_is_counted() -> None:
    looks: asyncio.Queue[asyncio.Event] = asyncio.Queue()

    class Slow(MemoryStore):
        async def touched(self) -> bool:
            return True

        async def counts(self) -> Counts:
            counts = await super().counts()
            if looking:
                over = asyncio.Event()
                looks.put_nowait(over)
                await over.wait()
            return counts

    looking = False
    async with desk(Slow(), look_every=0.01) as d:
        d.put(event(1))
        await d.plugins.have(1)
        looking = True
        over = await looks.get()
        d.plugins.finish(failing=True)
        assert d.inbox.dead == 1
        over.set()
        over = await looks.get()

        assert d.inbox.dead == 1
        looking = False
        over.set()


async def test_what_is_revived_while_the_bot_runs_goes_to_the_plugin_that_failed_it(store: Store) -> None:
    async with desk(store, look_every=0.01) as d:
        d.put(event(1))
        await d.plugins.have(1)
        d.plugins.finish(failing=True)
        await d.settled()
        await store.revive(None)
        d.put(event(2))
        await d.plugins.have(3)

    assert sorted(d.plugins.got) == [1, 1, 2]
    assert sorted(map(tuple, d.plugins.only)) == [(), (), ("weather",)]


class BusyStore(MemoryStore):
    """Something happens when it is asked what it has."""

    during_counts: Callable[[], Awaitable[None]] | None = None
    during_list: Callable[[], Awaitable[None]] | None = None

    async def counts(self) -> Counts:
        if self.during_counts is not None:
            await self.during_counts()
        return await super().counts()

    async def list_events(self, state: State, limit: int = 100, after: int = 0) -> list[StoredEvent]:
        if self.during_list is not None:
            await self.during_list()
        return await super().list_events(state, limit, after)


@asynccontextmanager
async def desk_with_a_dead_event(store: Store) -> AsyncIterator[Desk]:
    async with desk(store, look_every=0.01) as d:
        d.put(event(1))
        await d.plugins.have(1)
        d.plugins.finish(failing=True)
        await d.settled()
        yield d


async def test_what_arrives_during_a_look_for_revived_events_is_not_handed_out_twice() -> None:
    store = BusyStore()
    async with desk_with_a_dead_event(store) as d:

        async def arrive() -> None:
            store.during_list = None
            d.put(event(2))
            await d.plugins.have(2)

        store.during_list = arrive
        await store.revive(None)
        await d.plugins.have(3)

        assert d.plugins.got == [1, 2, 1]


async def test_what_fails_during_a_look_for_revived_events_is_not_handed_out_again() -> None:
    store = BusyStore()
    async with desk_with_a_dead_event(store) as d:
        d.put(event(2), event(3))
        await d.plugins.have(3)

        async def fail() -> None:
            store.during_counts = None
            d.plugins.finish(failing=True)

        store.during_counts = fail
        await store.revive(None)
        await d.plugins.have(4)

        assert d.plugins.got == [1, 2, 3, 1]


async def test_what_is_done_is_stored_though_the_store_cannot_be_read() -> None:
    store = BusyStore()
    async with desk(store, look_every=0.01) as d:

        async def never() -> None:
            await asyncio.Event().wait()

        store.during_counts = never
        await asyncio.sleep(0.05)
        d.put(event(1))
        await d.plugins.have(1)
        d.plugins.finish()

        async with asyncio.timeout(5):
            while await store.unfinished():
                await asyncio.sleep(0.01)


async def test_gaps_are_kept(store: Store) -> None:
    async with desk(store) as d:
        d.inbox.note_gap(GapRecorded(0, "4006 invalid session id", 60.0))

        async def kept() -> bool:
            return bool(await store.gaps())

        await d.until(kept)
        (gap,) = await store.gaps()
        assert gap.reason == "4006 invalid session id"
        assert gap.from_at is not None
        assert gap.to_at - gap.from_at == pytest.approx(60.0)


# --- the next process


async def test_f60_the_next_process_goes_on_with_what_was_not_done(tmp_path: Path) -> None:
    path = tmp_path / "inbox.sqlite3"
    async with desk(SqliteStore(path)) as first:
        first.put(READY, event(2), event(3), event(4))
        await first.plugins.have(4)
        first.plugins.open.pop(0)
        first.plugins.finish()
        await first.until(lambda: _counted(first.store, 2))

    async with desk(SqliteStore(path)) as second:
        past = second.inbox.past(0)
        second.put(event(5))
        await second.plugins.have(3)

    assert second.plugins.got == [2, 4, 5]
    assert past.session == GatewaySession("s-1", 4)
    assert past.lived_at is not None
    (restored,) = second.told(InboxRestored)
    assert (restored.events, restored.sessions, restored.unclean) == (2, 1, False)


async def test_what_a_plugin_left_waits_until_it_is_there_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "inbox.sqlite3"
    async with desk(SqliteStore(path)) as first:
        first.put(READY, event(2), event(3, name="OTHER"), event(4))
        await first.plugins.have(4)

    for _ in range(7):  # oftener than it would be tried
        async with desk(SqliteStore(path), look_every=0.01) as second:
            second.plugins.deaf_to = {"NEW_EVENT"}
            await second.until(lambda: _left(second.store, 2))
            await asyncio.sleep(0.03)  # some looks for what was revived
            second.inbox.shut()

            assert second.plugins.got in ([], [3])
            assert second.inbox.waiting == 2 + len(second.plugins.open)
            for _ in second.plugins.open[:]:
                second.plugins.finish()
            async with asyncio.timeout(5):
                await second.inbox.empty()

    async with desk(SqliteStore(path)) as third:
        await third.plugins.have(2)

        assert third.plugins.got == [2, 4]
        assert (await third.store.counts()).dead == 0
    assert "2 stored events left for a later start" in caplog.text


async def test_an_event_that_is_revived_for_a_plugin_that_is_not_there_waits(store: Store) -> None:
    async with desk_with_a_dead_event(store) as d:
        d.plugins.absent = {"weather"}
        await store.revive(None)
        await d.until(lambda: _left(store, 1))
        d.put(event(2))
        await d.plugins.have(2)

        assert d.plugins.got == [1, 2]
        assert (await store.counts()).waiting == 2


async def _left(store: Store, count: int) -> bool:
    return [one.error for one in await store.unfinished()].count(ABSENT) == count


async def test_revived_events_run_though_nothing_has_come_since_the_start(tmp_path: Path) -> None:
    path = tmp_path / "inbox.sqlite3"
    async with desk_with_a_dead_event(SqliteStore(path)):
        pass

    async with desk(SqliteStore(path), look_every=0.01) as second:
        await second.store.revive(None)
        await second.plugins.have(1)

        assert second.plugins.got == [1]


async def test_what_another_process_revives_is_found(tmp_path: Path) -> None:
    path = tmp_path / "inbox.sqlite3"
    async with desk_with_a_dead_event(SqliteStore(path)) as d:
        await asyncio.sleep(0.05)
        assert not await d.store.touched()
        async with SqliteStore(path, tool=True) as tool:
            await tool.revive(None)
        await d.plugins.have(2)

        assert d.plugins.got == [1, 1]


async def test_revived_events_do_not_wait_for_the_end_of_a_backlog(store: Store) -> None:
    async with desk(store, look_every=0.01, limit=4) as d:
        d.put(event(1))
        await d.plugins.have(1)
        d.plugins.finish(failing=True)
        await d.settled()
        d.put(*(event(number) for number in range(2, 12)))
        await d.plugins.have(5)
        await store.revive(None)
        d.plugins.finish()  # of four, so that there is room, but not enough to fetch more
        await d.plugins.have(6)

        assert d.plugins.got == [1, 2, 3, 4, 5, 1]


class SlowStore(MemoryStore):
    """Tells when it is asked to note what begins."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: Callable[[], None] = lambda: None

    async def write(self, batch: Batch) -> list[int | None]:
        rows = await super().write(batch)
        if batch.begun and not batch.events:
            self.asked()
        return rows

    async def unfinished(self, after: int = 0, limit: int = 256) -> list[StoredEvent]:
        events = await super().unfinished(after, limit)
        self.asked()
        return events


@pytest.mark.parametrize("again", [False, True], ids=["first run", "second run"])
async def test_nothing_is_handed_out_once_the_inbox_is_shut(again: bool) -> None:
    store = SlowStore()
    async with desk(store, limit=1) as first:
        first.put(event(1), event(2))
        await first.plugins.have(1)
        await first.until(lambda: _counted(store, 2))
        if again:
            first.plugins.finish()
            await first.plugins.have(2)

    async with desk(store) as second:
        store.asked = second.inbox.shut
        await asyncio.sleep(0.1)

        assert second.plugins.got == []
        async with asyncio.timeout(5):
            await second.inbox.empty()


@pytest.mark.parametrize(
    ("identity", "reason"),
    [
        (Identity(2, 512, "ws://here"), "the number of shards has changed"),
        (Identity(1, 1, "ws://here"), "the intents have changed"),
    ],
    ids=["shards", "intents"],
)
async def test_a_session_that_was_started_otherwise_is_not_resumed(
    identity: Identity, reason: str, tmp_path: Path
) -> None:
    path = tmp_path / "other.sqlite3"
    async with desk(SqliteStore(path)) as first:
        first.put(READY, event(2))
        await first.plugins.have(2)

    async with desk(SqliteStore(path)) as second:
        second.inbox.identify(identity)
        past = second.inbox.past(0)

    assert (past.session, past.reason) == (None, reason)


async def test_a_crash_between_the_end_of_a_session_and_the_next_one_does_not_hide_the_gap(
    tmp_path: Path,
) -> None:
    path = tmp_path / "inbox.sqlite3"
    async with desk(SqliteStore(path)) as first:
        first.put(READY, event(2))
        await first.plugins.have(2)
        first.inbox.forget(0)

        async def ended() -> bool:
            return not [one for one in await first.store.sessions() if one.session_id]

        await first.until(ended)

    async with desk(SqliteStore(path)) as second:
        past = second.inbox.past(0)
        assert past.session is None
        assert past.lived_at is not None
        assert past.reason == "the session had ended before the restart"
        assert not [fact for fact in second.told(InboxRestored) if fact.sessions]


async def test_a_session_that_was_forgotten_does_not_come_back(tmp_path: Path) -> None:
    path = tmp_path / "inbox.sqlite3"
    async with desk(SqliteStore(path)) as first:
        first.put(READY, event(2))
        await first.plugins.have(2)
        first.put(event(3))
        first.inbox.forget(0)
        await first.plugins.have(3)

    async with desk(SqliteStore(path)) as second:
        assert second.inbox.past(0).session is None


async def test_after_shutting_what_comes_is_stored_and_what_runs_may_end(store: Store) -> None:
    async with desk(store) as d:
        d.put(event(1))
        await d.plugins.have(1)
        d.inbox.shut()
        d.put(event(2))
        ended = asyncio.ensure_future(d.inbox.empty())
        await d.until(lambda: _counted(store, 2))
        assert not ended.done()

        d.plugins.finish()
        async with asyncio.timeout(20):
            await ended
        assert d.plugins.got == [1]
        assert (await store.counts()).waiting == 1


async def left_by_a_crash(tmp_path: Path, count: int) -> SqliteStore:
    """The store of a process that died with *count* events in the hands of its plugins."""
    folder = tmp_path / "first"
    folder.mkdir()
    async with desk(SqliteStore(folder / "inbox.sqlite3")) as first:
        first.put(READY, *(event(number) for number in range(2, count + 2)))
        await first.plugins.have(count + 1)
        copy = shutil.copytree(folder, tmp_path / "crashed", ignore=shutil.ignore_patterns("*-shm"))
    return SqliteStore(copy / "inbox.sqlite3")


async def left_by_two_crashes(tmp_path: Path) -> SqliteStore:
    """The store of a process that died with 16 of 20 events that had begun in one that died before."""
    async with desk(await left_by_a_crash(tmp_path, 20)) as second:
        await second.plugins.have(16)
        copy = shutil.copytree(
            tmp_path / "crashed", tmp_path / "again", ignore=shutil.ignore_patterns("*-shm")
        )
    return SqliteStore(copy / "inbox.sqlite3")


async def test_after_a_crash_one_slow_event_does_not_hold_all_others_up(tmp_path: Path) -> None:
    crashed = await left_by_a_crash(tmp_path, 60)

    async with desk(crashed) as d:
        await d.plugins.have(1)
        slow = d.plugins.open.pop(0)
        for finished in range(59):
            await d.plugins.have(finished + 2)
            assert len(d.plugins.open) <= 15
            d.plugins.finish()
        d.inbox.done(slow)
        await d.settled()

        assert d.plugins.got == list(range(2, 62))


async def test_after_two_crashes_what_ran_in_the_first_runs_alone(tmp_path: Path) -> None:
    async with desk(await left_by_two_crashes(tmp_path)) as third:
        for ran in range(1, 17):
            await third.plugins.have(ran)
            await asyncio.sleep(0.01)
            assert len(third.plugins.open) == 1
            third.plugins.finish()
        await third.plugins.have(20)

        assert len(third.plugins.open) == 4


async def test_f58_what_ends_after_the_pumps_is_stored_as_done(store: Store) -> None:
    async with desk(store) as d:
        d.put(event(1))
        await d.plugins.have(1)
        d.pump.cancel()
        await asyncio.wait((d.pump,))

        d.plugins.finish()
        await d.inbox.close()
        assert await store.counts() == Counts(waiting=0, dead=0, done=1, gaps=0)


async def test_f22_a_gap_is_stored_before_the_session_that_begins_with_it(store: Store) -> None:
    written: list[str] = []
    write, add_gap = store.write, store.add_gap

    async def noted_write(batch: Batch) -> list[int | None]:
        written.extend(one.session_id for one in batch.sessions)
        return await write(batch)

    async def noted_gap(gap: Gap) -> None:
        written.append("gap")
        await add_gap(gap)

    async with desk(store) as d:
        store.write, store.add_gap = noted_write, noted_gap  # type: ignore[method-assign]
        d.put(READY)
        d.inbox.note_gap(GapRecorded(0, "session is not valid any more", 1.0))
        await d.plugins.have(1)

    assert written == ["gap", "s-1"]


async def test_f76_what_waits_for_another_try_after_a_crash_holds_nobody_up(tmp_path: Path) -> None:
    crashed = await left_by_a_crash(tmp_path, 40)

    async with desk(crashed) as d:
        await d.plugins.have(16)
        for session in d.plugins.open:
            d.inbox.failed(session, "weather", "ConnectionError: nobody answers")
        await d.plugins.have(32)
        again = d.plugins.open[0]
        await d.inbox.again(again)
        for session in d.plugins.open[16:]:
            d.inbox.failed(session, "weather", "ConnectionError: nobody answers")
        await d.plugins.have(40)
        assert sum(one.running for one in await d.store.unfinished()) == 9
        while d.plugins.open:
            d.plugins.finish()
        await d.settled()


async def test_f76_a_suspect_that_failed_without_a_crash_lets_the_next_run(tmp_path: Path) -> None:
    async with desk(await left_by_two_crashes(tmp_path)) as third:
        for ran in range(1, 17):
            await third.plugins.have(ran)
            await asyncio.sleep(0.01)
            assert len(third.plugins.got) == ran
            third.inbox.failed(third.plugins.open[-1], "weather", "ConnectionError: nobody answers")
        await third.plugins.have(20)


async def test_what_is_revived_before_its_turn_keeps_the_order(tmp_path: Path) -> None:
    crashed = await left_by_a_crash(tmp_path, 5)
    async with SqliteStore(crashed.path, tool=True) as tool:
        await tool.write(Batch(dead=[DeadLetter(3, "on purpose", ("weather",))]))

    async with desk(crashed, limit=1) as d:
        await d.plugins.have(1)
        async with SqliteStore(crashed.path, tool=True) as tool:
            assert await tool.revive([3]) == 1
        d.put(event(9))
        for ran in range(1, 7):
            await d.plugins.have(ran)
            d.plugins.finish()
        await d.settled()

        assert d.plugins.got == [2, 3, 4, 5, 6, 9]


async def test_resharding_makes_gaps_since_the_old_sessions_were_heard_last(store: Store) -> None:
    now = 1_000_000.0
    async with desk(store, wall=lambda: now) as d:
        d.put(READY, event(2))
        await d.plugins.have(2)
        d.inbox.forget(0)
        d.inbox.identify(Identity(2, 512, "ws://here"))
        first, second = d.inbox.past(0), d.inbox.past(1)

        assert first.session is None
        assert first.reason == "the number of shards has changed"
        assert first.lived_at == pytest.approx(asyncio.get_running_loop().time(), abs=10)
        assert (second.lived_at, second.reason) == (None, "")
