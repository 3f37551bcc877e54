"""TLS as the `ssl` module verifies it, with a memory of the certificate that was refused.

The error of a verification says what is wrong, not with which certificate; whoever has to repair it needs
to know whose it is and until when it is valid. Nothing else is different, and nothing is ever accepted that
`ssl.create_default_context` would refuse.
"""

from __future__ import annotations

import ssl
from typing import Any


def tls_context() -> ssl.SSLContext:
    """Return how servers are verified: by the authorities that the system, or ``SSL_CERT_FILE``, trusts."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(("http/1.1",))
    context.sslobject_class = _Handshake
    return context


class _Handshake(ssl.SSLObject):
    """One connection; its `ssl.SSLCertVerificationError` has the attribute `presented`."""

    def do_handshake(self) -> None:
        """Agree on keys, and verify who is there."""
        try:
            super().do_handshake()
        except ssl.SSLCertVerificationError as exc:
            exc.presented = self._presented()  # type: ignore[attr-defined]
            raise

    def _presented(self) -> dict[str, Any]:
        """Return the certificate as `getpeercert` has it; empty if this Python does not tell."""
        # Of an unverified certificate the public methods return nothing, or (since 3.13) bytes.
        chain: Any = getattr(getattr(self, "_sslobj", None), "get_unverified_chain", list)()
        info: Any = getattr(chain[0], "get_info", dict)() if chain else {}
        return info if isinstance(info, dict) else {}
