"""What went wrong with a connection, in words for people.

Exceptions are told apart by the names of their classes, so that no network library is imported here.
"""

from __future__ import annotations

from typing import Final

_WORDS: Final = {
    "TimeoutError": "no answer in time",
    "ClientConnectorDNSError": "host name cannot be resolved",
    "ClientConnectorCertificateError": "its certificate is not valid",
    "ClientConnectorSSLError": "no secure connection possible",
    "ServerDisconnectedError": "the server closed the connection",
    "ClientConnectionResetError": "the connection was reset",
    "ConnectionResetError": "the connection was reset",
    "ConnectionRefusedError": "connection refused",
    "ClientPayloadError": "the answer broke off",
    "InvalidURL": "the address is not valid",
}


def describe(exc: BaseException) -> str:
    """Return what *exc* says about a connection; nothing in it is a secret or an address of an object."""
    status = getattr(exc, "status", None)
    if type(exc).__name__ == "WSServerHandshakeError":
        return f"HTTP {status} instead of a websocket"
    cause = getattr(exc, "os_error", None)
    for candidate in (exc, cause):
        for kind in type(candidate).__mro__:
            if kind.__name__ in _WORDS:
                return _WORDS[kind.__name__]
    for candidate in (cause, exc):
        words = getattr(candidate, "strerror", None)
        if isinstance(words, str) and words:
            return words
    return type(exc).__name__
