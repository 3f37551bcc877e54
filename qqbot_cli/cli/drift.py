"""`qqbot events --drift`: where recorded frames differ from the table of events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import typer

from qqbot_cli.cli.json_object import print_object
from qqbot_cli.cli.recording import read_recording
from qqbot_cli.cli.redact import clean
from qqbot_cli.model.drift import Drift, DriftKind, drifts_of

_MAX_KINDS: Final = 10_000
"""Differences of one report; a recording could invent them without end."""


@dataclass(slots=True)
class Report:
    """What came of comparing a recording."""

    events: Counter[str] = field(default_factory=Counter)
    drifts: Counter[Drift] = field(default_factory=Counter)
    unreadable: list[tuple[int, str]] = field(default_factory=list)
    """Line and fault."""

    def add(self, event: str, d: object) -> None:
        """Compare one event."""
        self.events[event] += 1
        for drift in drifts_of(event, d):
            if drift in self.drifts or len(self.drifts) < _MAX_KINDS:
                self.drifts[drift] += 1


def show_drift(name: str, *, json_wanted: bool) -> None:
    """Compare the recording *name*, ``-`` for stdin, and print where it differs."""
    report = Report()
    for frame in read_recording(name, unreadable=lambda line, fault: report.unreadable.append((line, fault))):
        report.add(frame.event, frame.d)
    if json_wanted:
        print_object(_as_json(report))
    else:
        typer.echo("\n".join(map(clean, _lines(report))))


def _as_json(report: Report) -> dict[str, Any]:
    return {
        "frames": report.events.total(),
        "events": dict(sorted(report.events.items())),
        "drifts": [
            {
                "event": drift.event,
                "kind": drift.kind.value,
                "path": drift.path,
                "expected": drift.expected,
                "found": drift.found,
                "count": count,
            }
            for drift, count in report.drifts.items()
        ],
        "unreadable": [{"line": line, "fault": fault} for line, fault in report.unreadable],
    }


def _lines(report: Report) -> Iterator[str]:
    yield f"{report.events.total()} frames of {len(report.events)} kinds of events"
    for line, fault in report.unreadable[:20]:
        yield f"line {line}: {fault}"
    if len(report.unreadable) > 20:
        yield f"... and {len(report.unreadable) - 20} more lines that cannot be read"
    for event in dict.fromkeys(drift.event for drift in report.drifts):
        yield ""
        yield event
        for drift, count in report.drifts.items():
            if drift.event == event:
                yield f"  {_in_words(drift)}, {count} x"
    if not report.drifts:
        yield "no drift: the table of events has it all"


def _in_words(drift: Drift) -> str:
    match drift.kind:
        case DriftKind.UNKNOWN_EVENT:
            return "no row in the table of events; it goes to unknown_event"
        case DriftKind.UNKNOWN_FIELD:
            return f"{drift.path}: unknown field ({drift.found})"
        case DriftKind.RETYPED_FIELD:
            return f"{drift.path}: {drift.found} instead of {drift.expected}"
        case DriftKind.MISSING_FIELD:
            return f"{drift.path}: missing, though required"
