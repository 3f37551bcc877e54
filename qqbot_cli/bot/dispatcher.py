"""From a raw event to the plugins that want it.

What can be known beforehand is worked out once: which plugins implement the callback of which event, by
which method, with which session. An event that nobody wants is not even decoded.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Final

from qqbot_cli.bot.plugin import Plugin
from qqbot_cli.bot.session import (
    SESSIONS,
    ErrorSession,
    EventSession,
    HandlerFailure,
    Scope,
    UnknownEvent,
    UnknownEventSession,
)
from qqbot_cli.bot.tally import Tally
from qqbot_cli.bot.twins import Twins
from qqbot_cli.bot.worker import Ledger, Listener, PluginRunner
from qqbot_cli.model.decode import STRICT_ERRORS, PayloadError
from qqbot_cli.model.events import AUDIT_PASS, AUDIT_REJECT, ERROR, EVENTS, UNKNOWN_EVENT, EventSpec
from qqbot_cli.model.fact import EventUnknown, Report
from qqbot_cli.model.frame import Frame
from qqbot_cli.protocol.dedupe import SeenIds

logger = logging.getLogger(__name__)

_CHECK_EVERY: Final = 0.1
"""Seconds between looks at handlers that take too long."""
_REMEMBERED: Final = 100_000
"""Ids of events by which repetitions are recognised."""
_MAX_KINDS: Final = 1_000
"""Unknown names that are reported; the network could invent them without end."""


class _Route:
    """What happens to events of one name."""

    __slots__ = ("by_own_id", "conversation", "decode", "forgive", "listeners", "session", "spec", "take")

    def __init__(self, spec: EventSpec, listeners: Sequence[Listener]) -> None:
        self.spec = spec
        self.decode = spec.decoder.strict
        self.forgive = spec.decoder.forgive
        self.conversation = spec.conversation
        self.by_own_id = spec.by_own_id
        self.session = SESSIONS[spec.session]
        self.listeners = listeners
        self.take: Callable[[Any], Sequence[Listener] | None] | None = None
        """Chooses among the listeners, where an event has a twin; None for "a repetition"."""


class _Accounts:
    """The ledger, as runners see it: an event is not finished before those who want to know of failures are.

    What they do is no part of it: that they fail must not have the event handled again.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def done(self, session: EventSession[Any]) -> None:
        """The last plugin has finished with the event, or with the news of a failure."""
        event = _event_of(session)
        if event is not session:
            event.unfinished -= 1
            if event.unfinished:
                return
        self._ledger.done(event)

    def failed(self, session: EventSession[Any], plugin: str, error: str) -> None:
        """*plugin*, the last that has not finished, failed and will try again."""
        if not isinstance(session, ErrorSession):
            self._ledger.failed(session, plugin, error)

    async def again(self, session: EventSession[Any]) -> None:
        """Count one more attempt; nothing may happen before that is kept."""
        if not isinstance(session, ErrorSession):
            await self._ledger.again(session)


