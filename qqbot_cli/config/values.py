"""Values as people write them in YAML, in variables and behind flags, turned into values as code wants them.

Each parser answers a wrong value with a `refusal`: what is wanted and how to write it. It never repeats
the value, because any value may be a secret that was pasted into the wrong line.
"""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import SplitResult, urlsplit

from pydantic import BeforeValidator, SecretStr
from pydantic_core import PydanticCustomError

from qqbot_cli.config.diagnostic import MAX_WORD, Code, KeyPath, did_you_mean
from qqbot_cli.config.source import printable
from qqbot_cli.model.appid import APPID_FORM, is_appid
from qqbot_cli.model.intents import INTENT_NAMES, Intents, intent_named

REFUSAL: Final = "qqbot_refusal"
"""Type of the pydantic errors made by `refusal`."""

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION: Final = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(ms|s|m|h|)", re.ASCII)
_SHARD_RANGE: Final = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?", re.ASCII)

MAX_SHARDS: Final = 1024
"""More than the largest bots use; keeps a slip of the finger from opening a million sockets."""

_INTENT_GROUPS: Final = {"all": Intents.all(), "default": Intents.default()}
_INTENT_WORDS: Final = tuple(dict.fromkeys([*_INTENT_GROUPS, *INTENT_NAMES]))


def refusal(
    message: str,
    help: str,  # noqa: A002 - as in ConfigError
    *,
    code: Code = Code.BAD_VALUE,
    at: KeyPath = (),
    key: bool = False,
) -> PydanticCustomError:
    """Return the error a validator raises: *at* leads from its value to the part that is wrong."""
    context = {"message": message, "help": help, "code": code, "at": at, "key": key}
    return PydanticCustomError(REFUSAL, "{message}", context)


def wrong_type(wanted: str, help: str, *, at: KeyPath = ()) -> PydanticCustomError:  # noqa: A002
    """Return the refusal of a value that is not even the right kind of thing."""
    return refusal(f"should be {wanted}", help, code=Code.WRONG_TYPE, at=at)


