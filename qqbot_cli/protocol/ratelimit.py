"""Whose turn it is: calls are held back until the documented limits allow them.

A limit is a bucket: of one call for the whole bot, or for each channel, as its `Rate` says. Calls that
find their bucket full wait, for a bounded time; those that could not be made in time are told so at once,
and no request is made. Among the plugins and conversations that wait for one bucket turns go round, so that
who floods the bot delays itself and not the others.

What the platform tells in headers (``X-RateLimit-*``, ``Retry-After``) narrows a bucket for a while. No
document promises these headers, so nothing depends on them.

The limiter is told what happens together with the time it happened; waiting is done by `rest.pace`.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from qqbot_cli.model.rate import Rate
from qqbot_cli.protocol.turns import Turns

LONGEST_QUEUE: Final = 30.0
"""Seconds a call may wait for its turn; a tenth of the time a message of a group can be answered."""

LONGEST_LESSON: Final = 300.0
"""Seconds for which a bucket may be closed because of a header: one that is wrong must not lock us out."""

MARGIN: Final = 0.05
"""Seconds added to the window of a limit: the platform counts when calls arrive, we when they leave."""

_BUCKETS: Final = 1024
"""Buckets above which the idle ones are looked for and forgotten."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the headers of an answer tell about limits."""

    remaining: int | None = None
    """Calls left until `reset_after`; None if not told."""
    reset_after: float | None = None
    """Seconds from now; None if not told."""
    retry_after: float | None = None
    """Seconds from now after which to try again; None if not told."""

    @property
    def pause(self) -> float | None:
        """Seconds to wait after a refusal; None if the headers leave it to us."""
        return self.reset_after if self.retry_after is None else self.retry_after


NO_LESSON: Final = Lesson()
"""What most answers tell."""

_RETRY_AFTER: Final = "Retry-After"
_PREFIXES: Final = ("X-RateLimit-", "X-Rate-Limit-")
_NAMES: Final = tuple(prefix + name for prefix in _PREFIXES for name in ("Remaining", "Reset-After", "Reset"))
_SINCE_1970: Final = ((1e11, 1e-3), (1e8, 1.0))
"""From which number on a reset is a point in time, and its unit in seconds; below it is a duration."""


def lesson_of(headers: Mapping[str, str], *, wall: float | None) -> Lesson:
    """Return what *headers* tell; what cannot be understood counts as not told.

    Args:
        headers: Of an answer; names in any case if the mapping takes them in any case.
        wall: What time it is on the platform, in seconds since 1970; None if unknown.
    """
    if _RETRY_AFTER not in headers and not any(map(headers.__contains__, _NAMES)):
        return NO_LESSON
    remaining = reset = None
    for prefix in _PREFIXES:
        remaining = _whole(headers.get(f"{prefix}Remaining")) if remaining is None else remaining
        reset = _seconds(headers.get(f"{prefix}Reset-After"), wall) if reset is None else reset
        reset = _from_now(_seconds(headers.get(f"{prefix}Reset"), wall), wall) if reset is None else reset
    return Lesson(remaining, reset, _seconds(headers.get(_RETRY_AFTER), wall))


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 10 else None


def _seconds(text: str | None, wall: float | None) -> float | None:
    """Return *text*, a number of seconds or a date, as seconds from now, never below 0."""
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        return _until(text, wall)
    # To float() "nan" and "inf" are numbers too.
    return number if math.isfinite(number) and number >= 0 else None


def _from_now(number: float | None, wall: float | None) -> float | None:
    """Return *number*, which may count from 1970, as seconds from now."""
    for least, unit in _SINCE_1970:
        if number is not None and number >= least:
            return None if wall is None else max(0.0, number * unit - wall)
    return number


def _until(date: str, wall: float | None) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # "-0000" gives a naive moment, which timestamp() would take for local time.
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None if wall is None else max(0.0, moment.timestamp() - wall)


Key = tuple[str, str]
"""Name of the endpoint, and the value whose limit it is; that is empty for a limit of the whole bot."""


