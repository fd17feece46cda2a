"""C5 on a real slapd: the owner with any LDAP client, and the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from support.certificates import certificate, current, private_keys, rsa_key
from support.enterprise import Enterprise
from support.service import Service
from um_directory.errors import OperationRefused
from um_directory.model.operation import Modification, ModificationKind, Modify

ATTRIBUTE = "userCertificate;binary"


@pytest.fixture(scope="module")
def firm(service: Service) -> Enterprise:
    return Enterprise(service).load()


def write(
    firm: Enterprise,
    kind: ModificationKind,
    *values: bytes,
    by: str = "user",
    whose: str = "user",
    name: str = ATTRIBUTE,
) -> OperationRefused | None:
    """Change somebody's certificate; the refusal, if it is refused."""
    with firm.bind(by) as client:
        try:
            client.write(Modify(firm.account(whose), (Modification(kind, name, values),)))
        except OperationRefused as error:
            return error
    return None


def stored(firm: Enterprise, whose: str = "user") -> tuple[bytes, ...]:
    with firm.service.connect("service") as client:
        (entry,) = client.search(firm.account(whose), scope="base", attributes=(ATTRIBUTE,))
    return entry.attributes.get(ATTRIBUTE, ())


def test_its_owner_uploads_reads_replaces_and_removes_it(firm: Enterprise) -> None:
    first, second = current(), current(rsa_key(2048))
    assert write(firm, "replace", first) is None
    assert stored(firm) == (first,)
    with firm.bind("user") as client:
        (own,) = client.search(firm.account("user"), scope="base", attributes=(ATTRIBUTE,))
    assert own.attributes[ATTRIBUTE] == (first,)
    assert write(firm, "replace", second, name="2.5.4.36;binary") is None
    assert stored(firm) == (second,)
    refused = write(firm, "add", first)
    assert refused is not None
    assert (refused.rule, refused.code) == ("C5", 19)
    assert stored(firm) == (second,)
    assert write(firm, "delete", second) is None
    assert stored(firm) == ()


def test_without_binary_slapd_says_what_is_missing(firm: Enterprise) -> None:
    refused = write(firm, "replace", current(), name="userCertificate")
    assert refused is not None
    assert "requires ;binary transfer" in refused.diagnostic
    assert stored(firm) == ()


@pytest.mark.parametrize("by", ["cam", "cocam", "la", "cola", "tech", "la2"])
def test_nobody_else_changes_it(firm: Enterprise, by: str) -> None:
    for kind, values in (("replace", (current(),)), ("delete", ())):
        refused = write(firm, kind, *values, by=by)
        assert refused is not None
        assert refused.rule == "C5"
    assert stored(firm) == ()


def test_an_expired_and_a_weak_one_are_refused_with_what_to_do(firm: Enterprise) -> None:
    expired = certificate(starts=datetime(2019, 1, 1, tzinfo=UTC), ends=datetime(2020, 1, 1, tzinfo=UTC))
    for value, hint in ((expired, "ask its issuer"), (current(rsa_key(1024)), "RSA of at least 2048 bits")):
        refused = write(firm, "replace", value)
        assert refused is not None
        assert refused.diagnostic.startswith("C5: ")
        assert hint in refused.diagnostic
    assert stored(firm) == ()


@pytest.mark.parametrize(("form", "value"), private_keys().items())
def test_no_private_key_is_stored_or_logged(firm: Enterprise, form: str, value: bytes) -> None:
    refused = write(firm, "replace", value)
    assert refused is not None, form
    assert refused.code in {19, 21}  # C5's, or slapd's own check of the syntax, which comes first
    assert stored(firm) == ()
    assert "PRIVATE KEY" not in firm.service.log.read_text()


def test_a_first_load_brings_one(firm: Enterprise) -> None:
    value = current()
    with firm.service.connect("registrar") as registrar:
        registrar.write(firm.add_account("candidate", **{ATTRIBUTE: (value,)}))
        assert stored(firm, "candidate") == (value,)
        old = certificate(starts=datetime(2019, 1, 1, tzinfo=UTC), ends=datetime(2020, 1, 1, tzinfo=UTC))
        other = firm.add_account("stranger", **{ATTRIBUTE: (old,)})
        with pytest.raises(OperationRefused, match="C5: the certificate expired"):
            registrar.write(replace(other, dn=other.dn.replace("uid=stranger", "uid=stranger2")))
