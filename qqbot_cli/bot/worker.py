"""Runs the handlers of one plugin: in order within a conversation, side by side across conversations.

A fixed number of workers take turns over the conversations that have something to do. There is no task
for each event: a worker is a task, and a handler that takes too long is ended by cancelling its worker,
which is then replaced. So nothing a handler does, short of blocking the event loop, reaches further than
its own event.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import logging
import math
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Final, Protocol

from qqbot_cli.bot.blame import error_text, raised_at, traceback_text, waiting_at
from qqbot_cli.bot.plugin import OnError, Plugin
from qqbot_cli.bot.retry import delay_after
from qqbot_cli.bot.session import EventSession, HandlerFailure
from qqbot_cli.model.fact import HandlerFailed, Report
from qqbot_cli.rest.caller import RUNNING_PLUGIN

logger = logging.getLogger(__name__)

Method = Callable[[Any], Awaitable[None]]
Session = EventSession[Any]

_GRACE: Final = 0.25
"""Seconds a cancelled handler has to end."""
_MAX_ABANDONED: Final = 16
"""Handlers that would not end; more and the plugin gets no further events."""
_FAILURES_TO_PAUSE: Final = 5
_PAUSE: Final = 60.0
_RECENT: Final = 256
"""Durations that the 95th percentile is taken from."""


_TURN: Final = 0.01
"""Seconds after which a worker lets the rest of the process have a turn: handlers that never wait would keep
it from heartbeats and signals for as long as there are events."""
_BLOCKING: Final = 0.5
"""Seconds of one handler, if nothing else could run meanwhile, that betray a plugin which blocks."""
_ONE_BY_ONE: Final = 60.0
"""Seconds for which no two handlers of such a plugin begin in the same turn: the next may block as well."""


Job = tuple[Method, Session]
Failed = Callable[[object, HandlerFailure], None]
"""Is given the conversation and what failed."""


def _nobody(_key: object, _failure: HandlerFailure) -> None:
    pass


class Ledger(Protocol):
    """Who keeps account of events."""

    def done(self, session: Session) -> None:
        """The last plugin has finished with the event."""

    def failed(self, session: Session, plugin: str, error: str) -> None:
        """*plugin*, the last that has not finished, failed and will try again."""

    async def again(self, session: Session) -> None:
        """Count one more attempt; nothing may happen before that is kept."""


class _Lane(deque[Job]):
    """What waits within one conversation."""

    __slots__ = ("failures", "key")

    key: object
    failures: int
    """Runs of the first job that failed."""


class _Slot:
    """What one worker is doing."""

    __slots__ = ("job", "lane", "overdue", "since", "task")

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.lane: _Lane | None = None
        self.job: Job | None = None
        """None while it has nothing to do, or once its handler has been given up."""
        self.since = 0.0
        self.overdue = False


class PluginRunner:
    """The workers of one plugin."""

    def __init__(
        self,
        plugin: Plugin,
        *,
        ledger: Ledger,
        report: Report,
        failed: Failed = _nobody,
        stopped: str = "",
        retry: Callable[[BaseException, int, int], float | None] = delay_after,
    ) -> None:
        """Make workers for *plugin*.

        Args:
            plugin: What they run.
            ledger: Keeps account of the events.
            report: Where facts go.
            failed: Is told of every handler that fails, while the event is not finished yet.
            stopped: Why it gets no events from the beginning; empty if it does.
            retry: Answers after how many seconds an event is tried again, by what its handler raised,
                how often it failed before, and how often earlier processes ran it.
        """
        self.plugin = plugin
        self.name = plugin.name
        self.handled = 0
        self.failed = 0
        self.skipped = 0
        """Events not handed to it while it was paused or stopped."""
        self.abandoned = 0
        """Handlers that would not end when they were cancelled."""
        self.last_error = ""
        self.durations: deque[float] = deque(maxlen=_RECENT)
        self.paused_until = 0.0
        self._ledger = ledger
        self._retry = retry
        self._report = report
        self._tell = failed
        self._clock = asyncio.get_running_loop().time
        self._lanes: dict[object, _Lane] = {}
        self._ready: deque[_Lane] = deque()
        self._idle: deque[asyncio.Future[None]] = deque()
        self._slots: set[_Slot] = set()
        self._retries: dict[object, asyncio.TimerHandle] = {}
        """Conversation -> when its failed handler is tried again; nothing else happens in it before."""
        self._waking = False
        """Whether a worker is about to look for work."""
        self._failures_in_a_row = 0
        self._looked_at = 0.0
        """When `check` was called last; long ago if nothing but handlers could run."""
        self._one_by_one_until = 0.0
        self._turns = asyncio.Lock()
        """Of whoever begins next, as long as they begin one by one."""
        self._stopped = stopped
        """Why it gets no events any more; empty while it does."""
        self._closing = False
        self._context = contextvars.copy_context()

    @property
    def running(self) -> int:
        """Handlers at work."""
        return sum(slot.job is not None for slot in self._slots)

    def unfinished(self) -> Iterator[Session]:
        """Return the events that this plugin has not finished with."""
        for slot in self._slots:
            if slot.job is not None:
                yield slot.job[1]
        for lane in self._lanes.values():
            for _, session in lane:
                yield session

    def add(self, key: object, method: Method, session: Session) -> bool:
        """Queue *session* for *method* within the conversation *key*; return False if it is skipped."""
        if self._stopped or (self.paused_until and self._clock() < self.paused_until):
            self.skipped += 1
            session.give_up(self.plugin.name, f"skipped, {self._stopped or 'the plugin is paused'}")
            return False
        lane = self._lanes.get(key)
        if lane is not None:
            lane.append((method, session))
            return True
        lane = self._lanes[key] = _Lane()
        lane.key = key
        lane.failures = 0
        lane.append((method, session))
        self._ready.append(lane)
        if not self._waking:
            self._wake()
        return True

    def _wake(self) -> None:
        """Get one more worker going, if there is one; it gets the next one going if that is needed.

        One at a time, because a worker whose handlers do not have to wait does the work of all.
        """
        if self._closing:
            return  # nobody would end a handler that begins now
        while self._idle:
            future = self._idle.popleft()
            if not future.done():
                self._waking = True
                future.set_result(None)
                return
        if len(self._slots) < self.plugin.concurrency:
            self._waking = True
            slot = _Slot()
            # In a context of its own: a worker that another one wakes must not pass for a task of the plugin.
            slot.task = asyncio.get_running_loop().create_task(
                self._work(slot), name=f"plugin {self.plugin.name}", context=self._context.copy()
            )
            slot.task.add_done_callback(functools.partial(self._ended, slot))
            self._slots.add(slot)

    def _ended(self, slot: _Slot, task: asyncio.Task[None]) -> None:
        """A worker has ended; if that was a fault of ours, its event is given up and others go on."""
        exc = None if task.cancelled() else task.exception()
        if exc is None:
            return
        logger.error("plugin %s: a worker failed: %s", self.name, error_text(exc), exc_info=exc)
        if slot.job is None:
            self._slots.discard(slot)
        else:
            slot.job[1].give_up(self.name, error_text(exc))
            self._retire(slot)

    async def _work(self, slot: _Slot) -> None:
        """Handle what is queued, for ever: nothing in here is done per event that can be done once."""
        ready, lanes, durations, clock = self._ready, self._lanes, self.durations, self._clock
        RUNNING_PLUGIN.set(self.name)
        self._waking = False
        began = now = clock()
        while True:
            if now - began >= _TURN or now < self._one_by_one_until:
                await self._rest(slot)
                began = now = clock()
            while not ready:
                future = asyncio.get_running_loop().create_future()
                self._idle.append(future)
                try:
                    await future
                except asyncio.CancelledError:
                    await self._survive_cancellation(slot)
                self._waking = False
                began = now = clock()
            slot.lane = lane = ready.popleft()
            slot.job = job = lane.popleft()
            slot.since = then = now
            if ready and not self._waking:
                self._wake()
            method, session = job
            delay = None
            try:
                if lane.failures or session.uncounted:
                    if lane.failures:
                        session.begin_again(self.name)
                    session.uncounted = False
                    slot.since = math.inf  # the store may take its time, which is not the handler's
                    await self._ledger.again(session)
                    slot.since = then = clock()
                await method(session)
            except BaseException as exc:  # SystemExit too: no handler may end the bot
                last = session.unfinished == 1  # before those who want to know of failures are told
                if not self._survive(slot, exc):
                    raise
                if self._closing:
                    return  # it failed because it was cancelled; the event is not done
                if not slot.overdue:
                    delay = self._retry_or_give_up(lane, session, exc, last=last)
            else:
                self.handled += 1
                self._failures_in_a_row = 0
            now = clock()
            durations.append(now - then)
            if now - then >= _BLOCKING and self._looked_at < then:
                self._one_by_one_until = now + _ONE_BY_ONE
            if slot.overdue:
                self._retire(slot)
                return  # cancelled tasks are not used again
            slot.job = None
            if delay is not None:
                self._try_again_later(lane, job, delay)
            else:
                lane.failures = 0
                if lane:
                    ready.append(lane)
                else:
                    del lanes[lane.key]
                session.unfinished -= 1
                if not session.unfinished:
                    self._ledger.done(session)
            if slot.task is not None and slot.task.cancelling():
                await self._survive_cancellation(slot)

    def _retry_or_give_up(
        self, lane: _Lane, session: Session, exc: BaseException, *, last: bool
    ) -> float | None:
        """Return after how many seconds the event is tried again; None if this failure was its last.

        *last* is whether no other plugin has the event in its hands.
        """
        error = error_text(exc)
        delay = None if self._stopped else self._retry(exc, lane.failures, session.earlier)
        if delay is None:
            session.give_up(self.plugin.name, error)
        elif last:
            self._ledger.failed(session, self.plugin.name, error)
        return delay

    def _try_again_later(self, lane: _Lane, job: Job, delay: float) -> None:
        """Hold the conversation up until *job* has another try: its order must not suffer."""
        lane.failures += 1
        lane.appendleft(job)
        loop = asyncio.get_running_loop()
        self._retries[lane.key] = loop.call_later(delay, self._try_again, lane)

    def _try_again(self, lane: _Lane) -> None:
        del self._retries[lane.key]
        self._ready.append(lane)
        if not self._waking:
            self._wake()

    async def _rest(self, slot: _Slot) -> None:
        """Let everything else run before the next handler begins."""
        try:
            if self._clock() < self._one_by_one_until:
                async with self._turns:
                    await asyncio.sleep(0)
            else:
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            await self._survive_cancellation(slot)

    async def _survive_cancellation(self, slot: _Slot) -> None:
        """End a cancellation that is not ours; one that a handler left behind must not hit the next."""
        task = slot.task
        if self._closing or task is None:
            raise asyncio.CancelledError
        try:
            await asyncio.sleep(0)  # a cancellation that has not been delivered yet arrives here
        except asyncio.CancelledError:
            if self._closing:
                raise
        while task.cancelling():
            task.uncancel()

    def _survive(self, slot: _Slot, exc: BaseException) -> bool:
        """Deal with what a handler raised; return False if it is we who are being cancelled."""
        if self._closing and isinstance(exc, asyncio.CancelledError):
            return False
        if not slot.overdue:
            self._fail(slot, exc)
            if slot.task is not None and slot.task.cancelling():
                slot.task.uncancel()  # the handler cancelled itself; the worker goes on
        return True

    def _retire(self, slot: _Slot) -> None:
        """An overdue handler has ended, or is given up: its conversation goes on with another worker."""
        if slot.job is None or slot.lane is None:
            self.abandoned -= 1  # it was given up before, and has ended after all
            return
        session, lane = slot.job[1], slot.lane
        slot.job = None
        self._slots.discard(slot)
        lane.failures = 0
        if lane:
            self._ready.append(lane)
        else:
            del self._lanes[lane.key]
        if self._ready:
            self._wake()
        session.unfinished -= 1
        if not session.unfinished:
            self._ledger.done(session)

    def check(self, now: float) -> None:
        """Cancel handlers that take too long, and give up those that would not end."""
        stood_still, self._looked_at = now - self._looked_at, now
        if stood_still >= _BLOCKING:  # which is nobody's time: another plugin may be to blame
            for slot in self._slots:
                slot.since += min(stood_still, max(0.0, now - slot.since))
        for slot in tuple(self._slots):
            if slot.job is None or slot.task is None:
                continue
            late = now - slot.since - self.plugin.timeout
            if late >= 0 and not slot.overdue:
                slot.overdue = True
                too_late = TimeoutError(f"took more than {self.plugin.timeout:g} s")
                self._fail(slot, too_late)
                slot.job[1].give_up(self.plugin.name, error_text(too_late))
                slot.task.cancel()
            elif late >= _GRACE and slot.overdue:
                self.abandoned += 1
                self._retire(slot)
                if self.abandoned >= _MAX_ABANDONED:
                    self._stop("handlers do not end when they are cancelled")

    def _fail(self, slot: _Slot, exc: BaseException) -> None:
        self.failed += 1
        self._failures_in_a_row += 1
        assert slot.job is not None
        method, session = slot.job
        place = _place(exc, slot)
        callback = getattr(method, "__name__", "?")
        error = error_text(exc)
        self.last_error = f"{error} in {callback}" + (f" ({place})" if place else "")
        text = traceback_text(exc)
        self._report(HandlerFailed(self.plugin.name, callback, session.event_id, error, place, text))
        assert slot.lane is not None
        self._tell(slot.lane.key, HandlerFailure(self.plugin.name, callback, exc, session, place))
        if self.plugin.on_error is OnError.STOP:
            self._stop("on_error: stop")
        elif self.plugin.on_error is OnError.PAUSE and self._failures_in_a_row >= _FAILURES_TO_PAUSE:
            self._failures_in_a_row = 0
            self.paused_until = self._clock() + _PAUSE

    def _stop(self, why: str) -> None:
        if not self._stopped:
            self._stopped = "the plugin is stopped"
            self.last_error = f"stopped, {why}; {self.last_error}"
            self._drop_waiting()

    def _drop_waiting(self) -> None:
        """Be done with everything that has not begun."""
        dropped = [session for lane in self._lanes.values() for _, session in lane]
        for timer in self._retries.values():
            timer.cancel()
        for key in [*(lane.key for lane in self._ready), *self._retries]:
            del self._lanes[key]
        self._ready.clear()
        self._retries.clear()
        for lane in self._lanes.values():
            lane.clear()
        self.skipped += len(dropped)
        for session in dropped:
            session.give_up(self.plugin.name, f"skipped, {self._stopped}")
            session.unfinished -= 1
            if not session.unfinished:
                self._ledger.done(session)

    @property
    def state(self) -> str:
        """``on``, ``paused`` or ``off``."""
        if self._stopped:
            return "off"
        return "paused" if self._clock() < self.paused_until else "on"

    async def close(self) -> None:
        """Cancel all workers and wait a moment for them."""
        self._closing = True
        for timer in self._retries.values():
            timer.cancel()
        tasks = [slot.task for slot in self._slots if slot.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_GRACE)


def _place(exc: BaseException, slot: _Slot) -> str:
    """Return ``file:line`` where *exc* was raised or, for a time-out, where the handler is waiting."""
    if exc.__traceback__ is not None or slot.task is None:
        return raised_at(exc)
    return waiting_at(slot.task.get_coro())


class Taker(Protocol):
    """Somebody who is given events: the runner of a plugin, or a part of the bot itself."""

    name: str
    """Of the plugin; empty for a part of the bot."""

    def add(self, key: object, method: Method, session: Session) -> bool:
        """Take *session*; return whether it stays unfinished until *method* has dealt with it."""
        ...


Listener = tuple[Taker, Method]
"""Who wants an event, and the callback for it."""
