"""Threads of forums.

Source: platform documentation, "发表帖子".
"""

from __future__ import annotations

from enum import IntEnum

from qqbot_cli.model.body.base import Body, Name


class ThreadFormat(IntEnum):
    """How the content of a thread is written."""

    TEXT = 1
    HTML = 2
    MARKDOWN = 3
    JSON = 4
    """Rich text as JSON text."""


class ThreadParams(Body, frozen=True, kw_only=True):
    """A thread."""

    title: Name
    """Plain text."""
    content: Name
    """What `format` says."""
    format: ThreadFormat
    """How the content is written."""
