"""How long a shard waits before its next attempt.

A connection that cannot be opened costs nothing and is tried again soon; IDENTIFY costs a session start
and is not. After a connection that worked there is hardly a pause, or the events of that time come late.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from qqbot_cli.model.opcode import CloseRule
from qqbot_cli.protocol.backoff import (
    CLOSE_BACKOFF,
    CONNECT_BACKOFF,
    IDENTIFY_BACKOFF,
    TOKEN_BACKOFF,
    UNTRUSTED_PAUSE,
    Backoff,
)

_FREE_IDENTIFIES: Final = 3
"""Failed identifies in a row before the day's budget stretches the pauses."""
_STALE_AFTER: Final = 2
"""Failed connects in a row before the address is doubted."""
_PLANNED: Final = 0.5
"""Longest delay in seconds after an end that is no sign of trouble."""
_SWIFT: Final = 1.0
"""Longest delay in seconds before the first attempt after a connection that worked."""
_FLAPPING: Final = 1.0
"""A connection that was ready for less than these seconds did not work."""


class Pauses:
    """The pauses of one shard, which grow while nothing works."""

    def __init__(self, jitter: Callable[[], float], *, steady: float) -> None:
        """A connection that was ready for *steady* seconds forgives earlier failures."""
        self.identify_floor = 0.0
        """Seconds between identifies that keep failing, so that the day's budget lasts."""
        self._jitter = jitter
        self._steady = steady
        self._connect = Backoff(CONNECT_BACKOFF, jitter)
        self._close = Backoff(CLOSE_BACKOFF, jitter)
        self._identify = Backoff(IDENTIFY_BACKOFF, jitter)
        self._token = Backoff(TOKEN_BACKOFF, jitter)

    @property
    def doubts_address(self) -> bool:
        """Whether so many connects have failed that the address may be stale."""
        return self._connect.failures > 0 and self._connect.failures % _STALE_AFTER == 0

    def without_token(self, *, untrusted: bool, took: float) -> float:
        """Return the seconds until the next try to get a token; *untrusted* as in `trouble.is_untrusted`."""
        delay = self._token.next(took=took)
        return UNTRUSTED_PAUSE if untrusted else delay

    def with_token(self) -> None:
        """A token was to be had."""
        self._token.reset()

    def without_connection(self, rule: CloseRule, *, took: float) -> float:
        """Return the seconds until the next try to open a socket after one that failed by *rule*."""
        delay = self._connect.next(took=took)
        return delay if rule.pause is None else rule.pause[0]

    def after(self, rule: CloseRule, *, ready_for: float | None, can_resume: bool) -> float:
        """Return the seconds until the next attempt after a connection that ended by *rule*.

        Args:
            rule: How it ended.
            ready_for: Seconds for which it was ready; None if it never was.
            can_resume: Whether there is a session to go on with.
        """
        self._connect.reset()
        if ready_for is not None and ready_for >= self._steady:
            self._close.reset()
            self._identify.reset()
        if not can_resume:
            delay = self._identify.next()
            stretched = self._identify.failures > _FREE_IDENTIFIES
            return max(delay, self.identify_floor) if stretched else delay
        if rule.pause is not None:
            shortest, longest = rule.pause
            return shortest + (longest - shortest) * self._jitter()
        if rule.planned and ready_for is not None:
            return _PLANNED * self._jitter()
        works = ready_for is not None and ready_for >= _FLAPPING
        return _SWIFT * self._jitter() if works else self._close.next()
