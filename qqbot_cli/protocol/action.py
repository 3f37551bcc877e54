"""What a shard machine wants done: the vocabulary between decisions and I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from qqbot_cli.model.fact import Fact


@dataclass(frozen=True, slots=True)
class GatewaySession:
    """What RESUME needs."""

    session_id: str = field(repr=False)
    seq: int


@dataclass(frozen=True, slots=True)
class GetToken:
    """Have an access token ready; answer with `token_ready` or `token_failed`."""

    refused: bool = False
    """The platform refused the current one: another is wanted."""


@dataclass(frozen=True, slots=True)
class GetPermit:
    """Wait for a permit to identify; answer with `permit_granted`."""


@dataclass(frozen=True, slots=True)
class ReturnPermit:
    """The permit was not used."""


@dataclass(frozen=True, slots=True)
class Connect:
    """Open a socket before `deadline`; answer with `opened` or `closed`, later with `closed`."""


@dataclass(frozen=True, slots=True)
class RefreshGateway:
    """The address may be stale: read `/gateway/bot` again before the next Connect."""


@dataclass(frozen=True, slots=True)
class Identify:
    """Send IDENTIFY; the permit is used up."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Send RESUME for this session."""

    session: GatewaySession


@dataclass(frozen=True, slots=True)
class ForgetSession:
    """The session cannot be resumed, now or later: nobody need keep it."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Send a heartbeat with this sequence number."""

    seq: int | None


@dataclass(frozen=True, slots=True)
class Deliver:
    """Hand the frame that was just received to the bot."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the socket; `closed` follows as for any other end."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Tell:
    """Report a fact."""

    fact: Fact


@dataclass(frozen=True, slots=True)
class TellSent:
    """Report what was sent last, without secrets: the platform says that it was wrong."""


Action = (
    GetToken
    | GetPermit
    | ReturnPermit
    | Connect
    | RefreshGateway
    | Identify
    | Resume
    | ForgetSession
    | Heartbeat
    | Deliver
    | Close
    | Tell
    | TellSent
)
Actions = Sequence[Action]

DELIVER: Final[Actions] = (Deliver(),)
NOTHING: Final[Actions] = ()
