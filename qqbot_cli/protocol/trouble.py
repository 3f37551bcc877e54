"""What went wrong with a connection, in words for people.

Exceptions are told apart by the names of their classes, so that no network library is imported here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

BAD_CERTIFICATE: Final = "its certificate is not valid"
NO_TLS: Final = "no secure connection possible"

_WORDS: Final = {
    "TimeoutError": "no answer in time",
    "ClientConnectorDNSError": "host name cannot be resolved",
    "ClientConnectorCertificateError": BAD_CERTIFICATE,
    "ClientConnectorSSLError": NO_TLS,
    "ServerDisconnectedError": "the server closed the connection",
    "ClientConnectionResetError": "the connection was reset",
    "ConnectionResetError": "the connection was reset",
    "ConnectionRefusedError": "connection refused",
    "ClientPayloadError": "the answer broke off",
    "StrangeAnswerError": "the answer is not that of the platform",
    "InvalidURL": "the address is not valid",
}
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONGEST_NAME: Final = 80
_LONGEST_QUOTE: Final = 80
"""Characters of a page that came from a stranger."""
_OF_TIME: Final = ("expired", "not yet valid")
"""Words of what a wrong clock may be to blame for."""


def describe(exc: BaseException) -> str:
    """Return what *exc* says about a connection; nothing in it is a secret or an address of an object."""
    if any(kind.__name__ == "WSServerHandshakeError" for kind in type(exc).__mro__):
        page = " ".join("".join(filter(_is_harmless, getattr(exc, "page", ""))).split())[:_LONGEST_QUOTE]
        said = f"HTTP {getattr(exc, 'status', None)} instead of a websocket"
        return f"{said}: {page}" if page else said
    refused = getattr(exc, "certificate_error", None)
    if refused is not None:
        return _certificate(refused)
    cause = getattr(exc, "os_error", None)
    for candidate in (exc, cause):
        for kind in type(candidate).__mro__:
            if kind.__name__ in _WORDS:
                return _WORDS[kind.__name__]
    for candidate in (cause, exc, exc.__cause__):
        words = getattr(candidate, "strerror", None)
        # A body that cannot be written is told with the whole address, and signed ones are secret.
        if isinstance(words, str) and words and "://" not in words:
            return words
    return type(exc).__name__


def _is_harmless(character: str) -> bool:
    return character.isprintable() or character.isspace()


def is_untrusted(exc: BaseException | None) -> bool:
    """Return whether *exc*, or what caused it, says that the other side is not to be trusted.

    It will not be in a second either: its certificate is not in order, or it speaks no TLS of today.
    """
    while exc is not None:
        if getattr(exc, "certificate_error", None) is not None:
            return True
        if "VERSION" in str(getattr(getattr(exc, "os_error", None), "reason", "")).upper():
            return True  # WRONG_VERSION_NUMBER, UNSUPPORTED_PROTOCOL_VERSION and more, in OpenSSL's words
        exc = exc.__cause__
    return False


def _certificate(refused: object) -> str:
    """Return why a certificate was refused, and which one it is, as far as *refused* knows that."""
    why = str(getattr(refused, "verify_message", "")).rstrip(".")
    said = [BAD_CERTIFICATE + (f" ({why})" if why else "")]
    presented = getattr(refused, "presented", None)
    if isinstance(presented, dict) and presented:
        said.append(f"it is that of {_subject(presented)}")
        since, until = _day(presented.get("notBefore")), _day(presented.get("notAfter"))
        if since and until:
            said.append(f"valid from {since} to {until}")
    if any(words in why for words in _OF_TIME):
        said.append("is the clock of this machine right?")
    return ", ".join(said)


def _subject(presented: dict[str, Any]) -> str:
    """Return whom a certificate is made out to; its text is by strangers, and cut short."""
    names = {kind: name for part in _pairs(presented.get("subject")) for kind, name in _pairs(part)}
    others = (name for _, name in _pairs(presented.get("subjectAltName")))
    name = names.get("commonName") or next(others, "") or names.get("organizationName") or "nobody"
    return "".join(filter(str.isprintable, str(name)))[:_LONGEST_NAME]


def _pairs(value: object) -> Iterator[Any]:
    return iter(value) if isinstance(value, tuple) else iter(())


def _day(moment: object) -> str:
    """Return ``2026-11-24`` for ``Nov 24 01:33:32 2026 GMT``, whatever language the system speaks."""
    match str(moment).split():
        case [month, day, _, year, *_] if month in _MONTHS:
            return f"{year}-{_MONTHS.index(month) + 1:02}-{day:0>2}"
        case _:
            return ""