def seconds(value: object, *, at: KeyPath = ()) -> float:
    """Return a duration, a number of seconds or text like ``500ms``, ``30s``, ``5m`` and ``1h``."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str):
        raise wrong_type("a duration", "write a number of seconds, or 500ms, 30s, 5m or 1h", at=at)
    match = _DURATION.fullmatch(value.strip())
    if match is None:
        raise refusal("this is not a duration", "write a number of seconds, or 500ms, 30s, 5m or 1h", at=at)
    return float(match[1]) * _UNITS[match[2] or "s"]


def duration_text(value: float) -> str:
    """Return the shortest way to write a duration: ``10m``, ``90s``, ``500ms``."""
    for unit in ("h", "m", "s"):
        if value >= _UNITS[unit] and value % _UNITS[unit] == 0:
            return f"{value / _UNITS[unit]:g}{unit}"
    return f"{value * 1000:g}ms" if value < 1 else f"{value:g}s"


def duration(low: float, high: float, *, otherwise: str = "") -> BeforeValidator:
    """Return the check for a duration from *low* to *high* seconds; *otherwise* says what else is allowed."""

    def check(value: object) -> float:
        result = seconds(value)
        if not low <= result <= high:  # in this form it refuses NaN too
            raise refusal(
                f"should be from {duration_text(low)} to {duration_text(high)}{otherwise}",
                "a number without a unit is seconds",
            )
        return result

    return BeforeValidator(check)


def whole(value: object, low: int, high: int, *, at: KeyPath = ()) -> int:
    """Return a whole number from *low* to *high*; the digits may be text, as they are in a variable."""
    limits = f"write a whole number from {low} to {high}"
    if isinstance(value, str) and re.fullmatch(r"[-+]?[0-9]{1,18}", value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong_type("a whole number", limits, at=at)
    if not low <= value <= high:
        raise refusal(f"should be from {low} to {high}", limits, at=at)
    return value


def number(low: int, high: int) -> BeforeValidator:
    """Return the check for a whole number from *low* to *high*."""
    return BeforeValidator(lambda value: whole(value, low, high))


def share() -> BeforeValidator:
    """Return the check for a number from 0 to 1."""

    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong_type("a number from 0 to 1", "write for example 0.3")
        if not 0 <= value <= 1:
            raise refusal("should be from 0 to 1", "write for example 0.3")
        return float(value)

    return BeforeValidator(check)


def _flag(value: object) -> bool:
    match value:
        case bool():
            return value
        case "true" | "false":
            return value == "true"
        case _:
            raise wrong_type("true or false", "write true or false")


Flag = Annotated[bool, BeforeValidator(_flag)]


def _words(value: object) -> str:
    example = 'write for example say: ["/dice", "hello"]'
    if not isinstance(value, str):
        raise wrong_type("text", example)
    if not value.strip():
        raise refusal("nothing would be said", example)
    return value


Words = Annotated[str, BeforeValidator(_words)]


def _appid(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise wrong_type("the number of your bot", 'put the number in quotes: appid: "102000001"')
    text = str(value)
    if not is_appid(text):
        raise refusal(f"an appid has {APPID_FORM} and nothing else", "copy it from https://q.qq.com")
    return text


AppId = Annotated[str, BeforeValidator(_appid)]


def _secret(value: object) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if not isinstance(value, str):
        raise wrong_type("text", "put the secret in quotes, or write ${QQBOT_SECRET}")
    if not value:
        raise refusal("the secret is empty", "copy it from https://q.qq.com, or write ${QQBOT_SECRET}")
    if any(char.isspace() or not char.isprintable() for char in value):
        raise refusal(
            "the secret contains spaces or control characters", "copy it again from https://q.qq.com"
        )
    return value


Secret = Annotated[SecretStr, BeforeValidator(_secret)]


def _intents(value: object) -> Intents | None:
    if value is None or isinstance(value, bool | dict | float):
        raise wrong_type(
            "auto, a list of names or a number", "write intents: auto, or intents: [public_messages]"
        )
    if isinstance(value, Intents):
        return value
    if isinstance(value, str):
        if value.strip().lower() == "auto":
            return None
        words: list[tuple[KeyPath, Any]] = [((), word.strip()) for word in value.split(",")]
    elif isinstance(value, list | tuple):
        words = [((index,), word) for index, word in enumerate(value)]
    else:
        words = [((), value)]
    intents = Intents.none()
    for at, word in words:
        named, removed = _intent(word, at)
        intents = intents & ~named if removed else intents | named
    if not intents:
        raise refusal(
            "no intents are left, so no events would arrive", "write intents: auto, or begin with all"
        )
    return intents


def _intent(word: object, at: KeyPath) -> tuple[Intents, bool]:
    """Return what one entry of the list stands for, and whether it is to be taken away."""
    if isinstance(word, int) or (isinstance(word, str) and re.fullmatch(r"[0-9]{1,18}", word)):
        return Intents(whole(word, 1, 2**31 - 1, at=at)), False
    if not isinstance(word, str):
        raise wrong_type(
            "the name of an intent", f"use {', '.join(_INTENT_GROUPS)} or a name like public_messages", at=at
        )
    name = word.strip().removeprefix("-")
    named = _INTENT_GROUPS.get(name.lower(), intent_named(name))
    if named is None:
        if name.lower() == "auto":
            raise refusal("auto stands by itself, not in a list", "write intents: auto", at=at)
        options = [flag.name.lower() for flag in Intents if flag.name]
        known = did_you_mean(name, _INTENT_WORDS)
        help_ = known if known.startswith("did") else f"use one of: all, default, {', '.join(options)}"
        raise refusal(f"unknown intent '{printable(name, MAX_WORD)}'", help_, at=at)
    return named, word.strip().startswith("-")


IntentsOrAuto = Annotated[Intents | None, BeforeValidator(_intents)]


def shards_from_text(text: str) -> dict[str, Any]:
    """Return the section that ``auto``, ``4``, ``0-3/16`` or ``0,2/4`` stand for."""
    if text.strip().lower() == "auto":
        return {}
    ids, slash, count = text.strip().rpartition("/")
    total = whole(count, 1, MAX_SHARDS) if count.isdecimal() else 0
    ranges = [_SHARD_RANGE.fullmatch(part.strip()) for part in ids.split(",")] if slash else []
    if not total or not all(ranges):
        raise refusal("this does not name shards", "write auto, 4 (all of four), 0-3/16 or 0,2/4")
    indices: list[int] = []
    for match in ranges:
        if match is not None:
            first, last = int(match[1]), int(match[2] or match[1])
            if not first <= last < total:
                raise refusal(
                    f"shards of {total} are numbered from 0 to {total - 1}", "write for example 0-3/16"
                )
            indices += range(first, last + 1)
    return {"count": total, "ids": indices or None}


def file_path(text: str) -> Path:
    """Return the path that *text* names."""
    if text.startswith("~"):
        # A shell would replace it; here it would make a folder of that name.
        raise refusal("~ does not stand for a home folder here", "write ${HOME}/… or the whole path")
    try:
        encoded = os.fsencode(text)
    except UnicodeEncodeError:
        encoded = b"\0"
    if b"\0" in encoded:
        raise refusal("no file can have this name", "delete the character that is no text, such as \\0")
    return Path(text)


FilePath = Annotated[
    Path, BeforeValidator(lambda value: file_path(value) if isinstance(value, str) else value)
]
"""What is no text is left to pydantic, which says so."""


def _url(value: object, schemes: tuple[str, ...]) -> str:
    example = f"write an address like {schemes[-1]}://host/path"
    if not isinstance(value, str):
        raise wrong_type("an address", example)
    try:
        parts = urlsplit(value)
        valid = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or any(char.isspace() or not char.isprintable() for char in value):
        raise refusal(
            f"this is not an address that begins with {' or '.join(s + '://' for s in schemes)}", example
        )
    if parts.scheme in {"http", "ws"} and not _is_loopback(parts):
        raise refusal(
            "this would send the secret unencrypted", f"use {schemes[-1]}://, or a host on this machine"
        )
    return value.rstrip("/")


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


HttpUrl = Annotated[str, BeforeValidator(lambda value: _url(value, ("http", "https")))]
WebSocketUrl = Annotated[str, BeforeValidator(lambda value: _url(value, ("ws", "wss")))]
