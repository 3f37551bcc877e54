"""What a row of ENDPOINTS is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from string import Formatter
from typing import Final

import msgspec

from qqbot_cli.model.body.base import Body
from qqbot_cli.model.decode import ListDecoder, PayloadDecoder
from qqbot_cli.model.payload.shared import Payload
from qqbot_cli.model.rate import Rate

_AT_WILL: Final = frozenset({"GET", "PUT", "DELETE"})
"""Methods that may be repeated, by the rules of HTTP."""


class Repeat(Enum):
    """Whether a call may be repeated when its outcome is unknown."""

    SAFE = "safe"
    """It reads, or doing it twice is the same as doing it once."""
    WITH_SEQ = "with msg_seq"
    """A send: the platform refuses the second of two equal (msg_id, msg_seq) pairs."""
    UNSENT = "unless it sends"
    """An upload: twice is the same as once, unless the file is sent at once too."""
    NEVER = "never"
    """It would happen twice."""


class TimeoutClass(Enum):
    """How long a call may take, as a multiple of the configured time-out."""

    NORMAL = 1
    UPLOAD = 4


class Host(Enum):
    """Where a path is."""

    REST = "rest"
    """Below the REST base, with an access token."""
    TOKEN = "token"  # noqa: S105 - a host, not a token
    """On the host that gives access tokens, without one; `BotApi` has no method for it."""


@dataclass(frozen=True, slots=True)
class Query:
    """A query parameter."""

    name: str
    kind: type[str] | type[int] | type[bool]
    text: str
    """Meaning, unit, and what happens without it."""
    least: int | None = None
    """Smallest number allowed."""
    most: int | None = None
    """Largest number allowed."""
    choices: tuple[str, ...] = ()
    """Texts allowed; empty if any."""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Paging:
    """How a list that comes in pages goes on."""

    send: str
    """Query parameter, or else field of the body, that asks for a page."""
    items: str = ""
    """Field of the result with the items; empty if the result is the list itself."""
    next: str = ""
    """Field of the result that `send` takes for the next page; empty text, 0 and ``"0"`` end the list."""
    last: str = ""
    """Instead of `next`: path to what `send` takes within the last item, ``user.id``."""
    end: str = ""
    """Field of the result that is true on the last page."""
    key: str = ""
    """Path within an item by which one that came twice is recognised; empty where pages do not overlap."""
    size: str = "limit"
    """Query parameter, or field of the body, for the items in a page; empty if there is none."""
    first: str = ""
    """What `send` takes for the first page; empty if it is left out there."""


@dataclass(frozen=True)
class Endpoint:
    """All that is known about one REST call."""

    name: str
    """Method of `BotApi`."""
    method: str
    path: str
    """Names in braces are path parameters."""
    summary: str
    """What it does, in one sentence; becomes the docstring of the method."""
    details: str = ""
    """What else a caller has to know."""
    body: type[msgspec.Struct] | None = None
    body_optional: bool = False
    """Whether every field of the body may be missing, and so the body."""
    requires: tuple[str, ...] = ()
    """Fields that this call needs though the type of the body leaves them open."""
    refuses: tuple[str, ...] = ()
    """Fields that belong to another call with the same type of body."""
    query: tuple[Query, ...] = ()
    fixed_query: tuple[tuple[str, str], ...] = ()
    """Query parameters that always have the same value."""
    numbers: tuple[str, ...] = ()
    """Path parameters that are numbers; all others are text."""
    order: tuple[str, ...] = ()
    """Path parameters in the order of the arguments, where it is not that of the path."""
    result: type[Payload] | None = None
    """None: nothing is returned."""
    many: bool = False
    """The answer is a bare list of `result`."""
    wrapped: str = ""
    """Key under which an object holds the result in some versions of the platform."""
    retcode: bool = False
    """Answers carry ``retcode``: where it is not 0 the call has failed, with HTTP 200."""
    success: tuple[int, ...] = (200,)
    """Documented statuses of success, the usual one first."""
    repeat: Repeat | None = None
    """None becomes SAFE for GET, PUT and DELETE, NEVER for others."""
    rate: Rate | None = None
    """Documented limit; None if none is published."""
    quota: str = ""
    """What may not be exceeded however slowly one goes, in words."""
    timeout: TimeoutClass = TimeoutClass.NORMAL
    needs: str = ""
    """What the bot must have been granted, or be, in words."""
    codes: tuple[int, ...] = ()
    """Error codes of this call; those of all calls (token, rights) are not repeated in every row."""
    paging: Paging | None = None
    appid_header: str = ""
    """Header that carries the appid, besides those of all calls."""
    host: Host = Host.REST
    legacy: str = ""
    """Why not to build on it, or who else knows of it; empty for calls that are documented and alive."""
    source: str = ""
    """Page of the platform's documentation; empty if it has none."""
    parameters: tuple[str, ...] = field(init=False)
    """Path parameters in the order of the arguments."""

    def __post_init__(self) -> None:
        names = tuple(name for _, name, _, _ in Formatter().parse(self.path) if name)
        object.__setattr__(self, "parameters", self.order or names)
        if self.repeat is None:
            repeat = Repeat.SAFE if self.method in _AT_WILL else Repeat.NEVER
            object.__setattr__(self, "repeat", repeat)

    # Made when first needed: a bot makes few of the calls there are.
    @cached_property
    def decoder(self) -> PayloadDecoder | ListDecoder | None:
        """What reads the answer, or None if nothing is returned."""
        if self.result is None:
            return None
        kind = ListDecoder if self.many else PayloadDecoder
        return kind(self.result, wrapped=self.wrapped)

    @cached_property
    def checker(self) -> msgspec.json.Decoder[Body] | None:
        """What refuses an encoded body that is outside of the limits of its type; None for messages."""
        if self.body is None or not issubclass(self.body, Body):
            return None
        return msgspec.json.Decoder(self.body)


def a_second(calls: int, per: str = "bot") -> Rate:
    """Return a limit of *calls* in a second."""
    return Rate(calls, 1.0, per=per)


def a_minute(calls: int, burst: int = 0) -> Rate:
    """Return a limit of *calls* in a minute."""
    return Rate(calls, 60.0, burst)
