"""All shards of a bot: how many, when each may identify, and what they share.

Every start and every *re*-start of a session goes through one `Spacing`, so that a network failure never
ends in a stampede and the day's budget of session starts is never burnt.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

import aiohttp

from qqbot_cli.errors import (
    ApiError,
    PlatformUnreachableError,
    QQBotError,
    RateLimitedError,
    SessionLimitError,
    ShardRefusedError,
)
from qqbot_cli.gateway.connection import ShardConnection, Sink, Tokens
from qqbot_cli.model.answer import GatewayResponse
from qqbot_cli.model.fact import GatewayRead, Report, SessionStarted, ShardState
from qqbot_cli.protocol.backoff import CONNECT_BACKOFF, Backoff
from qqbot_cli.protocol.limits import Limits
from qqbot_cli.protocol.past import Past
from qqbot_cli.protocol.request import is_passing
from qqbot_cli.protocol.shard import ShardMachine
from qqbot_cli.protocol.spacing import Budget, Spacing

logger = logging.getLogger(__name__)

_REREAD_PAUSES: Final = (5.0, 10.0, 20.0, 30.0)
"""Seconds between looks at /gateway/bot that follow each other: the platform answers two a minute, and a few
more now and then."""
_FORGIVEN: Final = 60.0
"""Seconds without a look after which they begin anew."""
_REREAD_LIMIT: Final = 5.0
"""Seconds a look may take, or be put off: the old address may be right, and a shard is waiting."""
_SPARE: Final = 0.5
"""Share of the day's budget that has to be left for a session to be replaced only because it is silent."""
_STOP_LIMIT: Final = 2.0
"""Seconds connections may take to say goodbye."""


class GatewayApi(Protocol):
    """Where the address and the budget come from."""

    async def get_gateway(self) -> GatewayResponse: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Identity:
    """What sessions are started with; one that was started otherwise is of no use any more."""

    count: int
    """Shards in all."""
    intents: int
    gateway_url: str


class Memory(Protocol):
    """What outlives the process."""

    def identify(self, identity: Identity) -> None:
        """From now on sessions are started as *identity* says."""

    def past(self, shard: int) -> Past:
        """Return what is known of *shard*."""


@dataclass(frozen=True, slots=True)
class ShardPlan:
    """Which shards to run."""

    count: int | None = None
    """Shards in all; None follows the platform's advice, now and whenever it asks for more."""
    ids: tuple[int, ...] | None = None
    """The ones that this process runs; None runs all."""


