"""The sentences that every store says the same way."""

from __future__ import annotations


def condemned(attempts: int, crashes: int, error: str) -> str:
    """Return why an event that was started so often is not started again."""
    reason = f"began {attempts} times, the process died in {crashes} of them"
    return f"{reason}; before that: {error}" if error else reason
