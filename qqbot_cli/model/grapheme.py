"""What a reader takes for one character: an emoji of several code points, a letter with its accents.

A short form of Unicode's rules (UAX 29) that knows what chats are full of: combining marks, variation
selectors, skin tones, joined emoji, flags, Korean syllables and the two halves of a line end.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_JOINER: Final = "\u200d"
_TONES: Final = range(0x1F3FB, 0x1F400)
"""Skin tones."""
_TAGS: Final = range(0xE0020, 0xE0080)
"""Letters that follow a flag, as for Scotland."""
_FLAG_LETTERS: Final = range(0x1F1E6, 0x1F200)
_VOWELS: Final = range(0x1160, 0x1200)
"""Korean vowels and final consonants."""


def breaks(text: str) -> bytearray:
    """Return for every position from 0 to ``len(text)`` whether a character begins or ends there: 1 or 0."""
    marks = bytearray(b"\x01") * (len(text) + 1)
    flag = False
    """Whether the character so far is half a flag."""
    for position in range(1, len(text)):
        before, here = text[position - 1], text[position]
        is_letter = ord(here) in _FLAG_LETTERS
        half = ord(before) in _FLAG_LETTERS and not flag
        flag = is_letter and half
        if flag or _belongs(before, here):
            marks[position] = 0
    return marks


def count(text: str) -> int:
    """Return how many characters a reader sees."""
    return breaks(text).count(1) - 1 if text else 0


def columns(text: str) -> int:
    """Return how wide *text* is where the platform counts a Chinese character as two, as in panels and menus.

    Emoji, about which it says nothing, count as one, so that nothing is refused on a guess.
    """
    return sum(2 if 0x2E80 <= ord(sign) <= 0xFFEF or ord(sign) >= 0x20000 else 1 for sign in text)


def _belongs(before: str, here: str) -> bool:
    if here.isascii():
        return here == "\n" and before == "\r"
    code = ord(here)
    return (
        here == _JOINER
        or before == _JOINER
        or unicodedata.category(here) in ("Mn", "Mc", "Me")
        or code in _TONES
        or code in _TAGS
        or (code in _VOWELS and unicodedata.category(before) == "Lo")
    )