class ShardManager:
    """Runs the shards of one bot."""

    def __init__(
        self,
        plan: ShardPlan,
        *,
        api: GatewayApi,
        http: aiohttp.ClientSession,
        tokens: Tokens,
        sink: Sink,
        report: Report,
        intents: int,
        gateway_url: str | None = None,
        limits: Limits = Limits(),
        jitter: Callable[[], float] = random.random,
        memory: Memory | None = None,
    ) -> None:
        """Make a manager without shards.

        Args:
            plan: Which shards to run.
            api: Tells the gateway's address and the budget.
            http: Opens sockets.
            tokens: Access tokens.
            sink: Where events go.
            report: Where facts go.
            intents: The mask to identify with.
            gateway_url: Replaces the address that the platform answers.
            limits: How long states of a shard may last.
            jitter: Answers a number from 0 to 1.
            memory: Knows the shards of an earlier process, and says what of theirs is stored.
        """
        self.connections: list[ShardConnection] = []
        self._events_before = 0
        self.info: GatewayResponse | None = None
        self.spacing: Spacing | None = None
        self.count = plan.count or 0
        self._plan = plan
        self._api = api
        self._http = http
        self._tokens = tokens
        self._sink = sink
        self._report = report
        self._intents = intents
        self._gateway_url = gateway_url
        self._limits = limits
        self._jitter = jitter
        self._memory = memory
        self._clock = asyncio.get_running_loop().time
        self._read_at = -math.inf
        self._rereads = 0
        self._permits: dict[int, asyncio.Future[None]] = {}
        self._pump_timer: asyncio.TimerHandle | None = None
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    # --- what the platform says

    async def read_gateway(self) -> GatewayResponse:
        """Ask for address, number of shards and budget, and use the answer from now on."""
        info = await self._api.get_gateway()
        self.info = info
        now = self._read_at = self._clock()
        limit = info.session_start_limit
        budget = Budget(limit.total, limit.remaining, now + limit.reset_after, limit.max_concurrency)
        if self.spacing is None:
            self.spacing = Spacing(budget)
        else:
            self.spacing.refresh(budget)
        self._tell_budget()
        self._report(
            GatewayRead(info.shards, limit.total, limit.remaining, budget.reset_at, limit.max_concurrency)
        )
        return info

    def _tell_budget(self) -> None:
        """Let the shards know what session starts cost today."""
        assert self.info is not None
        assert self.spacing is not None
        limit = self.info.session_start_limit
        for connection in self.connections:
            machine = connection.machine
            machine.pauses.identify_floor = limit.reset_after / max(1, limit.remaining)
            machine.may_renew = self.spacing.remaining > limit.total * _SPARE

    async def refresh(self) -> None:
        """Read the address again because it may be stale; failures leave the old one in place."""
        asked_at = self._clock()
        if asked_at - self._read_at >= _FORGIVEN:
            self._rereads = 0
        wait = self._read_at + _REREAD_PAUSES[min(self._rereads, len(_REREAD_PAUSES) - 1)] - asked_at
        if wait > _REREAD_LIMIT:
            return  # another two failures from now it will be asked for again
        await asyncio.sleep(max(0.0, wait))
        if self._read_at >= asked_at:
            return  # another shard has asked meanwhile
        self._read_at = self._clock()
        self._rereads += 1
        try:
            async with asyncio.timeout(_REREAD_LIMIT):
                await self.read_gateway()
        except (QQBotError, TimeoutError) as exc:
            logger.warning("gateway: address not renewed: %s", str(exc) or "no answer in time")

    @property
    def url(self) -> str:
        """Address that shards connect to."""
        assert self.info is not None
        return self._gateway_url or self.info.url

    # --- permits to identify

    async def permit(self, shard: int) -> None:
        """Wait until *shard* may identify."""
        assert self.spacing is not None
        future = self._permits[shard] = asyncio.get_running_loop().create_future()
        self.spacing.ask(shard)
        self._pump()
        try:
            await future
        except asyncio.CancelledError:
            self.permit_returned(shard)
            raise
        finally:
            self._permits.pop(shard, None)

    def permit_used(self, shard: int) -> None:
        """*shard* identifies now."""
        assert self.spacing is not None
        self.spacing.started(shard, now=self._clock())
        self._tell_budget()
        self._report(SessionStarted(shard, self.spacing.remaining))
        self._pump()

    def permit_returned(self, shard: int) -> None:
        """*shard* does not identify after all."""
        assert self.spacing is not None
        self.spacing.withdraw(shard)
        self._pump()

    def _pump(self) -> None:
        """Grant what can be granted, and come back when more can be."""
        assert self.spacing is not None
        if self._pump_timer is not None:
            self._pump_timer.cancel()
            self._pump_timer = None
        now = self._clock()
        for shard in self.spacing.grant(now=now):
            future = self._permits.get(shard)
            if future is None or future.done():
                self.spacing.withdraw(shard)
            else:
                future.set_result(None)
        again = self.spacing.next_grant(now=now)
        if again is not None and not self._stopping.is_set():
            loop = asyncio.get_running_loop()
            self._pump_timer = loop.call_at(max(again, now + 0.01), self._pump)

    def stored(
        self, shard: int, session_id: str | None, seqs: Iterable[int | None], up_to: int | None = None
    ) -> int | None:
        """Events with these numbers of a session of *shard* are stored; no others will come *up_to* one.

        Return the number up to which none is expected any more, None if no connection is in that session.
        """
        for connection in self.connections:
            if connection.machine.index == shard:
                return connection.machine.stored(session_id, seqs, up_to)
        return None

    # --- running

    def prepare(self, *, wait: bool) -> None:
        """Make the shards; `read_gateway` must have answered.

        Raises:
            SessionLimitError: If the day's budget is too small for them and *wait* is False.
        """
        assert self.info is not None
        assert self.spacing is not None
        self.count = self._plan.count or max(1, self.info.shards)
        ids = self._plan.ids if self._plan.ids is not None else tuple(range(self.count))
        if len(ids) > self.spacing.remaining and not wait:
            seconds = self.info.session_start_limit.reset_after
            raise SessionLimitError(
                f"{self.spacing.remaining} session starts are left today, {len(ids)} are needed;"
                f" the platform renews them in {seconds:.0f} s",
                reset_after=seconds,
                help="wait, or run without --no-wait to have qqbot wait for you",
            )
        if self._memory is not None:
            self._memory.identify(Identity(self.count, self._intents, self.url))
        self._events_before = self.events
        self.connections = [self._connection(index) for index in ids]
        self._tell_budget()

    @property
    def events(self) -> int:
        """Received since the start, also by connections that others have replaced."""
        return self._events_before + sum(one.events for one in self.connections)

    def _connection(self, index: int) -> ShardConnection:
        memory = self._memory
        past = Past() if memory is None else memory.past(index)
        return ShardConnection(
            ShardMachine(
                index, jitter=self._jitter, past=past, limits=self._limits, durable=memory is not None
            ),
            count=self.count,
            intents=self._intents,
            http=self._http,
            tokens=self._tokens,
            gateway=self,
            sink=self._sink,
            report=self._report,
            reading_limit=self._limits.reading,
        )

    async def run(self) -> None:
        """Run all shards until they are stopped.

        Raises:
            ShardRefusedError: If every shard was refused for good.
        """
        while True:
            async with asyncio.TaskGroup() as group:
                self._tasks = [
                    group.create_task(self._run_shard(one), name=f"shard {one.machine.index}")
                    for one in self.connections
                ]
            if self._stopping.is_set():
                return
            if not self._wants_reshard():
                break
            await self._reshard()
            if self._stopping.is_set():
                return
        raise ShardRefusedError(_refusal([connection.machine for connection in self.connections]))

    async def _run_shard(self, connection: ShardConnection) -> None:
        await connection.run()
        if connection.machine.wants_reshard and self._plan.count is None:
            await self._end_all()  # the others have to go before there can be more of them

    def _wants_reshard(self) -> bool:
        return self._plan.count is None and any(one.machine.wants_reshard for one in self.connections)

    async def _reshard(self) -> None:
        """Make a new set of shards, as many as the platform now recommends, and more than before."""
        before = self.count
        info = await self._read_gateway_again()
        if info is None:
            return
        if info.shards <= before:
            raise ShardRefusedError(
                f"the platform wants more than {before} shards but does not say how many",
                help=f"set shards: {{count: {before * 2}}}",
            )
        logger.warning("gateway: %d shards instead of %d", info.shards, before)
        self.prepare(wait=True)

    async def slept(self, seconds: float) -> None:
        """The computer slept for *seconds* that the loop's clock did not count."""
        for connection in self.connections:
            await connection.slept(seconds)

    async def _read_gateway_again(self) -> GatewayResponse | None:
        """Ask until the platform answers; return None if it is time to stop."""
        backoff = Backoff(CONNECT_BACKOFF, self._jitter)
        while not self._stopping.is_set():
            try:
                return await self.read_gateway()
            except (PlatformUnreachableError, ApiError) as exc:
                if isinstance(exc, ApiError) and not (isinstance(exc, RateLimitedError) or is_passing(exc)):
                    raise
                delay = backoff.next()
                logger.warning("gateway: how many shards: %s; again in %.0f s", exc.message, delay)
                with suppress(TimeoutError):
                    async with asyncio.timeout(delay):
                        await self._stopping.wait()
        return None

    async def stop(self) -> None:
        """End all connections so that their sessions can be resumed; `run` then returns."""
        self._stopping.set()
        if self._pump_timer is not None:
            self._pump_timer.cancel()
        await self._end_all()

    async def _end_all(self) -> None:
        """Ask every connection to end, then end what waits for something else: a token, a permit, a pause."""
        here = asyncio.current_task()
        for connection, task in zip(self.connections, self._tasks, strict=True):
            await connection.stop()
            if connection.machine.state is ShardState.STOPPED and task is not here:
                task.cancel()
        others = [task for task in self._tasks if task is not here]
        if others:
            _, pending = await asyncio.wait(others, timeout=_STOP_LIMIT)
            for task in pending:
                task.cancel()


def _refusal(machines: Sequence[ShardMachine]) -> str:
    """Return why the shards were refused, each reason once."""
    reasons = dict.fromkeys(machine.reason for machine in machines)
    shards = "the shard" if len(machines) == 1 else f"all {len(machines)} shards"
    return f"the platform refused {shards}: {' / '.join(reasons)}"
