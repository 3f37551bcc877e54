"""Text that means something to the platform: mentions, commands, escaping; and cutting long texts.

Source: platform documentation, "消息内嵌格式"; escaping of Markdown as other implementations do it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import Final
from urllib.parse import quote

from qqbot_cli.errors import MessageError
from qqbot_cli.model.grapheme import breaks
from qqbot_cli.model.payload.mention import LEADING

MAX_COMMAND: Final = 100
"""Characters of the text of a command, and of what is shown for it."""

_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ENTITY: Final = re.compile("|".join(_ENTITIES.values()))
_CHARACTERS: Final = {entity: character for character, entity in _ENTITIES.items()}
_MARKDOWN: Final = re.compile(r"[\\`*_\[\]~\-(#!>]")


def mention_user(user_id: str) -> str:
    """Return a mention of a guild user in a channel, or of a ``member_openid`` in a group.

    One-to-one chats have no mentions. The older form ``<@id>`` is announced to go.
    """
    return f'<qqbot-at-user id="{user_id}" />'


def mention_everyone() -> str:
    """Return a mention of everybody; guild channels only, and the bot needs the right to it."""
    return "<qqbot-at-everyone />"


def channel_link(channel_id: str) -> str:
    """Return a link to a channel of the same guild; guild channels only."""
    return f"<#{channel_id}>"


def emoji(emoji_id: str | int) -> str:
    """Return a face of QQ by its number; guilds only. Unicode emoji are written as they are."""
    return f"<emoji:{emoji_id}>"


def command_enter(text: str) -> str:
    """Return a link that sends *text* when it is pressed; Markdown in one-to-one chats only.

    Raises:
        MessageError: If the text is empty or has more than 100 characters.
    """
    return f'<qqbot-cmd-enter text="{_argument("text", text)}" />'


def command_input(text: str, show: str | None = None, *, reference: bool = False) -> str:
    """Return a link that puts *text* into the input box of who presses it; Markdown only.

    Args:
        text: At most 100 characters.
        show: What the link reads; *text* if left out. At most 100 characters.
        reference: Whether what is sent then quotes this message.

    Raises:
        MessageError: If one of the texts is empty or too long.
    """
    shown = "" if show is None else f' show="{_argument("show", show)}"'
    quotes = "true" if reference else "false"
    return f'<qqbot-cmd-input text="{_argument("text", text)}"{shown} reference="{quotes}" />'


def _argument(name: str, text: str) -> str:
    # Counted before it is encoded, which is the smaller number: how the platform counts is not documented.
    if not 1 <= len(text) <= MAX_COMMAND:
        raise MessageError(
            [f"command: {name} has {len(text)} characters, from 1 to {MAX_COMMAND} are allowed"]
        )
    return quote(text, safe="")


def escape(text: str) -> str:
    """Return *text* so that a guild shows it as it is; tags are added afterwards.

    For the content of channels and direct messages of guilds only: groups and one-to-one chats would show
    the entities.
    """
    return re.sub("[&<>]", lambda match: _ENTITIES[match[0]], text)


def unescape(text: str) -> str:
    """Return what somebody wrote in a guild, from the content of their message; the reverse of `escape`."""
    return _ENTITY.sub(lambda match: _CHARACTERS[match[0]], text)


def escape_markdown(text: str) -> str:
    """Return *text* so that Markdown shows it as it is."""
    return _MARKDOWN.sub(r"\\\g<0>", text)


def parse_command(text: str) -> tuple[str, str]:
    """Return the first word of *text* and the rest, both without surrounding space.

    Mentions at the beginning are skipped. Without any word both are empty.
    """
    while match := LEADING.match(text):
        text = text[match.end() :]
    command, *rest = text.split(maxsplit=1) or [""]
    return command, rest[0].rstrip() if rest else ""


_WHOLE: Final = re.compile(
    r"""
    !?\[[^\[\]\n]*\]\([^()\s]*\)            # a link or picture in Markdown
    | https?://[^\s<>，。！？；、（）《》“”]+
    | <(?:@!?|\#|emoji:)\w+>                # mentions, channels and faces
    | <(?:qqbot-|faceType=)[^<>]*>
    | &(?:amp|lt|gt);
    """,
    re.VERBOSE,
)
"""What loses its meaning when it is cut."""

_CLOSING: Final = "”’」』）)\\]\"'》】"
_PLACES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?=\n[^\S\n]*\n)",
        r"(?=\n)",
        rf"(?<=[。！？…；])(?![。！？…；{_CLOSING}])|(?<=[。！？…；][{_CLOSING}])|(?<=[.!?;])(?=\s)",
        r"(?=\s)|(?<=[，、：])",
    )
)
"""Where to cut, best first: between paragraphs, lines, sentences, words."""


def split_text(text: str, limit: int) -> list[str]:
    """Return *text* in pieces of at most *limit* characters, cut where it disturbs least.

    Between paragraphs rather than lines, lines rather than sentences, sentences rather than words; never
    inside an emoji, a tag, a link or an address, unless that alone is longer than *limit*. White space
    at the cuts is dropped, and so is a text of nothing else.

    Raises:
        ValueError: If *limit* is below 1.
    """
    if limit < 1:
        raise ValueError("limit: a piece has at least one character")
    pieces = []
    allowed: list[int] | None = None
    start = 0
    while len(text) - start > limit:
        if allowed is None:
            allowed = _cuts(text)
        cut = _cut(text, allowed, start, start + limit)
        pieces.append(text[start:cut].rstrip())
        start = _skip(text, cut)
    pieces.append(text[start:] if start == 0 else text[start:].rstrip())
    return [piece for piece in pieces if piece.strip()]


def _cuts(text: str) -> list[int]:
    """Return the positions at which nothing is torn apart, in ascending order."""
    marks = breaks(text)
    for match in _WHOLE.finditer(text):
        marks[match.start() + 1 : match.end()] = bytes(match.end() - match.start() - 1)
    return [position for position, mark in enumerate(marks) if mark]


def _cut(text: str, allowed: list[int], start: int, end: int) -> int:
    """Return where the piece that begins at *start* ends: after it, and not after *end*."""
    middle = start + (end - start) // 2
    # A good place in the first half would leave a piece with little in it.
    for least in (middle, start):
        for place in _PLACES:
            best = 0
            for match in place.finditer(text, least + 1, min(len(text), end + 2)):
                position = match.start()
                if position <= end and _among(allowed, position):
                    best = position
            if best:
                return best
    last = allowed[bisect_right(allowed, end) - 1]
    if last > start:
        return last
    return _torn(text, start, end)


def _torn(text: str, start: int, end: int) -> int:
    """Return where to cut something that does not fit: between characters, if at least one does."""
    marks = breaks(text[start : end + 1])
    return next((start + position for position in range(end - start, 0, -1) if marks[position]), end)


def _among(allowed: list[int], position: int) -> bool:
    at = bisect_left(allowed, position)
    return at < len(allowed) and allowed[at] == position


def _skip(text: str, cut: int) -> int:
    """Return where the next piece begins: the indentation of its first line stays."""
    end = cut
    while end < len(text) and text[end].isspace():
        end += 1
    line = text.rfind("\n", cut, end)
    return end if line < 0 else line + 1
