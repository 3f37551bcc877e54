"""What the platform rations: access tokens and session starts. Pure, the clock is an argument."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from qqbot_cli.simulator.refusals import (
    TOKEN_BAD_APPID,
    TOKEN_BAD_BODY,
    TOKEN_BAD_SECRET,
    TOKEN_TOO_OFTEN,
    Refusal,
)

OVERLAP: Final = 60.0
"""Seconds before a token's end from which on asking yields a new one; both are valid then."""
TOKEN_CALLS_PER_MINUTE: Final = 60
"""An assumption: the documentation names the refusal, not the limit."""
IDENTIFY_WINDOW: Final = 5.0
"""Seconds in which ``max_concurrency`` sessions may be started."""
SESSIONS_PER_DAY: Final = 1000
DAY: Final = 86_400.0
FRAMES_PER_MINUTE: Final = 60
"""Frames a client may send on one connection; more is "too fast" (4008)."""


class Pace:
    """At most *limit* steps in any *window* seconds."""

    def __init__(self, limit: int, window: float) -> None:
        self._limit = limit
        self._window = window
        self._steps: deque[float] = deque()

    def allows(self, now: float) -> bool:
        """Whether another step may be taken now."""
        while self._steps and self._steps[0] <= now - self._window:
            self._steps.popleft()
        return len(self._steps) < self._limit

    def free_at(self, now: float) -> float:
        """Return when the next step may be taken."""
        return now if self.allows(now) else self._steps[0] + self._window

    def step(self, now: float) -> bool:
        """Take a step if it is allowed, and say whether it was."""
        allowed = self.allows(now)
        if allowed:
            self._steps.append(now)
        return allowed


class TokenDesk:
    """Hands out access tokens as the platform does, and knows which ones are valid.

    Source: platform documentation, "接口调用与鉴权": one token at a time, the same for everybody who asks,
    until the last minute of its life.
    """

    def __init__(self, appid: str, secret: str, *, make_token: Callable[[], str]) -> None:
        self._appid = appid
        self._secret = secret
        self._make_token = make_token
        self._expires_at: dict[str, float] = {}
        self._current: str | None = None
        self._pace = Pace(TOKEN_CALLS_PER_MINUTE, 60.0)

    def judge(self, body: object, *, now: float) -> Refusal | None:
        """Return why a request for a token is refused, None if it is not."""
        if not self._pace.step(now):
            return TOKEN_TOO_OFTEN
        if not isinstance(body, dict) or not isinstance(body.get("appId"), str):
            return TOKEN_BAD_BODY
        if body["appId"] != self._appid:
            return TOKEN_BAD_APPID
        return None if body.get("clientSecret") == self._secret else TOKEN_BAD_SECRET

    def issue(self, lifetime: float, *, now: float) -> tuple[str, int]:
        """Return the token of the hour and the whole seconds it has left."""
        self._expires_at = {token: end for token, end in self._expires_at.items() if end > now}
        token = self._current
        if token is None or self._expires_at.get(token, now) - now <= OVERLAP:
            token = self._current = self._make_token()
            self._expires_at[token] = now + lifetime
        return token, int(self._expires_at[token] - now)

    def is_valid(self, token: str, *, now: float) -> bool:
        """Whether REST calls and IDENTIFY may use *token*."""
        return self._expires_at.get(token, now) > now

    def revoke(self) -> None:
        """Make every token invalid."""
        self._expires_at.clear()
        self._current = None


class SessionQuota:
    """Session starts of today, and how fast they may follow each other."""

    def __init__(self, remaining: int, reset_after: float, max_concurrency: int, *, now: float) -> None:
        self._remaining = remaining
        self._reset_at = now + reset_after
        self._pace = Pace(max_concurrency, IDENTIFY_WINDOW)
        self.max_concurrency = max_concurrency

    def remaining(self, *, now: float) -> int:
        """Return the session starts that are left."""
        if now >= self._reset_at:
            self._remaining = SESSIONS_PER_DAY
            self._reset_at += DAY * (1 + (now - self._reset_at) // DAY)
        return self._remaining

    def set_remaining(self, remaining: int) -> None:
        """Change the number of session starts that are left."""
        self._remaining = remaining

    def reset_after(self, *, now: float) -> float:
        """Return the seconds until the number is 1000 again."""
        self.remaining(now=now)
        return self._reset_at - now

    def start(self, *, now: float) -> str | None:
        """Count one session start, or return why it is refused."""
        if self.remaining(now=now) <= 0:
            return "IDENTIFY though no session start was left"
        if not self._pace.step(now):
            return f"more than {self.max_concurrency} IDENTIFY within 5 s"
        self._remaining -= 1
        return None
