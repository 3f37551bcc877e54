"""Mentions inside the text of messages."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final

LEADING: Final = re.compile(r"""\s*<(?:@!?(\w+)|qqbot-at-user\s+id=["'](\w+)["']\s*/)>""")
"""A mention at the beginning, in the old form and in the new one."""


def without_mentions(content: str, ids: Container[str]) -> str:
    """Return *content* without surrounding space and without mentions of *ids* at its beginning.

    Source: platform documentation, "消息内嵌格式".
    """
    text = content
    while (match := LEADING.match(text)) and (match[1] or match[2]) in ids:
        text = text[match.end() :]
    return text.strip()
