"""D12: enterprises, natural persons and mandates come from the register."""

from __future__ import annotations

import pytest

from support.world import (
    FOREIGNERS,
    OPERATORS,
    SUFFIX,
    World,
    change,
    enterprise_dn,
    everybody,
    modify,
    person_dn,
    ssin,
    texts,
)
from um_directory.model.operation import Add, Delete, Operation

MANDATE = f"cn=m-1,ou=mandates,{SUFFIX}"
MANDATE_DATA = {
    "objectClass": texts("umMandate"),
    "cn": texts("m-1"),
    "umPrincipal": texts(enterprise_dn()),
    "umMandatary": texts(enterprise_dn("0884303369")),
    "umDeclarationGroup": texts("wech"),
    "umFirstQuarter": texts("2026Q4"),
}
PERSON = Add(
    person_dn(ssin(700)),
    {
        "objectClass": texts("umPerson"),
        "umSsin": texts(ssin(700)),
        "sn": texts("New"),
        "umEmployeeOf": texts(enterprise_dn()),
    },
)
OF_THE_ENTERPRISE = [
    modify(enterprise_dn(), change("replace", "umBankrupt", "TRUE")),
    modify(enterprise_dn(), change("add", "umEntitledCapacity", "service-provider")),
    modify(enterprise_dn(), change("replace", "mail", "x@um.example")),
    modify(enterprise_dn(), change("delete", "umHasPersonnel")),
    Delete(enterprise_dn()),
]
OF_NOBODY = [
    PERSON,
    modify(person_dn(ssin(1)), change("add", "umEmployeeOf", enterprise_dn())),
    modify(person_dn(ssin(1)), change("delete", "umDirectorOf")),
    Delete(person_dn(ssin(1))),
    Add(MANDATE, MANDATE_DATA),
    modify(MANDATE, change("replace", "umLastQuarter", "2026Q4")),
    Delete(MANDATE),
]


@pytest.mark.parametrize("operation", OF_THE_ENTERPRISE)
def test_only_the_registrar_writes_an_enterprises_facts(world: World, operation: Operation) -> None:
    expected = everybody("D12", allowed={"registrar"}, D14=FOREIGNERS)
    assert world.verdicts(operation) == expected


@pytest.mark.parametrize("operation", OF_NOBODY)
def test_only_the_registrar_writes_persons_and_mandates(world: World, operation: Operation) -> None:
    expected = everybody("D12", allowed={"registrar"}, D12=FOREIGNERS)
    assert world.verdicts(operation) == expected


def test_the_registrar_brings_a_new_enterprise_with_its_container(world: World) -> None:
    dn = enterprise_dn("0207437468")
    enterprise = Add(
        dn, {"objectClass": texts("umEnterprise"), "umEnterpriseNumber": texts("0207437468"), "o": texts("X")}
    )
    assert world.verdicts(enterprise) == everybody("D12", allowed={"registrar"}, D14=_persons(world))
    container = Add(
        f"ou=accounts,{dn}", {"objectClass": texts("organizationalUnit"), "ou": texts("accounts")}
    )
    allowed = {who for who, rule in world.verdicts(container).items() if rule is None}
    assert allowed == OPERATORS
    described = Add(container.dn, {**container.attributes, "description": texts("x")})
    assert world.decide("registrar", described) == "D0"
    assert world.decide("registrar", Delete(container.dn)) == "D0"
    assert world.decide("registrar", modify(container.dn, change("add", "description", "x"))) == "D0"


def _persons(world: World) -> set[str]:
    return {uid for uid in world.view.accounts if any(r.state == "active" for r in world.view.roles_of(uid))}


def test_the_registrar_changes_no_object_class(world: World) -> None:
    for name in ("extensibleObject", "simpleSecurityObject", "umPerson"):
        assert world.decide("registrar", modify(enterprise_dn(), change("add", "objectClass", name))) == "D0"
        with_it = Add(PERSON.dn, {**PERSON.attributes, "objectClass": texts("umPerson", name)})
        assert (world.decide("registrar", with_it) is None) == (name == "umPerson")


def test_names_and_addresses_may_be_in_several_languages_and_facts_may_not(world: World) -> None:
    for attribute in ("o;lang-fr", "street;lang-nl", "l;lang-de", "description;lang-en"):
        assert world.decide("registrar", modify(enterprise_dn(), change("add", attribute, "x"))) is None
    for attribute in ("umBankrupt;lang-fr", "umEntitledCapacity;x-a", "umNssoNumber;lang-fr"):
        assert world.decide("registrar", modify(enterprise_dn(), change("add", attribute, "x"))) == "D0"
    hidden = modify(person_dn(ssin(1)), change("add", "umEmployeeOf;lang-fr", enterprise_dn()))
    assert world.decide("registrar", hidden) == "D0"


@pytest.mark.parametrize(
    "attribute", ["authzTo", "pwdPolicySubentry", "pwdReset", "entryUUID", "umRelatedTo"]
)
@pytest.mark.parametrize("dn", [enterprise_dn(), person_dn(ssin(1)), MANDATE])
def test_what_slapd_keeps_is_no_fact(world: World, dn: str, attribute: str) -> None:
    operation = modify(dn, change("replace", attribute, "cn=x"))
    assert world.decide("registrar", operation) == "D0"


@pytest.mark.parametrize(
    "dn",
    [
        f"cn=dimona,ou=applications,ou=catalogue,{SUFFIX}",
        f"umCapacityName=employer,ou=capacities,ou=catalogue,{SUFFIX}",
        f"cn=dimona,ou=access,{SUFFIX}",
        f"cn=registrar,ou=operators,{SUFFIX}",
        f"cn=um-service,ou=services,{SUFFIX}",
        f"ou=enterprises,{SUFFIX}",
        SUFFIX,
    ],
)
@pytest.mark.parametrize("who", ["registrar", "contact-center", "thechief", "um-service"])
def test_the_rest_of_the_tree_is_nobodys(world: World, dn: str, who: str) -> None:
    assert world.decide(who, modify(dn, change("replace", "description", "x"))) == "D0"
    assert world.decide(who, modify(dn, change("replace", "userPassword", "Wachtwoord2"))) == "D0"
    assert world.decide(who, Delete(dn)) == "D0"


def test_the_text_says_who_may(world: World) -> None:
    text = world.why("thechief", OF_THE_ENTERPRISE[0])
    assert "(enterprise) comes from the authorities' registers; only the registrar" in text
