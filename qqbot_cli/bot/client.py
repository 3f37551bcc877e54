"""Client: a bot from its token to its last reply.

`start` does seven steps: validate the token, build one `BotApi`, ask who the bot is, ask for the gateway,
make the shards, connect them, hand out events. `close` drains: it stops reading, gives handlers time to
finish, ends the connections so that their sessions can be resumed, and closes what was opened.
"""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any, Final, TypeVar

from aiohttp.abc import AbstractResolver

from qqbot_cli.bot.background import background
from qqbot_cli.bot.dispatcher import Dispatcher
from qqbot_cli.bot.durable import DurableInbox
from qqbot_cli.bot.handler import EventHandler
from qqbot_cli.bot.inbox import Inbox, MemoryInbox
from qqbot_cli.bot.lifecycle import LIMIT, set_up, tear_down
from qqbot_cli.bot.manager import ShardManager, ShardPlan
from qqbot_cli.bot.platform import Platform, open_platform
from qqbot_cli.bot.plugin import Plugin
from qqbot_cli.bot.plugins import PluginFailure, reasons_of
from qqbot_cli.bot.program import DRAIN_LIMIT, until_told
from qqbot_cli.bot.session import Scope
from qqbot_cli.bot.sleep import lived, watch_sleep
from qqbot_cli.bot.snapshot import Fate, Snapshot
from qqbot_cli.bot.status import Status
from qqbot_cli.bot.tap import Tap, TappedSink
from qqbot_cli.bot.tasks import PluginTasks
from qqbot_cli.bot.throttle import MemoryThrottle
from qqbot_cli.bot.wanted import refused_intents
from qqbot_cli.bot.watchdog import watch_loop
from qqbot_cli.bot.wording import counted, describe, stage_in_words
from qqbot_cli.errors import (
    ApiError,
    PlatformUnreachableError,
    PluginError,
    RateLimitedError,
    ShardRefusedError,
)
from qqbot_cli.gateway.connection import Sink
from qqbot_cli.model.answer import BotInfo
from qqbot_cli.model.fact import Fact, GapRecorded, IntentsRefused, Report, ShardChanged
from qqbot_cli.model.hosts import Endpoints
from qqbot_cli.model.inbox import Store
from qqbot_cli.model.intents import Intents
from qqbot_cli.model.opcode import INTENTS_REFUSED
from qqbot_cli.protocol.backoff import CONNECT_BACKOFF, UNTRUSTED_PAUSE, Backoff
from qqbot_cli.protocol.limits import Limits
from qqbot_cli.protocol.request import is_passing
from qqbot_cli.protocol.token import Token
from qqbot_cli.protocol.trouble import is_untrusted
from qqbot_cli.rest.api import BotApi

logger = logging.getLogger(__name__)

_BROKEN: Final = 1.0
"""The same in seconds after a fault of our own."""
_LEAST: Final = 0.5
"""Seconds that a plugin has to tear itself down, however long its handlers took."""

INBOX_LIMIT: Final = 1_000
"""Events that may wait for handlers before reading stops."""

T = TypeVar("T")


