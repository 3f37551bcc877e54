"""What became of the events of one run, each counted once, however many plugins it was for.

At any moment, received + earlier = handled + given up + unwanted + repeated + what waits.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """Numbers of events; whoever finds out raises them."""

    handled: int = 0
    """All plugins that wanted them have finished with them."""
    given_up: int = 0
    """A plugin failed them for the last time, or could not take them."""
    unwanted: int = 0
    """No plugin handles them."""
    repeated: int = 0
    """They had come before."""
    earlier: int = 0
    """Not received in this run: an earlier one left them, or an operator has had them run again."""

    def __add__(self, other: Tally) -> Tally:
        """Return what two parts of the bot have counted."""
        return Tally(
            self.handled + other.handled,
            self.given_up + other.given_up,
            self.unwanted + other.unwanted,
            self.repeated + other.repeated,
            self.earlier + other.earlier,
        )
