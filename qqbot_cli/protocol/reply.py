"""May this event still be answered, and with which number: the reply window.

One window belongs to one received event and is shared by every plugin, because the platform refuses a
second message with the same (msg_id, msg_seq). That refusal is also what keeps an event that runs again
after a crash from being answered twice; so each plugin numbers its replies in a series of its own, which
does not depend on how fast the others are.

Source: platform documentation, "发送消息" (limits of passive messages) and ``msg_seq``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Final
from zlib import crc32

from qqbot_cli.errors import ReplyWindowError
from qqbot_cli.model.events import ReplyWindow

_SERIES: Final = 4_000_000
_IN_SERIES: Final = 1_000
"""Their product is below the largest ``msg_seq``, 4294967295; no window takes so many replies."""


def series_of(plugins: Collection[str]) -> dict[str, int]:
    """Return after which number each of *plugins* begins to count; it depends on the names alone.

    One plugin counts from 1, and so does whatever sends without being a plugin.
    """
    if len(plugins) < 2:
        return {}
    taken: dict[str, int] = {}
    for name in sorted(plugins):
        series = 1 + crc32(name.encode()) % (_SERIES - 1)
        while series * _IN_SERIES in taken.values():
            series = 1 + series % (_SERIES - 1)
        taken[name] = series * _IN_SERIES
    return taken


class ReplyBook:
    """Counts the replies to one event."""

    def __init__(self, window: ReplyWindow, reference: str, *, opened: float) -> None:
        """*reference* is the msg_id or event_id, *opened* when the event happened (monotonic seconds)."""
        self.window = window
        self.reference = reference
        self._opened = opened
        self._newest: dict[int, int] = {}
        """Series -> its newest number."""
        self._used: Counter[int] = Counter()
        """Series -> replies that count."""

    @property
    def remaining(self) -> int | None:
        """Replies left; None where the platform publishes no number."""
        return None if self.window.limit is None else max(0, self.window.limit - self._used.total())

    def seconds_left(self, *, now: float) -> float:
        """Return how long replies are accepted, in seconds; 0 or less if it is too late."""
        return self._opened + self.window.seconds - now

    def check_open(self, *, now: float, counted: bool = True) -> None:
        """Refuse what `next_seq` would refuse, and count nothing.

        Raises:
            ReplyWindowError: If the window has closed or its replies are used up.
        """
        late = -self.seconds_left(now=now)
        if late >= 0:
            raise ReplyWindowError(
                f"this event can no longer be answered: its window of {self.window.seconds / 60:.0f} minutes"
                f" closed {late:.0f} s ago"
            )
        if counted and self.remaining == 0:
            raise ReplyWindowError(
                f"this event was answered {self.window.limit} times, more are not accepted"
            )

    def next_seq(
        self, *, now: float, wanted: int | None = None, counted: bool = True, series: int = 0
    ) -> int:
        """Return the ``msg_seq`` of the next reply and count it.

        It starts one above *series* and never repeats. Retries of one reply must use the number they have.

        Args:
            now: Current time, in monotonic seconds.
            wanted: The number to use; later ones go on after it. Whether it was used before is not looked at.
            counted: Whether it is a reply; a typing notice needs a number and is none.
            series: Where whoever replies begins to count; see `series_of`.

        Raises:
            ReplyWindowError: If the window has closed or its replies are used up.
        """
        self.check_open(now=now, counted=counted)
        self._used[series] += counted
        newest = self._newest.get(series, series)
        seq = newest + 1 if wanted is None else wanted
        self._newest[series] = max(newest, seq)
        return seq

    def give_back(self, series: int = 0) -> None:
        """A counted reply was not sent after all: it does not count, its number stays used."""
        self._used[series] = max(0, self._used[series] - 1)

    def begin_again(self, series: int = 0) -> None:
        """Whoever counts in *series* runs once more, and says again what was said with the same numbers."""
        self._used.pop(series, None)
        self._newest.pop(series, None)