@dataclass(eq=False, slots=True)
class Turn:
    """A call that waits."""

    key: Key
    target: str
    """The conversation it is for; turns go round among them."""
    deadline: float
    """Moment at which it gives up."""
    caller: str = ""
    """The plugin that makes it; turns go round among these first."""
    waiting: bool = True


@dataclass(frozen=True, slots=True)
class TooLate:
    """A call whose turn would not come in time."""

    retry_after: float
    """Seconds until a turn is likely to be free."""


class Bucket:
    """One limit: what was sent within it, and who waits for it."""

    def __init__(self, rate: Rate | None) -> None:
        """Without *rate* only what headers tell is a limit."""
        self._window = 0.0 if rate is None else rate.seconds + MARGIN
        most = 0 if rate is None else max(rate.calls, rate.burst)
        # The newest calls, oldest first: the next is free when the oldest has left the window.
        self._sent: deque[float] = deque(maxlen=most)
        # Where the burst is larger than the average, the average is kept by spacing: the moment at which
        # the next call would be due if all were evenly spaced, and how far ahead of it calls may be made.
        is_bursty = rate is not None and rate.burst > rate.calls
        self._spacing = self._window / rate.calls if rate is not None and is_bursty else 0.0
        self._ahead = self._spacing * (most - 1)
        self._due = -math.inf
        self._left: int | None = None
        self._renewed_at = -math.inf
        self._turns: Turns[Turn] = Turns()

    @property
    def waits(self) -> bool:
        """Whether a call waits."""
        return bool(self._turns)

    def is_idle(self, *, now: float) -> bool:
        """Whether nothing would be lost if the bucket were forgotten."""
        over = not self._sent or self._sent[-1] + self._window <= now
        return over and not self.waits and self._due <= now and self._renewed_at <= now

    def free_at(self, position: int = 0, *, now: float) -> float:
        """Return the moment at which the call at *position*, from 0, can be made; *now* if that is now."""
        return max(
            self._window_free(position, now), self._average_free(position, now), self._told_free(position)
        )

    def _window_free(self, position: int, now: float) -> float:
        most = self._sent.maxlen
        if not most:
            return now
        rounds, place = divmod(position, most)
        leaving = len(self._sent) - most + place
        first = now if leaving < 0 else max(now, self._sent[leaving] + self._window)
        return first + rounds * self._window

    def _average_free(self, position: int, now: float) -> float:
        if not self._spacing:
            return -math.inf
        return max(self._due, now) + position * self._spacing - self._ahead

    def _told_free(self, position: int) -> float:
        return self._renewed_at if self._left is not None and position >= self._left else -math.inf

    def take(self, *, now: float) -> bool:
        """Whether a call can be made now; if so, it counts as made."""
        if self._left is not None and self._renewed_at <= now:
            self._left = None
        if self.free_at(now=now) > now:
            return False
        if self._sent.maxlen:
            self._sent.append(now)
        if self._spacing:
            self._due = max(self._due, now) + self._spacing
        if self._left is not None:
            self._left -= 1
        return True

    def learn(self, remaining: int, until: float, *, now: float) -> None:
        """Allow *remaining* calls until the moment *until*, and no more."""
        until = min(until, now + LONGEST_LESSON)
        if self._left is None or self._renewed_at <= now:
            self._left, self._renewed_at = remaining, until
        else:  # answers may overtake each other: the narrower one is believed
            self._left, self._renewed_at = min(self._left, remaining), max(self._renewed_at, until)

    def enqueue(self, turn: Turn) -> None:
        """Let *turn* wait."""
        self._turns.add(turn.caller, turn.target, turn)

    def position(self, caller: str, target: str) -> int:
        """Return how many turns come before a new one of *caller* and *target*, at most."""
        return self._turns.before(caller, target)

    def remove(self, turn: Turn) -> None:
        """Forget *turn*, which waits no longer."""
        self._turns.remove(turn.caller, turn.target, turn)

    def grant(self, *, now: float) -> Iterator[Turn]:
        """Return the turns that have come."""
        while self._turns and self.take(now=now):
            turn = self._turns.next()
            turn.waiting = False
            yield turn


