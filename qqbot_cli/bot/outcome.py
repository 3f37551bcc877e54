"""What has become of stored events since that was stored last."""

from __future__ import annotations

from typing import Any

from qqbot_cli.bot.session import EventSession
from qqbot_cli.model.inbox import Batch, DeadLetter, Failure


class Outcomes:
    """Collects until somebody stores them."""

    def __init__(self) -> None:
        self._done: list[int] = []
        self._dead: list[DeadLetter] = []
        self._failed: list[Failure] = []

    def __bool__(self) -> bool:
        return bool(self._done or self._dead or self._failed)

    @property
    def dead(self) -> int:
        """Events that were given up."""
        return len(self._dead)

    @property
    def rows(self) -> set[int]:
        """Of the events that have ended."""
        return {*self._done, *(letter.row for letter in self._dead)}

    def done(self, row: int) -> None:
        """Nothing is left to be done about *row*."""
        self._done.append(row)

    def given_up(self, session: EventSession[Any], plugins: tuple[str, ...], error: str) -> None:
        """*plugins* will not try again."""
        self._dead.append(DeadLetter(session.row, error, plugins))

    def failed(self, session: EventSession[Any], plugin: str, error: str) -> None:
        """*plugin*, the last that had not finished, will try again."""
        others = (name for name, _ in session.failures or ())  # nobody else would know of their failure
        self._failed.append(Failure(session.row, error, (plugin, *others)))

    def take_failures(self, row: int) -> list[Failure]:
        """Return the failures of *row* and leave none here."""
        taken = [one for one in self._failed if one.row == row]
        if taken:
            self._failed = [one for one in self._failed if one.row != row]
        return taken

    def take(self) -> Batch:
        """Return everything and leave nothing here."""
        batch = Batch(done=self._done, dead=self._dead, failed=self._failed)
        self._done, self._dead, self._failed = [], [], []
        return batch
