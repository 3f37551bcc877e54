"""Carries out what a `ShardMachine` decides: tokens, permits, sockets, time. It decides nothing itself.

Two tasks share a connection: one reads, one keeps time, so that heartbeats go on while reading has
stopped because handlers cannot keep up. Neither ever waits for a handler.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, Protocol, assert_never

import aiohttp

from qqbot_cli.errors import AuthenticationError, PlatformUnreachableError
from qqbot_cli.model.fact import Report, ShardState, ShardWarned
from qqbot_cli.model.frame import (
    Frame,
    FrameError,
    decode_frame,
    heartbeat_frame,
    identify_frame,
    is_utf_8,
    resume_frame,
    without_secrets,
)
from qqbot_cli.model.opcode import RESUMABLE_CLOSE
from qqbot_cli.protocol.action import (
    DELIVER,
    NOTHING,
    Action,
    Actions,
    Close,
    Connect,
    Deliver,
    ForgetSession,
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
from qqbot_cli.protocol.shard import ShardMachine
from qqbot_cli.protocol.trouble import describe, is_untrusted

logger = logging.getLogger(__name__)

MAX_FRAME: Final = 1 << 20
"""Bytes of the largest frame that is accepted."""

_SEND_LIMIT: Final = 10.0
"""Seconds a frame may take to leave; longer means that nobody reads at the other end."""
_CLOSE_LIMIT: Final = 1.0
_REMEMBERED: Final = 5
"""Frames of ours that are kept for when the platform says that one was wrong."""
_PROPERTIES: Final = {"$os": sys.platform, "$sdk": "qqbot"}
_NEAR: Final = 3600.0
"""Longest single sleep in seconds."""


class Tokens(Protocol):
    """Where access tokens come from."""

    async def get(self) -> str: ...  # noqa: D102
    def refuse(self, value: str) -> None: ...  # noqa: D102


class Gateway(Protocol):
    """What the shards of a bot share."""

    @property
    def url(self) -> str:
        """Address to connect to."""

    async def permit(self, shard: int) -> None:
        """Wait until the shard may identify."""

    def permit_used(self, shard: int) -> None: ...  # noqa: D102
    def permit_returned(self, shard: int) -> None: ...  # noqa: D102
    async def refresh(self) -> None:
        """Read the address again; failures are not errors."""


class Sink(Protocol):
    """Where events go."""

    def put(self, shard: int, frame: Frame, received: float) -> bool:
        """Take an event that arrived at *received*; return False if the next should wait for `room`."""

    async def room(self) -> None:
        """Wait until there is room again."""

    def forget(self, shard: int) -> None:
        """The session of *shard* cannot be resumed any more."""


class ShardConnection:
    """Runs one shard."""

    def __init__(
        self,
        machine: ShardMachine,
        *,
        count: int,
        intents: int,
        http: aiohttp.ClientSession,
        tokens: Tokens,
        gateway: Gateway,
        sink: Sink,
        report: Report,
        reading_limit: float,
    ) -> None:
        """Make a connection that is not open.

        Args:
            machine: What decides.
            count: Number of shards in all.
            intents: The mask to identify with.
            http: Opens sockets.
            tokens: Access tokens.
            gateway: What the shards share.
            sink: Where events go.
            report: Where facts go.
            reading_limit: Seconds for which the sink may have no room before the connection is given up.
        """
        self.machine = machine
        self.paused = False
        """Whether reading has stopped for want of room."""
        self.asking = False
        """Whether it waits for the answer to a request for a token."""
        self.events = 0
        """Received since the start."""
        self._identity = (int(intents), (machine.index, count))
        self._http = http
        self._tokens = tokens
        self._gateway = gateway
        self._sink = sink
        self._report = report
        self._reading_limit = reading_limit
        self._token = ""
        self._ws: aiohttp.ClientWebSocketResponse[bool] | None = None
        self._sent: deque[bytes] = deque(maxlen=_REMEMBERED)
        """The newest frames of the present connection, or of the last."""
        self._close: Close | None = None
        """Set once the connection is to be ended by us; reader and timekeeper stop then."""
        self._odd: set[str] = set()
        """What stood in place of sequence numbers."""
        self._moved = asyncio.Event()
        self._clock: Callable[[], float] = asyncio.get_running_loop().time

    async def run(self) -> None:
        """Drive the shard until it is refused for good or stopped."""
        machine = self.machine
        actions = deque(machine.start(now=self._clock()))
        while True:
            if actions:
                actions.extend(await self._perform(actions.popleft()))
            elif machine.state in (ShardState.FATAL, ShardState.STOPPED):
                return
            else:
                await asyncio.sleep(min(max(0.0, machine.deadline - self._clock()), _NEAR))
                actions.extend(machine.tick(now=self._clock()))

    async def stop(self) -> None:
        """End the connection so that its session can be resumed; `run` returns unless it waits elsewhere."""
        for action in self.machine.drain(now=self._clock()):
            await self._perform(action)

    async def slept(self, seconds: float) -> None:
        """The computer slept for *seconds* that the loop's clock did not count."""
        await self._perform_all(self.machine.slept(seconds, now=self._clock()))

    async def _perform(self, action: Action) -> Actions:
        """Carry out *action* and return what the machine wants next."""
        machine = self.machine
        match action:
            case Tell(fact):
                self._report(fact)
            case TellSent():
                frames = "  ".join(map(without_secrets, self._sent)) or "none"
                self._report(ShardWarned(machine.index, f"the last frames sent were: {frames}"))
            case Heartbeat(seq):
                await self._send(heartbeat_frame(seq), "heartbeat")
            case Close():
                self._close = action
                self._moved.set()
            case GetToken(refused):
                return await self._get_token(refused=refused)
            case GetPermit():
                await self._gateway.permit(machine.index)
                return machine.permit_granted(now=self._clock())
            case ReturnPermit():
                self._gateway.permit_returned(machine.index)
            case RefreshGateway():
                await self._gateway.refresh()
            case Connect():
                return await self._connect()
            case Identify():
                intents, shard = self._identity
                self._gateway.permit_used(machine.index)
                frame = identify_frame(
                    token=self._token, intents=intents, shard=shard, properties=_PROPERTIES
                )
                await self._send(frame, "identify")
            case ForgetSession():
                self._sink.forget(machine.index)
            case Resume(session):
                frame = resume_frame(token=self._token, session_id=session.session_id, seq=session.seq)
                await self._send(frame, "resume")
            case Deliver():
                raise AssertionError("delivered by the reader, which has the frame")
            case _:
                assert_never(action)
        return NOTHING

    async def _get_token(self, *, refused: bool) -> Actions:
        if self.paused:  # there is no use in a connection that nobody can read from
            await self._sink.room()
            self.paused = False
        self.asking = True
        try:
            if refused:
                self._tokens.refuse(self._token)
            self._token = await self._tokens.get()
        except AuthenticationError as exc:
            return self.machine.token_failed(exc.message, refused=True, now=self._clock())
        except PlatformUnreachableError as exc:
            untrusted = is_untrusted(exc)
            return self.machine.token_failed(
                exc.message, refused=False, untrusted=untrusted, now=self._clock()
            )
        finally:
            self.asking = False
        return self.machine.token_ready(now=self._clock())

    async def _connect(self) -> Actions:
        """Run one connection from its opening to its end."""
        try:
            async with asyncio.timeout_at(self.machine.deadline):
                ws = await self._http.ws_connect(
                    self._gateway.url,
                    max_msg_size=MAX_FRAME,
                    decode_text=False,
                    timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_LIMIT),
                )
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as exc:
            untrusted = is_untrusted(exc)
            return self.machine.closed(None, describe(exc), untrusted=untrusted, now=self._clock())
        self._ws, self._close = ws, None
        self._sent.clear()
        try:
            code, reason = await self._converse(ws)
        finally:
            self._ws = None
            await self._shut(ws)
        return self.machine.closed(code, reason, now=self._clock())

    async def _converse(self, ws: aiohttp.ClientWebSocketResponse[bool]) -> tuple[int | None, str]:
        """Read and keep time until either ends; return close code and reason as far as there are any."""
        for action in self.machine.opened(now=self._clock()):
            await self._perform(action)
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(self._read(ws), name=f"shard {self.machine.index} reads")
            keeping = group.create_task(self._keep_time(), name=f"shard {self.machine.index} keeps time")
            await asyncio.wait((reading, keeping), return_when=asyncio.FIRST_COMPLETED)
            reading.cancel()
            keeping.cancel()
        return (None, "") if reading.cancelled() else reading.result()

    async def _read(self, ws: aiohttp.ClientWebSocketResponse[bool]) -> tuple[int | None, str]:
        machine, sink, clock, index = self.machine, self._sink, self._clock, self.machine.index
        data_types = (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY)
        while self._close is None:
            try:
                message = await ws.receive()
            except ConnectionError as exc:
                # A ping that cannot be answered any more; events and a close code may have come after it.
                logger.debug("shard %d: cannot answer a ping: %s", index, describe(exc))
                continue
            if message.type not in data_types:
                return _end_of(message.type, message.data, message.extra)
            if message.type is aiohttp.WSMsgType.TEXT and not is_utf_8(message.data):
                # Not one more garbled frame: it may be an event, which RESUME brings again.
                return aiohttp.WSCloseCode.INVALID_TEXT, ""
            now = clock()
            try:
                frame = decode_frame(message.data, self._tell_odd)
            except FrameError as exc:
                logger.warning("shard %d: < %s: %.80s", index, exc, ascii(bytes(message.data[:80])))
                await self._perform_all(machine.undecodable(now=now))
                continue
            actions = machine.receive(frame, now=now)
            if actions is DELIVER:  # by far the commonest answer
                self.events += 1
                if not sink.put(index, frame, now):
                    await self._wait_for_room()
                continue
            if actions and actions[0] is DELIVER[0]:
                self.events += 1
                sink.put(index, frame, now)
                actions = actions[1:]
            logger.debug("shard %d: < op %d %s", index, frame.op, frame.event or "")
            await self._perform_all(actions)
        return None, ""

    def _tell_odd(self, kind: str) -> None:
        """Say once what comes in place of a sequence number: it may come with every event."""
        if kind not in self._odd:
            self._odd.add(kind)
            warning = f"{kind} came in place of a sequence number, which is ignored"
            self._report(ShardWarned(self.machine.index, warning))

    async def _wait_for_room(self) -> None:
        """Stop reading until there is room; after a while give the connection back and wait without it."""
        self.machine.reading_paused()
        self.paused = True
        try:
            async with asyncio.timeout(self._reading_limit):
                await self._sink.room()
        except TimeoutError:
            await self._perform_all(self.machine.reading_stuck(now=self._clock()))
            return
        self.paused = False
        self.machine.reading_continued(now=self._clock())

    async def _keep_time(self) -> None:
        """Tick at each deadline; it may move, so a sleep ends early when something but an event arrived."""
        while self._close is None:
            delay = self.machine.deadline - self._clock()
            if delay > 0:
                self._moved.clear()
                try:
                    async with asyncio.timeout(min(delay, _NEAR)):
                        await self._moved.wait()
                except TimeoutError:
                    pass
                continue
            await self._perform_all(self.machine.tick(now=self._clock()))

    async def _perform_all(self, actions: Iterable[Action]) -> None:
        for action in actions:
            await self._perform(action)
        self._moved.set()

    async def _send(self, frame: bytes, name: str) -> None:
        ws = self._ws
        if ws is None:
            return
        logger.debug("shard %d: > %s", self.machine.index, name)
        self._sent.append(frame)
        try:
            async with asyncio.timeout(_SEND_LIMIT):
                await ws.send_frame(frame, aiohttp.WSMsgType.TEXT)
        except (aiohttp.ClientError, OSError, TimeoutError) as exc:
            logger.debug("shard %d: cannot send %s: %s", self.machine.index, name, describe(exc))
            self._close = Close(RESUMABLE_CLOSE, "cannot send")

    async def _shut(self, ws: aiohttp.ClientWebSocketResponse[bool]) -> None:
        """Close *ws*, politely for a second, then anyway."""
        close = self._close or Close(RESUMABLE_CLOSE, "")
        try:
            async with asyncio.timeout(_CLOSE_LIMIT + 0.5):
                await ws.close(code=close.code, message=close.reason.encode()[:120])
        except (aiohttp.ClientError, OSError, TimeoutError) as exc:
            logger.debug("shard %d: close: %s", self.machine.index, describe(exc))


def _end_of(kind: aiohttp.WSMsgType, data: object, extra: object) -> tuple[int | None, str]:
    """Return close code and reason of a message that ends the connection, as far as it has them."""
    if kind is aiohttp.WSMsgType.CLOSE and isinstance(data, int):
        reason = extra if isinstance(extra, str) else ""
        return data or None, "".join(filter(str.isprintable, reason))[:100]
    if kind is aiohttp.WSMsgType.ERROR and isinstance(data, aiohttp.WebSocketError):
        return data.code, ""
    return None, ""
