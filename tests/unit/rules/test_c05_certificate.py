"""C5: a certificate is its owner's; it is read, in date, strong, and one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from support.certificates import (
    EC_KEY,
    END,
    START,
    certificate,
    current,
    private_keys,
    rsa_key,
    signed,
    signed_with,
)
from support.world import (
    EVERYBODY,
    FOREIGNERS,
    WITHOUT_ACTIVE_ROLE,
    World,
    account_dn,
    change,
    modify,
    new_account,
    texts,
)
from um_directory.guard.actor import actor_for
from um_directory.guard.change import decompose
from um_directory.guard.rules.base import Case, Refuse
from um_directory.guard.rules.c05_certificate import CERTIFICATE, check
from um_directory.model.operation import Add, Modification, Modify

ATTRIBUTE = "userCertificate;binary"
OWN = account_dn("theuser1")
GOOD = current()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
RSA_2048 = rsa_key(2048)


def replace(value: bytes = GOOD, dn: str = OWN, attribute: str = ATTRIBUTE) -> Modify:
    return Modify(dn, (Modification("replace", attribute, (value,)),))


def said(world: World, value: bytes, now: datetime = NOON) -> str | None:
    """What C5 answers the owner at `now`, in English; None when it allows."""
    decomposed = decompose(replace(value), world.view)
    case = Case(actor_for(OWN, world.view), decomposed, world.view, lambda: now)
    (part,) = decomposed.parts
    verdict = check(part, case)
    if isinstance(verdict, Refuse):
        return verdict.template.format(**verdict.values)
    assert verdict is True
    return None


# --- who ---


@pytest.mark.parametrize("attribute", [*sorted(CERTIFICATE), "USERCERTIFICATE;BINARY"])
def test_its_owner_uploads_replaces_and_removes_it(world: World, attribute: str) -> None:
    assert world.decide("theuser1", replace(attribute=attribute)) is None
    for changes in (
        [Modification("delete", attribute, (b"old",)), Modification("add", attribute, (GOOD,))],
        [Modification("delete", attribute), Modification("add", attribute, (GOOD,))],
        [Modification("replace", attribute), Modification("add", attribute, (GOOD,))],
        [Modification("delete", attribute)],
        [Modification("replace", attribute)],
    ):
        assert world.decide("theuser1", Modify(OWN, tuple(changes))) is None


def test_every_active_person_has_his_own(world: World) -> None:
    for uid in ("thechief", "cochief1", "localadm", "coadmin1", "techuser", "mandadm1"):
        assert world.decide(uid, replace(dn=account_dn(uid))) is None
    assert world.decide("theuser2", replace(dn=account_dn("theuser2"))) == "A5"


@pytest.mark.parametrize("by", [who for who in EVERYBODY if who != "theuser1"])
def test_nobody_else_may(world: World, by: str) -> None:
    scope = {**dict.fromkeys(FOREIGNERS, "D14"), **dict.fromkeys(WITHOUT_ACTIVE_ROLE, "A5")}
    refused = scope.get(by, "C5")
    for operation in (replace(), modify(OWN, change("delete", ATTRIBUTE))):
        assert world.decide(by, operation) == refused
    assert "theuser1 alone" in world.why("thechief", replace())


def test_a_first_load_may_bring_one_and_a_managers_registration_may_not(world: World) -> None:
    def account(value: bytes) -> Add:
        plain = new_account("newuser1")
        return Add(plain.dn, {**plain.attributes, ATTRIBUTE: (value,)})

    assert world.decide("registrar", account(GOOD)) is None
    assert world.decide("registrar", account(certificate(ends=START + timedelta(days=1)))) == "C5"
    assert world.decide("thechief", account(GOOD)) == "C5"
    assert world.decide("contact-center", account(GOOD)) == "C5"


def test_other_attributes_with_keys_and_languages_are_not_meant(world: World) -> None:
    for attribute in (
        "userSMIMECertificate;binary",
        "userPKCS12",
        "userCertificate;lang-en",
        "cACertificate;binary",
    ):
        assert world.decide("theuser1", replace(attribute=attribute)) == "D10"


# --- one ---


@pytest.mark.parametrize(
    "changes",
    [
        [("add", (GOOD,))],
        [("replace", (GOOD, current(RSA_2048)))],
        [("replace", (GOOD,)), ("add", (current(RSA_2048),))],
        [("delete", ()), ("add", (GOOD,)), ("add", (current(RSA_2048),))],
    ],
)
@pytest.mark.parametrize("spelling", [ATTRIBUTE, "2.5.4.36;binary"])
def test_a_second_one_is_not_added(world: World, changes: list, spelling: str) -> None:
    # The last under another name of the same attribute: it counts all the same.
    names = [ATTRIBUTE] * (len(changes) - 1) + [spelling]
    operation = Modify(OWN, tuple(Modification(k, n, v) for (k, v), n in zip(changes, names, strict=True)))
    assert world.decide("theuser1", operation) == "C5"
    assert "with replace" in world.why("theuser1", operation)


def test_a_load_brings_no_two(world: World) -> None:
    plain = new_account("newuser1")
    two = Add(plain.dn, {**plain.attributes, ATTRIBUTE: (GOOD, current(RSA_2048))})
    assert world.decide("registrar", two) == "C5"


def test_it_goes_together_with_other_own_data(world: World) -> None:
    both = Modify(OWN, (*replace().modifications, Modification("replace", "mail", texts("x@um.example"))))
    assert world.decide("theuser1", both) is None


# --- in date ---


def test_it_counts_from_its_first_to_its_last_second(world: World) -> None:
    value = certificate()
    second = timedelta(seconds=1)
    assert said(world, value, START) is None
    assert said(world, value, END) is None
    assert "not valid before 2026-01-01" in (said(world, value, START - second) or "")
    assert "expired on 2028-01-01" in (said(world, value, END + second) or "")


def test_the_guard_looks_at_the_real_clock(world: World) -> None:
    past = certificate(starts=datetime(2019, 1, 1, tzinfo=UTC), ends=datetime(2020, 1, 1, tzinfo=UTC))
    assert "expired on 2020-01-01" in world.why("theuser1", replace(past))


# --- strong ---


@pytest.mark.parametrize(
    "key",
    [
        RSA_2048,
        EC_KEY,
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP521R1()),
        ec.generate_private_key(ec.BrainpoolP256R1()),
        ed25519.Ed25519PrivateKey.generate(),
        ed448.Ed448PrivateKey.generate(),
    ],
)
def test_a_strong_key_is_taken(world: World, key) -> None:
    assert said(world, certificate(key)) is None


@pytest.mark.parametrize(
    ("key", "named"),
    [
        (rsa_key(1024), "(RSA 1024)"),
        (rsa_key(2040), "(RSA 2040)"),
        (ec.generate_private_key(ec.SECP192R1()), "(EC secp192r1)"),
        (ec.generate_private_key(ec.SECP224R1()), "(EC secp224r1)"),
        (ec.generate_private_key(ec.SECP256K1()), "(EC secp256k1)"),
        (dsa.generate_private_key(2048), "(DSA 2048)"),
    ],
)
def test_a_weak_or_unusual_key_is_refused_by_name(world: World, key, named: str) -> None:
    assert named in (said(world, certificate(key)) or "")


def test_a_key_that_cannot_sign_is_refused(world: World) -> None:
    value = certificate(ed25519.Ed25519PrivateKey.generate())
    # The key's own algorithm (RFC 8410): 1.3.101.112 is Ed25519, 1.3.101.110 X25519.
    end = value.index(bytes.fromhex("302a300506032b6570")) + 9
    changed = value[: end - 1] + b"\x6e" + value[end:]
    assert "too weak or of an unknown kind" in (said(world, changed) or "")


@pytest.mark.parametrize("digest", [hashes.SHA256, hashes.SHA384, hashes.SHA512, hashes.SHA3_256])
def test_a_safe_hash_is_taken(world: World, digest) -> None:
    assert said(world, certificate(digest=digest)) is None


@pytest.mark.parametrize("digest", ["md5", "sha1"])
def test_a_broken_hash_is_refused(world: World, digest: str) -> None:
    assert f"signed with {digest}" in (said(world, signed_with(digest, RSA_2048)) or "")


# --- what is no certificate ---


@pytest.mark.parametrize(
    "value", [b"", b"x", b"\x30\x82\x01", b"\x00" * 300, GOOD[:-1], GOOD + b"x", GOOD[5:]]
)
def test_anything_else_is_refused(world: World, value: bytes) -> None:
    assert "not an X.509 certificate" in (said(world, value) or "")


def test_pem_is_told_how_to_become_der(world: World) -> None:
    assert "openssl x509 -outform DER" in (said(world, signed().public_bytes(Encoding.PEM)) or "")


@pytest.mark.parametrize(("form", "value"), private_keys().items())
def test_a_private_key_is_refused_as_such(world: World, form: str, value: bytes) -> None:
    assert "private key" in (said(world, value) or ""), form


def test_a_huge_one_is_not_even_read(world: World) -> None:
    assert "at most 16384 bytes" in (said(world, b"\x30" * 20_000) or "")
