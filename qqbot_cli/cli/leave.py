"""The end at once, which a second Ctrl-C asks for."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NoReturn

from qqbot_cli.errors import ExitCode


def leave(restore: Callable[[], None] | None = None) -> NoReturn:
    """End the process; *restore* gives the terminal back before."""
    try:
        if restore is not None:
            restore()
    finally:
        os._exit(ExitCode.INTERRUPTED)
