"""What a simulation is asked to do: people, shards and faults, as plain values.

The configuration builds these from YAML, the simulator acts on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final


class Way(StrEnum):
    """A direction of the network, as seen from the client."""

    UP = "upstream"
    """From the client to the platform."""
    DOWN = "downstream"
    """From the platform to the client."""


class FaultKind(StrEnum):
    """What can go wrong on purpose; the value is the word used in a fault script."""

    CLOSE = "close"
    """Close with the code in `amount`."""
    RECONNECT = "reconnect"
    """Op 7, then close 4009, as the platform does every half hour."""
    INVALID_SESSION = "invalid_session"
    """Op 9 (resumable if `amount` is 1), then close 4903; the session is forgotten unless resumable."""
    DROP = "drop"
    """End the TCP connection with FIN, without a close frame."""
    HALF_OPEN = "half_open"
    """Go silent: the socket stays open, nothing is sent and nothing read."""
    BLACKHOLE = "blackhole"
    """Like half_open for all connections, new ones too, while the period lasts."""
    RST = "rst"
    """End the TCP connection with RST."""
    RST_MID_FRAME = "rst_mid_frame"
    """Send the first bytes of a frame, then RST."""
    DELAY = "delay"
    """Hold every frame back for `amount` seconds."""
    DUPLICATE = "duplicate"
    """Push each of the next `amount` events twice."""
    REORDER = "reorder"
    """Push the next `amount` events in reverse order."""
    SILENCE_ACKS = "silence_acks"
    """Do not answer heartbeats."""
    MUTE = "mute"
    """Answer heartbeats, but give the session no events, resumed or not; they are not kept for it either."""
    REMAINING = "remaining"
    """Set the number of session starts that are left to `amount`."""

    # From here on the network is at fault: TCP below REST and websockets alike.
    LATENCY = "latency"
    """Everything arrives `amount` seconds later."""
    JITTER = "jitter"
    """Everything arrives up to `amount` seconds later, by chance; with latency, that much around it."""
    BANDWIDTH = "bandwidth"
    """No more than `amount` bytes a second."""
    SLICE = "slice"
    """Segments of `amount` bytes."""
    LIMIT = "limit"
    """Each connection is closed when `amount` more bytes have passed."""
    RST_AFTER = "rst_after"
    """The same with RST, inside a frame if the bytes end there."""
    NO_ROUTE = "no_route"
    """Nothing passes and nobody is told; what waits goes on afterwards."""
    SLOW_CLOSE = "slow_close"
    """The end of a connection arrives `amount` seconds after its last byte."""
    REFUSE = "refuse"
    """New connections are refused."""
    HANG = "hang"
    """New connections are not answered."""


NETWORK_FAULTS: Final = frozenset(
    (
        FaultKind.LATENCY,
        FaultKind.JITTER,
        FaultKind.BANDWIDTH,
        FaultKind.SLICE,
        FaultKind.LIMIT,
        FaultKind.RST_AFTER,
        FaultKind.NO_ROUTE,
        FaultKind.SLOW_CLOSE,
        FaultKind.REFUSE,
        FaultKind.HANG,
    )
)
"""Faults that know of bytes and directions, and of no shard."""

WAYLESS_FAULTS: Final = frozenset((FaultKind.REFUSE, FaultKind.HANG))
"""Those of them that are about connections that do not exist yet."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of a fault script.

    Exactly one of `at_seq`, `at_event`, `every`, `after` or `start` says when. All times are seconds
    since the simulator started.
    """

    kind: FaultKind
    amount: float = 0
    shard: int | None = None
    """Only this shard; None means every shard."""
    way: Way | None = None
    """Only this direction of the network; None means both."""
    at_seq: int | None = None
    """When a session has reached this sequence number."""
    at_event: int | None = None
    """When the simulator has sent this many events in all."""
    every: float | None = None
    """Again and again, this many seconds apart."""
    after: float | None = None
    """Once, after this many seconds."""
    start: float | None = None
    """From here on (`from` in a script), until `end`."""
    end: float | None = None
    """Until here (`to` in a script); None means for good."""


@dataclass(frozen=True, slots=True)
class Emission:
    """An event that happens by plan; its times are seconds since the first session began."""

    name: str
    """Any name; one nobody knows reaches every session."""
    payload: Mapping[str, Any] | None = None
    """``d``; a realistic one if left out."""
    after: float = 0.0
    """When it happens for the first time."""
    every: float | None = None
    """Between two times; None lets it happen once."""
    shard: int | None = None
    """Only this shard; None leaves it to the guild, else shard 0."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """How a simulated platform is furnished."""

    users: int = 5
    """Number of simulated people, 0 or more."""
    seed: int = 1
    """Seed of everything that is left to chance; equal seeds give equal people and texts."""
    shards: int = 2
    """What ``/gateway/bot`` recommends."""
    pace: float = 1.0
    """Average number of seconds between two messages of one person."""
    say: tuple[str, ...] = ()
    """What people say to the bot; empty leaves it to them."""
    heartbeat_interval: float = 45.0
    """What HELLO tells, in seconds."""
    max_concurrency: int = 2
    """Sessions that may be started every five seconds."""
    remaining: int = 1000
    """Session starts that are left today, of 1000."""
    reset_after: float = 86_400.0
    """Seconds until `remaining` is 1000 again."""
    quirks: float = 0.0
    """Share of the events, 0 to 1, that come with fields left out, retyped or of older shapes."""
    repeats: int = 0
    """Events that RESUME brings once more although they had been received."""
    events: tuple[Emission, ...] = ()
    """What happens by plan, besides what people do."""
    faults: tuple[Fault, ...] = ()
