"""Walking through a list that comes in pages: what is new on a page, and which one to ask for next.

No I/O: `rest.client` asks for the pages.
"""

from __future__ import annotations

from functools import reduce
from typing import Any, Final

from qqbot_cli.model.endpoints import Paging

MAX_PAGES: Final = 10_000
"""More than any list has (a guild of a million members has 2500 pages): a server that never ends is left."""

_NOWHERE: Final = ("", "0", 0, None)
"""What ``next`` says on a last page."""


class Walk:
    """One walk through one list."""

    def __init__(self, paging: Paging, *, most: int = MAX_PAGES) -> None:
        """*most* pages are asked for at most."""
        self._paging = paging
        self._left = most
        self._keys: set[Any] = set()
        self._asked: set[Any] = set()
        self.cursor: Any = paging.first or None
        """What the parameter `Paging.send` is for the page to ask for; None leaves it out."""
        self.finished = False
        """Whether there is no page to ask for."""
        self.cut_short = False
        """Whether it was finished because there were too many pages."""

    def take(self, page: Any) -> list[Any]:  # noqa: ANN401 - the result of the row
        """Return what is new on *page*, the answer to the last question, and decide about the next."""
        paging = self._paging
        items = list(getattr(page, paging.items) if paging.items else page)
        self._asked.add(self.cursor)
        self._left -= 1
        if paging.last:
            self.cursor = at(items[-1], paging.last) if items else None
        else:
            self.cursor = getattr(page, paging.next)
        # Pages may be shorter than asked for, so only an empty one is a sign. A cursor that was used before
        # would lead in a circle.
        self.finished = (
            not items
            or self.cursor in _NOWHERE
            or self.cursor in self._asked
            or bool(paging.end and getattr(page, paging.end))
        )
        if not self.finished and self._left <= 0:
            self.finished = self.cut_short = True
        return self._new(items)

    def _new(self, items: list[Any]) -> list[Any]:
        if not self._paging.key:
            return items
        new = []
        for item in items:
            key = at(item, self._paging.key)
            # What cannot be recognised is rather told twice than not at all.
            if key in ("", None) or key not in self._keys:
                self._keys.add(key)
                new.append(item)
        return new


def at(item: Any, path: str) -> Any:  # noqa: ANN401 - a field of any payload
    """Return what *path*, names with dots between, leads to; None where something on the way is missing."""
    return reduce(lambda node, name: getattr(node, name, None), path.split("."), item)
