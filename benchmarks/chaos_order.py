"""Whether every conversation was handled in its order, also across kills and further tries. Pure.

One event of a conversation at a time, in the order in which the platform sent them, none before the earlier
ones are done or given up. So these are fine:

* A run that fails or is killed ends nothing: the same event begins again, and the next one waits.
* What was done just before a kill may run once more, and so may what followed it, in the same order again.
* What was given up lets the next begin, from its last run on. It does not come back: nobody revives it here.
* Events that a fault let the platform send in reverse may change places among themselves, not with others.

Other conversations do not matter, and the history is that of one plugin, which waits for no other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from benchmarks.chaos_plan import SHARDS, Deed
from benchmarks.chaos_witness import Line
from qqbot_cli.simulator import Emitted, Record, Resumed


def out_of_order(
    lines: Sequence[Line],
    emitted: Iterable[Emitted],
    *,
    given_up: Collection[str],
    reversed_groups: Sequence[AbstractSet[str]] = (),
) -> list[str]:
    """Return one sentence for each run that began out of turn."""
    order: dict[str, int] = {}
    for number, one in enumerate(emitted):
        order.setdefault(one.id, number)
    known = [line for line in lines if line.event_id in order]
    ends = {line.event_id: index for index, line in enumerate(known) if line.verb == "begin"}
    turns = _Turns(order, {id_: ends[id_] for id_ in given_up if id_ in ends}, reversed_groups)
    conversations: dict[str, _Conversation] = {}
    places = {line.event_id: line.place for line in known}
    for id_, place in sorted(places.items(), key=lambda item: order[item[0]]):
        conversations.setdefault(place, _Conversation()).unfinished.append(id_)
    wrong: list[str] = []
    for index, line in enumerate(known):
        conversation = conversations[line.place]
        if line.verb == "begin":
            wrong += turns.begin(conversation, line, index)
        else:
            conversation.end(line)
    return wrong


def reversed_by_platform(
    timeline: Iterable[tuple[float, Record]], deeds: Iterable[tuple[float, Deed]]
) -> list[AbstractSet[str]]:
    """Return which events the platform may have sent in reverse: those that came after such a fault."""
    told: list[tuple[float, Record | Deed]] = [*deeds, *timeline]
    told.sort(key=lambda one: (one[0], isinstance(one[1], Emitted)))
    return [group for shard in range(SHARDS) for group in _groups((one for _, one in told), shard)]


def _groups(told: Iterable[Record | Deed], shard: int) -> Iterator[AbstractSet[str]]:
    left = again = 0
    group: set[str] = set()
    for one in told:
        match one:
            case Deed(kind="reorder") if one.shard in (None, shard):
                left = again = int(one.amount)  # what is held back already stays so
            case Resumed(_, (index, _)) if again and index == shard:
                # It may have met a connection without a session: what came meanwhile is replayed in order.
                left, again = again, 0
            case Emitted(_, _, id_, (index, _)) if left and index == shard and id_ not in group:
                group.add(id_)
                left -= 1
                if not left:
                    yield group
                    group = set()
    if group:
        yield group


@dataclass(slots=True)
class _Conversation:
    """How far one conversation is."""

    unfinished: list[str] = field(default_factory=list)
    """What was neither done nor given up, in the order of sending."""
    process: int = 0
    """Which handled something here last; the next begins anew."""
    running: str = ""
    """What it has begun, while neither done nor failed."""
    furthest: str = ""
    """The last in the order of sending that it has begun."""

    def end(self, line: Line) -> None:
        """A run ended with *line*: after a failure its event is not finished."""
        if line.verb == "done" and line.event_id in self.unfinished:
            self.unfinished.remove(line.event_id)
        if self.running == line.event_id:
            self.running = ""


class _Turns:
    """Whose turn it is."""

    def __init__(
        self, order: dict[str, int], given_up: dict[str, int], reversed_groups: Sequence[AbstractSet[str]]
    ) -> None:
        """*order* is that of sending; *given_up* says in which line a run began for the last time."""
        self._order = order
        self._given_up = given_up
        self._group = {id_: number for number, group in enumerate(reversed_groups) for id_ in group}

    def begin(self, conversation: _Conversation, line: Line, index: int) -> Iterator[str]:
        """Take note that a run began with the line of that *index*; yield what is wrong with it."""
        event_id = line.event_id
        if line.pid != conversation.process:
            conversation.process, conversation.running, conversation.furthest = line.pid, "", ""
        running, furthest = conversation.running, conversation.furthest
        earlier = self._earlier(conversation, event_id, index)
        if running and running != event_id and not self._is_over(running, index):
            yield f"{event_id} began while {running} ran"
        elif earlier:
            yield f"{event_id} began before {earlier} was done, which was sent earlier"
        elif furthest and self._precedes(event_id, furthest) and event_id not in conversation.unfinished:
            yield f"{event_id} began again after {furthest}, which was sent later"
        conversation.running = event_id
        if not furthest or self._order[event_id] > self._order[furthest]:
            conversation.furthest = event_id

    def _earlier(self, conversation: _Conversation, event_id: str, index: int) -> str:
        """Return what has to be done before *event_id* may begin; empty if nothing has."""
        for id_ in conversation.unfinished:
            if self._order[id_] >= self._order[event_id]:
                break
            if self._precedes(id_, event_id) and not self._is_over(id_, index):
                return id_
        return ""

    def _is_over(self, event_id: str, index: int) -> bool:
        """Whether an event that was given up had its last run before the line of that *index*."""
        return self._given_up.get(event_id, index) < index

    def _precedes(self, first: str, second: str) -> bool:
        """Whether *first* was sent before *second*, and came so."""
        if self._order[first] >= self._order[second]:
            return False
        return first not in self._group or self._group.get(second) != self._group[first]
