"""Whatever happens, in whatever order: the invariants of the shard machine."""

from __future__ import annotations

import json
import math

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from qqbot_cli.model.fact import ShardState
from qqbot_cli.model.frame import FrameError, decode_frame
from qqbot_cli.model.opcode import CLOSE_RULES
from qqbot_cli.protocol.action import Actions, Connect, GatewaySession, GetPermit, Identify, ReturnPermit
from qqbot_cli.protocol.past import Past
from qqbot_cli.protocol.shard import ShardMachine
from tests.machines import make_shard

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 2**70), st.floats(allow_nan=False), st.text(max_size=5)
)
FRAMES = st.fixed_dictionaries(
    {"op": st.one_of(st.sampled_from([0, 1, 7, 9, 10, 11]), SCALARS)},
    optional={
        "s": SCALARS,
        "t": st.one_of(
            st.sampled_from(["READY", "RESUMED", "GROUP_AT_MESSAGE_CREATE", "NEW_EVENT"]), SCALARS
        ),
        "id": SCALARS,
        "d": st.one_of(
            SCALARS,
            st.fixed_dictionaries({}, optional={"session_id": SCALARS, "heartbeat_interval": SCALARS}),
        ),
    },
)
CODES = st.one_of(st.none(), st.sampled_from(sorted(CLOSE_RULES)), st.integers(0, 5000))


class AnyOrder(RuleBasedStateMachine):
    """Tells the machine things in any order, at times that never run backwards."""

    def __init__(self) -> None:
        super().__init__()
        self.shard = self.make()
        self.now = 0.0
        self.permits = 0
        self.seen: tuple[object, int] = (None, 0)
        self.take(self.shard.start(now=0))

    def make(self) -> ShardMachine:
        return make_shard()

    def take(self, actions: Actions) -> None:
        for action in actions:
            match action:
                case Identify():
                    assert self.permits == 1, "identify without a permit"
                    self.permits = 0
                case ReturnPermit():
                    assert self.permits == 1, "a permit returned that nobody had"
                    self.permits = 0
                case GetPermit():
                    assert self.permits == 0, "a second permit asked for"
                case Connect():
                    assert self.shard.state is ShardState.CONNECTING

    @rule(seconds=st.floats(0, 1e5))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        self.take(self.shard.tick(now=self.now))

    @rule()
    def the_deadline_comes(self) -> None:
        if math.isinf(self.shard.deadline):
            return
        self.now = max(self.now, self.shard.deadline)
        before = (self.shard.state, self.shard.deadline)
        self.take(self.shard.tick(now=self.now))
        assert (self.shard.state, self.shard.deadline) != before, "a deadline without a consequence"

    @rule()
    def token_comes(self) -> None:
        self.take(self.shard.token_ready(now=self.now))

    @rule(refused=st.booleans())
    def token_fails(self, refused: bool) -> None:
        self.take(self.shard.token_failed("no", refused=refused, now=self.now))

    @rule()
    def permit_comes(self) -> None:
        if self.permits == 0:
            self.permits = 1
            self.take(self.shard.permit_granted(now=self.now))

    @rule()
    def socket_opens(self) -> None:
        self.take(self.shard.opened(now=self.now))

    @rule(content=FRAMES)
    def frame_comes(self, content: dict[str, object]) -> None:
        try:
            received = decode_frame(json.dumps(content))
        except FrameError:
            self.take(self.shard.undecodable(now=self.now))
        else:
            self.take(self.shard.receive(received, now=self.now))

    @rule(name=st.sampled_from(["READY", "RESUMED", "GROUP_AT_MESSAGE_CREATE"]), seq=st.integers(1, 50))
    def event_comes(self, name: str, seq: int) -> None:
        self.frame_comes({"op": 0, "s": seq, "t": name, "d": {"session_id": f"s{seq}"}})

    @rule(code=CODES)
    def connection_ends(self, code: int | None) -> None:
        self.take(self.shard.closed(code, "words", now=self.now))

    @rule(pause=st.booleans())
    def reading_stops_or_goes_on(self, pause: bool) -> None:
        if pause:
            self.shard.reading_paused()
        else:
            self.shard.reading_continued(now=self.now)

    @rule()
    def reading_is_stuck(self) -> None:
        self.take(self.shard.reading_stuck(now=self.now))

    @rule(session_id=st.sampled_from(["s1", "s2", "old"]), seqs=st.lists(st.integers(0, 60), max_size=4))
    def events_are_stored(self, session_id: str, seqs: list[int]) -> None:
        self.shard.stored(session_id, seqs)

    @invariant()
    def a_living_shard_has_a_next_step_and_a_time(self) -> None:
        ended = self.shard.state in (ShardState.FATAL, ShardState.STOPPED)
        assert ended == math.isinf(self.shard.deadline)

    @invariant()
    def the_sequence_never_falls_within_a_session(self) -> None:
        session = self.shard.session
        if session is None:
            return
        known, newest = self.seen
        if session.session_id == known:
            assert session.seq >= newest
        self.seen = (session.session_id, session.seq)


class AnyOrderDurably(AnyOrder):
    """The same for a machine that counts what is stored, with a session from before."""

    def make(self) -> ShardMachine:
        past = Past(GatewaySession("old", 7), session_began=-90_000.0, lived_at=-10.0)
        return ShardMachine(0, jitter=lambda: 0.5, past=past, durable=True)


TestAnyOrderDurably = AnyOrderDurably.TestCase
TestAnyOrderDurably.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
