"""Rich text of forums as plain text.

Title and content of forum events are JSON texts inside JSON. Two shapes are known: paragraphs of elements,
and the list of objects that old documentation shows; what is neither is taken as plain text.
Source: platform documentation, "论坛事件" and "富文本对象".
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

IMAGE: Final = "[图片]"
VIDEO: Final = "[视频]"
"""What stands for a picture and a video, as in the platform's own previews."""


def plain_text(rich: str) -> str:
    """Return what a person would read in *rich*: a line for each paragraph, links as their words."""
    try:
        value = msgspec.json.decode(rich)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return rich
    if isinstance(value, dict) and isinstance(value.get("paragraphs"), list):
        return "\n".join(_paragraph(paragraph) for paragraph in value["paragraphs"])
    if isinstance(value, list):
        return "".join(_object(item) for item in value)
    return rich


def _paragraph(paragraph: object) -> str:
    elements = _get(paragraph, "elems")
    return "".join(map(_element, elements)) if isinstance(elements, list) else ""


def _element(element: object) -> str:
    """Return the words of an element; its type may be missing, the key that is there tells."""
    if not isinstance(element, dict):
        return ""
    if "text" in element:
        return _text(element["text"], "text")
    if "url" in element:
        return _text(element["url"], "desc") or _text(element["url"], "url")
    return IMAGE if "image" in element else VIDEO if "video" in element else ""


def _object(item: object) -> str:
    """Return the words of an object in the old shape."""
    if isinstance(user := _get(_get(item, "at_info"), "user_info"), dict):
        return f"@{_text(user, 'nick')}"
    if isinstance(url := _get(item, "url_info"), dict):
        return _text(url, "display_text") or _text(url, "url")
    if isinstance(channel := _get(item, "channel_info"), dict):
        return f"#{_text(channel, 'channel_name')}"
    if isinstance(emoji := _get(item, "emoji_info"), dict):
        return _text(emoji, "name")
    return _text(_get(item, "text_info"), "text")


def _get(node: Any, key: str) -> Any:  # noqa: ANN401 - any JSON
    return node.get(key) if isinstance(node, dict) else None


def _text(node: object, key: str) -> str:
    value = _get(node, key)
    return value if isinstance(value, str) else ""
