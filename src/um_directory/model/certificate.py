"""What rule C5 looks at in an X.509 certificate (RFC 5280): when it counts, how strong it is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key, pkcs12

_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion)


class NotACertificate(ValueError):
    """The bytes are not one X.509 certificate in DER."""


class IsPem(NotACertificate):
    """It is base64 text between BEGIN and END lines."""


class HasPrivateKey(NotACertificate):
    """It is or holds a private key, which nobody but its owner may have."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key: `kind` is RSA, EC, Ed25519, Ed448, DSA or empty for any other; `curve` is for EC only."""

    kind: str
    bits: int = 0
    curve: str = ""

    def __str__(self) -> str:
        """As a person calls it.

        >>> str(Key("RSA", 2048)), str(Key("EC", 256, "secp256r1")), str(Key("Ed25519"))
        ('RSA 2048', 'EC secp256r1', 'Ed25519')
        """
        detail = self.curve or (str(self.bits) if self.bits else "")
        return f"{self.kind or '?'} {detail}".strip()


@dataclass(frozen=True, slots=True)
class Certificate:
    """The facts. `digest` names the hash under its signature; empty where the signature has none (Ed25519)."""

    starts: datetime
    ends: datetime
    key: Key
    digest: str


def read_certificate(value: bytes) -> Certificate:
    """Read one certificate in DER.

    :raises IsPem, HasPrivateKey, NotACertificate: what it is instead.
    """
    if b"PRIVATE KEY-----" in value:
        raise HasPrivateKey
    if value.lstrip().startswith(b"-----BEGIN "):
        raise IsPem
    try:
        read = x509.load_der_x509_certificate(value)
        return Certificate(read.not_valid_before_utc, read.not_valid_after_utc, _key(read), _digest(read))
    except _UNREADABLE as error:
        raise (HasPrivateKey if _has_private_key(value) else NotACertificate) from error


def _key(certificate: x509.Certificate) -> Key:
    try:
        key = certificate.public_key()
    except _UNREADABLE:  # a kind, or a curve, that nobody here knows
        return Key("")
    match key:
        case rsa.RSAPublicKey():
            return Key("RSA", key.key_size)
        case ec.EllipticCurvePublicKey():
            return Key("EC", key.key_size, key.curve.name)
        case ed25519.Ed25519PublicKey():
            return Key("Ed25519")
        case ed448.Ed448PublicKey():
            return Key("Ed448")
        case dsa.DSAPublicKey():
            return Key("DSA", key.key_size)
    return Key("")


def _digest(certificate: x509.Certificate) -> str:
    try:
        algorithm = certificate.signature_hash_algorithm
    except UnsupportedAlgorithm:
        return "?"
    return algorithm.name if algorithm else ""


def _has_private_key(value: bytes) -> bool:
    """Whether it is a key (PKCS #8, PKCS #1, SEC 1) or a file of key and certificate (PKCS #12), in DER."""
    try:
        load_der_private_key(value, password=None)
    except TypeError:  # it is encrypted
        return True
    except (ValueError, UnsupportedAlgorithm):
        return _is_pkcs12(value)
    return True


def _is_pkcs12(value: bytes) -> bool:
    try:
        pkcs12.load_pkcs12(value, b"")
    except ValueError as error:
        return "password" in str(error).lower()  # well-formed, and locked
    except (TypeError, UnsupportedAlgorithm):
        return False
    return True
