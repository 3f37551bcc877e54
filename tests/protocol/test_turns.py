"""Who comes next: callers take turns, their conversations do, and nobody waits longer than was said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qqbot_cli.model.rate import Rate
from qqbot_cli.protocol.ratelimit import RateLimiter, Turn
from qqbot_cli.protocol.turns import Turns

WAITING = st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("xyz")), max_size=30)


def served(turns: Turns[str]) -> list[str]:
    order = []
    while turns:
        order.append(turns.next())
    return order


def test_f72_a_plugin_that_floods_many_conversations_delays_another_by_one_turn() -> None:
    turns: Turns[str] = Turns()
    for number in range(100):
        turns.add("flood", f"group {number}", f"flood {number}")
    assert turns.before("quiet", "group 7") == 1
    turns.add("quiet", "group 7", "quiet")

    assert served(turns)[:3] == ["flood 0", "quiet", "flood 1"]


def test_within_a_plugin_conversations_take_turns() -> None:
    turns: Turns[str] = Turns()
    for number in range(3):
        turns.add("one", "loud", f"loud {number}")
    turns.add("one", "still", "still")

    assert served(turns) == ["loud 0", "still", "loud 1", "loud 2"]


@given(WAITING, st.sampled_from("ABC"), st.sampled_from("wxyz"))
def test_nobody_comes_later_than_was_said(waiting: list[tuple[str, str]], caller: str, target: str) -> None:
    turns: Turns[object] = Turns()
    for who, where in waiting:
        turns.add(who, where, (who, where))
    most = turns.before(caller, target)
    turns.add(caller, target, "new")

    order = []
    while turns:
        order.append(turns.next())
    assert order.index("new") <= most
    assert len(order) == len(waiting) + 1


@given(WAITING, st.data())
def test_one_who_leaves_is_not_served_and_the_others_are(
    waiting: list[tuple[str, str]], data: st.DataObject
) -> None:
    turns: Turns[int] = Turns()
    for number, (who, where) in enumerate(waiting):
        turns.add(who, where, number)
    leaving = data.draw(st.sets(st.sampled_from(range(len(waiting)))) if waiting else st.just(set[int]()))
    for number in leaving:
        turns.remove(*waiting[number], number)

    order = []
    while turns:
        order.append(turns.next())
    assert sorted(order) == [number for number in range(len(waiting)) if number not in leaving]


def test_f72_a_limit_of_the_whole_bot_is_shared_by_plugins_in_turn() -> None:
    limiter, rate, key = RateLimiter(), Rate(1, 0.2), ("send", "")
    asked = [limiter.ask(key, rate, f"g{n}", caller="flood", now=0.0) for n in range(100)]
    quiet = limiter.ask(key, rate, "g", caller="quiet", now=0.0)

    assert asked[0] is None
    assert isinstance(quiet, Turn)
    first = [turn for step in range(1, 4) for turn in limiter.grant(now=step * 0.3)]
    assert [turn.caller for turn in first] == ["flood", "quiet", "flood"]
    assert first[1] is quiet
