"""What one plugin may take of the connection to the platform: a flood stays with the plugin that makes it.

The bot itself, which connects shards and fetches tokens, has no bound and waits for nobody.
"""

from __future__ import annotations

import asyncio
from typing import Final

from qqbot_cli.model.endpoints import Endpoint
from qqbot_cli.model.fact import Report, RequestFailed
from qqbot_cli.protocol.request import too_many
from qqbot_cli.rest.caller import RUNNING_PLUGIN

MOST_CALLS: Final = 1_000
"""Calls of one plugin that may be under way at once, those that wait included."""
MOST_REQUESTS: Final = 64
"""Of them, requests at once: each takes a connection, and so a file descriptor."""


class Share:
    """The calls of one plugin."""

    __slots__ = ("_plugin", "_report", "_told", "calls", "most", "requests")

    def __init__(self, plugin: str, report: Report) -> None:
        """*plugin* is empty for the bot itself."""
        self.calls = 0
        """Under way."""
        self.most = MOST_CALLS if plugin else None
        self.requests = asyncio.Semaphore(MOST_REQUESTS if plugin else 1 << 30)
        self._plugin = plugin
        self._report = report
        self._told = False

    def enter(self, endpoint: Endpoint) -> None:
        """Count a call from now on; `leave` ends it.

        Raises:
            RateLimitedError: If there are too many; the first time it is reported, too.
        """
        if self.most is not None and self.calls >= self.most:
            error = too_many(endpoint, self._plugin, self.calls)
            if not self._told:
                self._told = True
                self._report(RequestFailed(endpoint.name, error.message))
            raise error
        self.calls += 1

    def leave(self) -> None:
        """A call that has entered is over."""
        self.calls -= 1
        if not self.calls:
            self._told = False


class Shares:
    """What each plugin has under way."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._shares: dict[str, Share] = {}

    def mine(self) -> Share:
        """Return the share of the plugin that runs here."""
        plugin = RUNNING_PLUGIN.get()
        share = self._shares.get(plugin)
        if share is None:
            share = self._shares[plugin] = Share(plugin, self._report)
        return share
