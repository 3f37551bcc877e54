"""What happened: small facts in the order they happened, and counters."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, TypeVar

from qqbot_cli.simulator.scene import Scene

T = TypeVar("T")

HISTORY_LIMIT: Final = 100_000
"""Facts that are kept; the oldest go first."""


@dataclass(frozen=True, slots=True)
class TokenAsked:
    """The token endpoint was called; `code` is 0 if it gave a token."""

    code: int


@dataclass(frozen=True, slots=True)
class RestCalled:
    """A REST call was answered."""

    method: str
    path: str
    status: int


@dataclass(frozen=True, slots=True)
class Identified:
    """A session began."""

    session_id: str
    shard: tuple[int, int]
    intents: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """A session went on; `replayed` events came after `seq`."""

    session_id: str
    shard: tuple[int, int]
    seq: int
    replayed: int


@dataclass(frozen=True, slots=True)
class HeartbeatSeen:
    """A heartbeat came; `d` is as it came, None also for a missing one."""

    d: object
    shard: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Emitted:
    """An event was given to a session; `shard` and `seq` are None if no session wanted it."""

    seq: int | None
    name: str
    id: str
    shard: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Closed:
    """A connection ended; `code` is 1006 without a close frame."""

    code: int
    by_simulator: bool
    shard: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Violation:
    """A client broke a rule that a good client keeps."""

    what: str


@dataclass(frozen=True, slots=True)
class Replied:
    """A message of the bot became visible; `reply_to` is its ``msg_id`` or ``event_id``."""

    scene: Scene
    target: str
    message_id: str
    reply_to: str | None
    msg_seq: int | None
    content: str


@dataclass(frozen=True, slots=True)
class PartReceived:
    """Bytes of a part of an upload came to the storage; `kept` is false if they were lost."""

    upload_id: str
    position: int
    """Place in the list of parts, from 0."""
    size: int
    kept: bool


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The bot uploaded something; what it gave by address has no content here."""

    scene: Scene
    target: str
    file_type: int
    file_name: str
    file_info: str
    size: int
    md5: str
    way: Literal["url", "base64", "parts"]


@dataclass(frozen=True, slots=True)
class Recalled:
    """The bot took a message back."""

    scene: Scene
    target: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The bot confirmed an interaction."""

    interaction_id: str
    code: int


@dataclass(frozen=True, slots=True)
class Answered:
    """The person who said `message_id` to the bot saw an answer, `after` seconds."""

    message_id: str
    after: float


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The person who said `message_id` to the bot gave up."""

    message_id: str


Record = (
    TokenAsked
    | RestCalled
    | Identified
    | Resumed
    | HeartbeatSeen
    | Emitted
    | Closed
    | Violation
    | Replied
    | PartReceived
    | Uploaded
    | Recalled
    | Acknowledged
    | Answered
    | Unanswered
)


@dataclass(slots=True)
class Stats:
    """Counters since the start."""

    token_calls: int = 0
    upgrades: int = 0
    """Websockets that were asked for, whatever the answer."""
    identifies: int = 0
    resumes: int = 0
    heartbeats: int = 0
    violations: int = 0
    emitted: int = 0
    """Events that happened, whether or not a session wanted them."""
    delivered: int = 0
    """Events given to sessions, replays not counted."""
    replies: int = 0
    answered: int = 0
    unanswered: int = 0


_COUNTERS: Final[dict[type, str]] = {
    TokenAsked: "token_calls",
    Identified: "identifies",
    Resumed: "resumes",
    HeartbeatSeen: "heartbeats",
    Violation: "violations",
    Replied: "replies",
    Answered: "answered",
    Unanswered: "unanswered",
}


class History:
    """The facts, their counters, and a way to wait for them."""

    def __init__(self, clock: Callable[[], float], limit: int = HISTORY_LIMIT) -> None:
        self.records: deque[Record] = deque(maxlen=limit)
        self.times: deque[float] = deque(maxlen=limit)
        """When each of the records was added."""
        self.stats = Stats()
        self._clock = clock
        self._waiting: set[asyncio.Event] = set()

    def add(self, record: Record) -> None:
        """Remember *record* and wake everybody who waits for something to happen."""
        self.records.append(record)
        self.times.append(self._clock())
        counter = _COUNTERS.get(type(record))
        if counter is not None:
            setattr(self.stats, counter, getattr(self.stats, counter) + 1)
        for changed in self._waiting:
            changed.set()

    async def wait_for(self, predicate: Callable[[], T], timeout: float | None) -> T:
        """Return the first true value of *predicate*, asked now and after every new fact.

        Raises:
            TimeoutError: If it stayed false for *timeout* seconds; the message ends with the newest facts.
        """
        changed = asyncio.Event()
        self._waiting.add(changed)
        try:
            async with asyncio.timeout(timeout):
                while not (found := predicate()):
                    changed.clear()
                    await changed.wait()
                return found
        except TimeoutError:
            newest = "\n  ".join(repr(record) for record in list(self.records)[-10:])
            raise TimeoutError(
                f"it did not happen within {timeout} s; the newest facts:\n  {newest}"
            ) from None
        finally:
            self._waiting.discard(changed)