class Dispatcher:
    """Hands events to plugins."""

    def __init__(
        self,
        plugins: Sequence[Plugin],
        scope: Scope,
        *,
        ledger: Ledger,
        report: Report,
        broken: Sequence[Plugin] = (),
    ) -> None:
        """Work out who gets what.

        Args:
            plugins: Who handles events, in the order of handing out.
            scope: What all sessions share.
            ledger: Keeps account of what plugins do with events.
            report: Where facts go.
            broken: Plugins whose setup failed. They are handed nothing, and the ledger is told of each
                event that they would have had: a store keeps it for them.
        """
        self._scope = scope
        self._clock = scope.clock
        self._report = report
        self._is_new = SeenIds(_REMEMBERED).add
        self._kinds: set[tuple[str, str]] = set()
        self.tally = Tally()
        """Of what it hands to nobody; what plugins finish is counted by who keeps account of it."""
        self._ledger = ledger
        told = any(ERROR in plugin.callbacks for plugin in plugins)
        accounts = _Accounts(ledger) if told else ledger
        self.runners = [
            PluginRunner(plugin, ledger=accounts, report=report, failed=self._dispatch_error)
            for plugin in plugins
        ]
        # Before those who could not set themselves up are here: a failure that they are not told of is no
        # event that they have missed.
        self._errors = self._listeners(ERROR)
        self.runners += [
            PluginRunner(plugin, ledger=ledger, report=report, stopped="its setup failed")
            for plugin in broken
        ]
        self._names = frozenset(runner.name for runner in self.runners)
        self._routes = {name: _Route(spec, self._listeners(spec.callback)) for name, spec in EVENTS.items()}
        for route in self._routes.values():
            self._pair(route)
        self._unknown = self._listeners(UNKNOWN_EVENT)
        scope.audits.on_demand = self._hear_audits

    def _listeners(self, callback: str) -> list[Listener]:
        return [
            (runner, getattr(runner.plugin.handler, callback))
            for runner in self.runners
            if callback in runner.plugin.callbacks
        ]

    def _hear_audits(self, wanted: bool) -> None:
        """Let those who wait for a review listen to verdicts too, or not any more."""
        for route in (self._routes[AUDIT_PASS], self._routes[AUDIT_REJECT]):
            own = self._listeners(route.spec.callback)
            route.listeners = [(self._scope.audits, _no_callback), *own] if wanted else own

    def _pair(self, full: _Route) -> None:
        """Make *full* and the route it forwards to, if any, share who has had which message."""
        callback = full.spec.forwards_to
        if callback is None:
            return
        (addressed,) = (route for route in self._routes.values() if route.spec.callback == callback)
        twins = Twins(addressed.listeners, full.listeners)
        addressed.take, full.take = twins.take_addressed, twins.take_full
        full.listeners = twins.everybody

    def wants(self, name: str, plugins: Collection[str] = (), /) -> bool:
        """Whether any plugin handles events of this name, among *plugins* if there are any."""
        route = self._routes.get(name)
        listeners = self._unknown if route is None else route.listeners
        return any(taker.name in plugins for taker, _ in listeners) if plugins else bool(listeners)

    def dispatch(
        self,
        shard: int,
        frame: Frame,
        received: float,
        row: int = 0,
        plugins: Collection[str] = (),
        *,
        earlier: int | None = None,
    ) -> bool:
        """Queue the event in *frame* for every plugin that wants it; return whether there is any.

        Args:
            shard: Index of the shard that received it.
            frame: The event.
            received: When it arrived, in monotonic seconds.
            row: Its number in a store, which has recognised repetitions already; 0 if there is none.
            plugins: The only ones to get it, by name; all if empty.
            earlier: How often it ran in earlier processes; None if it was never handed out before.
        """
        route = self._routes.get(frame.event or "")
        if route is None:
            reason = "no callback is known for it"
            return self._dispatch_unknown(shard, frame, received, row, plugins, earlier, reason)
        listeners: Sequence[Listener] | None = route.listeners
        if not listeners and not plugins:
            self.tally.unwanted += 1
            return False
        try:
            payload: Any = route.decode(frame.body)
        except STRICT_ERRORS:
            try:
                payload = route.forgive(frame.body)
            except PayloadError as exc:
                return self._dispatch_unknown(shard, frame, received, row, plugins, earlier, str(exc))
        event_id = frame.id or ""
        session = route.session(self._scope, route.spec, payload, event_id, shard, received, frame.body)
        if row:
            _enter(session, row, earlier)
        if plugins:
            listeners = self._only(plugins, route.listeners, session)
        elif route.take is not None:
            listeners = route.take(session)
        elif not row:
            identity = payload.id if route.by_own_id else event_id
            if identity and not self._is_new(identity):
                listeners = None
        if listeners is None:
            self.tally.repeated += 1
            return False
        key = shard if route.conversation is None else route.conversation(payload)
        return self._hand_out(listeners, key, session)

    def _dispatch_unknown(
        self,
        shard: int,
        frame: Frame,
        received: float,
        row: int,
        plugins: Collection[str],
        earlier: int | None,
        reason: str,
    ) -> bool:
        name = frame.event or ""
        if (name, reason) not in self._kinds and len(self._kinds) < _MAX_KINDS:
            self._kinds.add((name, reason))
            self._report(EventUnknown(name, reason))
        if not self._unknown and not plugins:
            self.tally.unwanted += 1
            return False
        if not row and frame.id and not self._is_new(frame.id):
            self.tally.repeated += 1
            return False
        event = UnknownEvent(name, bytes(frame.body), reason)
        session = UnknownEventSession(self._scope, None, event, frame.id or "", shard, received, frame.body)
        if row:
            _enter(session, row, earlier)
        listeners = self._only(plugins, self._unknown, session) if plugins else self._unknown
        return self._hand_out(listeners, shard, session)

    def _only(
        self, plugins: Collection[str], listeners: Sequence[Listener], session: EventSession[Any]
    ) -> list[Listener]:
        """Return which of *listeners* are *plugins*; one that is not here has not had its event."""
        for name in plugins:
            if name not in self._names:
                session.give_up(name, "skipped, the plugin is not loaded")
        return [listener for listener in listeners if listener[0].name in plugins]

    def _hand_out(self, listeners: Sequence[Listener], key: object, session: EventSession[Any]) -> bool:
        """Queue *session* for all who listen; return whether it is on anybody's account."""
        takers = 0
        for runner, method in listeners:
            if runner.add(key, method, session):
                takers += 1
        session.unfinished = takers
        if takers:
            return True
        if session.row and session.failures:
            self._ledger.done(session)  # nobody could take it, which is a failure, not an end
            return True
        if session.failures:
            self.tally.given_up += 1
        else:
            self.tally.unwanted += 1
        return False

    def _dispatch_error(self, key: object, failure: HandlerFailure) -> None:
        """Tell the plugins that want to know; the event is not finished before they are."""
        if not self._errors or failure.callback == ERROR:
            return
        failed = failure.session
        session = ErrorSession(
            self._scope, None, failure, failed.event_id, failed.shard, failed.received, failed.body
        )
        session.unfinished = sum(runner.add(key, method, session) for runner, method in self._errors)
        if session.unfinished:
            failed.unfinished += 1

    def waiting_by_shard(self) -> Counter[int]:
        """Return the number of events that are not finished, by shard; counted when somebody looks."""
        sessions = {id(_event_of(session)): session.shard for session in self._unfinished()}
        return Counter(sessions.values())

    def _unfinished(self) -> Iterator[EventSession[Any]]:
        for runner in self.runners:
            yield from runner.unfinished()

    def is_busy(self) -> bool:
        """Whether any plugin has an event in its hands."""
        return any(True for _ in self._unfinished())

    async def watch(self) -> None:
        """End handlers that take too long, for ever."""
        while True:
            await asyncio.sleep(_CHECK_EVERY)
            now = self._clock()
            for runner in self.runners:
                runner.check(now)

    async def close(self) -> None:
        """Cancel every handler that still runs."""
        await asyncio.gather(*(runner.close() for runner in self.runners))


def _enter(session: EventSession[Any], row: int, earlier: int | None) -> None:
    """Note that *session* is stored as *row*, and *earlier* runs of it if it was handed out before."""
    session.row = row
    if earlier is not None:
        # Not counted before it begins: what only waits for its turn must not be blamed for a crash.
        session.rerun = session.uncounted = True
        session.earlier = earlier


def _event_of(session: EventSession[Any]) -> EventSession[Any]:
    """Return *session*, or the one of the event whose failure it tells of."""
    return session.event.session if isinstance(session, ErrorSession) else session


async def _no_callback(_session: EventSession[Any]) -> None:
    """Stand for the callback of a listener that has none."""
