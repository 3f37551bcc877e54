"""Waits for the turn of a call; `protocol.ratelimit` says when it has come."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from qqbot_cli.model.endpoints import Endpoint
from qqbot_cli.protocol.ratelimit import (
    LONGEST_LESSON,
    LONGEST_QUEUE,
    NO_LESSON,
    Key,
    Lesson,
    RateLimiter,
    TooLate,
    Turn,
)
from qqbot_cli.rest.caller import RUNNING_PLUGIN

_SHORTEST_SLEEP: Final = 0.001
"""Seconds; a timer may be early by the resolution of the clock."""

_SHARED_PAUSE: Final = 5.0
"""Seconds for which a refusal closes a limit that several conversations share.

Which of our limits a 429 is about is not told. If it is one on a single group, the others must not wait
for its end with it; if it is one on the bot, the next call is refused too and closes it again.
"""


class Pace:
    """Holds back the calls of one bot until the limits of their endpoints allow them."""

    def __init__(self, *, longest: float = LONGEST_QUEUE) -> None:
        """*longest* is the number of seconds a call may wait."""
        self._limiter = RateLimiter(longest=longest)
        self._waiting: dict[Turn, asyncio.Future[TooLate | None]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def is_limited(self, endpoint: Endpoint, path: Mapping[str, str]) -> bool:
        """Whether anything limits *endpoint*; if not, there is no turn to wait for."""
        return endpoint.rate is not None or self._limiter.knows(_key(endpoint, path))

    async def turn(self, endpoint: Endpoint, path: Mapping[str, str]) -> TooLate | None:
        """Wait until *endpoint* may be called, and count the call; or say that its turn comes too late."""
        key = _key(endpoint, path)
        loop = asyncio.get_running_loop()
        target, caller = _target(endpoint, path), RUNNING_PLUGIN.get()
        asked = self._limiter.ask(key, endpoint.rate, target, caller=caller, now=loop.time())
        if not isinstance(asked, Turn):
            return asked
        future: asyncio.Future[TooLate | None] = loop.create_future()
        self._waiting[asked] = future
        self._pump()
        try:
            return await future
        finally:
            # Cancelled, it must not keep the place of another; what came already is not given back.
            del self._waiting[asked]
            self._limiter.withdraw(asked)
            if not self._waiting:
                self._pump()

    def learn(self, endpoint: Endpoint, path: Mapping[str, str], lesson: Lesson) -> None:
        """Take over what an answer told about its limit."""
        if lesson is NO_LESSON:
            return
        now = asyncio.get_running_loop().time()
        self._limiter.learn(_key(endpoint, path), endpoint.rate, lesson, now=now)

    def pause(self, endpoint: Endpoint, path: Mapping[str, str], seconds: float) -> None:
        """The platform refused a call as one too many; *seconds* until it is repeated."""
        if endpoint.rate is None:
            return  # a pause for everybody would be a guess
        key = _key(endpoint, path)
        is_shared = endpoint.rate.per == "bot" and bool(endpoint.parameters)
        longest = _SHARED_PAUSE if is_shared else LONGEST_LESSON
        now = asyncio.get_running_loop().time()
        self._limiter.pause(key, endpoint.rate, min(seconds, longest), now=now)

    def _pump(self) -> None:
        """Tell those whose turn has come, or comes too late, and come back when there are more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        for turn in self._limiter.grant(now=now):
            self._tell(turn, None)
        for turn, late in self._limiter.expire(now=now):
            self._tell(turn, late)
        again = self._limiter.next_change(now=now)
        if again is not None:
            self._timer = loop.call_at(max(again, now + _SHORTEST_SLEEP), self._pump)

    def _tell(self, turn: Turn, outcome: TooLate | None) -> None:
        future = self._waiting.get(turn)
        if future is not None and not future.done():
            future.set_result(outcome)


def _key(endpoint: Endpoint, path: Mapping[str, str]) -> Key:
    """Return the bucket of a call."""
    per = "bot" if endpoint.rate is None else endpoint.rate.per
    return endpoint.name, path.get(per, "")


def _target(endpoint: Endpoint, path: Mapping[str, str]) -> str:
    """Return the conversation a call is for: what stands first in its path."""
    return path[endpoint.parameters[0]] if endpoint.parameters else ""
