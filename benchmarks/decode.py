"""Cost of decoding: a group message to its typed payload, and an event nobody implements.

`python benchmarks/decode.py [--events N] [--rounds N]`. Each round measures `json.loads` on the whole frame
and ours on the same bytes, in turn; figures are medians over the rounds, ratios are against `json.loads`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from qqbot_cli.model.events import EVENTS
from qqbot_cli.model.frame import decode_frame

SAMPLES: Final = Path(__file__).parent.parent / "tests/samples"


def seconds(work: Callable[[], object], count: int) -> float:
    """Return CPU seconds for each of *count* calls of *work*."""
    began = time.process_time()
    for _ in range(count):
        work()
    return (time.process_time() - began) / count


def measure(name: str, count: int, rounds: int) -> dict[str, float]:
    """Return medians, in seconds, for the sample of the event *name*."""
    sample = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    wire = json.dumps(sample, ensure_ascii=False, separators=(",", ":")).encode()
    row, frame = EVENTS[name], decode_frame(wire)
    routes: dict[str, None] = {}
    works: dict[str, Callable[[], object]] = {
        "json.loads": lambda: json.loads(wire),
        "envelope": lambda: decode_frame(wire),
        "payload": lambda: row.decoder.strict(frame.body),
        "nobody": lambda: routes.get(decode_frame(wire).event or ""),
    }
    found: dict[str, list[float]] = {key: [] for key in works}
    for _ in range(rounds):
        for key, work in works.items():
            found[key].append(seconds(work, count))
    return {key: statistics.median(values) for key, values in found.items()}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    print(
        f"{'':28} {'json.loads':>10} {'envelope':>10} {'payload':>10} {'payload':>12} {'nobody wants it':>16}"
    )
    for name in ("GROUP_AT_MESSAGE_CREATE", "GROUP_MESSAGE_CREATE", "AT_MESSAGE_CREATE", "GUILD_MEMBER_ADD"):
        took = measure(name, options.events, options.rounds)
        whole = took["json.loads"]
        figures = "".join(f" {took[key] * 1e6:>7.2f} µs" for key in ("json.loads", "envelope", "payload"))
        wanted, unwanted = took["payload"] / whole, took["nobody"] / whole
        print(f"{name:28}{figures} {wanted:>10.2f} x {unwanted:>14.2f} x")


if __name__ == "__main__":
    main()
