"""`um explain`: what would be refused, and why, for somebody whose password nobody has; nothing is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.enterprise import Enterprise
from support.service import Service
from um_directory.errors import OperationRefused
from um_directory.guard.translations import CATALOGUES, catalogue
from um_directory.model.operation import Modification, Modify


@pytest.fixture(scope="module")
def enterprise(service: Service) -> Enterprise:
    return Enterprise(service).load()


def change(group: str, kind: str, attribute: str, *members: str) -> str:
    values = "".join(f"{attribute}: {member}\n" for member in members)
    return f"dn: {group}\nchangetype: modify\n{kind}: {attribute}\n{values}-\n\n"


def explained(service: Service, text: str, *options: str) -> tuple[int, dict[str, Any]]:
    result = service.um("explain", "-", "--json", *options, stdin=text)
    assert result.returncode in (0, 2), result.stderr
    return result.returncode, dict(json.loads(result.stdout))


def rules(found: dict[str, Any]) -> list[str | None]:
    return [record["rule"] for record in found["records"]]


def members(service: Service, group: str) -> set[str]:
    with service.connect("service") as client:
        return {
            v.decode() for e in client.search(group, scope="base") for v in e.attributes.get("member", ())
        }


def test_a_refusal_names_file_line_dn_and_rule_and_nothing_is_written(
    service: Service, enterprise: Enterprise, tmp_path: Path
) -> None:
    users, deputies = (
        enterprise.group("users", enterprise.employer),
        enterprise.group("co-chief-access-managers"),
    )
    file = tmp_path / "changes.ldif"
    file.write_text(
        change(users, "add", "member", enterprise.account("founder"))
        + change(users, "add", "member", enterprise.account("la2"))
        + change(deputies, "add", "member", enterprise.account("la2"))
    )
    before = members(service, users)
    result = service.um("explain", str(file), "--as", enterprise.account("la"))
    assert result.returncode == 2, result.stderr
    lines = result.stdout.splitlines()
    assert lines[0].startswith(
        f"{file}:1: {users}: E3: the register does not know {enterprise.uid('founder')}"
    )
    assert lines[1] == f"{file}:7: {users}: allowed"
    assert lines[2].startswith(f"{file}:13: {deputies}: D2: only the chief access manager")
    assert lines[3] == "1 would be allowed, 2 refused (D2 1, E3 1); nothing was written"
    assert members(service, users) == before


def test_all_allowed_is_zero_and_says_what_the_directory_then_does(
    service: Service, enterprise: Enterprise
) -> None:
    group = enterprise.group("co-chief-access-managers")
    text = change(group, "add", "member", enterprise.account("la"))
    status, found = explained(service, text, "--as", enterprise.account("cam"))
    assert (status, found["allowed"], found["refused"]) == (0, 1, 0)
    assert found["records"][0]["dn"] == group
    status, found = explained(service, text, "--as", enterprise.account("cocam"))
    assert (status, rules(found)) == (2, ["D2"])
    member = Modify(group, (Modification("add", "member", (enterprise.account("la").encode(),)),))
    with enterprise.bind("cocam") as client, pytest.raises(OperationRefused) as refused:
        client.write(member)
    record = found["records"][0]
    assert refused.value.diagnostic == f"{record['rule']}: {record['text']}"


def test_later_records_see_allowed_ones_and_not_refused_ones(
    service: Service, enterprise: Enterprise
) -> None:
    users = enterprise.group("users", enterprise.employer)
    grants = f"cn=dimona,ou=authorizations,{enterprise.employer}"
    new = f"dn: {grants}\nobjectClass: umAuthorization\ncn: dimona\n\n"
    register = change(users, "add", "member", enterprise.account("la2"))
    grant = change(grants, "add", "member", enterprise.account("la2"))
    status, found = explained(service, new + grant + register + grant, "--as", enterprise.account("la"))
    assert (status, rules(found)) == (2, [None, "D8", None, None])
    # The administrator replaces himself; what follows is no longer his to do.
    away = change(
        enterprise.group("local-administrator", enterprise.employer),
        "replace",
        "member",
        enterprise.account("candidate"),
    )
    status, found = explained(service, away + register, "--as", enterprise.account("la"))
    assert rules(found)[0] is not None
    assert rules(found)[1] is None


def test_the_language_is_the_actors_unless_asked_otherwise(service: Service, enterprise: Enterprise) -> None:
    with enterprise.bind("la") as client:
        client.write(
            Modify(enterprise.account("la"), (Modification("replace", "preferredLanguage", (b"nl",)),))
        )
    text = change(enterprise.group("co-chief-access-managers"), "add", "member", enterprise.account("la2"))
    english = (
        "only the chief access manager of the enterprise adds, blocks, unblocks or removes a "
        "co-chief access manager"
    )
    dutch = catalogue(CATALOGUES / "nl.po")[english]
    asked = {"nl": dutch, "en": english, "fr": catalogue(CATALOGUES / "fr.po")[english]}
    for language, sentence in asked.items():
        _status, found = explained(service, text, "--as", enterprise.account("la"), "--lang", language)
        assert found["records"][0]["text"] == sentence
    _status, found = explained(service, text, "--as", enterprise.account("la"))
    assert found["records"][0]["text"] == dutch


def test_in_one_role_only_that_roles_rights_count(service: Service, enterprise: Enterprise) -> None:
    with enterprise.bind("cam") as client:
        add = Modification("add", "member", (enterprise.account("cam").encode(),))
        client.write(Modify(enterprise.group("users", enterprise.employer), (add,)))
    who = enterprise.account("cam")
    text = change(enterprise.group("co-chief-access-managers"), "add", "member", enterprise.account("la2"))
    assert explained(service, text, "--as", who)[0] == 0
    assert explained(service, text, "--as", who, "--role", "chief-access-manager")[0] == 0
    status, found = explained(service, text, "--as", who, "--role", "user@employer")
    assert (status, rules(found)) == (2, ["D2"])
    assert (found["role"], found["capacity"]) == ("user", "employer")


def test_what_is_no_ldif_or_not_in_the_schema_is_refused_too(
    service: Service, enterprise: Enterprise
) -> None:
    text = "dn: no name\nobjectClass: x\n\n" + change(enterprise.dn, "add", "umNoSuchThing", "x")
    status, found = explained(service, text, "--as", "registrar")
    assert (status, rules(found)) == (2, ["format", "schema"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--as", "uid=nobody,dc=um,dc=example"), "no account and no operator"),
        (("--as", "{la}", "--role", "chief-access-manager"), "not active as chief-access-manager"),
        (("--as", "{la}", "--role", "local-administrator@mandatary"), "not active as local-administrator"),
        (("--as", "{la}", "--role", "local-administrator"), "name the capacity"),
        (("--as", "{la}", "--role", "chief-access-manager@employer"), "has no capacity"),
        (("--as", "{la}", "--role", "emperor"), "no such role"),
    ],
)
def test_who_acts_must_be_somebody(
    service: Service, enterprise: Enterprise, options: tuple[str, ...], said: str
) -> None:
    filled = [option.format(la=enterprise.account("la")) for option in options]
    result = service.um("explain", "-", *filled, stdin="")
    assert result.returncode == 1
    assert said in result.stderr
    assert result.stdout == ""


def test_a_file_that_is_not_there_and_no_service_are_told(service: Service, tmp_path: Path) -> None:
    result = service.um("explain", str(tmp_path / "none.ldif"), "--as", "registrar")
    assert result.returncode == 1
    assert "none.ldif: cannot be read" in result.stderr
    away = Service()
    try:
        result = away.um("explain", "-", "--as", "registrar", stdin="")
        assert result.returncode == 1
        assert "does not answer" in result.stderr
    finally:
        away.remove()
