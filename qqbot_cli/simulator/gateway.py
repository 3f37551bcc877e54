"""One gateway connection: what the platform expects of a client, and what it does if it is disappointed.

Source: platform documentation, "WebSocket 接入" and "错误码"; it lists the close codes without saying what
triggers each. The triggers here are the plain reading of their names.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

import msgspec
from aiohttp import WSMsgType, web

from qqbot_cli.model.intents import Intents
from qqbot_cli.model.opcode import Opcode
from qqbot_cli.simulator.line import Line
from qqbot_cli.simulator.platform import Platform
from qqbot_cli.simulator.quota import FRAMES_PER_MINUTE, Pace
from qqbot_cli.simulator.record import Closed, HeartbeatSeen, Identified, Resumed, Violation
from qqbot_cli.simulator.session import GatewaySession, frame_text

logger = logging.getLogger(__name__)

INVALID_OPCODE: Final = 4001
INVALID_PAYLOAD: Final = 4002
NOT_AUTHENTICATED: Final = 4003
AUTHENTICATION_FAILED: Final = 4004
ALREADY_AUTHENTICATED: Final = 4005
INVALID_SESSION_ID: Final = 4006
WRONG_SEQ: Final = 4007
TOO_FAST: Final = 4008
TIMED_OUT: Final = 4009
INVALID_SHARD: Final = 4010
INVALID_INTENTS: Final = 4013
INTENTS_NOT_GRANTED: Final = 4014
RESUMED_ELSEWHERE: Final = 4902
NO_SESSION: Final = 4903

REASONS: Final = {
    INVALID_OPCODE: "Invalid opcode",
    INVALID_PAYLOAD: "Invalid payload",
    NOT_AUTHENTICATED: "Not authenticated",
    AUTHENTICATION_FAILED: "Authentication fail",
    ALREADY_AUTHENTICATED: "Already authenticated",
    INVALID_SESSION_ID: "Invalid session id",
    WRONG_SEQ: "Invalid seq",
    TOO_FAST: "Rate limited",
    TIMED_OUT: "Session timed out",
    INVALID_SHARD: "Invalid shard",
    INVALID_INTENTS: "Invalid intents",
    INTENTS_NOT_GRANTED: "Disallowed intents",
    RESUMED_ELSEWHERE: "reset by resume",
    NO_SESSION: "create session error",
}
"""What the close frame says beside the code."""

MISSED_BEATS: Final = 2
"""Intervals without a heartbeat after which a connection is ended; not documented."""
MAX_FRAME: Final = 1 << 20
"""Bytes a client may put into one frame."""
_PREFIX: Final = "QQBot "


class RefuseError(Exception):
    """A client broke the protocol; the connection is closed with `code`."""

    def __init__(self, code: int, *, violation: str | None = None, invalid_session: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.violation = violation
        self.invalid_session = invalid_session


class Connection:
    """The platform's end of one websocket."""

    def __init__(self, platform: Platform, line: Line) -> None:
        self._platform = platform
        self._loop = asyncio.get_running_loop()
        self._pace = Pace(FRAMES_PER_MINUTE, 60.0)
        self._newest_beat = 0
        self._beat_at = self._loop.time()
        self._watch: asyncio.TimerHandle | None = None
        self.line = line
        self.session: GatewaySession | None = None
        self.shard: tuple[int, int] | None = None

    def push(self, text: str, seq: int) -> None:
        """Send an event of the session."""
        self.line.push(text, seq)

    def take_over(self) -> None:
        """End, because the session was resumed on another connection."""
        self.session = None
        if not self.line.frozen:
            self.line.close(RESUMED_ELSEWHERE, REASONS[RESUMED_ELSEWHERE])

    def open(self) -> None:
        """Greet the client and begin to watch its heartbeats."""
        switches = self._platform.switches
        if switches.first_frame is not None:
            self.line.send(switches.first_frame)
        elif switches.hello:
            self._send(Opcode.HELLO, {"heartbeat_interval": self._told_interval()})
        self._watch_beats()

    def ended(self, code: int | None) -> None:
        """The socket is closed; `code` is what the client closed with, if it did."""
        if self._watch is not None:
            self._watch.cancel()
        if self.session is not None:
            self.session.detach(self, now=self._platform.clock())
        own = self.line.close_code
        self._platform.history.add(Closed(int(own or code or 1006), own is not None, self.shard))

    def receive(self, data: str | bytes) -> None:
        """Judge one frame of the client and act on it."""
        if self.line.close_code is not None:
            return
        try:
            self._dispatch(data)
        except RefuseError as refusal:
            if refusal.violation is not None:
                self._platform.history.add(Violation(refusal.violation))
            self.refuse(refusal.code, invalid_session=refusal.invalid_session)

    def refuse(self, code: int, *, invalid_session: bool = False) -> None:
        """Close with *code*, after op 9 if *invalid_session*."""
        if invalid_session:
            self.invalidate(resumable=False)
        self.line.close(code, REASONS.get(code, ""))

    def invalidate(self, *, resumable: bool) -> None:
        """Send op 9; the caller has to close."""
        self._send(Opcode.INVALID_SESSION, resumable)

    def reconnect(self, delay: float) -> None:
        """Send op 7, and close if the client has not done so after *delay* seconds."""
        self._send(Opcode.RECONNECT)
        self.line.close_later(delay, TIMED_OUT, REASONS[TIMED_OUT])

    def _dispatch(self, data: str | bytes) -> None:
        if not self._pace.step(self._platform.clock()):
            raise RefuseError(TOO_FAST, violation="more than 60 frames within 60 s")
        op, d = _decode(data)
        logger.debug("shard %s: > op %d", self.shard, op)
        match op:
            case Opcode.HEARTBEAT:
                self._heartbeat(d)
            case Opcode.IDENTIFY | Opcode.RESUME if self.session is not None:
                raise RefuseError(ALREADY_AUTHENTICATED, violation=f"op {op} on an authenticated connection")
            case Opcode.IDENTIFY:
                self._identify(_object(d))
            case Opcode.RESUME:
                self._resume(_object(d))
            case _ if self.session is None:
                raise RefuseError(NOT_AUTHENTICATED, violation=f"op {op} before IDENTIFY")
            case Opcode.HEARTBEAT_ACK:
                pass
            case _:
                raise RefuseError(INVALID_OPCODE, violation=f"op {op} is not for clients")

    def _heartbeat(self, d: object) -> None:
        self._platform.history.add(HeartbeatSeen(d, self.shard))
        self._beat_at = self._loop.time()
        if d is not None and (not isinstance(d, int) or isinstance(d, bool) or d < 0):
            raise RefuseError(INVALID_PAYLOAD, violation=f"heartbeat with d = {d!r}")
        if d and self.session is not None:
            if d > self.line.last_sent:
                raise RefuseError(WRONG_SEQ, violation=f"heartbeat {d} ahead of {self.line.last_sent}")
            if d < self._newest_beat:
                raise RefuseError(WRONG_SEQ, violation=f"heartbeat {d} after {self._newest_beat}")
            self._newest_beat = d
            if self._platform.switches.trim_on_heartbeat:
                self.session.trim(d)
        if self._platform.switches.acks and not self.line.silent:
            self._send(Opcode.HEARTBEAT_ACK)

    def _identify(self, d: dict[str, object]) -> None:
        platform = self._platform
        token = d.get("token")
        if not isinstance(token, str) or not token.startswith(_PREFIX):
            raise RefuseError(AUTHENTICATION_FAILED)
        self._check_token(token)
        intents = _intents(d.get("intents"), platform.switches.granted_intents)
        shard = _shard(d.get("shard"))
        _refuse_if_told(platform.switches.refuse_identify_with)
        refusal = platform.quota.start(now=platform.clock())
        if refusal is not None:
            raise RefuseError(NO_SESSION, violation=refusal, invalid_session=True)
        if not platform.switches.answer_identify:
            return
        session = platform.sessions.start(shard, intents)
        self._attach(session)
        platform.history.add(Identified(session.session_id, shard, intents.value))
        bot = platform.world.bot
        ready = {
            "version": 1,
            "session_id": session.session_id,
            "user": {"id": bot.id, "username": bot.username, "bot": True},
            "shard": shard,
        }
        self._dispatch_frame("READY", ready)

    def _resume(self, d: dict[str, object]) -> None:
        platform, switches = self._platform, self._platform.switches
        self._check_token(d.get("token"))
        seq = d.get("seq")
        if not isinstance(seq, int) or isinstance(seq, bool) or seq < 0:
            raise RefuseError(INVALID_PAYLOAD, violation=f"RESUME with seq = {seq!r}")
        _refuse_if_told(switches.refuse_resume_with)
        if not switches.answer_resume:
            return
        session = platform.sessions.get(d.get("session_id"))
        if session is not None and seq > session.seq:
            raise RefuseError(WRONG_SEQ, violation=f"RESUME with seq {seq} ahead of {session.seq}")
        if session is None or not session.can_replay(
            seq, now=platform.clock(), limit=switches.replay_frames, age=switches.replay_seconds
        ):
            by_op9 = switches.refuse_resume_by_op9
            raise RefuseError(NO_SESSION if by_op9 else INVALID_SESSION_ID, invalid_session=by_op9)
        if session.receiver is not None:
            session.receiver.take_over()
        self._attach(session)
        self.line.last_sent = self._newest_beat = seq
        if switches.poison:
            self.line.send_below(switches.poison)
        missed = list(session.missed(seq - switches.repeats))
        self.line.limit += len(missed)
        for event in missed:
            self.line.send(event.text, event.seq)
        self._dispatch_frame("RESUMED", "")
        platform.history.add(Resumed(session.session_id, session.shard, seq, len(missed)))

    def _attach(self, session: GatewaySession) -> None:
        self.session = session
        self.shard = session.shard
        session.attach(self)

    def _check_token(self, token: object) -> None:
        if not isinstance(token, str) or not self._platform.is_token_valid(token.removeprefix(_PREFIX)):
            raise RefuseError(AUTHENTICATION_FAILED)

    def _dispatch_frame(self, name: str, d: object) -> None:
        assert self.session is not None
        seq = self.session.next_seq()
        self.line.send(frame_text(name, msgspec.json.encode(d).decode(), seq), seq)

    def _send(self, op: Opcode, d: object = msgspec.UNSET) -> None:
        frame = {"op": op} if d is msgspec.UNSET else {"op": op, "d": d}
        self.line.send(msgspec.json.encode(frame).decode())

    def _told_interval(self) -> object:
        told = self._platform.switches.hello_interval
        if told is msgspec.UNSET:
            return round(self._platform.simulation.heartbeat_interval * 1000)
        return told

    def _watch_beats(self) -> None:
        told = self._told_interval()
        sane = isinstance(told, int | float) and not isinstance(told, bool) and told > 0
        interval = told / 1000 if sane else self._platform.simulation.heartbeat_interval  # type: ignore[operator]
        limit = interval * MISSED_BEATS
        left = self._beat_at + limit - self._loop.time()
        if left <= 0 and self._platform.switches.end_silent and not self.line.frozen:
            self.refuse(TIMED_OUT)
            return
        self._watch = self._loop.call_later(left if left > 0 else limit, self._watch_beats)


