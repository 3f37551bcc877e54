"""Threads of forums.

Source: platform documentation, "论坛".
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from qqbot_cli.model.payload.forum import Thread
from qqbot_cli.model.payload.shared import Payload, parse_time


class ThreadList(Payload, frozen=True):
    """Threads of a forum; no way to ask for more of them is known."""

    threads: tuple[Thread, ...] = ()
    """The threads; titles are plain text, contents rich text as JSON text."""
    is_finish: int = 0
    """1 if these are all, else 0."""

    @classmethod
    def reshape(cls, value: dict[str, Any]) -> dict[str, Any]:
        """Accept rich text that is no JSON text but the JSON itself."""
        threads = value.get("threads")
        if isinstance(threads, list):
            value["threads"] = [Thread.reshape(item) if isinstance(item, dict) else item for item in threads]
        return value


class ThreadDetail(Payload, frozen=True):
    """One thread."""

    thread: Thread
    """The thread."""

    @classmethod
    def reshape(cls, value: dict[str, Any]) -> dict[str, Any]:
        """Accept rich text that is no JSON text but the JSON itself."""
        if isinstance(value.get("thread"), dict):
            value["thread"] = Thread.reshape(value["thread"])
        return value


class ThreadTask(Payload, frozen=True):
    """A thread is being published; how that ends is told by events."""

    task_id: str
    """Names the publication in ``FORUM_PUBLISH_AUDIT_RESULT``."""
    create_time: str = ""
    """Seconds since 1970; see `created_at`."""

    @property
    def created_at(self) -> datetime | None:
        """When it was taken, or None if the platform did not say."""
        return parse_time(self.create_time)
