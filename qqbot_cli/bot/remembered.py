"""The gateway sessions of a bot across its processes: what can be resumed, and what is to be stored.

No I/O: the inbox loads and stores, this says what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from qqbot_cli.bot.arrival import Arrival
from qqbot_cli.bot.manager import Identity
from qqbot_cli.model.inbox import SavedSession
from qqbot_cli.protocol.action import GatewaySession
from qqbot_cli.protocol.past import Past
from qqbot_cli.protocol.sequence import Sequence as Positions


class RememberedSessions:
    """What is known about the session of each shard."""

    def __init__(self, *, clock: Callable[[], float], wall: Callable[[], float]) -> None:
        """*clock* answers monotonic, *wall* unix seconds."""
        self._clock = clock
        self._wall = wall
        self._identity = Identity(1, 0, "")
        self._lost = ""
        self._told_lost: frozenset[int] = frozenset()
        """Shards whose pasts were asked for: to ask again is to begin again in this process."""
        self._current: dict[int, str | None] = {}
        self._began: dict[int, float] = {}
        self._stored: dict[int, SavedSession] = {}
        """As this process, or the last one, stored them."""
        self._positions: dict[int, tuple[str | None, Positions]] = {}
        """Session id, and which of its numbers are stored."""

    def load(self, sessions: Iterable[SavedSession], *, lost: str) -> int:
        """Take up what the last process left; return how many sessions there are.

        *lost* says why others are not there any more, whose ends nobody knows.
        """
        self._lost = lost
        self._stored = {session.shard: session for session in sessions}
        return sum(1 for session in self._stored.values() if session.session_id)

    def identify(self, identity: Identity) -> None:
        """From now on sessions are started as *identity* says."""
        self._identity = identity

    def past(self, shard: int) -> Past:
        """Return what is known of *shard*, on the monotonic clock."""
        saved = self._stored.get(shard)
        if saved is None:
            lost, self._told_lost = "" if shard in self._told_lost else self._lost, self._told_lost | {shard}
            return Past(reason=lost)
        behind = self._wall() - self._clock()
        # A wall clock that was set back must not move the past into the future.
        lived_at = min(saved.saved_at - behind, self._clock())
        began = min(saved.started_at - behind, lived_at)
        if not saved.session_id:
            return Past(lived_at=lived_at, reason="the session had ended before the restart")
        if saved.count != self._identity.count:
            return Past(lived_at=lived_at, reason="the number of shards has changed")
        if saved.intents != self._identity.intents:
            return Past(lived_at=lived_at, reason="the intents have changed")
        self._current[shard] = saved.session_id
        self._began[shard] = saved.started_at
        self._positions[shard] = (saved.session_id, Positions(saved.seq))
        return Past(GatewaySession(saved.session_id, saved.seq), began, lived_at)

    def current(self, shard: int) -> str | None:
        """Return the id of the session that *shard* is in."""
        return self._current.get(shard)

    def started(self, shard: int, session_id: str | None) -> None:
        """*shard* began a session."""
        self._current[shard] = session_id
        self._began[shard] = self._wall()

    def forget(self, shard: int) -> None:
        """The session of *shard* cannot be resumed any more."""
        self._current[shard] = None

    def ended(self, shards: Iterable[int]) -> list[SavedSession]:
        """Return what is to be stored of *shards* that are in no session any more.

        They stay, without an id: the next process would otherwise take its first session for the first of
        all, and nobody would learn of the gap.
        """
        return [
            replace(self._stored[shard], session_id="", seq=0)
            for shard in shards
            if shard in self._stored and self._current.get(shard) is None
        ]

    def positions(self, arrived: Sequence[Arrival]) -> list[SavedSession]:
        """Return the positions in their sessions that *arrived* leads to.

        A number that is left out may still be on its way; until it has come, or has had its time, the
        position stays before it, so that a process that dies meanwhile asks for it again.
        """
        positions = self._positions
        for one in arrived:
            known = positions.get(one.shard)
            if known is None or known[0] != one.session_id:
                known = positions[one.shard] = (one.session_id, Positions())
            known[1].advance(one.frame.seq)
        return self._saved_of({one.shard for one in arrived})

    def unsettled(self) -> list[tuple[int, str | None]]:
        """Return shards and sessions of which numbers were left out that may still come."""
        return [
            (shard, session_id)
            for shard, (session_id, position) in self._positions.items()
            if position.complete != position.newest
        ]

    def settled(self, shard: int, session_id: str | None, up_to: int | None) -> list[SavedSession]:
        """Expect no more numbers up to *up_to*; return the position if that moves it."""
        known = self._positions.get(shard)
        if known is None or known[0] != session_id or up_to is None:
            return []
        before = known[1].complete
        known[1].give_up(up_to)
        return self._saved_of([shard]) if known[1].complete != before else []

    def _saved_of(self, shards: Iterable[int]) -> list[SavedSession]:
        identity, now = self._identity, self._wall()
        saved = []
        for shard in shards:
            session_id, position = self._positions[shard]
            seq = position.complete
            # Where it has ended since, it must not come back.
            if session_id is not None and seq is not None and self._current.get(shard) == session_id:
                saved.append(
                    SavedSession(
                        shard,
                        identity.count,
                        session_id,
                        seq,
                        identity.gateway_url,
                        self._began.get(shard, now),
                        now,
                        identity.intents,
                    )
                )
        self._stored.update((session.shard, session) for session in saved)
        return saved
