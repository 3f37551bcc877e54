"""Certificates made on the fly: a test authority, and every kind that must be refused.

With `cryptography`, which can also sign what is expired or signed by nobody; only tests need it.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

Kind = Literal["good", "expired", "not yet valid", "wrong host", "self-signed"]
HOST: Final = "localhost"
_DAY: Final = timedelta(days=1)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """Signs certificates that only those trust who were given `file`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("qqbot test authority")
        now = datetime.now(UTC)
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        certificate = (
            _builder(self._name, self._name, self._key, now - _DAY, now + _DAY)
            .add_extension(constraints, critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file = folder / "authority.pem"
        self.file.write_bytes(certificate.public_bytes(Encoding.PEM))

    def context(self, kind: Kind) -> ssl.SSLContext:
        """Return what a server needs; its certificate is wrong as *kind* says."""
        now = datetime.now(UTC)
        common = "other.example" if kind == "wrong host" else HOST
        begin, end = now - 3 * _DAY, now + _DAY
        if kind == "expired":
            end = now - _DAY
        elif kind == "not yet valid":
            begin, end = now + _DAY, now + 2 * _DAY
        key = ec.generate_private_key(ec.SECP256R1())
        own = kind == "self-signed"
        certificate = (
            _builder(_name(common), _name(common) if own else self._name, key, begin, end)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(common)]), critical=False)
            .sign(key if own else self._key, hashes.SHA256())
        )
        file = self._folder / f"{kind}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(certificate.public_bytes(Encoding.PEM) + private)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, begin: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
    )
