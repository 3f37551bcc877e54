"""The canary: nothing that the suite prints, logs or reports may contain a secret.

Tests use the canary as secret; at the end the output of all of them, subprocesses included, is searched
for it, for access tokens and for Authorization headers.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.forked import QQBOT, run_python
from tests.turns import Turns, in_order

CANARY = "canary-secret-5b1c9d7e"
SECRET = re.compile(
    rf"{CANARY}|QQBot [A-Za-z0-9_-]{{16,}}|[Aa]uthorization['\"]?: *['\"]?\w+ \w{{16,}}"
    r"|access_token['\"]?: *['\"][A-Za-z0-9_-]{16,}"
)

OUTPUT: list[tuple[str, str]] = []
"""Where something was printed, and what."""
LEAKS_ELSEWHERE: list[str] = []
"""Where other processes of the suite have found a secret."""


def leaks() -> list[str]:
    """Return where in the output of the suite a secret stands, without quoting it."""
    return [*LEAKS_ELSEWHERE, *(where for where, text in OUTPUT if SECRET.search(text))]


def run_qqbot(
    *arguments: str | Path,
    cwd: Path,
    timeout: float = 30,
    env: dict[str, str] | None = None,
    fresh: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run the command as a person would, and remember what it printed.

    With *fresh*, the interpreter too is started anew.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith("QQBOT_")}
    env = {**clean, "PYTHONIOENCODING": "utf-8", "COLUMNS": "100", **(env or {})}
    if fresh:
        done = subprocess.run(
            [sys.executable, "-m", "qqbot_cli", *map(str, arguments)],
            cwd=cwd,
            env=env,
            timeout=timeout,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    else:
        done = run_python(QQBOT, *arguments, cwd=cwd, env=env, timeout=timeout)
    OUTPUT.append((f"qqbot {arguments}", done.stdout + done.stderr))
    assert "Traceback" not in done.stderr, done.stderr
    return done


def pytest_configure(config: pytest.Config) -> None:
    worker = getattr(config, "workerinput", None)
    if worker is not None:  # one of several processes; they share the folder above their own
        config.pluginmanager.register(Turns(Path(config.getoption("basetemp")).parent), "turns")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        items[:] = in_order(items, worker["workercount"])


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    OUTPUT.append((report.nodeid, report.longreprtext))
    OUTPUT.extend((f"{report.nodeid} ({name})", text) for name, text in report.sections)


def pytest_sessionfinish(session: pytest.Session) -> None:
    found = leaks()
    told = getattr(session.config, "workeroutput", None)
    if told is not None:
        told["leaks"] = found  # one of several processes: the first sums up
    elif found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401 - a class of pytest-xdist
    LEAKS_ELSEWHERE.extend(getattr(node, "workeroutput", {}).get("leaks", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    found: Sequence[str] = leaks()
    if found:
        terminalreporter.section("secrets in the output", red=True)
        for where in found:
            terminalreporter.line(where)
