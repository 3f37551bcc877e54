"""What goes wrong in a chaos run, and when: decided beforehand, from the seed alone. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from qqbot_cli.simulator import wire

FAULTS_A_MINUTE: Final = 30
FEWEST_FAULTS: Final = 12
"""In a run that is shorter than that takes."""
KILLS_A_MINUTE: Final = 2
QUIET_BEGIN: Final = 2.0
"""Seconds without faults at the beginning."""
KILL_GAP: Final = 6.0
"""Shortest time between two kills: twice killed within one event would rightly give it up."""
REVOKE_GAP: Final = 90.0
"""Shortest time between two revoked tokens: three in ten minutes rightly look like a changed secret."""
SHARDS: Final = 2
_LASTING: Final = 6.0
"""Longest fault in seconds; also at most a sixth of the run."""

CODES: Final = (1000, 1001, 1011, 1012, 4000, 4008, 4009, 4009, 4009, 4099)
"""Close codes that keep the session."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that goes wrong."""

    at: float
    """Seconds since the beginning."""
    kind: str
    amount: float = 0.0
    seconds: float = 0.0
    """How long it lasts; 0 for what is over at once."""
    shard: int | None = None
    detail: str = ""


Dice = random.Random
Make = Callable[[Dice, float], Deed]
"""Is given chance and the longest duration; `at` is filled in later."""


def _momentary(kind: str, amount: Callable[[Dice], float] = lambda dice: 0.0) -> Make:
    return lambda dice, longest: Deed(0, kind, amount(dice), shard=_shard(dice))


def _lasting(kind: str, amount: Callable[[Dice], float] = lambda dice: 0.0) -> Make:
    return lambda dice, longest: Deed(0, kind, amount(dice), dice.uniform(0.3, longest), _shard(dice))


def _network(kind: str, amount: Callable[[Dice], float], *, lasts: bool = True) -> Make:
    return lambda dice, longest: Deed(
        0,
        kind,
        amount(dice),
        dice.uniform(0.3, longest) if lasts else 0.0,
        detail=dice.choice(("upstream", "downstream", "both")),
    )


def _worded(kind: str, words: tuple[str, ...], *, lasts: bool = True) -> Make:
    return lambda dice, longest: Deed(
        0, kind, seconds=dice.uniform(0.3, longest) if lasts else 0.0, detail=dice.choice(words)
    )


def _shard(dice: Dice) -> int | None:
    choices: tuple[int | None, ...] = (None, *range(SHARDS))
    return dice.choice(choices)


FAULTS: Final[dict[str, tuple[int, Make]]] = {
    # on the gateway
    "close": (6, _momentary("close", lambda dice: dice.choice(CODES))),
    "reconnect": (5, _momentary("reconnect")),
    "invalid_session": (2, _momentary("invalid_session", lambda dice: 1)),
    "drop": (3, _momentary("drop")),
    "rst": (3, _momentary("rst")),
    "rst_mid_frame": (3, _momentary("rst_mid_frame")),
    "half_open": (2, _lasting("half_open")),
    "silence_acks": (1, _lasting("silence_acks")),
    "delay": (2, _lasting("delay", lambda dice: dice.uniform(0.05, 0.5))),
    "duplicate": (3, _momentary("duplicate", lambda dice: dice.randint(1, 20))),
    "reorder": (3, _momentary("reorder", lambda dice: dice.randint(2, 6))),
    "malformed": (2, _worded("malformed", tuple(wire.MALFORMED), lasts=False)),
    "garbage": (1, _momentary("garbage")),
    "fragments": (1, _lasting("fragments", lambda dice: dice.randint(1, 50))),
    "upgrade": (1, _worded("upgrade", ("html", "502", "403"))),
    "no_hello": (1, _lasting("no_hello")),
    # in the network
    "reset": (4, _network("reset", lambda dice: 0, lasts=False)),
    "reset_after": (4, _network("reset_after", lambda dice: dice.randint(1, 2000), lasts=False)),
    "limit": (2, _network("limit", lambda dice: dice.randint(1, 2000), lasts=False)),
    "blackhole": (4, _network("blackhole", lambda dice: 0)),
    "latency": (3, _network("latency", lambda dice: dice.uniform(0.02, 0.4))),
    "bandwidth": (2, _network("bandwidth", lambda dice: dice.uniform(4_000, 40_000))),
    "slice": (2, _network("slice", lambda dice: dice.randint(1, 64))),
    "slow_close": (1, _network("slow_close", lambda dice: dice.uniform(0.1, 2))),
    "refuse": (2, _network("refuse", lambda dice: 0)),
    "hang": (2, _network("hang", lambda dice: 0)),
    # of the services
    "rest_fail": (3, _momentary("rest_fail", lambda dice: dice.randint(1, 5))),
    "rest_down": (2, _worded("rest_down", ("refuse", "garbage"))),
    "token_down": (1, _worded("token_down", ("refuse", "hang", "garbage"))),
    "lose_answers": (4, _momentary("lose_answers", lambda dice: dice.randint(1, 5))),
    "revoke": (1, _momentary("revoke")),
}
"""Kind -> how often beside the others, and how one is made."""


def plan_faults(seed: int, seconds: float) -> list[Deed]:
    """Return the faults of a run, in the order of their times."""
    dice = random.Random(f"chaos faults/{seed}")
    longest = min(_LASTING, seconds / 6)
    kinds = list(FAULTS)
    weights = [weight for weight, _ in FAULTS.values()]
    revoked = -REVOKE_GAP
    deeds = []
    for at in _moments(dice, seconds, min(60.0 / FAULTS_A_MINUTE, seconds / FEWEST_FAULTS)):
        kind = dice.choices(kinds, weights)[0]
        if kind == "revoke":
            if at - revoked < REVOKE_GAP:
                kind = "reconnect"
            else:
                revoked = at
        made = FAULTS[kind][1](dice, longest)
        deeds.append(Deed(at, made.kind, made.amount, made.seconds, made.shard, made.detail))
    return deeds


def plan_kills(seed: int, seconds: float) -> list[tuple[float, float]]:
    """Return when the process is killed, and after how many seconds each time it is started again."""
    dice = random.Random(f"chaos kills/{seed}")
    count = max(1, round(seconds / 60 * KILLS_A_MINUTE))
    each = seconds / count
    slack = max(0.0, each - KILL_GAP)
    return [
        (number * each + KILL_GAP / 2 + dice.random() * slack, dice.uniform(0, 1.5))
        for number in range(count)
    ]


def _moments(dice: Dice, seconds: float, gap: float) -> Iterator[float]:
    at = QUIET_BEGIN
    while (at := at + dice.expovariate(1 / gap)) < seconds:
        yield at
