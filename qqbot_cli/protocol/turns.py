"""Who comes next where many wait: callers take turns, and within each caller its conversations do.

So a plugin that makes a thousand calls delays itself and no other plugin, and a group that floods the bot
delays its own answers and nobody else's.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Conversations(Generic[T]):
    """What waits for one caller, by conversation."""

    def __init__(self) -> None:
        self.size = 0
        self._queues: OrderedDict[str, deque[T]] = OrderedDict()
        """The first is the one whose turn it is."""

    def add(self, target: str, item: T) -> None:
        """Put *item* behind those of its conversation, and a new conversation behind the others."""
        self._queues.setdefault(target, deque()).append(item)
        self.size += 1

    def remove(self, target: str, item: T) -> None:
        """Forget *item*, which waits no longer."""
        queue = self._queues[target]
        queue.remove(item)
        self.size -= 1
        if not queue:
            del self._queues[target]

    def next(self) -> T:
        """Take out the item whose turn it is."""
        target, queue = next(iter(self._queues.items()))
        item = queue.popleft()
        self.size -= 1
        self._queues.move_to_end(target)
        if not queue:
            del self._queues[target]
        return item

    def before(self, target: str) -> int:
        """Return how many come before a new item of *target*, at most."""
        own = len(self._queues.get(target, ()))
        return own + sum(min(len(queue), own + 1) for name, queue in self._queues.items() if name != target)


class Turns(Generic[T]):
    """Everything that waits, by caller and conversation."""

    def __init__(self) -> None:
        self._callers: OrderedDict[str, Conversations[T]] = OrderedDict()
        """The first is the one whose turn it is."""

    def __bool__(self) -> bool:
        return bool(self._callers)

    def add(self, caller: str, target: str, item: T) -> None:
        """Put *item* behind those of its caller and conversation, and a new caller behind the others."""
        conversations = self._callers.get(caller)
        if conversations is None:
            conversations = self._callers[caller] = Conversations()
        conversations.add(target, item)

    def remove(self, caller: str, target: str, item: T) -> None:
        """Forget *item*, which waits no longer."""
        conversations = self._callers[caller]
        conversations.remove(target, item)
        if not conversations.size:
            del self._callers[caller]

    def next(self) -> T:
        """Take out the item whose turn it is."""
        caller, conversations = next(iter(self._callers.items()))
        item = conversations.next()
        self._callers.move_to_end(caller)
        if not conversations.size:
            del self._callers[caller]
        return item

    def before(self, caller: str, target: str) -> int:
        """Return how many come before a new item of *caller* and *target*, at most."""
        own = self._callers[caller].before(target) if caller in self._callers else 0
        others = (one.size for name, one in self._callers.items() if name != caller)
        return own + sum(min(size, own + 1) for size in others)
