"""The envelope of every gateway frame: the only place that spells ``op``, ``d``, ``s``, ``t`` and ``id``.

Decoding is in two stages. Here the envelope is read and the body left as raw bytes; `model.events`
decodes the body later, and only if somebody wants it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Final

import msgspec

from qqbot_cli.model.opcode import Opcode

MAX_SEQ: Final = 2**63 - 1
"""Larger numbers are not sequence numbers; the platform's are unsigned and start at 1 for each session."""

_Natural = Annotated[int, msgspec.Meta(ge=0, le=MAX_SEQ)]
_BOM: Final = b"\xef\xbb\xbf"


class FrameError(ValueError):
    """What arrived is not a frame; the message never quotes the data."""


class Frame(msgspec.Struct, frozen=True, gc=False):
    """One JSON object on the wire, its body still undecoded."""

    op: _Natural
    body: msgspec.Raw = msgspec.field(name="d", default=msgspec.Raw(b""))
    """JSON text of ``d``; empty if the key was absent."""
    seq: _Natural | None = msgspec.field(name="s", default=None)
    """Position in the session, 1 or more; None or 0 on frames outside of it."""
    event: str | None = msgspec.field(name="t", default=None)
    """Name of the event, on DISPATCH only."""
    id: str | None = None
    """Event id, usable as ``event_id`` of a passive reply; absent on READY and RESUMED."""


class _LooseFrame(msgspec.Struct):
    op: Any = None
    d: msgspec.Raw = msgspec.Raw(b"")
    s: Any = None
    t: Any = None
    id: Any = None


class _Hello(msgspec.Struct):
    heartbeat_interval: Any = None


class _Ready(msgspec.Struct):
    session_id: str


_decode_strict: Final = msgspec.json.Decoder(Frame).decode
_decode_loose: Final = msgspec.json.Decoder(_LooseFrame).decode
_decode_hello: Final = msgspec.json.Decoder(_Hello).decode
_decode_ready: Final = msgspec.json.Decoder(_Ready).decode
_ESCAPE: Final = re.compile(
    rb"""\\(?: u d[89ab]..\\ud[c-f].. | (?P<half> u d[89a-f].. ) | . )""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
"""An escape in JSON text; all are matched, because what follows an escaped backslash is none."""
_DECODING: Final = (msgspec.MsgspecError, ValueError, RecursionError)
"""What decoding may raise, whatever arrives."""
_SECRETS: Final = frozenset(("token", "session_id"))
"""Keys of what we send that would let others speak as the bot, or take its events."""
_encode: Final = msgspec.json.Encoder().encode


def _nobody(_kind: str) -> None:
    pass


def decode_frame(data: bytes | str, odd: Callable[[str], None] = _nobody) -> Frame:
    """Return the frame in *data*, forgiving about everything but its opcode.

    *odd* is told what stands in place of a sequence number that is none, in words without the value.

    Raises:
        FrameError: If *data* is no JSON object or has no integer ``op``.
    """
    try:
        return _decode_strict(data)
    except _DECODING:
        return _forgive(data, odd)


def _forgive(data: bytes | str, odd: Callable[[str], None]) -> Frame:
    """Read a frame whose fields have unexpected types: those that make no sense count as absent."""
    raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
    try:
        loose = _decode_loose(_without_halves(raw.removeprefix(_BOM)))
    except _DECODING as exc:
        # The reason of a decoding error may quote the input; its type does not.
        raise FrameError(f"not a JSON object ({type(exc).__name__})") from None
    op = _integer(loose.op)
    if op is None:
        raise FrameError("no opcode")
    seq = _integer(loose.s)
    if seq is None and loose.s is not None:
        odd(_kind(loose.s))
    return Frame(
        op=op,
        body=loose.d,
        seq=seq,
        event=loose.t if isinstance(loose.t, str) else None,
        id=loose.id if isinstance(loose.id, str) else None,
    )


def _without_halves(raw: bytes) -> bytes:
    """Return JSON text without halves of characters, which are what is left of an emoji cut in two.

    The decoder refuses the whole frame for one of them, and with it what a person has said.
    """
    if b"\\ud" not in raw and b"\\uD" not in raw:
        return raw
    return _ESCAPE.sub(lambda escape: rb"\ufffd" if escape["half"] else escape[0], raw)


def is_utf_8(data: bytes) -> bool:
    """Return whether *data* may be the text of a frame; decoding looks at the envelope alone."""
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _integer(value: object) -> int | None:
    """Return *value* as a sequence number or opcode; text of digits counts, everything else is None."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_SEQ:
        return value
    return None


def _kind(value: object) -> str:
    """Return what *value*, which is no sequence number, is instead."""
    match value:
        case bool():
            return "true or false"
        case int() | float() if value < 0:
            return "a negative number"
        case int() | float() if value > MAX_SEQ:
            return "a number that is too large"
        case float():
            return "a fraction"
        case str():
            return "text"
        case _:
            return "a list or an object"


def hello_interval(frame: Frame) -> object:
    """Return what HELLO says about the heartbeat: milliseconds if it makes sense, None if it is missing."""
    try:
        return _decode_hello(frame.body).heartbeat_interval
    except _DECODING:
        return None


def ready_session_id(frame: Frame) -> str | None:
    """Return the session id that READY announces, or None if there is none."""
    try:
        return _decode_ready(frame.body).session_id or None
    except _DECODING:
        return None


def invalid_session_resumable(frame: Frame) -> bool:
    """Return whether INVALID_SESSION allows to resume; anything but ``true`` does not."""
    return bytes(frame.body).strip() == b"true"


def identify_frame(*, token: str, intents: int, shard: tuple[int, int], properties: dict[str, str]) -> bytes:
    """Return an IDENTIFY for ``[index, count]`` = *shard*; *token* is the bare access token."""
    body = {"token": f"QQBot {token}", "intents": intents, "shard": shard, "properties": properties}
    return _encode({"op": Opcode.IDENTIFY, "d": body})


def resume_frame(*, token: str, session_id: str, seq: int) -> bytes:
    """Return a RESUME that asks for everything after *seq*; *token* is the bare access token."""
    body = {"token": f"QQBot {token}", "session_id": session_id, "seq": seq}
    return _encode({"op": Opcode.RESUME, "d": body})


def heartbeat_frame(seq: int | None) -> bytes:
    """Return a HEARTBEAT that tells the newest received sequence number, null before the first."""
    return _encode({"op": Opcode.HEARTBEAT, "d": seq})


def without_secrets(frame: bytes) -> str:
    """Return the text of a *frame* of ours as others may see it: neither the token nor the session's name."""
    whole = msgspec.json.decode(frame)
    if isinstance(whole["d"], dict):
        whole["d"] |= dict.fromkeys(_SECRETS & whole["d"].keys(), "***")
    return _encode(whole).decode()
