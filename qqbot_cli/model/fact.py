"""Facts: what lower layers report to whoever watches (panel, log, metrics).

Only what happens now and then is a fact. What happens for every event is a counter on the object
that does it, read when somebody looks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class ShardState(StrEnum):
    """What a shard is doing; shown to people as it is."""

    WAIT_TOKEN = "waiting for token"  # noqa: S105 - a state, not a token
    WAIT_PERMIT = "waiting for permit"
    CONNECTING = "connecting"
    WAIT_HELLO = "waiting for hello"
    IDENTIFYING = "identifying"
    RESUMING = "resuming"
    READY = "ready"
    BACKOFF = "backoff"
    FATAL = "FATAL"
    DRAINING = "draining"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ShardChanged:
    """A shard left one state for another."""

    shard: int
    old: ShardState
    new: ShardState
    reason: str = ""
    """Why, in words; empty where the states say it."""
    code: int | None = None
    """Close code, if that was the reason."""
    delay: float | None = None
    """Seconds until the next step, where it lets time pass."""
    seq: int | None = None
    replayed: int | None = None
    """Events that RESUME brought, where it has just ended."""
    limit: float | None = None
    """Seconds after which it gives up, where it waits for somebody."""


@dataclass(frozen=True, slots=True)
class HeartbeatAcked:
    """The platform answered a heartbeat."""

    shard: int
    latency: float
    """Seconds."""


@dataclass(frozen=True, slots=True)
class ShardWarned:
    """Something on a connection is odd but mended."""

    shard: int
    message: str


@dataclass(frozen=True, slots=True)
class GapRecorded:
    """A session could not be resumed: events that happened meanwhile are lost."""

    shard: int
    reason: str
    seconds: float | None
    """From the last life sign of the old session to now; None if unknown."""


@dataclass(frozen=True, slots=True)
class HandlerFailed:
    """A plugin's callback raised, took too long or ended the wrong way."""

    plugin: str
    callback: str
    event_id: str
    error: str
    """Type and text, control characters removed."""
    place: str
    """``file:line`` inside the plugin, or empty."""
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class EventUnknown:
    """An event has no row, or its payload cannot be typed; reported once per kind."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class EventGivenUp:
    """An event failed for the last time; it is kept, and can be run again."""

    row: int
    """Its number in the store."""
    name: str
    event_id: str
    plugins: str
    """Which plugins failed it."""
    error: str


@dataclass(frozen=True, slots=True)
class InboxRestored:
    """The store of an earlier process was taken up."""

    events: int
    """Not done; they run now."""
    sessions: int
    """That may be resumed."""
    dead: int
    """Events given up because they were running when the process crashed, again and again."""
    unclean: bool
    """Whether the earlier process ended without closing the store."""


@dataclass(frozen=True, slots=True)
class IntentsRefused:
    """The platform does not grant what was asked for; reported once."""

    wanted: str
    """Which intents it may be, and who wanted them."""


@dataclass(frozen=True, slots=True)
class RequestFailed:
    """A REST call failed for good."""

    endpoint: str
    error: str
    raised: bool = False
    """Whether a part of the bot has asked, which says itself what comes of it."""


@dataclass(frozen=True, slots=True)
class TokenChanged:
    """A new access token is in use, or none could be had."""

    expires_at: float | None
    """Monotonic seconds; None if the attempt failed."""
    error: str = ""
    raised: bool = False
    """Whether there was no other token, so that those who need one are told, and say it themselves."""


@dataclass(frozen=True, slots=True)
class GatewayRead:
    """``/gateway/bot`` has been read."""

    shards: int
    total: int
    remaining: int
    reset_at: float
    """Monotonic seconds."""
    max_concurrency: int


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """An IDENTIFY was sent; `remaining` session starts are left by our count."""

    shard: int
    remaining: int


Fact = (
    ShardChanged
    | HeartbeatAcked
    | ShardWarned
    | GapRecorded
    | HandlerFailed
    | EventUnknown
    | EventGivenUp
    | InboxRestored
    | IntentsRefused
    | RequestFailed
    | TokenChanged
    | GatewayRead
    | SessionStarted
)

Report = Callable[[Fact], None]
"""Where facts go; must not block and must not raise."""
