"""The timetable that toxics make of a stream: exact values, no sockets."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from qqbot_cli.simulator.toxic import (
    Bandwidth,
    Blackhole,
    Course,
    Ending,
    Hang,
    Latency,
    Limit,
    Piece,
    Refuse,
    Rst,
    Slice,
    SlowClose,
    Toxic,
)

DATA = b"0123456789"


def course(seed: int = 1) -> Course:
    return Course(random.Random(seed))


def test_without_toxics_everything_passes_at_once() -> None:
    assert course().take(DATA, (), now=3) == [Piece(3, DATA)]


def test_latency_moves_everything_and_slows_nothing_down() -> None:
    way = course()

    assert way.take(b"a", [Latency(2)], now=0) == [Piece(2, b"a")]
    assert way.take(b"b", [Latency(2)], now=0.1) == [Piece(2.1, b"b")]


def test_what_is_read_later_never_overtakes() -> None:
    way = course()
    way.take(b"a", [Latency(2)], now=0)

    assert way.take(b"b", (), now=0.5) == [Piece(2, b"b")]


def test_jitter_stays_within_its_bounds_and_follows_the_seed() -> None:
    def dues(seed: int) -> list[float]:
        # Far enough apart that none waits for the one before.
        way = course(seed)
        return [way.take(b"a", [Latency(1, jitter=0.3)], now=10 * n)[0].due - 10 * n for n in range(50)]

    assert all(0.7 <= due <= 1.3 for due in dues(1))
    assert max(dues(1)) - min(dues(1)) > 0.3
    assert dues(1) == dues(1) != dues(2)


def test_bandwidth_is_kept_over_several_reads() -> None:
    way = course()
    pieces = [piece for _ in range(3) for piece in way.take(bytes(100), [Bandwidth(100)], now=0)]

    assert round(pieces[-1].due, 9) == 3
    assert {len(piece.data) for piece in pieces} == {5}


def test_slices_are_as_long_and_as_far_apart_as_asked_for() -> None:
    pieces = course().take(DATA, [Slice(4, delay=0.5)], now=0)

    assert pieces == [Piece(0, b"0123"), Piece(0.5, b"4567"), Piece(1, b"89")]


def test_a_limit_cuts_what_is_beyond_it_and_closes() -> None:
    way = course()
    way.take(DATA, (), now=0)
    way.arm(Limit(4))

    assert way.take(DATA, (), now=1) == [Piece(1, b"0123")]
    assert way.ending is Ending.CLOSE
    assert way.take(DATA, (), now=2) == []


def test_the_nearest_of_several_ends_counts() -> None:
    way = course()
    for toxic in (Limit(7), Rst(3), Rst(5)):
        way.arm(toxic)

    assert way.take(DATA, (), now=0) == [Piece(0, b"012")]
    assert way.ending is Ending.RESET


def test_a_slow_close_comes_after_the_last_byte() -> None:
    way = course()
    way.take(DATA, [Latency(2)], now=0)

    assert way.end_due([SlowClose(3)], now=1) == 5


TOXICS: st.SearchStrategy[Toxic] = st.one_of(
    st.builds(Latency, st.floats(0, 2), st.floats(0, 3)),
    st.builds(Bandwidth, st.floats(1, 10_000)),
    st.builds(Slice, st.integers(1, 50), st.floats(0, 1), st.integers(0, 60)),
    st.sampled_from([Blackhole(), SlowClose(1), Refuse(), Hang()]),
)


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=300), TOXICS, TOXICS), max_size=6))
def test_toxics_lose_nothing_and_keep_the_order(reads: list[tuple[bytes, Toxic, Toxic]]) -> None:
    way = course()
    pieces = [
        piece for now, (data, *toxics) in enumerate(reads) for piece in way.take(data, toxics, now=float(now))
    ]

    assert b"".join(piece.data for piece in pieces) == b"".join(data for data, *_ in reads)
    assert [piece.due for piece in pieces] == sorted(piece.due for piece in pieces)
