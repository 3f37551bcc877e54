"""Listens to what the connections receive, on its way to the inbox."""

from __future__ import annotations

from collections.abc import Callable

from qqbot_cli.gateway.connection import Sink
from qqbot_cli.model.frame import Frame

Tap = Callable[[int, Frame], None]
"""Is told shard and frame of every event; must not wait."""


class TappedSink:
    """A sink that lets somebody listen; it exists only where somebody does."""

    def __init__(self, sink: Sink, tap: Tap) -> None:
        self._sink = sink
        self._tap = tap

    def put(self, shard: int, frame: Frame, received: float) -> bool:
        """Take an event; return False if the next should wait for `room`."""
        self._tap(shard, frame)
        return self._sink.put(shard, frame, received)

    async def room(self) -> None:
        """Wait until there is room again."""
        await self._sink.room()

    def forget(self, shard: int) -> None:
        """The session of *shard* cannot be resumed any more."""
        self._sink.forget(shard)
