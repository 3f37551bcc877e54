"""The languages in which qqbot explains what the platform's numbers mean, and which one a process speaks."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final, NamedTuple


class Language(Enum):
    """A language of sentences; what is not explained in both is in English."""

    ZH = "zh"
    EN = "en"


class Text(NamedTuple):
    """One thing said in both languages: no full stop at the end, no capital at the beginning."""

    zh: str
    en: str

    def said_in(self, language: Language) -> str:
        """Return the sentence in *language*."""
        return self.zh if language is Language.ZH else self.en


_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The first that is not empty decides. Source: POSIX, "Environment Variables", 8.2."""


def language_of(environ: Mapping[str, str]) -> Language:
    """Return the language of a process with *environ*: Chinese where the locale begins with ``zh``."""
    locale = next(filter(None, map(environ.get, _VARIABLES)), "")
    return Language.ZH if locale.lower().startswith("zh") else Language.EN
