"""Where `qqbot` begins. Help is answered from a file, because building it takes longer than reading it."""

from __future__ import annotations

import sys
from pathlib import Path

HELP = Path(__file__).with_name("help.txt")
"""What `qqbot --help` prints; generated from the commands."""

_ASKS_FOR_HELP: tuple[list[str], ...] = ([], ["--help"], ["-h"], ["help"])


def main() -> None:
    """Run the command line of this process."""
    arguments = sys.argv[1:]
    if arguments in _ASKS_FOR_HELP:
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        sys.stdout.write(HELP.read_text(encoding="utf-8"))
        return
    if arguments[0] == "help":
        sys.argv[1:] = [*arguments[1:], "--help"]
    from qqbot_cli.cli.app import run_app

    sys.exit(run_app())
