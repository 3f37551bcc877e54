"""Opcodes and close codes: what the platform's numbers mean and which way out each one has.

The public documents contradict each other about close codes (4008, 4009 and 4900 above all);
`CLOSE_RULES` is the policy this project follows, in one place.
Source: platform documentation, "WebSocket 接入" (opcodes) and "错误码" (close codes).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final


class Opcode(IntEnum):
    """The ``op`` of a frame."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    RESUME = 6
    RECONNECT = 7
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Recovery(Enum):
    """What a shard does after its connection ended."""

    RESUME = "resume"
    """Continue the session; nothing is lost."""
    RESUME_TWICE = "resume, then identify"
    """Resume; if the same happens a third time, start a new session."""
    IDENTIFY = "identify"
    """The session is gone: start a new one."""
    IDENTIFY_RARELY = "identify, three times an hour"
    """We broke a rule: start a new session, but give up rather than repeat it for ever."""
    RESHARD = "reshard"
    """Ask the platform for the number of shards again."""
    STOP = "stop"
    """Nothing we can do helps; a person has to act."""


@dataclass(frozen=True, slots=True)
class CloseRule:
    """Meaning of a close code and the way on from it."""

    meaning: str
    recovery: Recovery
    pause: tuple[float, float] | None = None
    """Shortest and longest wait before the next connection, in seconds; None leaves it to the back-off."""
    fresh_token: bool = False
    """Whether the access token must be fetched anew first."""
    remedy: str = ""
    """What the operator has to do, for codes that stop a shard."""
    planned: bool = False
    """Whether the platform ends healthy connections this way; no sign of trouble, no back-off."""


RESUMABLE_CLOSE: Final = 4000
"""The code we close with when we want to resume: 1000 and 1001 may end the session on the server."""

_REPORT: Final = "this is a fault of qqbot: please report it with the log"
_INTERNAL: Final = CloseRule("internal error of the platform", Recovery.IDENTIFY)
_BAD_FRAME: Final = "a frame of the platform broke the protocol"

INTENTS_REFUSED: Final = 4014
"""Close code for intents that the bot has not been granted."""

CLOSE_RULES: Final[dict[int, CloseRule]] = {
    1000: CloseRule("closed normally", Recovery.RESUME),
    1001: CloseRule("server is going away", Recovery.RESUME),
    1002: CloseRule(_BAD_FRAME, Recovery.RESUME_TWICE),
    1006: CloseRule("connection lost", Recovery.RESUME),
    1007: CloseRule(_BAD_FRAME, Recovery.RESUME_TWICE),
    1009: CloseRule("a frame of the platform was too large", Recovery.RESUME_TWICE),
    1011: CloseRule("server error", Recovery.RESUME),
    1012: CloseRule("server restarts", Recovery.RESUME),
    1013: CloseRule("server overloaded", Recovery.RESUME),
    1014: CloseRule("bad gateway", Recovery.RESUME),
    4000: CloseRule("unknown error", Recovery.RESUME_TWICE),
    4001: CloseRule("invalid opcode", Recovery.IDENTIFY_RARELY, remedy=_REPORT),
    4002: CloseRule("invalid payload", Recovery.IDENTIFY_RARELY, remedy=_REPORT),
    4003: CloseRule("not authenticated", Recovery.IDENTIFY_RARELY, remedy=_REPORT),
    4004: CloseRule(
        "authentication failed",
        Recovery.RESUME,
        pause=(0.0, 1.0),
        fresh_token=True,
        remedy="was the secret changed? compare appid and secret with the management console",
    ),
    4005: CloseRule("already authenticated", Recovery.IDENTIFY_RARELY, remedy=_REPORT),
    4006: CloseRule("invalid session id", Recovery.IDENTIFY),
    4007: CloseRule("wrong sequence number", Recovery.IDENTIFY),
    4008: CloseRule("frames sent too fast", Recovery.RESUME, pause=(5.0, 10.0)),
    4009: CloseRule("session timed out", Recovery.RESUME, planned=True),
    4010: CloseRule(
        "invalid shard", Recovery.STOP, remedy="set shards: auto, or ids below count in shards: {count, ids}"
    ),
    4011: CloseRule(
        "too many guilds on this shard", Recovery.RESHARD, remedy="raise shards.count, or set shards: auto"
    ),
    4012: CloseRule(
        "invalid version", Recovery.STOP, remedy="update qqbot: the platform changed its protocol"
    ),
    4013: CloseRule("invalid intents", Recovery.STOP, remedy="set intents: auto, or correct the list"),
    INTENTS_REFUSED: CloseRule(
        "intents not permitted",
        Recovery.STOP,
        remedy="remove the intents the bot was not granted, or apply for them in the management console",
    ),
    4902: CloseRule("session was resumed elsewhere", Recovery.IDENTIFY),
    4903: CloseRule("the platform could not create a session", Recovery.IDENTIFY),
    **dict.fromkeys((4900, 4901, *range(4904, 4914)), _INTERNAL),
    4914: CloseRule(
        "bot is off-line, only the sandbox may connect",
        Recovery.STOP,
        remedy="set sandbox: true in the configuration",
    ),
    4915: CloseRule("bot is banned", Recovery.STOP, remedy="contact the platform: the bot has been banned"),
}

_LOST: Final = CloseRule("connection lost", Recovery.RESUME)
_UNKNOWN: Final = CloseRule("unknown close code", Recovery.RESUME_TWICE)


def close_rule(code: int | None) -> CloseRule:
    """Return the rule for *code*; None or 0 means that the connection ended without one."""
    if not code:
        return _LOST
    return CLOSE_RULES.get(code, _UNKNOWN if code >= 4000 else _LOST)
