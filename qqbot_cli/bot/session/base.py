"""One event and what can be done about it: what all sessions have in common.

One session belongs to one event and is shared by all plugins, because the numbers of replies must differ
across all of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import msgspec
from msgspec import UNSET

from qqbot_cli.bot.audits import Audits
from qqbot_cli.bot.session.way import M
from qqbot_cli.errors import (
    ApiError,
    AuthenticationError,
    MessageAuditError,
    MessageError,
    ReplyWindowError,
)
from qqbot_cli.model.answer import BotInfo, MessageResponse
from qqbot_cli.model.events import EventSpec
from qqbot_cli.model.outgoing import check
from qqbot_cli.protocol.reply import ReplyBook, series_of
from qqbot_cli.rest.caller import RUNNING_PLUGIN
from qqbot_cli.rest.repeated import sent_perhaps

if TYPE_CHECKING:
    from qqbot_cli.rest.api import BotApi

_MOMENTS: Final = ("sent_at", "happened_at")
"""Properties of payloads that tell when an event happened."""

P = TypeVar("P")


class Scope:
    """What all sessions of one bot share."""

    __slots__ = ("api", "audits", "bot", "clock", "series")

    def __init__(
        self, api: BotApi, bot: BotInfo, clock: Callable[[], float], *, plugins: Collection[str] = ()
    ) -> None:
        """*clock* answers monotonic seconds, *plugins* are the names of all that may reply."""
        self.api = api
        self.bot = bot
        self.clock = clock
        self.series = series_of(plugins)
        self.audits = Audits(clock)


class EventSession(msgspec.Struct, Generic[P], eq=False, gc=False):
    """One event. A struct, because one is made for every event that anybody wants."""

    _scope: Scope
    spec: EventSpec | None
    """The row of the event; None for unknown events."""
    event: P
    """The payload."""
    event_id: str
    """Id of the event, not of the message; empty where the platform sends none. Never invented."""
    shard: int
    """Index of the shard that received it."""
    received: float
    """When it arrived, in monotonic seconds."""
    body: msgspec.Raw = msgspec.Raw(b"")
    """``d`` as it arrived, JSON text; see `raw`."""
    unfinished: int = 0
    """Plugins that have not finished with it; for the dispatcher."""
    row: int = 0
    """Its number in the store; 0 if it is not stored."""
    rerun: bool = False
    """Whether it was handed out before, perhaps by a process that has died meanwhile."""
    uncounted: bool = False
    """Whether its next run has to be counted in the store before it begins; for the dispatcher."""
    earlier: int = 0
    """Runs that earlier processes began and did not end in an orderly way."""
    failures: list[tuple[str, str]] | None = None
    """Plugins that have failed it for good, each with its error."""
    _book: ReplyBook | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} {self.event_id} on shard {self.shard}>"

    @property
    def name(self) -> str:
        """Name of the event on the platform."""
        return self.spec.name if self.spec else ""

    def begin_again(self, plugin: str) -> None:
        """*plugin* will try it once more; for the dispatcher."""
        self.rerun = True

    def give_up(self, plugin: str, error: str) -> None:
        """*plugin* will not try it again; for the dispatcher."""
        if self.failures is None:
            self.failures = []
        self.failures.append((plugin, error))

    @property
    def raw(self) -> Any:  # noqa: ANN401 - any JSON
        """``d`` as plain Python values, with the fields no payload knows; decoded anew each time.

        Raises:
            msgspec.DecodeError: If it is not even JSON, which only `unknown_event` can meet.
        """
        return msgspec.json.decode(self.body)

    @property
    def api(self) -> BotApi:
        """All REST calls."""
        return self._scope.api

    @property
    def bot(self) -> BotInfo:
        """Who the bot is."""
        return self._scope.bot


class AnswerSession(EventSession[P]):
    """One event that can be answered, by its own id or by that of its message."""

    @property
    def _replies(self) -> ReplyBook:
        # Made when first needed: most events are not answered.
        if self._book is None:
            assert self.spec is not None
            window = self.spec.window
            assert window is not None
            reference = self.event_id if window.against == "event_id" else str(getattr(self.event, "id", ""))
            self._book = ReplyBook(window, reference, opened=self.received - self._age())
        return self._book

    def _age(self) -> float:
        """Return how old the event was when it arrived, in seconds, on the platform's own clock.

        After an outage events arrive late; our own wall clock may be wrong and is not asked.
        """
        offset = self.api.client.clock_offset
        moments: list[datetime | None] = [getattr(self.event, name, None) for name in _MOMENTS]
        moment = next(filter(None, moments), None)
        if offset is None or moment is None:
            return 0.0
        return max(0.0, self.received + offset - moment.timestamp())

    def share_replies(self, other: AnswerSession[Any]) -> None:
        """Count replies together with *other*, which is the same message under another name."""
        self._book = other._replies

    @property
    def remaining_replies(self) -> int | None:
        """Replies that are left; None where the platform publishes no number."""
        return self._replies.remaining

    @property
    def reply_expired(self) -> bool:
        """Whether it is too late to answer."""
        return self._replies.seconds_left(now=self._scope.clock()) <= 0

    def _reserve(self, wanted: int | None = None, *, counted: bool = True) -> dict[str, Any]:
        """Count a reply, unless not *counted*, and return the fields that make a message one.

        *wanted* is the ``msg_seq`` to use; the next one if left out.

        Raises:
            ReplyWindowError: If the window has closed or its replies are used up.
        """
        book = self._replies
        if not book.reference:
            raise ReplyWindowError("the event came without an id, so it cannot be answered")
        seq = book.next_seq(now=self._scope.clock(), wanted=wanted, counted=counted, series=self._series())
        return {book.window.against: book.reference, "msg_seq": seq}

    def _series(self) -> int:
        return self._scope.series.get(RUNNING_PLUGIN.get(), 0)

    def _give_back(self) -> None:
        """A counted reply was not sent after all."""
        self._replies.give_back(self._series())

    def begin_again(self, plugin: str) -> None:
        """*plugin* will try it once more, and says again what it said; for the dispatcher."""
        self.rerun = True
        if self._book is not None:
            self._book.begin_again(self._scope.series.get(plugin, 0))

    async def _send(
        self,
        params: M,
        send: Callable[[M], Awaitable[MessageResponse]],
        *,
        wait: float | None = None,
        counted: bool = True,
    ) -> MessageResponse:
        """Fill in what makes *params* a reply, and send it; raises what `ReplySession` says."""
        check(params)
        numbered = "msg_seq" in params.__struct_fields__
        wanted = getattr(params, "msg_seq", UNSET)
        fields = self._reserve(None if wanted is UNSET else wanted, counted=counted)
        if not numbered:
            del fields["msg_seq"]
        filled = msgspec.structs.replace(params, **{"msg_id": UNSET, "event_id": UNSET, **fields})
        try:
            # An earlier run may have sent the same with the same number: that it was sent is then no error.
            with sent_perhaps(self.rerun and numbered):
                if wait is None:
                    return await send(filled)
                return await self._scope.audits.settle(lambda: send(filled), wait)
        except MessageAuditError:
            raise  # it was accepted, and will be seen unless it is refused in its review
        except (ApiError, AuthenticationError, MessageError):
            if counted:
                self._give_back()
            raise
