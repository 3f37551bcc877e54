"""Messages that wait for review, and how their reviews end.

A send that is reviewed answers with an audit id and no more; the verdict comes later, as an event with the
same id. Events that no plugin wants are not decoded, so this listens only while somebody waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from qqbot_cli.errors import MessageAuditError
from qqbot_cli.model.answer import MessageResponse
from qqbot_cli.model.events import AUDIT_PASS
from qqbot_cli.model.payload.audit import MessageAudit

_LIMIT: Final = 1_000
"""Verdicts kept for sends whose answer has not arrived yet; the oldest go first."""
_LIFETIME: Final = 60.0
"""Seconds for which they are kept: an answer does not take longer."""

Verdict = tuple[bool, MessageAudit]
"""Whether it passed, and the event."""


def _nobody(_wanted: bool) -> None:
    pass


class Audits:
    """Pairs sends with verdicts, by audit id."""

    name = ""
    """It is no plugin."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """*clock* answers monotonic seconds."""
        self.on_demand: Callable[[bool], None] = _nobody
        """Told True when verdicts are wanted from now on, and False when they are not."""
        self._clock = clock
        self._senders = 0
        self._waiting: dict[str, asyncio.Future[Verdict]] = {}
        self._early: dict[str, tuple[float, Verdict]] = {}

    async def settle(self, send: Callable[[], Awaitable[MessageResponse]], wait: float) -> MessageResponse:
        """Send, and if the message is reviewed, return what came of it.

        Raises:
            MessageAuditError: If it was refused in its review (`rejected`), or if there is no verdict after
                *wait* seconds.
        """
        # Listening begins before the message goes: its verdict may overtake the answer.
        with self._listening():
            try:
                return await send()
            except MessageAuditError as error:
                if not error.audit_id:
                    raise
                passed, audit = await self._verdict(error, wait)
                if not passed:
                    error.rejected = True
                    raise
                return MessageResponse(
                    id=audit.message_id,
                    channel_id=audit.channel_id,
                    guild_id=audit.guild_id,
                    audit_id=audit.audit_id,
                )

    def add(self, _key: object, _method: object, session: Any) -> bool:  # noqa: ANN401 - a MessageAuditSession
        """Take a verdict, as one more listener of the event; the event is not kept open for it."""
        audit: MessageAudit = session.event
        verdict = (session.name == AUDIT_PASS, audit)
        future = self._waiting.get(audit.audit_id)
        if future is not None:
            if not future.done():
                future.set_result(verdict)
            return False
        now = self._clock()
        for audit_id, (at, _) in list(self._early.items()):
            if now - at < _LIFETIME and len(self._early) < _LIMIT:
                break
            del self._early[audit_id]
        self._early[audit.audit_id] = now, verdict
        return False

    async def _verdict(self, error: MessageAuditError, wait: float) -> Verdict:
        early = self._early.pop(error.audit_id, None)
        if early is not None:
            return early[1]
        future = asyncio.get_running_loop().create_future()
        self._waiting[error.audit_id] = future
        try:
            async with asyncio.timeout(wait):
                verdict: Verdict = await future
                return verdict
        except TimeoutError:
            error.help = f"no verdict within {wait:g} s; it comes only with the intent MESSAGE_AUDIT"
            raise error from None
        finally:
            del self._waiting[error.audit_id]

    @contextmanager
    def _listening(self) -> Iterator[None]:
        self._senders += 1
        if self._senders == 1:
            self.on_demand(True)
        try:
            yield
        finally:
            self._senders -= 1
            if not self._senders:
                self._early.clear()
                self.on_demand(False)