class RateLimiter:
    """All buckets of a bot."""

    def __init__(self, *, longest: float = LONGEST_QUEUE) -> None:
        """*longest* is the number of seconds a call may wait."""
        self._longest = longest
        self._buckets: dict[Key, Bucket] = {}
        self._sweep_at = _BUCKETS
        self._busy: dict[Key, Bucket] = {}
        # All wait equally long at most, so the first that asked is the first that gives up.
        self._asked: deque[Turn] = deque()

    def knows(self, key: Key) -> bool:
        """Whether there is a bucket for *key*."""
        return key in self._buckets

    def ask(
        self, key: Key, rate: Rate | None, target: str, *, caller: str = "", now: float
    ) -> Turn | TooLate | None:
        """Return None if the call may be made now, the turn to wait for, or that it would come too late.

        Args:
            key: The bucket.
            rate: Its limit; None if headers alone limit it.
            target: The conversation the call is for.
            caller: The plugin that makes it; empty for the bot itself.
            now: Current time, in monotonic seconds.
        """
        bucket = self._bucket(key, rate, now)
        if not bucket.waits and bucket.take(now=now):
            return None
        wait = bucket.free_at(bucket.position(caller, target), now=now) - now
        if wait > self._longest:
            return TooLate(wait)
        turn = Turn(key, target, now + self._longest, caller)
        bucket.enqueue(turn)
        self._busy[key] = bucket
        self._asked.append(turn)
        return turn

    def withdraw(self, turn: Turn) -> None:
        """*turn* waits no longer."""
        if turn.waiting:
            turn.waiting = False
            bucket = self._busy[turn.key]
            bucket.remove(turn)
            if not bucket.waits:
                del self._busy[turn.key]

    def grant(self, *, now: float) -> list[Turn]:
        """Return the turns that have come."""
        granted = [turn for bucket in self._busy.values() for turn in bucket.grant(now=now)]
        self._busy = {key: bucket for key, bucket in self._busy.items() if bucket.waits}
        return granted

    def expire(self, *, now: float) -> list[tuple[Turn, TooLate]]:
        """Return the turns that did not come in time, after `grant`; they wait no longer."""
        expired = []
        while self._asked and (not self._asked[0].waiting or self._asked[0].deadline <= now):
            turn = self._asked.popleft()
            if turn.waiting:
                free_at = self._busy[turn.key].free_at(now=now)
                self.withdraw(turn)
                expired.append((turn, TooLate(free_at - now)))
        return expired

    def next_change(self, *, now: float) -> float | None:
        """Return when `grant` and `expire` should be called again, or None if nobody waits."""
        if not self._busy:
            return None
        free_at = min(bucket.free_at(now=now) for bucket in self._busy.values())
        return min(free_at, self._asked[0].deadline)

    def learn(self, key: Key, rate: Rate | None, lesson: Lesson, *, now: float) -> None:
        """Take over what an answer told about the bucket *key*."""
        if lesson.remaining is None:
            return
        reset_after = lesson.reset_after
        if reset_after is None:
            reset_after = rate.seconds if rate is not None else None
        if reset_after is not None:
            self._bucket(key, rate, now).learn(lesson.remaining, now + reset_after, now=now)

    def pause(self, key: Key, rate: Rate | None, seconds: float, *, now: float) -> None:
        """Close the bucket *key* for *seconds*, because the platform refused a call."""
        self._bucket(key, rate, now).learn(0, now + seconds, now=now)

    def _bucket(self, key: Key, rate: Rate | None, now: float) -> Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= self._sweep_at:
                self._sweep(now)
            bucket = self._buckets[key] = Bucket(rate)
        return bucket

    def _sweep(self, now: float) -> None:
        """Forget idle buckets; the next time is far enough away that this costs little for each call."""
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if not bucket.is_idle(now=now)}
        self._sweep_at = max(_BUCKETS, 2 * len(self._buckets))
