"""Certificates made for tests: any key, any dates, any hash under the signature."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

EC_KEY = ec.generate_private_key(ec.SECP256R1())
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Jan Janssens")])


def signed(
    key=EC_KEY, starts: datetime = START, ends: datetime = END, digest=hashes.SHA256
) -> x509.Certificate:
    """A certificate signed by its own key."""
    builder = x509.CertificateBuilder(_NAME, _NAME, key.public_key(), 4711, starts, ends)
    edwards = isinstance(key, ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey)
    return builder.sign(key, None if edwards else digest())


def certificate(key=EC_KEY, **how) -> bytes:
    """The same in DER."""
    return signed(key, **how).public_bytes(Encoding.DER)


def current(key=EC_KEY) -> bytes:
    """One in date whenever the test runs, for a directory that looks at the real clock."""
    now = datetime.now(UTC)
    return certificate(key, starts=now - timedelta(days=1), ends=now + timedelta(days=365))


def signed_with(digest: str, key: rsa.RSAPrivateKey) -> bytes:
    """One that says it is signed with `md5` or `sha1`, which the library no longer makes: the OIDs of RFC 8017."""
    pkcs1 = bytes.fromhex("2a864886f70d0101")
    return certificate(key).replace(pkcs1 + b"\x0b", pkcs1 + {"md5": b"\x04", "sha1": b"\x05"}[digest])


def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    """An RSA key."""
    return rsa.generate_private_key(65537, bits)


def private_keys(password: bytes = b"geheim") -> dict[str, bytes]:
    """A private key in every form that people take for a certificate."""
    der, pem = Encoding.DER, Encoding.PEM
    pkcs8, old = PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL
    locked = BestAvailableEncryption(password)
    text = EC_KEY.private_bytes(pem, pkcs8, NoEncryption())
    return {
        "PKCS 8": EC_KEY.private_bytes(der, pkcs8, NoEncryption()),
        "PKCS 8, encrypted": EC_KEY.private_bytes(der, pkcs8, locked),
        "SEC 1": EC_KEY.private_bytes(der, old, NoEncryption()),
        "PEM": text,
        "PEM after the certificate": signed().public_bytes(pem) + text,
        "PKCS 12": pkcs12.serialize_key_and_certificates(b"jan", EC_KEY, signed(), None, locked),
        "PKCS 12, open": pkcs12.serialize_key_and_certificates(
            b"jan", EC_KEY, signed(), None, NoEncryption()
        ),
    }
