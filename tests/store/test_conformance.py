"""What every store promises; a new one only needs a row in `stores.BENCHES`."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence

import msgspec
import pytest

from qqbot_cli.model.inbox import (
    EVERY_ROW,
    Batch,
    Counts,
    DeadLetter,
    Failure,
    Gap,
    Pruned,
    Received,
    Retention,
    SavedSession,
    State,
    Store,
    StoredEvent,
)
from tests.store.stores import NOW, Bench, event, session


async def put(store: Store, *events: Received) -> list[int]:
    """Store *events*, which are new, and return their rows."""
    rows = [row for row in await store.write(Batch(events)) if row is not None]
    assert len(rows) == len(events)
    return rows


async def kill(store: Store, *rows: int, plugins: tuple[str, ...] = ("echo",)) -> None:
    await store.write(Batch(dead=[DeadLetter(row, "ValueError: no", plugins) for row in rows]))


def rows_of(events: Sequence[StoredEvent]) -> list[int]:
    return [one.row for one in events]


# --- events


async def test_a_new_event_is_in_its_first_attempt_and_keeps_all_its_fields(bench: Bench) -> None:
    received = Received(3, "C2C_MESSAGE_CREATE", "C2C:1", "m-1 \u4f60\u597d", b'{"id":"\xff\x00"}', NOW - 1)

    async with bench.open() as store:
        (row,) = await put(store, received)

        (kept,) = await store.unfinished()
    assert kept == StoredEvent(row, received, 1, 0, State.WAITING, False, "", (), NOW)


async def test_rows_grow_and_are_never_given_twice(bench: Bench) -> None:
    async with bench.open() as store:
        first = await put(store, event("a"), event("b"))
        await store.write(Batch(done=first))
        second = await put(store, event("c"))
        await kill(store, *second)
        await store.drop(None)
        third = await put(store, event("d"))

    rows = first + second + third
    assert rows == sorted(set(rows))


async def test_a_repetition_has_no_row_whatever_became_of_the_first(bench: Bench) -> None:
    async with bench.open() as store:
        done, dead, dropped, _ = await put(store, event("a"), event("b"), event("c"), event("d"))
        await store.write(Batch(done=[done]))
        await kill(store, dead, dropped)
        await store.drop([dropped])

        rows = await store.write(
            Batch([event("a"), event("b"), event("c"), event("d"), event("e"), event("e")])
        )
        assert [row is None for row in rows] == [True, True, True, True, False, True]


async def test_events_without_a_key_are_never_repetitions(bench: Bench) -> None:
    async with bench.open() as store:
        await put(store, event(""), event(""))
        await put(store, event(""))

        assert (await store.counts()).waiting == 3


async def test_keys_differ_in_any_character(bench: Bench) -> None:
    keys = ["a", "A", "a ", "a\x00", "a\x00b", "ä", "a\u0308"]

    async with bench.open() as store:
        await put(store, *map(event, keys))


@pytest.mark.parametrize("number", [0, 1, 3, 4, 63, 64, 65, 300])
async def test_a_batch_may_have_any_size(bench: Bench, number: int) -> None:
    events = [event(f"k-{index}", body=b"%d" % index, seq=index) for index in range(number)]

    async with bench.open() as store:
        rows = await put(store, *events)
        kept = await store.unfinished(limit=1000)
        assert [(one.row, one.received) for one in kept] == list(zip(rows, events, strict=True))
        await store.write(Batch(done=rows))

        assert await store.counts() == Counts(waiting=0, dead=0, done=number, gaps=0)


async def test_unfinished_events_come_page_by_page_in_the_order_of_their_rows(bench: Bench) -> None:
    async with bench.open() as store:
        rows = await put(store, *(event(f"{index}") for index in range(5)))
        await store.write(Batch(done=[rows[1]]))
        await kill(store, rows[2], rows[0])
        await store.revive([rows[2]])

        assert rows_of(await store.unfinished(limit=2)) == [rows[2], rows[3]]
        assert rows_of(await store.unfinished(after=rows[3])) == [rows[4]]


async def test_what_is_done_counts_once_and_is_gone(bench: Bench) -> None:
    async with bench.open() as store:
        rows = await put(store, event("a"), event("b"))
        await store.write(Batch(done=[rows[0], rows[0], 999]))
        await store.write(Batch(done=[rows[0]]))

        assert rows_of(await store.unfinished()) == [rows[1]]
        assert (await store.counts()).done == 1


async def test_a_failed_run_waits_for_the_plugins_that_failed(bench: Bench) -> None:
    async with bench.open() as store:
        (row,) = await put(store, event("a"))
        bench.clock.now += 5
        await store.write(Batch(failed=[Failure(row, "boom", ("echo", "weather"))]))
        (failed,) = await store.unfinished()
        await store.start([row])

        (again,) = await store.unfinished()
    assert (failed.running, failed.attempts, failed.error) == (False, 1, "boom")
    assert (failed.plugins, failed.changed_at) == (("echo", "weather"), NOW + 5)
    assert (again.running, again.attempts, again.plugins) == (True, 2, ("echo", "weather"))


async def test_starting_what_does_not_wait_changes_nothing(bench: Bench) -> None:
    async with bench.open() as store:
        done, dead = await put(store, event("a"), event("b"))
        await store.write(Batch(done=[done]))
        await kill(store, dead)
        before = await store.list_events(State.DEAD)

        await store.start([done, dead, 999])

        assert await store.list_events(State.DEAD) == before
        assert await store.unfinished() == []


@pytest.mark.parametrize(
    ("begun", "known"), [((), 0), ((1,), 1), ((2, 1), 2), ((EVERY_ROW,), 3), ((99,), 3)], ids=str
)
async def test_how_far_events_have_begun_never_decreases(
    bench: Bench, begun: Sequence[int], known: int
) -> None:
    async with bench.open() as store:
        await store.write(Batch([event("a"), event("b"), event("c")], begun=begun[0] if begun else 0))
        for row in begun[1:]:
            await store.write(Batch(begun=row))

        assert (await store.recover(NOW)).begun == known


async def test_a_batch_begins_with_what_is_before_it(bench: Bench) -> None:
    async with bench.open() as store:
        await put(store, event("a"))
        await store.write(Batch([event("b"), event("b")], begun=EVERY_ROW))
        await put(store, event("c"))

        assert (await store.recover(NOW)).begun == 2


async def test_a_dead_event_tells_why_and_who_failed_it(bench: Bench) -> None:
    async with bench.open() as store:
        (row,) = await put(store, event("a", body=b"[1]"))
        await kill(store, row, plugins=("echo", "weather"))

        (dead,) = await store.list_events(State.DEAD)
        counts = await store.counts()
    assert (dead.state, dead.running, dead.error) == (State.DEAD, False, "ValueError: no")
    assert (dead.plugins, dead.received.body) == (("echo", "weather"), b"[1]")
    assert (counts.waiting, counts.dead, counts.done) == (0, 1, 0)


async def test_an_error_of_any_characters_can_be_kept(bench: Bench) -> None:
    async with bench.open() as store:
        (row,) = await put(store, event("a"))

        await store.write(Batch(dead=[DeadLetter(row, "half \ud800 a character", ("p\ud800",))]))

        assert (await store.counts()).dead == 1


async def test_a_revived_event_waits_for_its_plugins_as_if_it_never_ran(bench: Bench) -> None:
    async with bench.open() as store:
        first, second = await put(store, event("a"), event("b"))
        await kill(store, first, second)
        revived = await store.revive([second, second, 999])
        (event_b,) = await store.unfinished()

        assert revived == 1
        assert (event_b.attempts, event_b.crashes, event_b.error) == (0, 0, "")
        assert (event_b.running, event_b.plugins) == (False, ("echo",))
        assert rows_of(await store.list_events(State.DEAD)) == [first]
        assert await store.revive(None) == 1
        assert rows_of(await store.unfinished()) == [first, second]


async def test_only_so_many_dead_events_are_kept(bench: Bench) -> None:
    async with bench.open(retention=Retention(dead=2)) as store:
        rows = await put(store, *(event(f"{index}") for index in range(4)))
        await kill(store, *rows)

        assert await store.prune(NOW) == Pruned(keys=0, dead=2)
        assert rows_of(await store.list_events(State.DEAD)) == rows[2:]
        await kill(store, *await put(store, event("another")))
        assert (await store.compact(NOW)).dead == 1
        assert await store.prune(NOW) == Pruned(keys=0, dead=0)


async def test_dead_events_are_dropped_by_row_or_all(bench: Bench) -> None:
    async with bench.open() as store:
        rows = await put(store, *(event(f"{index}") for index in range(4)))
        await kill(store, *rows[:3])

        assert await store.drop([rows[0], rows[0], rows[3], 999]) == 1
        assert rows_of(await store.list_events(State.DEAD, limit=1)) == [rows[1]]
        assert rows_of(await store.list_events(State.DEAD, after=rows[1])) == [rows[2]]
        assert await store.drop(None) == 2
        assert await store.counts() == Counts(waiting=1, dead=0, done=0, gaps=0)


# --- sessions


async def test_the_sequence_number_of_a_session_never_decreases(bench: Bench) -> None:
    async with bench.open() as store:
        await store.write(Batch(sessions=[session(7)]))
        await store.write(Batch(sessions=[session(5, saved_at=NOW + 1)]))
        await store.write(Batch(sessions=[session(2, shard=1), session(3, shard=1)]))

        assert await store.sessions() == [session(7, saved_at=NOW + 1), session(3, shard=1)]


async def test_another_session_begins_anew(bench: Bench) -> None:
    fresh = SavedSession(0, 4, "s-2", 1, "wss://elsewhere", NOW + 9, NOW + 9)

    async with bench.open() as store:
        await store.write(Batch(sessions=[session(7)]))
        await store.write(Batch(sessions=[fresh]))

        assert await store.sessions() == [fresh]


async def test_who_asks_is_told_once_that_events_were_revived_or_dropped(bench: Bench) -> None:
    async with bench.open() as store:
        rows = await put(store, event("a"), event("b"))
        assert await store.touched()
        await store.write(Batch(dead=[DeadLetter(row, "no", ()) for row in rows]))
        assert not await store.touched()

        await store.revive(rows[:1])
        assert await store.touched()
        await store.drop(rows[1:])
        assert await store.touched()
        assert not await store.touched()


# --- gaps, keys, space


async def test_gaps_are_told_newest_first_and_only_the_newest_are_kept(bench: Bench) -> None:
    gaps = [
        Gap(index, None if index % 2 else NOW - 9, NOW + index, "4903 \u4f1a\u8bdd") for index in range(5)
    ]

    async with bench.open(Retention(gaps=3)) as store:
        for gap in gaps:
            await store.add_gap(gap)

        assert await store.gaps() == [gaps[4], gaps[3], gaps[2]]
        assert await store.gaps(limit=1) == [gaps[4]]
        assert (await store.counts()).gaps == 3


async def test_keys_are_forgotten_when_they_are_too_old(bench: Bench) -> None:
    async with bench.open(Retention(seen_for=100.0)) as store:
        await put(store, event("a", at=NOW - 101))
        await put(store, event("b", at=NOW - 100))

        assert (await store.prune(NOW)).keys == 1
        assert (await store.prune(NOW)).keys == 0
        again = await store.write(Batch([event("a"), event("b")]))
        assert [row is None for row in again] == [False, True]
        assert (await store.counts()).waiting == 3


async def test_keys_are_forgotten_when_there_are_too_many(bench: Bench) -> None:
    async with bench.open(Retention(seen_count=10)) as store:
        for index in range(15):
            await store.write(Batch(done=await put(store, event(f"{index}"))))

        assert (await store.prune(NOW)).keys == 5
        again = await store.write(Batch([event("4"), event("5"), event("14")]))
        assert [row is None for row in again] == [False, True, True]
        assert (await store.counts()).done == 15


async def test_compacting_forgets_what_is_too_old_and_keeps_the_rest(bench: Bench) -> None:
    async with bench.open(Retention(seen_for=100.0)) as store:
        rows = await put(store, *(event(f"{index}", body=b"x" * 5000) for index in range(100)))
        await store.write(Batch(done=rows[:99]))

        assert (await store.compact(NOW + 101)).freed >= (99 * 5000 if bench.durable else 0)

        assert rows_of(await store.unfinished()) == [rows[99]]
        await put(store, event("0"))


# --- ends and beginnings


async def test_f58_orderly_ends_give_nothing_up_however_many_there_are(durable: Bench) -> None:
    async with durable.open() as store:
        (row,) = await put(store, event("a"))

    for _ in range(6):
        async with durable.open() as store:
            assert (await store.recover(NOW)).dead == 0
            await store.start([row])  # and then it only waits for its plugin
    async with durable.open() as store:
        (kept,) = await store.unfinished()
    assert (kept.attempts, kept.crashes) == (1, 0)


async def test_f58_an_orderly_end_takes_back_a_first_run_that_has_not_failed(durable: Bench) -> None:
    async with durable.open() as store:
        begun = await store.write(Batch([event("a"), event("b")], begun=EVERY_ROW))
        await put(store, event("c"))  # has not begun
        assert begun[1] is not None
        await store.write(Batch(failed=[Failure(begun[1], "boom", ("echo",))]))

    for _ in range(2):
        async with durable.open() as store:
            assert [kept.attempts for kept in await store.unfinished()] == [0, 1, 1]


async def test_after_an_orderly_end_nothing_runs_and_nothing_crashed(durable: Bench) -> None:
    async with durable.open() as store:
        assert not store.unclean
        rows = await put(store, event("a"), event("b"))
        await store.write(Batch(sessions=[session(2)], done=rows[:1]))
        await store.add_gap(Gap(0, None, NOW, "new"))

    async with durable.open() as store:
        assert not store.unclean
        assert (await store.recover(NOW)).dead == 0
        (kept,) = await store.unfinished()
        assert (kept.row, kept.running, kept.attempts, kept.crashes) == (rows[1], False, 1, 0)
        assert await store.sessions() == [session(2)]
        assert await store.counts() == Counts(waiting=1, dead=0, done=1, gaps=1)
        assert await store.write(Batch([event("a"), event("b")])) == [None, None]


async def test_f60_after_a_kill_everything_that_was_answered_is_there(durable: Bench) -> None:
    async with durable.open() as store:
        rows = await put(store, event("a"), event("b"), event("c"))
        await store.start(rows[:2])
        await store.write(Batch(sessions=[session(3)], failed=[Failure(rows[0], "boom", ("echo",))]))
        durable.crash()

    async with durable.open() as store:
        assert store.unclean
        assert (await store.recover(NOW)).dead == 0
        kept = await store.unfinished()
        assert [(one.row, one.crashes, one.running) for one in kept] == [
            (rows[0], 0, False),  # it had failed and did not run
            (rows[1], 1, False),
            (rows[2], 0, False),  # nobody knows whether its first run had begun
        ]
        assert await store.sessions() == [session(3)]


async def test_f76_an_event_that_kills_the_process_twice_is_dead_and_no_other_is(durable: Bench) -> None:
    async with durable.open() as store:
        harmless, poison = await put(store, event("a"), event("b"))
        durable.crash()
    for _ in range(2):
        async with durable.open() as store:
            assert (await store.recover(NOW)).dead == 0
            await store.start([poison])
            durable.crash()

    async with durable.open() as store:
        assert (await store.recover(NOW + 1)).dead == 1
        assert rows_of(await store.unfinished()) == [harmless]
        (dead,) = await store.list_events(State.DEAD)
    assert (dead.row, dead.attempts, dead.crashes, dead.changed_at) == (poison, 3, 2, NOW + 1)
    assert dead.error == "began 3 times, the process died in 2 of them"


async def test_f76_an_event_that_began_too_often_is_dead(bench: Bench) -> None:
    async with bench.open(Retention(attempts=3, crashes=9)) as store:
        often, once = await put(store, event("a"), event("b"))
        await store.write(Batch(failed=[Failure(often, "boom", ("echo",))]))
        await store.start([often])
        await store.start([often])

        assert (await store.recover(NOW)).dead == 1
        (dead,) = await store.list_events(State.DEAD)
        assert (dead.row, dead.plugins) == (often, ("echo",))
        assert dead.error == "began 3 times, the process died in 1 of them; before that: boom"
        assert rows_of(await store.unfinished()) == [once]


# --- together


async def test_many_may_ask_at_once_and_each_gets_its_own_answer(bench: Bench) -> None:
    async with bench.open() as store:
        answers = await asyncio.gather(
            *(store.write(Batch([event(f"{index}"), event("same")])) for index in range(50))
        )

        assert [rows[0] is None for rows in answers] == [False] * 50
        assert [rows[1] is None for rows in answers] == [False] + [True] * 49
        assert (await store.counts()).waiting == 51


async def test_what_cannot_be_stored_hurts_nobody_else(bench: Bench) -> None:
    impossible = msgspec.structs.replace(event("bad"), body=math)  # a mistake of the caller

    async with bench.open() as store:
        answers = await asyncio.gather(
            *(store.write(Batch([one])) for one in (event("a"), impossible, event("b"))),
            return_exceptions=True,
        )

        assert [isinstance(answer, list) for answer in answers][::2] == [True, True]
        assert len(await store.unfinished()) == 2 + isinstance(answers[1], list)
