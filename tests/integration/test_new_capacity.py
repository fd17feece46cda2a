"""A new capacity type is data: one more entry in the catalogue, no code (D3, D8, E2, E3, A2, A3 follow it)."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from support.enterprise import Enterprise, add_member, hand_over
from support.service import Service, wait_until
from um_directory.directory.client import DirectoryClient
from um_directory.errors import OperationRefused
from um_directory.model.operation import Add, Modification, Modify, Operation

NAME = "ship-owner"
DEFINITION = """\
dn: umCapacityName=ship-owner,ou=capacities,ou=catalogue,dc=um,dc=example
objectClass: umCapacityDefinition
umCapacityName: ship-owner
umOffersApplication: cn=limosa,ou=applications,ou=catalogue,dc=um,dc=example
umOffersApplication: cn=sailors,ou=applications,ou=catalogue,dc=um,dc=example
umUserRelation: umMemberOf
umAdministratorRelation: umFounderOf
umActivationAttribute: umRecognitionNumber
umActivationAttribute: telephoneNumber

dn: cn=sailors,ou=applications,ou=catalogue,dc=um,dc=example
objectClass: umApplication
cn: sailors

dn: cn=sailors,ou=access,dc=um,dc=example
objectClass: groupOfURLs
cn: sailors
memberURL: ldap:///ou=enterprises,dc=um,dc=example??sub?(memberOf=cn=sailors,ou=access,dc=um,dc=example)
"""


@pytest.fixture(scope="module")
def extended() -> Iterator[Service]:
    """A service whose catalogue got one more capacity while slapd did not run."""
    own = Service()
    own.start()
    own.stop()
    command = ["/usr/sbin/slapd", "-Tadd", "-F", str(own.settings.state_dir / "slapd.d")]
    subprocess.run([*command, "-b", own.settings.suffix], input=DEFINITION.encode(), check=True)
    own.start()
    yield own
    own.remove()


@pytest.fixture(scope="module")
def here(extended: Service) -> Enterprise:
    loaded = Enterprise(extended).load()
    member = Modify(
        extended.tree.person(loaded.ssins["candidate"]),
        (Modification("add", "umMemberOf", (loaded.dn.encode(),)),),
    )
    with extended.connect("registrar") as registrar:
        registrar.write(loaded.add_account("candidate"))
        registrar.write(member)
        registrar.write(Modify(loaded.dn, (Modification("add", "umEntitledCapacity", (NAME.encode(),)),)))
    return loaded


def rule(client: DirectoryClient, operation: Operation) -> str | None:
    try:
        client.write(operation)
    except OperationRefused as error:
        return error.rule
    return "ok"


def log_in(here: Enterprise, name: str) -> DirectoryClient:
    found: list[DirectoryClient] = []

    def bound() -> bool:
        try:
            found.append(here.bind(name))
        except OperationRefused:
            return False
        return True

    wait_until(bound, what=f"log-in of {name}")
    return found[0]


def may_use(here: Enterprise, name: str) -> set[str]:
    """The applications that slapd says he may use."""
    with here.service.connect("service") as client:
        entry = next(iter(client.search(here.account(name), attributes=["memberOf"], scope="base")))
    return {
        value.decode().partition(",")[0].partition("=")[2] for value in entry.attributes.get("memberOf", ())
    }


def test_activation_relations_and_applications_follow_the_catalogue(here: Enterprise) -> None:
    dn = f"umCapacityName={NAME},{here.dn}"
    grants = f"ou=authorizations,{dn}"
    bare = {"objectClass": (b"umCapacity",), "umCapacityName": (NAME.encode(),)}
    data = {"umRecognitionNumber": (b"BE-1",), "telephoneNumber": (b"+32 2 511 51 51",)}

    def grant(application: str, who: str) -> Add:
        return Add(
            f"cn={application},{grants}",
            {
                "objectClass": (b"umAuthorization",),
                "cn": (application.encode(),),
                "member": (here.account(who).encode(),),
            },
        )

    with log_in(here, "cam") as cam:
        # D3: the data that this capacity asks for, and no other
        assert rule(cam, Add(dn, {**bare, "mail": (b"s@t.example",)})) == "D3"
        assert rule(cam, Add(dn, {**bare, "umRecognitionNumber": (b"BE-1",)})) == "D3"
        assert rule(cam, Add(dn, {**bare, **data})) == "ok"
        # E2: its relations of administrators
        assert rule(cam, here.add_group("local-administrator", dn, ["la"])) == "E2"
        assert rule(cam, here.add_group("local-administrator", dn, ["founder"])) == "ok"
        assert rule(cam, hand_over(here.group("local-administrator", dn), here.account("la"))) == "E2"
    with log_in(here, "founder") as administrator:
        # E3: its relations of users
        assert rule(administrator, here.add_group("users", dn, [])) == "ok"
        assert rule(administrator, add_member(here.group("users", dn), here.account("user"))) == "E3"
        assert rule(administrator, add_member(here.group("users", dn), here.account("candidate"))) == "ok"
        # D8: its applications
        unit = {"objectClass": (b"organizationalUnit",), "ou": (b"authorizations",)}
        assert rule(administrator, Add(grants, unit)) == "ok"
        assert rule(administrator, grant("dmfa", "candidate")) == "D8"
        assert rule(administrator, grant("sailors", "candidate")) == "ok"
        # D9 and D3: what is asked stays
        gone = Modify(dn, (Modification("delete", "umRecognitionNumber"),))
        assert rule(administrator, gone) == "D3"
        other = Modify(dn, (Modification("replace", "umRecognitionNumber", (b"BE-2",)),))
        assert rule(administrator, other) == "ok"
    # A2 and A3
    wait_until(lambda: may_use(here, "founder") == {"user-management", "limosa", "sailors"}, what="A2")
    wait_until(lambda: may_use(here, "candidate") == {"user-management", "sailors"}, what="A3")
    with log_in(here, "candidate") as user:
        assert user.compare(here.service.tree.access_group("sailors"), "member", here.account("candidate"))
        assert not user.compare(here.service.tree.access_group("limosa"), "member", here.account("candidate"))


def test_without_the_register_s_word_it_cannot_be_activated(extended: Service) -> None:
    other = Enterprise(extended).load()
    attributes = {"objectClass": (b"umCapacity",), "umCapacityName": (NAME.encode(),)}
    data = {"umRecognitionNumber": (b"BE-1",), "telephoneNumber": (b"+32 2 511 51 51",)}
    with log_in(other, "cam") as cam:
        assert rule(cam, Add(f"umCapacityName={NAME},{other.dn}", {**attributes, **data})) == "D3"


def test_nobody_adds_one_over_ldap(extended: Service, here: Enterprise) -> None:
    dn = f"umCapacityName=airline,ou=capacities,ou=catalogue,{extended.settings.suffix}"
    entry = Add(dn, {"objectClass": (b"umCapacityDefinition",), "umCapacityName": (b"airline",)})
    with log_in(here, "cam") as cam, extended.connect("registrar") as registrar:
        assert rule(cam, entry) == "D0"
        assert rule(registrar, entry) == "D0"
