"""The four ways to show a running bot, and the choice between them; cheap to import."""

from __future__ import annotations

from enum import StrEnum


class UiMode(StrEnum):
    """How `qqbot run` talks to whoever started it."""

    LIVE = "live"
    """A panel that is redrawn in place, log lines above it."""
    PLAIN = "plain"
    """One line per fact; for pipes, files and process supervisors."""
    JSON = "json"
    """One object per line on stdout; for programs."""
    QUIET = "quiet"
    """Warnings and errors only."""


def choose_mode(asked: UiMode | None, *, stderr_is_tty: bool, term: str) -> UiMode:
    """Return what was asked for, as far as the terminal can do it; by itself the best it can do.

    FORCE_COLOR plays no part: it asks for colours, not for cursor movements in a pipe.
    """
    can_draw = stderr_is_tty and term != "dumb"
    if asked is None or asked is UiMode.LIVE:
        return UiMode.LIVE if can_draw else UiMode.PLAIN
    return asked
