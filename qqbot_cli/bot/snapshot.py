"""What a bot looks like at one moment: immutable values for the panel, `--json` and tests.

All points in time are monotonic seconds of the same clock as `taken`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qqbot_cli.model.fact import ShardState


class Fate(StrEnum):
    """What becomes of events that are not finished when the process ends."""

    KEPT = "kept for the next start"
    FORGOTTEN = "lost, only memory had them"
    GONE = "lost with the simulator"


@dataclass(frozen=True, slots=True)
class ShardView:
    """One shard."""

    index: int
    count: int
    state: ShardState
    session: str
    """First six and last two characters of the session id; empty without a session."""
    seq: int | None
    """Last sequence number."""
    latency: float | None
    """Seconds from the last heartbeat to its acknowledgement; None before the first."""
    events: int
    """Events received since the start."""
    rate: float
    """Events per second, average of the last ten seconds."""
    waiting: int
    """Events of this shard that no handler has finished."""
    reconnects: int
    """Since the start."""
    last_error: str
    """Close code and words, or empty."""
    next_step: str
    """What follows a state that is not ready: "resume", "identify", "stopped for good"; or empty."""
    next_at: float | None
    """When the next step is due, or when it gives up to wait for `awaited`; None if nobody knows."""
    since: float
    """When it entered the state."""
    paused: bool = False
    """Whether reading has stopped because handlers cannot keep up."""
    replayed: int = 0
    """Events that the present RESUME has brought so far; 0 in any other state."""
    skipped: int = 0
    """Times that sequence numbers were left out, since the start."""
    unknown: int = 0
    """Frames with an opcode that nobody knows, since the start."""
    awaited: str = ""
    """What the next step waits for, such as "hello"; empty if it comes at `next_at` by itself."""


@dataclass(frozen=True, slots=True)
class PluginView:
    """One plugin."""

    name: str
    version: str
    state: str
    """``on``, ``paused``, ``off`` or ``not loaded``."""
    handled: int
    failed: int
    running: int
    """Handlers that are at work now."""
    p95: float | None
    """Seconds within which 95 of 100 recent handlers ended; None before the first."""
    last_error: str
    """With file and line inside the plugin, or empty."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole process."""

    version: str
    appid: str
    bot_name: str
    """Empty before the platform has said it."""
    sandbox: bool
    simulated: bool
    config: str
    """Path of the configuration as the user gave it; empty without one."""
    started: float
    taken: float
    shards: tuple[ShardView, ...]
    plugins: tuple[PluginView, ...]
    quota_left: int | None
    """Session starts left today; None before `/gateway/bot` was read."""
    quota_total: int | None
    quota_reset_at: float | None
    token_expires_at: float | None
    events: int
    """Received since the start, all shards."""
    handled: int
    """Events that all their plugins have finished with; each counts once."""
    failed: int
    """Events that a plugin failed for the last time, in this run."""
    waiting: int
    """Events that are not done."""
    memory: int | None
    """Resident bytes; None where the system does not say."""
    lag: float
    """Seconds by which the event loop was late, worst of the last seconds."""
    dead: int = 0
    """Events that were given up and are kept, those of earlier runs included."""
    unwanted: int = 0
    """Events that no plugin handles."""
    repeated: int = 0
    """Events that had come before."""
    earlier: int = 0
    """Events to handle that were not received in this run: left by an earlier one, or run again by hand."""
    fate: Fate = Fate.KEPT
    """What becomes of those that wait when the process ends."""
    fate_told: bool = False
    """Whether the log has said so."""
    gaps: int = 0
    """Sessions that could not be resumed, since the start."""
    trouble: str = ""
    """Why nothing can be stored or read right now, or empty."""
    draining_until: float | None = None
    """While draining: when it ends at the latest."""
    stage: str = ""
    """What the start-up is doing, such as "asking who the bot is"; empty once shards run."""
    stage_error: str = ""
    """Why the last try of it failed, or empty."""
    stage_next_at: float | None = None
    """When it is tried again; None while it is being tried."""

    @property
    def ready(self) -> int:
        """Number of ready shards."""
        return sum(shard.state is ShardState.READY for shard in self.shards)
