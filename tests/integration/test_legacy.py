"""D16 on a real service: an LDIF of old local administrators in, both roles out, with their old passwords."""

from __future__ import annotations

import base64
import hashlib
import json
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from support.blocks import LEGACY, SAMPLES
from support.enterprise import Enterprise, hand_over
from support.service import Service, wait_until
from um_directory.directory.client import DirectoryClient
from um_directory.errors import OperationRefused
from um_directory.model.operation import Add, Modification, Modify

OLD_PASSWORD = "Vroeger.2005"
FACTS = SAMPLES / "55-before-the-take-over.ldif"
NAMES = ("willemclaes", "nathalielambert")


@pytest.fixture(scope="module")
def taken_over(service: Service, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The samples' administrators, with hashed passwords as an old directory exports them."""
    salt = b"oldsalt!"
    digest = hashlib.sha1(OLD_PASSWORD.encode() + salt).digest() + salt
    hashed = f"userPassword: {{SSHA}}{base64.b64encode(digest).decode()}\nsn:"
    file = tmp_path_factory.mktemp("old") / "old.ldif"
    file.write_text(LEGACY.read_text().replace("sn:", hashed))
    assert service.um("import", str(FACTS)).returncode == 0
    rehearsed = report(service.um("import", "--legacy", "--dry-run", "--json", str(file)))
    assert rehearsed["accepted_by_kind"] == {"taken over": 2}
    found = report(service.um("import", "--legacy", "--json", str(file)))
    return {**found, "file": file}


def report(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert result.stdout, result.stderr
    return dict(json.loads(result.stdout))


def number_of(service: Service, uid: str) -> str:
    with service.connect("service") as client:
        (entry,) = client.search(f"ou=enterprises,{service.tree.suffix}", f"(uid={uid})", ("uid",))
    return entry.dn.partition("umEnterpriseNumber=")[2].partition(",")[0]


def bind(service: Service, uid: str, password: str = OLD_PASSWORD) -> DirectoryClient:
    dn = service.tree.account(number_of(service, uid), uid)
    url = f"ldap://127.0.0.1:{service.settings.ldap_port}"

    def active() -> bool:
        with service.connect("service") as client:
            (entry,) = client.search(dn, attributes=("umAccountStatus",), scope="base")
        return entry.attributes.get("umAccountStatus") == (b"active",)

    wait_until(active, what="his access")
    return DirectoryClient.bind_simple(url, dn, password)


def can_bind(firm: Enterprise, name: str) -> bool:
    try:
        firm.bind(name).close()
    except OperationRefused:
        return False
    return True


def members(service: Service, dn: str) -> tuple[bytes, ...]:
    with service.connect("service") as client:
        return next(
            (entry.attributes["member"] for entry in client.search(dn, attributes=("member",), scope="base")),
            (),
        )


def test_each_gets_both_roles(service: Service, taken_over: dict[str, Any]) -> None:
    assert taken_over["accepted_by_kind"] == {"taken over": 2}
    for uid in NAMES:
        enterprise = service.tree.enterprise(number_of(service, uid))
        account = f"uid={uid},ou=accounts,{enterprise}".lower().encode()
        for group in ("cn=chief-access-manager", "cn=local-administrator,umCapacityName=employer"):
            (member,) = members(service, f"{group},{enterprise}")
            assert member.lower() == account


@pytest.mark.usefixtures("taken_over")
def test_they_log_in_with_their_old_password_and_act_in_both(service: Service) -> None:
    number = number_of(service, "willemclaes")
    enterprise = service.tree.enterprise(number)
    joris = service.tree.account(number, "jorispeeters")
    with bind(service, "willemclaes") as client:
        client.write(
            Add(
                joris,
                {
                    "objectClass": (b"umAccount",),
                    "uid": (b"jorispeeters",),
                    "umSsin": (b"85071873574",),
                    "cn": (b"Joris",),
                    "sn": (b"Peeters",),
                },
            )
        )
        group = {"objectClass": (b"umRoleGroup",), "member": (joris.encode(),)}
        users = f"cn=users,umCapacityName=employer,{enterprise}"
        client.write(Add(users, {**group, "cn": (b"users",)}))  # as local administrator or chief
        deputies = f"cn=co-chief-access-managers,{enterprise}"
        client.write(Add(deputies, {**group, "cn": (b"co-chief-access-managers",)}))  # as chief alone
        with pytest.raises(OperationRefused, match="D1: "):
            client.write(hand_over(f"cn=chief-access-manager,{enterprise}", joris))
    with bind(service, "nathalielambert") as client:
        own = service.tree.account(number_of(service, "nathalielambert"), "nathalielambert")
        client.write(Modify(own, (Modification("replace", "mail", (b"n@example.com",)),)))


def test_a_second_run_changes_nothing_and_says_so(service: Service, taken_over: dict[str, Any]) -> None:
    result = service.um("import", "--legacy", "--json", str(taken_over["file"]))
    assert result.returncode == 0
    assert report(result)["accepted_by_kind"] == {"unchanged": 2}
    shown = service.um("import", "--legacy", str(taken_over["file"]))
    assert "unchanged" in shown.stdout


def test_one_is_taken_over_where_other_capacities_are_active_too(service: Service, tmp_path: Path) -> None:
    firm = Enterprise(service)
    later = ("cn=chief-access-manager", "cn=co-chief", "umCapacityName=employer")
    with service.connect("registrar") as registrar:
        for record in firm._records():
            if not record.dn.startswith(later) and ",umCapacityName=employer" not in record.dn:
                registrar.write(record)
    file = tmp_path / "old.ldif"
    file.write_text(
        f"dn: uid=a,o=old\nobjectClass: inetOrgPerson\nuid: {firm.uid('la')}\numSsin: {firm.ssins['la']}\n"
        f"umEnterpriseNumber: {firm.number}\nsn: Old\nmail: old@t.example\n"
    )
    result = service.um("import", "--legacy", "--json", str(file))
    assert report(result)["accepted_by_kind"] == {"taken over": 1}
    # It stood before; made anew by a manager it would be refused.
    wait_until(lambda: can_bind(firm, "la"), what="his access")
    with firm.bind("la") as client, pytest.raises(OperationRefused, match="E6: "):
        client.write(hand_over(firm.group("local-administrator", firm.mandatary), firm.account("la")))


@pytest.mark.usefixtures("taken_over")
def test_rejected_ones_are_kept_as_they_were_and_leave_nothing(service: Service, tmp_path: Path) -> None:
    file, kept = tmp_path / "old.ldif", tmp_path / "rejects.ldif"
    unknown = "dn: uid=b,o=old\nobjectClass: inetOrgPerson\nuid: somebody1\nemployeeNumber: 70120662966\n"
    unknown += "umEnterpriseNumber: 0479956295\nsn: Some\nmail: s@example.com\nemployeeType: x\n"
    file.write_text(unknown + "\n" + unknown.replace("uid=b", "uid=c").replace("0479956295", "0431150351"))
    result = service.um("import", "--legacy", "--json", "--rejects", str(kept), str(file))
    assert result.returncode == 2
    assert report(result)["rejected_by_rule"] == {"D16": 1, "N2": 1}
    assert unknown in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert members(service, f"cn=chief-access-manager,{service.tree.enterprise('0431150351')}") == ()


def test_only_the_registrar_takes_over(service: Service) -> None:
    result = service.um("import", "--legacy", "--as", "contact-center", str(LEGACY))
    assert result.returncode == 1
    assert "the registrar's" in result.stderr
