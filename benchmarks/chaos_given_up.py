"""Which events the bot may give up in a chaos run: those of which the plan explains it. Pure.

An event that is given up was not handled, though it is not lost. Only three things of a run lead there:
a process that dies with it again and again, calls that fail as long as there are tries, and both together.
Anything else that a handler ends with, such as a fault in the code, is a breach; so is giving up too early.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from benchmarks.chaos_plan import FAULTS
from qqbot_cli.bot.retry import DELAYS
from qqbot_cli.model.inbox import Retention

SHARE: Final = 0.002
"""Of what was sent: more than that is not the bad luck of single events. Each of five tries has to meet a
fault or a kill; runs of ten minutes, of some 9 500 events each, gave up 0 to 9."""
_TRIES: Final = len(DELAYS) + 1
_KEPT: Final = Retention()
_CONDEMNED: Final = re.compile(r"began (\d+) times, the process died in (\d+) of them")
"""What is said of an event that was not done when the process died, too often."""
_GATEWAY: Final = frozenset(
    (
        *("close", "reconnect", "invalid_session", "drop", "rst", "rst_mid_frame", "half_open", "delay"),
        *("silence_acks", "malformed", "garbage", "upgrade", "no_hello"),
    )
)
_NETWORK: Final = frozenset(
    (
        *("reset", "reset_after", "limit", "blackhole", "latency", "bandwidth", "slice", "slow_close"),
        *("refuse", "hang"),
    )
)
CAUSES: Final[Mapping[str, Collection[str]]] = {
    r"PlatformUnreachableError: ": _NETWORK | {"rest_down", "token_down", "lose_answers"},
    r"ApiError: .*\(HTTP 50[03], code 50001": {"rest_fail", "rest_down"},
    # Who is not connected may not speak; kills lead there too, but each of them for a moment only.
    r"ApiError: .*, code 304018": _GATEWAY | _NETWORK | {"token_down", "revoke"},
    # The witness stumbles over an event once: this may be one of the tries, whatever the others met.
    r"ConnectionError: on purpose$": FAULTS.keys(),
}
"""How a handler ends in vain again and again -> the kinds of faults that explain it."""


def unexplained(
    given_up: Iterable[tuple[str, str]],
    *,
    sent_at: Mapping[str, float],
    runs: Mapping[str, int],
    kills: Sequence[float],
    kinds: Collection[str],
) -> list[tuple[str, str]]:
    """Return those of the *given_up*, as id and error, that nothing in the plan explains.

    Args:
        given_up: Ids and errors.
        sent_at: When the events were sent.
        runs: How many runs of an event began.
        kills: When the process was killed.
        kinds: Of all faults there were.
    """
    wrong = []
    for event_id, error in given_up:
        killed = sum(at > sent_at.get(event_id, 0.0) for at in kills)
        if not _is_explained(error, tries=runs.get(event_id, 0) + killed, killed=killed, kinds=kinds):
            wrong.append((event_id, error))
    return wrong


def _is_explained(error: str, *, tries: int, killed: int, kinds: Collection[str]) -> bool:
    """Whether the plan explains *error*; a kill ends a run, or a wait that counts as one."""
    if condemned := _CONDEMNED.match(error):
        began, died = map(int, condemned.groups())
        return (died >= _KEPT.crashes or began >= _KEPT.attempts) and killed >= died and tries >= began
    causes = next((causes for pattern, causes in CAUSES.items() if re.match(pattern, error)), ())
    return tries >= _TRIES and any(kind in causes for kind in kinds)
