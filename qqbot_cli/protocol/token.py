"""Access tokens: whether credentials can be right, what an answer means, when to ask again.

A token lives two hours. Asking earlier than a minute before its end returns the same one, so a token is
renewed in its last minute, while the old one is still valid, and a refused token is asked for again
only now and then: the answer may well be the same.

Source: platform documentation, "接口调用与鉴权" (getAppAccessToken).
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from qqbot_cli.errors import NO_MEANING, AuthenticationError, PlatformUnreachableError
from qqbot_cli.model.appid import APPID_FORM, is_appid
from qqbot_cli.model.codes import CodeEntry, code_entry
from qqbot_cli.model.language import Language

MIN_PAUSE: Final = 5.0
"""Seconds between two attempts at the least, whatever the platform answers."""

FORCED_PAUSE: Final = 30.0
"""Seconds between two attempts that were forced by a refusal."""

MAX_REFUSALS: Final = 3
"""A token refused this often within `REFUSAL_WINDOW` is no accident: the secret was changed."""

REFUSAL_WINDOW: Final = 600.0

_UNKNOWN_LIFETIME: Final = 30.0
"""Seconds a token is trusted when the answer does not say how long it lives."""

_LONGEST_LIFETIME: Final = 7200.0

_SECRET: Final = re.compile(r"[!-~]{1,256}")

VARIABLES: Final = ("QQBOT_APPID", "QQBOT_SECRET")
"""Where `Token.from_env` finds appid and secret."""

_CONSOLE: Final = "https://q.qq.com, 开发设置"
CHECK_CREDENTIALS: Final = f"compare appid and secret with the management console: {_CONSOLE}"


@dataclass(frozen=True, slots=True)
class Token:
    """Who the bot is, and how it proves it."""

    appid: str
    """Number of the bot in the management console, `APPID_FORM`."""
    secret: str = field(repr=False)
    """AppSecret; appears in no output."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Token:
        """Return the token in ``QQBOT_APPID`` and ``QQBOT_SECRET``.

        Raises:
            AuthenticationError: If either is missing or cannot be right.
        """
        missing = " and ".join(name for name in VARIABLES if not environ.get(name))
        if missing:
            raise AuthenticationError(f"{missing} must be set in the environment; see {_CONSOLE}")
        token = cls(*(environ[name] for name in VARIABLES))
        token.validate()
        return token

    def validate(self) -> None:
        """Check that appid and secret can be right; the platform is not asked.

        Raises:
            AuthenticationError: If they cannot. The message never quotes the secret.
        """
        if not is_appid(self.appid):
            raise AuthenticationError(f"appid must be {APPID_FORM}", help=CHECK_CREDENTIALS)
        if not _SECRET.fullmatch(self.secret):
            what = "contains spaces or characters that no secret has" if self.secret else "is missing"
            raise AuthenticationError(f"secret {what}", help=CHECK_CREDENTIALS)


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and how long it is good for; points in time are monotonic seconds."""

    value: str = field(repr=False)
    refresh_at: float
    expires_at: float


def read_answer(
    answer: Mapping[str, Any], *, now: float, status: int = 200, language: Language = Language.EN
) -> AccessToken:
    """Return the token in *answer*, which came with the HTTP *status* and was asked for at *now*.

    Raises:
        AuthenticationError: If the platform refuses the credentials; it may do so with any status. The
            message ends with what the code means, in *language*.
        PlatformUnreachableError: If there is no token for any other reason; its message ends likewise.
    """
    value = answer.get("access_token")
    if not isinstance(value, str) or not value:
        code, message = answer.get("code"), answer.get("message")
        said = f"code {code}: {message}" if isinstance(code, (int, str)) else "no access_token in the answer"
        entry = _entry(code)
        meaning = NO_MEANING if entry is None else entry.in_words(language)
        ending = f": {meaning.text}" if meaning.text else ""
        if (entry is not None and entry.refuses_credentials) or 400 <= status < 429:
            raise AuthenticationError(
                f"the platform gave no token ({said}){ending}", help=CHECK_CREDENTIALS, meaning=meaning
            )
        raise PlatformUnreachableError(
            f"the token endpoint answered HTTP {status} without a token ({said}){ending}", meaning=meaning
        )
    lifetime = _lifetime(answer.get("expires_in"))
    return AccessToken(value, now + max(lifetime - 60.0, lifetime / 2), now + lifetime)


def _entry(code: object) -> CodeEntry | None:
    """Return the row of *code* of an answer, if the table of codes has it."""
    text = str(code)
    entry = code_entry(int(text)) if text.isascii() and text.isdigit() and len(text) < 12 else None
    return entry if entry is not None and entry.listed else None


def _lifetime(value: object) -> float:
    """Return *value* as seconds; the wire has text, the documentation a number, broken answers anything."""
    try:
        seconds = float(value) if isinstance(value, (int, float, str)) else math.nan
    except (ValueError, OverflowError):
        seconds = math.nan
    # `not >` also catches NaN.
    return min(seconds, _LONGEST_LIFETIME) if seconds > 0 else _UNKNOWN_LIFETIME


class TokenPolicy:
    """Remembers the current token and decides when to ask for another."""

    def __init__(self) -> None:
        self.current: AccessToken | None = None
        self._asked_at = -math.inf
        self._fruitless = False
        """Whether the last answer was no token."""
        self._forced_at = -math.inf
        self._refused: AccessToken | None = None
        self._refusals: deque[float] = deque(maxlen=MAX_REFUSALS)

    def usable(self, *, now: float) -> AccessToken | None:
        """Return the current token if it may be used, else None."""
        token = self.current
        return token if token is not None and now < token.expires_at and token is not self._refused else None

    def fresh(self, *, now: float) -> AccessToken | None:
        """Return the current token if it may be used and is far from its end, as nearly always, else None."""
        token = self.current
        return token if token is not None and now < token.refresh_at and token is not self._refused else None

    def due(self, *, now: float) -> bool:
        """Whether a new token should be asked for, even though the current one may still be usable."""
        return (self.current is None or now >= self.current.refresh_at) and now >= self._asked_at + MIN_PAUSE

    def earliest(self, *, now: float) -> float:
        """Return the moment from which the endpoint may be asked; *now* if that is now."""
        earliest = now
        if self._is_refused:
            earliest = max(earliest, self._forced_at + FORCED_PAUSE)
        elif self.current is not None:
            earliest = max(earliest, self._asked_at + MIN_PAUSE)
        return max(earliest, self._asked_at + MIN_PAUSE) if self._fruitless else earliest

    @property
    def _is_refused(self) -> bool:
        return self._refused is not None and self._refused is self.current

    def asked(self, *, now: float) -> None:
        """The endpoint is being asked."""
        self._asked_at = now

    def answered_without_token(self) -> None:
        """The endpoint is there, and has answered something else."""
        self._fruitless = True

    def accept(self, token: AccessToken) -> None:
        """Use *token* from now on. The same text again keeps counting as refused no longer."""
        self._fruitless = False
        if self._is_refused:
            self._forced_at = self._asked_at  # only what brings a token may be that the platform has no other
        self.current = token
        self._refused = None

    def slept(self, seconds: float) -> None:
        """The computer slept for *seconds* that the clock did not count: everything was longer ago."""
        self._asked_at -= seconds
        self._forced_at -= seconds
        token = self.current
        if token is None:
            return
        self.current = replace(
            token, refresh_at=token.refresh_at - seconds, expires_at=token.expires_at - seconds
        )
        if self._refused is token:
            self._refused = self.current

    def refuse(self, value: str, *, now: float) -> None:
        """The platform refused the token *value* (401, 11244 or close 4004).

        Raises:
            AuthenticationError: If that happened `MAX_REFUSALS` times within `REFUSAL_WINDOW`.
        """
        if self.current is None or self.current.value != value or self._refused is self.current:
            return  # an older token, or known already: several shards report the same refusal
        self._refused = self.current
        self._refusals.append(now)
        if len(self._refusals) == MAX_REFUSALS and now - self._refusals[0] <= REFUSAL_WINDOW:
            raise AuthenticationError(
                f"the platform refused {MAX_REFUSALS} tokens in a row: was the secret changed?",
                help=CHECK_CREDENTIALS,
            )
