"""May this event still be answered, and with which number: the reply window.

One window belongs to one received event and is shared by every plugin, because the platform refuses a
second message with the same (msg_id, msg_seq).

Source: platform documentation, "发送消息" (limits of passive messages) and ``msg_seq``.
"""

from __future__ import annotations

from qqbot_cli.errors import ReplyWindowError
from qqbot_cli.model.events import ReplyWindow


class ReplyBook:
    """Counts the replies to one event."""

    def __init__(self, window: ReplyWindow, reference: str, *, opened: float) -> None:
        """*reference* is the msg_id or event_id, *opened* when the event happened (monotonic seconds)."""
        self.window = window
        self.reference = reference
        self._opened = opened
        self._seq = 0
        self._used = 0

    @property
    def remaining(self) -> int | None:
        """Replies left; None where the platform publishes no number."""
        return None if self.window.limit is None else max(0, self.window.limit - self._used)

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

    def next_seq(self, *, now: float, wanted: int | None = None, counted: bool = True) -> int:
        """Return the ``msg_seq`` of the next reply and count it.

        It starts at 1 and never repeats. Retries of one reply must use the number they have.

        Args:
            now: Current time, in monotonic seconds.
            wanted: The number to use; later ones go on after it. Whether it was used before is not looked at.
            counted: Whether it is a reply; a typing notice needs a number and is none.

        Raises:
            ReplyWindowError: If the window has closed or its replies are used up.
        """
        self.check_open(now=now, counted=counted)
        self._used += counted
        seq = self._seq + 1 if wanted is None else wanted
        self._seq = max(self._seq, seq)
        return seq

    def give_back(self) -> None:
        """A counted reply was not sent after all: it does not count, its number stays used."""
        self._used = max(0, self._used - 1)