async def serve(platform: Platform, request: web.Request) -> web.WebSocketResponse:
    """Talk to one client until its connection ends."""
    ws = web.WebSocketResponse(compress=False, timeout=1.0, max_msg_size=MAX_FRAME)
    await ws.prepare(request)
    assert request.transport is not None
    line = Line(ws, request.transport, platform.switches)
    connection = Connection(platform, line)
    platform.connections.add(connection)
    try:
        async with asyncio.TaskGroup() as group:
            writer = group.create_task(line.run(), name="simulator line")
            connection.open()
            await _read(ws, connection)
            writer.cancel()
    finally:
        platform.connections.discard(connection)
        line.release()
        connection.ended(ws.close_code)
    return ws


async def _read(ws: web.WebSocketResponse, connection: Connection) -> None:
    async for message in ws:
        if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
            connection.receive(message.data)


def _decode(data: str | bytes) -> tuple[int, object]:
    try:
        frame = msgspec.json.decode(data)
    except ValueError:  # covers msgspec's errors and broken UTF-8
        frame = None
    op = frame.get("op") if isinstance(frame, dict) else None
    if not isinstance(op, int) or isinstance(op, bool):
        raise RefuseError(INVALID_PAYLOAD, violation="a frame that is no object with an op")
    return op, frame.get("d")


def _object(d: object) -> dict[str, object]:
    if not isinstance(d, dict):
        raise RefuseError(INVALID_PAYLOAD, violation="IDENTIFY or RESUME without an object")
    return d


def _intents(value: object, granted: Intents) -> Intents:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise RefuseError(INVALID_INTENTS, violation=f"intents = {value!r}")
    if value & ~granted.value:
        raise RefuseError(INTENTS_NOT_GRANTED)
    return Intents(value)


def _shard(value: object) -> tuple[int, int]:
    match value:
        case [int(index), int(count)] if 0 <= index < count:
            return index, count
        case _:
            raise RefuseError(INVALID_SHARD, violation=f"shard = {value!r}")


def _refuse_if_told(code: int | None) -> None:
    if code is not None:
        raise RefuseError(code, invalid_session=code == NO_SESSION)
