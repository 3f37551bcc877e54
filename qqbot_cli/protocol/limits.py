"""How long the states of a shard may last."""

from __future__ import annotations

from dataclasses import dataclass

from qqbot_cli.protocol.hearing import USUAL_PATIENCE, Patience


@dataclass(frozen=True, slots=True)
class Limits:
    """How long things may last, in seconds."""

    token: float = 15.0
    """WAIT_TOKEN, one try; longer than the try's own time-out."""
    permit: float = 60.0
    """WAIT_PERMIT has no end; this only makes its deadline renew itself."""
    connecting: float = 10.0
    hello: float = 10.0
    """In all, not per byte."""
    identifying: float = 15.0
    resuming: float = 20.0
    """Since the last replayed event."""
    resuming_total: float = 600.0
    closing: float = 5.0
    """From our close to the end of the connection."""
    ack: float = 15.0
    """A heartbeat's answer; half an interval if that is shorter."""
    interval: tuple[float, float] = (5.0, 120.0)
    """What HELLO may ask for; everything else is clamped."""
    steady: float = 60.0
    """A connection that was ready this long forgives earlier failures."""
    reading: float = 60.0
    """Longest stop of reading before the connection is given back: its events wait at the platform then."""
    skips: int | None = None
    """Times that sequence numbers are left out after which a session is resumed from before them. None,
    because by the documentation that is no error."""
    deafness: Patience | None = USUAL_PATIENCE
    """When an old session that delivers nothing is replaced; None never does it."""

    @property
    def hint_at_skips(self) -> str:
        """What a warning about skipped numbers adds for who may want to do something about them."""
        return "" if self.skips is not None else "; watchdogs.skipped_numbers asks again from before them"