class Client:
    """Runs one bot."""

    def __init__(
        self,
        token: Token,
        intents: Intents | int,
        handler: EventHandler | Sequence[Plugin],
        sandbox: bool = False,
        timeout: float = 30.0,
        *,
        endpoints: Endpoints = Endpoints(),
        shards: ShardPlan = ShardPlan(),
        failures: Sequence[PluginFailure] = (),
        strict: bool = False,
        wait: bool = True,
        report: Report | None = None,
        learn: Callable[[str], None] | None = None,
        store: Store | None = None,
        tap: Tap | None = None,
        limits: Limits = Limits(),
        blocked_after: float | None = 5.0,
        memory_limit: int | None = None,
        jitter: Callable[[], float] = random.random,
        resolver: AbstractResolver | None = None,
        lived: Callable[[], float] = lived,
    ) -> None:
        """Nothing is contacted before `start`.

        Args:
            token: Appid and secret.
            intents: Which events to ask for.
            handler: What handles them: one handler, or loaded plugins in the order of handing out.
            sandbox: Whether to use the sandbox, which only sees what is registered for it.
            timeout: Seconds one attempt of a REST call may take.
            endpoints: Where the platform is.
            shards: Which shards to run.
            failures: Plugins that could not be loaded, for the panel.
            strict: Whether a plugin whose setup fails ends the run; without it the others run.
            wait: Whether to wait for the platform, or the renewal of its quotas, instead of failing.
            report: Where facts go besides the status; by default to the log.
            learn: Told every access token before it is used, so that it can be kept out of output.
            store: Keeps events and sessions across restarts and crashes, opened and closed by the client;
                without one they are kept in memory.
            tap: Is told shard and frame of every event that is received.
            limits: How long states of a shard may last.
            blocked_after: Seconds after which the log names what blocks the event loop; None never does.
            memory_limit: Bytes of this process at which reading stops until handlers have finished.
            jitter: Answers a number from 0 to 1; spreads what should not happen at once.
            resolver: Tells the addresses of hosts; asks the system by default.
            lived: Answers monotonic seconds that go on while the computer is asleep.
        """
        self.token = token
        self.intents = Intents(intents)
        self.plugins: Sequence[Plugin] = (
            [Plugin("handler", handler)] if isinstance(handler, EventHandler) else handler
        )
        self.sandbox = sandbox
        self.timeout = timeout
        self.api: BotApi | None = None
        """All REST calls; None before `start`."""
        self.bot: BotInfo | None = None
        """Who the bot is; None before the platform has said it."""
        self.status = Status(
            version=version("qqbot-cli"), appid=token.appid, sandbox=sandbox, clock=time.monotonic
        )
        self.status.failures = tuple(failures)
        self.status.fate = Fate.FORGOTTEN if store is None else Fate.KEPT
        self._endpoints = endpoints
        self._shards = shards
        self._strict = strict
        self._wait = wait
        self._tell = report or _log
        self._learn = learn or _forget
        self._store = store
        self._tap = tap
        self._limits = limits
        self._blocked_after = blocked_after
        self._memory_limit = memory_limit
        self._jitter = jitter
        self._resolver = resolver
        self._lived = lived
        self._gap: Callable[[GapRecorded], None] = _nothing
        self._refused_intents = ""
        """Which intents the platform may have refused, and who wanted them; empty if it refused none."""
        self._drain_limit = DRAIN_LIMIT
        self._draining: asyncio.Timeout | None = None
        """While handlers have time to finish."""
        self._stop = asyncio.Event()
        self._ended = asyncio.Event()
        self._ended.set()

    def snapshot(self) -> Snapshot:
        """Return how the bot is now."""
        return self.status.snapshot()

    def run(self) -> None:
        """Run the bot as the main program: `start`, with an event loop and signals of its own.

        The first Ctrl-C or SIGTERM ends it as `close` does, and it returns; a second one leaves handlers no
        more time, a third interrupts one that blocks the event loop. Beside other work, await `start`.

        Raises:
            QQBotError: What `start` raises.
        """
        if self._store is None:
            logger.warning("no store=: sessions, and events that are not done, end with this process")
        asyncio.run(until_told(self))

    async def start(self) -> None:
        """Run the bot until `close` is called.

        Raises:
            AuthenticationError: If the platform refuses the credentials.
            PluginError: If the setup of every plugin fails or, if `strict`, of one.
            ShardRefusedError: If every shard was refused for good.
            StoreError: If the store cannot be used.
            SessionLimitError: If the session starts of the day are used up, and not `wait`.
            PlatformUnreachableError: If the platform does not answer, and not `wait`.
        """
        self.token.validate()
        self._ended.clear()
        try:
            await _until(self._stop, self._run(self.status))
        except ShardRefusedError as exc:
            if not self._refused_intents:
                raise
            help_ = f"the intent may be {self._refused_intents}"
            raise ShardRefusedError(exc.message, help=help_) from exc
        finally:
            self._ended.set()

    async def close(self, within: float = DRAIN_LIMIT) -> None:
        """Drain and stop; returns when `start` has ended. Safe to call at any time, also to hurry it.

        Args:
            within: Seconds that handlers have to finish.
        """
        self._drain_limit = min(self._drain_limit, within)
        if self._draining is not None:
            sooner = asyncio.get_running_loop().time() + within
            self._draining.reschedule(min(sooner, self._draining.when() or sooner))
        self._stop.set()
        await self._ended.wait()

    def _report(self, fact: Fact) -> None:
        self.status.report(fact)
        self._tell(fact)
        if isinstance(fact, GapRecorded):
            self._gap(fact)
        if isinstance(fact, ShardChanged) and fact.code == INTENTS_REFUSED and not self._refused_intents:
            self._refused_intents = refused_intents(self.plugins, self.intents)
            self._report(IntentsRefused(self._refused_intents))

    async def _run(self, status: Status) -> None:
        async with open_platform(
            self.token,
            endpoints=self._endpoints,
            sandbox=self.sandbox,
            timeout=self.timeout,
            report=self._report,
            learn=self._learn,
            jitter=self._jitter,
            resolver=self._resolver,
        ) as platform:
            self.api = platform.api
            status.enter("asking who the bot is")
            self.bot = bot = await self._persist(status, platform.api.get_bot_info)
            status.bot_name = bot.username
            await self._serve(status, platform, bot)

    async def _serve(self, status: Status, platform: Platform, bot: BotInfo) -> None:
        """Everything from the gateway's address to the last handler."""
        api = platform.api
        status.enter("setting up plugins")
        tasks = PluginTasks(self._report)
        with tasks.counted():
            ready, failed = await set_up(self.plugins, api, bot, tasks)
            status.failures = (*status.failures, *failed)
            try:
                if failed and (self._strict or not ready):
                    raise PluginError(reasons_of(status.failures))
                async with self._opened_inbox() as inbox:
                    # Of all, ready or not: how a plugin numbers its replies depends on the others, and those
                    # of an event that runs again must have the numbers they had.
                    names = [plugin.name for plugin in self.plugins]
                    scope = Scope(api, bot, asyncio.get_running_loop().time, plugins=names)
                    await self._connect(status, platform, scope, ready, inbox, tasks)
            finally:
                # What handlers have left of their time; whoever stops the bot does not wait for it twice.
                left = (status.draining_until or math.inf) - asyncio.get_running_loop().time()
                await tear_down(ready, tasks, limit=min(LIMIT, max(_LEAST, left)))

    @asynccontextmanager
    async def _opened_inbox(self) -> AsyncIterator[MemoryInbox | DurableInbox]:
        """Give the inbox, with what an earlier process left in the store."""
        if self._store is None:
            yield MemoryInbox(limit=INBOX_LIMIT)
            return
        self.status.stage = "opening the store"
        async with self._store as store:
            inbox = DurableInbox(store, limit=INBOX_LIMIT, report=self._report)
            await inbox.restore()
            self._gap = inbox.note_gap
            try:
                yield inbox
            finally:
                self._gap = _nothing
                await inbox.close()

    async def _connect(
        self,
        status: Status,
        platform: Platform,
        scope: Scope,
        ready: Sequence[Plugin],
        inbox: MemoryInbox | DurableInbox,
        tasks: PluginTasks,
    ) -> None:
        """Everything from the first shard to the last handler."""
        failed = [plugin for plugin in self.plugins if plugin not in ready]
        dispatcher = Dispatcher(ready, scope, ledger=inbox, report=self._report, broken=failed)
        sink: Sink = inbox
        if self._memory_limit is not None:
            sink = status.throttle = MemoryThrottle(sink, self._memory_limit, busy=dispatcher.is_busy)
        manager = ShardManager(
            self._shards,
            api=platform.api,
            http=platform.http,
            tokens=platform.tokens,
            sink=sink if self._tap is None else TappedSink(sink, self._tap),
            report=self._report,
            intents=self.intents or Intents.GUILDS,
            gateway_url=self._endpoints.gateway,
            limits=self._limits,
            jitter=self._jitter,
            memory=inbox if isinstance(inbox, DurableInbox) else None,
        )
        inbox.begin(dispatcher, manager.stored)
        status.enter("asking for the gateway")
        await self._persist(status, manager.read_gateway)
        manager.prepare(wait=self._wait)
        status.manager, status.dispatcher, status.inbox = manager, dispatcher, inbox
        status.enter("")
        watchdogs = self._watchdogs(status, platform, manager)
        parts = (status.watch(), dispatcher.watch(), inbox.run(), tasks.watch(), *watchdogs)
        try:
            async with background(*parts) as broken:
                await self._run_shards(status, inbox, manager, broken)
        finally:
            await dispatcher.close()

    def _watchdogs(
        self, status: Status, platform: Platform, manager: ShardManager
    ) -> list[Coroutine[Any, Any, None]]:
        async def slept(seconds: float) -> None:
            logger.warning("this computer was asleep for %.0f s", seconds)
            platform.tokens.slept(seconds)
            await manager.slept(seconds)

        watchdogs = [watch_sleep(slept, self._lived)]
        if self._blocked_after is not None:
            watchdogs.append(watch_loop(self._blocked_after))
        if status.throttle is not None:
            watchdogs.append(status.throttle.watch())
        return watchdogs

    async def _run_shards(
        self, status: Status, inbox: Inbox, manager: ShardManager, broken: asyncio.Event
    ) -> None:
        """Run all shards until this is cancelled, then drain, in a moment if the bot is *broken*."""
        running = asyncio.ensure_future(manager.run())
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            # Without its pumps the inbox never hears that handlers have finished.
            limit = min(self._drain_limit, _BROKEN) if broken.is_set() else self._drain_limit
            try:
                await self._drain(status, inbox, limit)
            finally:
                try:
                    await manager.stop()
                    await running
                finally:
                    # Whatever has failed, no shard goes on without an owner.
                    running.cancel()
                    await asyncio.gather(running, return_exceptions=True)
            raise

    async def _drain(self, status: Status, inbox: Inbox, limit: float) -> None:
        """Stop reading and let handlers finish; heartbeats go on meanwhile."""
        clock = asyncio.get_running_loop().time
        begun = clock()
        status.draining_until = begun + limit
        inbox.shut()
        try:
            async with asyncio.timeout(limit) as self._draining:
                await inbox.empty()
        except TimeoutError:
            if not inbox.waiting:
                return  # there was no time, and no need of any
            unfinished, waited = counted(inbox.waiting, "event"), clock() - begun  # which may be cut short
            logger.warning("not finished within %.1f s: %s, %s", waited, unfinished, status.fate)
            status.fate_told = True
        finally:
            self._draining = None

    async def _persist(self, status: Status, ask: Callable[[], Awaitable[T]]) -> T:
        """Return what *ask* answers, asking again while the platform is away or out of service."""
        backoff = Backoff(CONNECT_BACKOFF, self._jitter)
        clock = asyncio.get_running_loop().time
        while True:
            begun = clock()
            try:
                return await ask()
            except (PlatformUnreachableError, ApiError) as exc:
                if isinstance(exc, ApiError) and not (isinstance(exc, RateLimitedError) or is_passing(exc)):
                    raise
                away = PlatformUnreachableError(exc.message, help=exc.help)
                if not self._wait:
                    raise away from exc
                untrusted = is_untrusted(exc)
                delay = UNTRUSTED_PAUSE if untrusted else backoff.next(took=clock() - begun)
                level = logging.ERROR if untrusted else logging.WARNING
                failed = stage_in_words(status.stage, exc.message, delay)
                # The way out once: a platform that is away all night says the same all night.
                way_out = "" if exc.message == status.stage_error else f"; help: {away.help}"
                logger.log(level, "%s%s", failed, way_out)
                status.stage_error, status.stage_next_at = exc.message, clock() + delay
                await asyncio.sleep(delay)
                status.stage_next_at = None


async def _until(stop: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Do *work* until it ends or *stop* is set; it is cancelled then and may take its time to clean up."""
    working = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not working.done():
            working.cancel()
        await asyncio.wait((working,))
    if not working.cancelled():
        working.result()


def _log(fact: Fact) -> None:
    line = describe(fact, now=time.monotonic())
    logger.log(line.level, "%s: %s%s", line.subject, line.text, f"\n{line.detail}" if line.detail else "")


def _forget(_token: str) -> None:
    pass


def _nothing(_gap: GapRecorded) -> None:
    pass
