"""The shard state machine: every decision a gateway connection takes, and no I/O.

The machine is told what happened (`start`, `token_ready`, `permit_granted`, `opened`, `receive`, `tick`,
`closed` …) together with the time it happened, and answers with the actions to carry out, in order. It
never sleeps, reads no clock, touches no socket; `gateway.connection` does that. `deadline` says when
`tick` wants to be called.

One machine lives as long as its shard, across all connections. What belongs to one connection (its
pulse, its progress) is born anew with each.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from qqbot_cli.model.events import READY, RESUMED
from qqbot_cli.model.fact import GapRecorded, HeartbeatAcked, ShardChanged, ShardState, ShardWarned
from qqbot_cli.model.frame import Frame, hello_interval, invalid_session_resumable, ready_session_id
from qqbot_cli.model.opcode import RESUMABLE_CLOSE, CloseRule, Opcode, Recovery, close_rule
from qqbot_cli.protocol import recovery
from qqbot_cli.protocol.action import (
    DELIVER,
    NOTHING,
    Action,
    Actions,
    Close,
    Connect,
    ForgetSession,
    GatewaySession,
    GetPermit,
    GetToken,
    Heartbeat,
    Identify,
    RefreshGateway,
    Resume,
    ReturnPermit,
    Tell,
    TellSent,
)
from qqbot_cli.protocol.hearing import Hearing
from qqbot_cli.protocol.limits import Limits
from qqbot_cli.protocol.past import Past
from qqbot_cli.protocol.pauses import Pauses
from qqbot_cli.protocol.pulse import Pulse, Silence, clamped
from qqbot_cli.protocol.sequence import Sequence

_EXPIRED: Final[dict[ShardState, CloseRule]] = {
    ShardState.CONNECTING: recovery.NO_CONNECTION,
    ShardState.WAIT_HELLO: recovery.NO_HELLO,
    ShardState.IDENTIFYING: recovery.NO_READY,
    ShardState.RESUMING: recovery.NO_PROGRESS,
}
"""What ends a state whose deadline has passed."""

_BEATING: Final = frozenset((ShardState.IDENTIFYING, ShardState.RESUMING, ShardState.READY))
"""Beats begin before READY, because a long replay would otherwise outlast the server's patience."""
_CONNECTED: Final = _BEATING | {ShardState.WAIT_HELLO}
_ENDED: Final = frozenset((ShardState.FATAL, ShardState.STOPPED))

_READY: Final = ShardState.READY
_OPCODES: Final = frozenset(Opcode)
_DISPATCH: Final = int(Opcode.DISPATCH)
_LIFECYCLE: Final = frozenset((READY, RESUMED))

_MAX_GARBAGE: Final = (10, 60.0)
"""Undecodable frames that are put up with, and within how many seconds."""


