"""C5: a personal X.509 certificate, uploaded, replaced and removed by its owner."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import ALLOW, Case, Refuse, Rule, Verdict
from um_directory.model.certificate import (
    Certificate,
    HasPrivateKey,
    IsPem,
    Key,
    NotACertificate,
    read_certificate,
)
from um_directory.model.operation import Modify
from um_directory.model.tree import Kind

CERTIFICATE = frozenset(
    {"usercertificate;binary", "usercertificate", "2.5.4.36;binary", "2.5.4.36", "oid.2.5.4.36;binary"}
)
"""The attribute's spellings. RFC 4523 §2.1 wants `;binary`; without it slapd itself refuses the write."""

# 112 bits of strength, the least that NIST SP 800-131A allows and that public issuers give; 1024 bits are in reach.
_LEAST_RSA = 2048
# RFC 5480 and 5639, 256 bits and up. No curve given by its own parameters: nobody has looked at those.
_CURVES = frozenset(
    {"secp256r1", "secp384r1", "secp521r1", "brainpoolP256r1", "brainpoolP384r1", "brainpoolP512r1"}
)
_EDWARDS = frozenset({"Ed25519", "Ed448"})
# Against MD5 and SHA-1 other certificates with the same signature can be made. Edwards signatures name no hash.
_DIGESTS = frozenset(
    {"", "sha256", "sha384", "sha512", "sha3-256", "sha3-384", "sha3-512", "sha224", "sha3-224"}
)
_LARGEST_BYTES = 16 << 10


def check(part: parts.Part, case: Case) -> Verdict:
    """Decide on the certificate of an account; a first load may bring one."""
    assert isinstance(part, parts.AttributeChanged)
    if part.place.kind is not Kind.ACCOUNT or part.attribute not in CERTIFICATE:
        return None
    own = case.actor.kind == "person" and part.place.dn == case.actor.dn
    if not own and not case.registrar_loads:
        return Refuse(
            "the certificate of {uid} is uploaded, replaced and removed by {uid} alone",
            {"uid": part.place.name},
        )
    if len(part.values) > 1 or _may_become_two(case):
        return Refuse("an account has one certificate; give a new one with replace")
    for value in part.values:
        refused = _problem(value, case)
        if refused is not None:
            return refused
    return ALLOW


def _may_become_two(case: Case) -> bool:
    """Whether a value is added to what may be there already: the view does not keep certificates.

    There is one at most, so whoever deletes it, by its value or whole, has none left and may add one.
    """
    operation = case.change.operation
    if not isinstance(operation, Modify):
        return False
    empty = False
    for change in operation.modifications:
        if change.attribute.lower() not in CERTIFICATE:
            continue
        if change.kind == "add" and not empty:
            return True
        empty = change.kind == "delete" or not change.values
    return False


def _problem(value: bytes, case: Case) -> Refuse | None:
    if len(value) > _LARGEST_BYTES:
        return Refuse("a certificate has at most {limit} bytes", {"limit": _LARGEST_BYTES})
    try:
        certificate = read_certificate(value)
    except HasPrivateKey:
        return Refuse(
            "this holds a private key: keep it to yourself, ask for a new one if others saw it, and upload the "
            "certificate alone"
        )
    except IsPem:
        return Refuse(
            "the certificate is in PEM, as text; convert it to DER, for example with openssl x509 -outform DER"
        )
    except NotACertificate:
        return Refuse("this is not an X.509 certificate in DER; export it again as .cer or .der")
    return _not_in_date(certificate, case) or _too_weak(certificate)


def _not_in_date(certificate: Certificate, case: Case) -> Refuse | None:
    if case.stored:
        return None  # it was in date when it was uploaded
    now = case.now()
    if certificate.ends < now:
        return Refuse(
            "the certificate expired on {day}; ask its issuer for a new one and upload that",
            {"day": certificate.ends.date()},
        )
    if certificate.starts > now:
        return Refuse(
            "the certificate is not valid before {day}; upload it from then on",
            {"day": certificate.starts.date()},
        )
    return None


def _too_weak(certificate: Certificate) -> Refuse | None:
    if not _is_strong(certificate.key):
        return Refuse(
            "the certificate's key ({key}) is too weak or of an unknown kind; ask for one with RSA of at least "
            "{least} bits, EC on a NIST or Brainpool curve of at least 256 bits, Ed25519 or Ed448",
            {"key": certificate.key, "least": _LEAST_RSA},
        )
    if certificate.digest not in _DIGESTS:
        return Refuse(
            "the certificate is signed with {digest}, which is no longer safe; ask for one signed with SHA-256",
            {"digest": certificate.digest},
        )
    return None


def _is_strong(key: Key) -> bool:
    return (
        (key.kind == "RSA" and key.bits >= _LEAST_RSA)
        or (key.kind == "EC" and key.curve in _CURVES)
        or key.kind in _EDWARDS
    )


RULE = Rule(
    "C5",
    "A personal X.509 certificate can be uploaded, replaced, removed by its owner: parsed, in date, key strong "
    "enough; one an account.",
    "§1.1.2, §4.2.3",
    (parts.AttributeChanged,),
    check,
    places=frozenset({Kind.ACCOUNT}),
)
