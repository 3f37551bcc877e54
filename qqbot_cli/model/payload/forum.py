"""Threads, comments and replies of forums, with content (private-domain bots) and without.

Documentation shows numbers and lists where texts with JSON inside arrive; both are accepted.
Source: platform documentation, "论坛事件" and "开放论坛事件".
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Any

import msgspec

from qqbot_cli.model.payload.rich_text import plain_text
from qqbot_cli.model.payload.shared import Payload, parse_time


class _Written(Payload, frozen=True, kw_only=True):
    """What is common to everything written in a forum."""

    thread_id: str
    """The thread, ``B_…``."""
    content: str = ""
    """Rich text as JSON text; see `text`."""
    date_time: str = ""
    """RFC 3339; see `written_at`."""

    @property
    def text(self) -> str:
        """The content as plain text."""
        return plain_text(self.content)

    @property
    def written_at(self) -> datetime | None:
        """When it was written, or None if the platform did not say."""
        return parse_time(self.date_time)


class ThreadInfo(_Written, frozen=True, kw_only=True):
    """A thread."""

    title: str = ""
    """Rich text as JSON text in events, plain text in answers of REST calls; see `title_text`."""

    @property
    def title_text(self) -> str:
        """The title as plain text."""
        return plain_text(self.title)


class PostInfo(_Written, frozen=True, kw_only=True):
    """A comment under a thread."""

    post_id: str
    """The comment, ``c_…``."""


class ReplyInfo(_Written, frozen=True, kw_only=True):
    """A reply to a comment."""

    post_id: str
    """The comment, ``c_…``."""
    reply_id: str
    """The reply, ``r_…``."""


class OpenThread(Payload, frozen=True):
    """Something happened in a forum; public-domain bots are not told what was written."""

    guild_id: str
    """In which guild."""
    channel_id: str
    """In which forum."""
    author_id: str = ""
    """Who."""


class _ForumEvent(OpenThread, frozen=True, kw_only=True):
    @classmethod
    def reshape(cls, value: dict[str, Any]) -> dict[str, Any]:
        """Accept rich text that is no JSON text but the JSON itself, as old documentation shows it."""
        for info in value.values():
            if isinstance(info, dict):
                for key in ("title", "content"):
                    if isinstance(info.get(key), (list, dict)):
                        info[key] = msgspec.json.encode(info[key]).decode()
        return value


class Thread(_ForumEvent, frozen=True, kw_only=True):
    """A thread was opened, changed or removed."""

    thread_info: ThreadInfo
    """The thread."""


class Post(_ForumEvent, frozen=True, kw_only=True):
    """A comment was written or removed."""

    post_info: PostInfo
    """The comment."""


class Reply(_ForumEvent, frozen=True, kw_only=True):
    """A reply to a comment was written or removed."""

    reply_info: ReplyInfo
    """The reply."""


class ForumAuditType(IntEnum):
    """What was reviewed."""

    THREAD = 1
    POST = 2
    REPLY = 3


class ForumAuditResult(Payload, frozen=True):
    """The review of something the bot wrote in a forum has ended."""

    guild_id: str
    """In which guild."""
    channel_id: str
    """In which forum."""
    author_id: str = ""
    """The bot."""
    task_id: str = ""
    """What the publishing call answered."""
    thread_id: str = ""
    """The thread; empty if there is none."""
    post_id: str = ""
    """The comment; empty if there is none."""
    reply_id: str = ""
    """The reply; empty if there is none."""
    type: int = 0
    """1 thread, 2 comment, 3 reply; see `ForumAuditType`."""
    result: int = 0
    """0 passed, 1 refused; see `passed`."""
    err_msg: str = ""
    """Why it was refused."""
    date_time: str = ""
    """RFC 3339; see `audited_at`."""

    @property
    def passed(self) -> bool:
        """Whether it is now to be seen."""
        return self.result == 0

    @property
    def audited_at(self) -> datetime | None:
        """When the review ended, or None if the platform did not say."""
        return parse_time(self.date_time)