class ShardMachine:
    """One shard of the gateway."""

    def __init__(
        self,
        index: int,
        *,
        jitter: Callable[[], float],
        past: Past = Past(),
        limits: Limits = Limits(),
        durable: bool = False,
    ) -> None:
        """Make a shard that has not started.

        Args:
            index: Its number.
            jitter: Answers a number from 0 to 1.
            past: What is known of it from before.
            limits: How long states may last.
            durable: Whether a sequence number counts when `stored` says so, not when it is received.
        """
        self.index = index
        self.state = ShardState.STOPPED
        self.reason = past.reason
        """Why the last connection ended, or why it stopped for good."""
        self.wants_reshard = False
        """In FATAL: another number of shards would help."""
        self.reconnects = 0
        self.skipped = 0
        """Times that sequence numbers were left out, counted at each heartbeat."""
        self.unknown = 0
        """Frames whose opcode nobody knows."""
        self.replayed = 0
        """Events that came since the last RESUME and before its end."""
        self.latency: float | None = None
        """Seconds; of the last acknowledged heartbeat of any connection."""
        self.pauses = Pauses(jitter, steady=limits.steady)
        self._limits = limits
        self._jitter = jitter
        self.may_renew = True
        """Whether there are session starts to spare for replacing a session that seems deaf."""
        self._durable = durable
        self._past = past
        self._session_id = past.session.session_id if past.session else None
        self._sequence = Sequence(past.session.seq if past.session else None, durable=durable)
        self._hearing = Hearing(limits.deafness, began=past.session_began)
        """Renewed with each session."""
        self._history = recovery.History()
        self._state_deadline = math.inf
        self._entered = 0.0
        """When the state began."""
        self._refused_token = False
        self._identify_refused = False
        self._permit = False
        self._life_at = past.lived_at
        self._new_connection()

    def _new_connection(self) -> None:
        self._pulse = Pulse(patience=self._limits.ack)
        self._ending: CloseRule | None = None
        self._progress = False
        self._resuming_since = -math.inf
        self._ready_at: float | None = None
        self._garbage: deque[float] = deque(maxlen=_MAX_GARBAGE[0] + 1)

    # --- what can be read

    @property
    def deadline(self) -> float:
        """When `tick` wants to be called; infinite only in FATAL and STOPPED."""
        if self.state in _BEATING and self._ending is None:
            return min(self._state_deadline, self._pulse.deadline)
        return self._state_deadline

    @property
    def state_deadline(self) -> float:
        """When the present state ends at the latest, whatever heartbeats want before; may be infinite."""
        return self._state_deadline

    @property
    def seq(self) -> int | None:
        """The newest sequence number of the session that counts: received, or stored if that is wanted."""
        return self._sequence.newest

    @property
    def session(self) -> GatewaySession | None:
        """The session that would be resumed."""
        if self._session_id is None or self._sequence.newest is None:
            return None
        return GatewaySession(self._session_id, self._sequence.newest)

    @property
    def next_step(self) -> str:
        """What follows the present state: "resume" or "identify"; empty if ready or stopped."""
        if self.state in _ENDED or self.state in (ShardState.READY, ShardState.DRAINING):
            return ""
        return "resume" if self.session else "identify"

    # --- before there is a connection

    def start(self, *, now: float) -> Actions:
        """Begin."""
        actions = self._enter(ShardState.WAIT_TOKEN, now, limit=self._limits.token)
        refused, self._refused_token = self._refused_token, False
        return [*actions, GetToken(refused)]

    def token_ready(self, *, now: float) -> Actions:
        """A token can be had."""
        if self.state is not ShardState.WAIT_TOKEN:
            return NOTHING
        self.pauses.with_token()
        if self.session is not None:
            return self._connect(now)
        return [*self._enter(ShardState.WAIT_PERMIT, now, limit=self._limits.permit), GetPermit()]

    def token_failed(self, reason: str, *, refused: bool, untrusted: bool = False, now: float) -> Actions:
        """No token can be had now; *refused* if the platform will not give or accept one again."""
        if self.state is not ShardState.WAIT_TOKEN:
            return NOTHING
        self.reason = reason
        if refused:
            return self._stop(reason, None, now)
        pause = self.pauses.without_token(untrusted=untrusted, took=now - self._entered)
        self._state_deadline = now + pause
        return [Tell(ShardWarned(self.index, f"no access token, next try in {pause:.0f} s: {reason}"))]

    def permit_granted(self, *, now: float) -> Actions:
        """The shard may identify."""
        self._permit = True
        return self._connect(now) if self.state is ShardState.WAIT_PERMIT else self._return_permit()

    def _return_permit(self) -> list[Action]:
        returned: list[Action] = [ReturnPermit()] if self._permit else []
        self._permit = False
        return returned

    def _connect(self, now: float) -> list[Action]:
        self._new_connection()
        return [*self._enter(ShardState.CONNECTING, now, limit=self._limits.connecting), Connect()]

    # --- while there is one

    def opened(self, *, now: float) -> Actions:
        """The socket is open."""
        if self.state is not ShardState.CONNECTING:
            return [Close(RESUMABLE_CLOSE, recovery.STOPPING.meaning)]  # stopped meanwhile
        self._pulse.heard_at = now
        return self._enter(ShardState.WAIT_HELLO, now, limit=self._limits.hello)

    def receive(self, frame: Frame, *, now: float) -> Actions:
        """A frame arrived."""
        self._pulse.heard_at = now
        if frame.op == _DISPATCH:
            if self.state is _READY and frame.event not in _LIFECYCLE:
                # The hot path: everything that follows happens once in a while.
                self._progress = True
                self._hearing.events += 1
                self._sequence.receive(frame.seq)
                return DELIVER
            return self._dispatch(frame, now)
        if self._ending is not None or self.state not in _CONNECTED:
            return NOTHING
        match frame.op:
            case Opcode.HEARTBEAT_ACK if self.state in _BEATING:
                return self._acknowledged(now)
            case Opcode.HELLO:
                return self._hello(frame, now)
            case Opcode.RECONNECT:
                return self._end(recovery.RECONNECT, now)
            case Opcode.INVALID_SESSION:
                return self._invalid_session(frame, now)
            case Opcode.HEARTBEAT:
                return [Heartbeat(self._sequence.complete)]
            case _ if self.state is ShardState.WAIT_HELLO:
                return self._end(recovery.OUT_OF_TURN, now)
            case _:
                self.unknown += frame.op not in _OPCODES  # they appear without notice
                return NOTHING

    def _dispatch(self, frame: Frame, now: float) -> Actions:
        if self.state not in _BEATING:
            return self._end(recovery.OUT_OF_TURN, now) if self.state is ShardState.WAIT_HELLO else NOTHING
        event = frame.event
        if event == READY:
            return self._session_created(frame, now)
        self._sequence.receive(frame.seq)
        if event == RESUMED:
            self._sequence.replayed(frame.seq)
            return [*DELIVER, *self._enter_ready(now)]
        self._progress = True
        self._hearing.events += 1
        if self.state is ShardState.RESUMING and self._ending is None:
            self.replayed += 1
            longest = self._resuming_since + self._limits.resuming_total
            self._state_deadline = min(now + self._limits.resuming, longest)
        return DELIVER

    def _session_created(self, frame: Frame, now: float) -> Actions:
        self._identify_refused = False
        self._session_id = ready_session_id(frame)
        self._sequence = Sequence(frame.seq or 1, durable=self._durable)
        self._sequence.count(frame.seq)
        self._hearing = Hearing(self._limits.deafness, began=now)
        actions: list[Action] = [*DELIVER]
        if self._session_id is None:
            actions.append(Tell(ShardWarned(self.index, "READY has no session id: it cannot be resumed")))
        lost = self._past.reason
        if lost or self._life_at is not None:
            seconds = None if self._life_at is None else now - self._life_at
            actions.append(Tell(GapRecorded(self.index, lost or self.reason, seconds)))
        return [*actions, *self._enter_ready(now)]

    def _enter_ready(self, now: float) -> list[Action]:
        if self._ending is not None:
            return []  # too late: the connection is being closed, and only `closed` leads on
        self._ready_at = now
        self._past = Past()
        self._hearing.listen(now=now)
        return self._enter(ShardState.READY, now)

    def _hello(self, frame: Frame, now: float) -> Actions:
        if self.state is not ShardState.WAIT_HELLO:
            return NOTHING
        actions: list[Action] = []
        asked = hello_interval(frame)
        interval = clamped(asked, self._limits.interval)
        if asked != round(interval * 1000):
            warning = f"odd heartbeat interval in hello, using {interval:g} s"
            actions.append(Tell(ShardWarned(self.index, warning)))
        self._pulse.begin(interval, jitter=self._jitter(), now=now)
        session = self.session
        if session is None:
            self._permit = False
            return [
                *actions,
                *self._enter(ShardState.IDENTIFYING, now, limit=self._limits.identifying),
                Identify(),
            ]
        self._resuming_since = now
        self.replayed = 0
        seq = self._sequence.resume_from()
        return [
            *actions,
            *self._enter(ShardState.RESUMING, now, limit=self._limits.resuming),
            Resume(GatewaySession(session.session_id, session.seq if seq is None else seq)),
        ]

    def _acknowledged(self, now: float) -> Actions:
        latency = self._pulse.acknowledged(now=now)
        if latency is None:
            return NOTHING
        self.latency = latency
        return [Tell(HeartbeatAcked(self.index, latency))]

    def _invalid_session(self, frame: Frame, now: float) -> Actions:
        if self.session is None:
            again, self._identify_refused = self._identify_refused, True
            why = recovery.INVALID_ON_IDENTIFY_AGAIN if again else recovery.INVALID_ON_IDENTIFY
            return self._end(why, now)
        resumable = invalid_session_resumable(frame)
        return self._end(recovery.INVALID_FOR_NOW if resumable else recovery.INVALID_ON_RESUME, now)

    def stored(
        self, session_id: str | None, seqs: Iterable[int | None], up_to: int | None = None
    ) -> int | None:
        """Note *seqs*, and what is missing *up_to* one, as safe; return up to where nothing is expected."""
        if session_id != self._session_id:
            return None
        for seq in seqs:
            self._sequence.advance(seq)
        if up_to is not None:
            self._sequence.give_up(up_to)
        return self._sequence.settled

    def undecodable(self, *, now: float) -> Actions:
        """Something arrived that is no frame."""
        self._pulse.heard_at = now
        if self.state not in _CONNECTED:
            return NOTHING
        self._garbage.append(now)
        if len(self._garbage) == self._garbage.maxlen and now - self._garbage[0] <= _MAX_GARBAGE[1]:
            return self._end(recovery.GARBAGE, now) if self._ending is None else NOTHING
        return NOTHING

    def reading_paused(self) -> None:
        """Frames are left in the socket because handlers cannot keep up."""
        self._pulse.reading_paused()
        self._hearing.pause()

    def reading_stuck(self, *, now: float) -> Actions:
        """Reading has been stopped for longer than `Limits.reading`.

        What waits in the socket waits as well at the platform, which need not take us for dead then.
        """
        return self._end(recovery.THROTTLED, now) if self.state in _BEATING and not self._ending else NOTHING

    def reading_continued(self, *, now: float) -> None:
        """Frames are read again."""
        self._pulse.reading_continued(now=now)
        self._hearing.listen(now=now)

    # --- time

    def slept(self, seconds: float, *, now: float) -> Actions:
        """The computer slept for *seconds* that the clock did not count: what was, was longer ago."""
        self._pulse.heard_at -= seconds
        if self._life_at is not None:
            self._life_at -= seconds
        if self.state in _BEATING and self._ending is None and seconds > 2 * self._pulse.interval:
            return self._end(recovery.ASLEEP, now)
        return NOTHING

    def tick(self, *, now: float) -> Actions:
        """Time has passed; does nothing before `deadline`."""
        due = self.deadline
        if now < due:
            return NOTHING
        state = self.state
        if state in (ShardState.BACKOFF, ShardState.WAIT_TOKEN):
            return self.start(now=now)
        if state is ShardState.WAIT_PERMIT:
            self._state_deadline = now + self._limits.permit
            return NOTHING
        if state is ShardState.DRAINING:
            return self._enter(ShardState.STOPPED, now)
        if self._ending is not None:
            return self._end(self._ending, now)
        if now >= self._state_deadline:
            return self._end(_EXPIRED[state], now)
        if now - due > 2 * self._pulse.interval:
            return self._end(recovery.STOOD_STILL, now)
        return self._beat(now)

    def _beat(self, now: float) -> list[Action]:
        silence = self._pulse.silence(now=now)
        if silence is Silence.DEAD:
            return self._end(recovery.NO_ACK, now)
        if self.state is _READY and self._hearing.is_deaf(now=now) and self.may_renew:
            return self._end(recovery.SILENT, now)
        self.skipped += self._sequence.new_skips
        told = self._sequence.oddities(self._limits.hint_at_skips)
        actions: list[Action] = [Tell(ShardWarned(self.index, warning)) for warning in told]
        if self._limits.skips is not None and self._sequence.skips > self._limits.skips:
            return [*actions, *self._end(recovery.SKIPPED, now)]
        if silence is Silence.TOLERABLE:
            warning = f"heartbeat not acknowledged ({self._pulse.missed})"
            actions.append(Tell(ShardWarned(self.index, warning)))
        if self._pulse.due(now=now):
            self._pulse.sent(now=now)
            actions.append(Heartbeat(self._sequence.confirm(settled=self.state is _READY)))
        return actions

    # --- the end of a connection

    def _end(self, why: CloseRule, now: float) -> list[Action]:
        """Close the connection ourselves; *why* replaces whatever code the socket then reports."""
        self._ending = why
        self._state_deadline = now + self._limits.closing
        return [Close(RESUMABLE_CLOSE, why.meaning)]

    def closed(self, code: int | None, reason: str = "", *, untrusted: bool = False, now: float) -> Actions:
        """The connection ended, or could not be opened (*code* None, *reason* in words)."""
        actions = self._return_permit()
        if self.state in (ShardState.DRAINING, ShardState.STOPPED):
            return [*actions, *self._enter(ShardState.STOPPED, now)]
        if self.state not in _CONNECTED and self.state is not ShardState.CONNECTING:
            return actions  # the end of a connection that is over already
        failed_connect = recovery.UNTRUSTED if untrusted else recovery.NO_CONNECTION
        rule = self._ending or (failed_connect if self.state is ShardState.CONNECTING else close_rule(code))
        code = None if self._ending else code or None
        self.reason = recovery.worded(code, rule.meaning, reason)
        if self._ready_at is not None:
            silent = rule is recovery.SILENT
            self._life_at = self._hearing.heard_until if silent else self._pulse.heard_at
        if self._progress:
            self._history.progressed()
        if rule.recovery is Recovery.IDENTIFY_RARELY:
            actions.append(TellSent())
        way = self._history.decide(rule, while_resuming=self.state is ShardState.RESUMING, now=now)
        if way in (Recovery.STOP, Recovery.RESHARD):
            self.wants_reshard = way is Recovery.RESHARD
            actions += self._forget_session()
            return [*actions, *self._stop(f"{self.reason}; {rule.remedy}", code, now)]
        if way is Recovery.IDENTIFY:
            actions += self._forget_session()
        self._refused_token = rule.fresh_token
        delay = self._delay(rule, now)
        if self.pauses.doubts_address:
            actions.append(RefreshGateway())
        self.reconnects += 1
        return [*actions, *self._enter(ShardState.BACKOFF, now, limit=delay, code=code)]

    def _delay(self, rule: CloseRule, now: float) -> float:
        """Return the seconds until the next attempt."""
        if self.state is ShardState.CONNECTING:
            return self.pauses.without_connection(rule, took=now - self._entered)
        ready_for = None if self._ready_at is None else now - self._ready_at
        return self.pauses.after(rule, ready_for=ready_for, can_resume=self.session is not None)

    def _forget_session(self) -> list[Action]:
        known, self._session_id = self._session_id, None
        self._sequence = Sequence(durable=self._durable)
        self._past = Past(reason=self._past.reason)
        return [] if known is None else [ForgetSession()]

    def _stop(self, reason: str, code: int | None, now: float) -> list[Action]:
        self.reason = reason
        return self._enter(ShardState.FATAL, now, code=code)

    def drain(self, *, now: float) -> Actions:
        """Stop for good, but so that the session can be resumed later."""
        if self.state in _ENDED or self.state is ShardState.DRAINING:
            return NOTHING
        if self.state not in _CONNECTED:
            return [*self._return_permit(), *self._enter(ShardState.STOPPED, now)]
        actions = self._end(recovery.STOPPING, now)
        return [*self._enter(ShardState.DRAINING, now, limit=self._limits.closing), *actions]

    def _enter(
        self, state: ShardState, now: float, *, limit: float = math.inf, code: int | None = None
    ) -> list[Action]:
        old, self.state = self.state, state
        self._entered, self._state_deadline = now, now + limit
        reason = self.reason if state in (ShardState.BACKOFF, ShardState.FATAL) else ""
        delay = limit if state is ShardState.BACKOFF else None
        replayed = self.replayed if (old, state) == (ShardState.RESUMING, _READY) else None
        given_up = None if delay or math.isinf(limit) or state is ShardState.WAIT_PERMIT else limit
        return [Tell(ShardChanged(self.index, old, state, reason, code, delay, self.seq, replayed, given_up))]
