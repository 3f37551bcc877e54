"""Tables of `docs/reliability.md`: faults, promises, and the tests that are named after them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from tools.events_page import table
from tools.faults import AREAS, Fault

_TEST: Final = re.compile(r"^ *(?:async )?def (test_((?:f\d+_)+)\w+)", re.MULTILINE)


def sections(tests: Path) -> dict[str, Callable[[], str]]:
    """Return what the page takes from the table and from the tests below *tests*."""
    return {"faults": lambda: _faults(faults_and_tests(tests))}


def faults_and_tests(tests: Path) -> Mapping[int, Sequence[tuple[str, str]]]:
    """Return path and name of each test below *tests* by the numbers of the faults in its name."""
    found: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for path in sorted(tests.rglob("test_*.py")):
        for name, numbers in _TEST.findall(path.read_text(encoding="utf-8")):
            for number in numbers.split("_")[:-1]:
                found[int(number[1:])].append((path.relative_to(tests.parent).as_posix(), name))
    return found


def _faults(tests: Mapping[int, Sequence[tuple[str, str]]]) -> str:
    parts = []
    for area, faults in AREAS.items():
        rows = [[f"F-{one.number:02}", one.fault, one.promise, _cell(one, tests)] for one in faults]
        parts.append(f"### {area}\n\n{table(['', 'fault', 'promise', 'tests'], rows)}\n")
    return "\n".join(parts)


def _cell(fault: Fault, tests: Mapping[int, Sequence[tuple[str, str]]]) -> str:
    return "<br>".join(_links(tests.get(fault.number, ())))


def _links(tests: Sequence[tuple[str, str]]) -> Iterator[str]:
    for path, name in tests:
        words = re.sub(r"^test_(f\d+_)+", "", name).replace("_", " ")
        yield f"[{words}](../{path})"
