"""Websocket frames by hand, for what no websocket library would send. Pure.

Source: RFC 6455, section 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
CLOSE: Final = 0x8
PING: Final = 0x9
_FINAL: Final = 0x80
_MASKED: Final = 0x80


def frame(
    payload: bytes,
    opcode: int = TEXT,
    *,
    final: bool = True,
    reserved: int = 0,
    mask: bytes = b"",
    length: int | None = None,
) -> bytes:
    """Return one frame.

    Args:
        payload: What it carries.
        opcode: 0 to 15; 3 to 7 and 11 to 15 mean nothing.
        final: Whether the message ends with it.
        reserved: The three reserved bits as a number, 0 to 7.
        mask: Four bytes to mask the payload with, which only clients should do.
        length: What the header says, in place of the length of *payload*.
    """
    size = len(payload) if length is None else length
    head = bytearray([_FINAL * final | reserved << 4 | opcode])
    masked = _MASKED if mask else 0
    if size < 126:
        head.append(masked | size)
    elif size < 1 << 16:
        head += bytes([masked | 126]) + size.to_bytes(2, "big")
    else:
        head += bytes([masked | 127]) + size.to_bytes(8, "big")
    if mask:
        payload = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
    return bytes(head) + mask + payload


def close_frame(code: int | None, reason: str = "") -> bytes:
    """Return a close frame with any code, or, with None, an empty one."""
    return frame(b"" if code is None else code.to_bytes(2, "big") + reason.encode(), CLOSE)


def fragments(payload: bytes, size: int, *, pings: bool = True) -> bytes:
    """Return *payload* in frames of *size* bytes, with a ping between two of them if *pings*."""
    parts = [payload[begin : begin + size] for begin in range(0, len(payload), size)] or [b""]
    frames = [
        frame(part, CONTINUATION if number else TEXT, final=number == len(parts) - 1)
        for number, part in enumerate(parts)
    ]
    return (frame(b"", PING) if pings else b"").join(frames)


MALFORMED: Final[Mapping[str, bytes]] = {
    "reserved bits": frame(b'{"op":11}', reserved=5),
    "invalid UTF-8": frame(b'{"op":\xff\xfe}'),
    "unknown opcode": frame(b"", 0x3),
    "bad close code": close_frame(1005),
    "empty close frame": close_frame(None),
    "half a close code": frame(b"\x03", CLOSE),
    "fragmented ping": frame(b"", PING, final=False),
    "continuation of nothing": frame(b"x", CONTINUATION),
    "long ping": frame(b"x" * 126, PING),
    "5 MiB": frame(b"", length=5 << 20),
}
"""What a careful client ends a connection for; "5 MiB" is only the header of such a frame."""
