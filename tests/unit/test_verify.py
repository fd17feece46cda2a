"""The rules over stored entries: what is right has no finding, each rule's wrong data is found and named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from support.certificates import certificate, rsa_key
from support.world import (
    EMPLOYER,
    FAR,
    MANDATARY,
    OWN,
    PASSWORD,
    PROVIDER,
    RELATIONS,
    SUFFIX,
    World,
    account_dn,
    capacity_dn,
    enterprise_dn,
    grants_dn,
    group_dn,
    new_account,
    new_capacity,
    new_group,
    person_dn,
    ssin,
    texts,
)
from um_directory.guard.verify import Finding, Verifier
from um_directory.model.operation import Add
from um_directory.model.roles import Role
from um_directory.view.access import effective_access

HASH = b"{ARGON2}$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA"


@pytest.fixture
def world() -> World:
    return World()


def findings(world: World, add: Add, *, stored: bool = True) -> list[Finding]:
    """What is said of an entry that the view holds too."""
    if stored:
        world.follow(add)
    return Verifier(world.view).entry(add.dn, add.attributes)


def found(world: World, add: Add) -> list[str]:
    """The rules of what is said."""
    return [finding.rule for finding in findings(world, add)]


def enterprise(number: str = OWN, **facts: str) -> Add:
    attributes = {"objectClass": "umEnterprise", "umEnterpriseNumber": number, "o": "Test", **facts}
    entitled = {"umEntitledCapacity": texts(EMPLOYER, MANDATARY, PROVIDER)}
    return Add(
        enterprise_dn(number), {**{name: texts(value) for name, value in attributes.items()}, **entitled}
    )


def account(world: World, uid: str, *applications: str, status: str = "active", **more: str) -> Add:
    stored = world.view.accounts[uid]
    attributes = {"objectClass": "umAccount", "uid": uid, "umSsin": stored.ssin, "cn": uid, "sn": uid, **more}
    groups = [f"CN={name}, ou=access, {SUFFIX}" for name in applications]
    values = {name: texts(value) for name, value in attributes.items()}
    scope = effective_access(world.view, uid)
    return Add(
        account_dn(uid),
        {
            "umHolderIn": texts(*map(capacity_dn, scope.holder_in)),
            "umManagerIn": texts(*map(capacity_dn, scope.manager_in)),
            **values,
            "memberOf": texts(*groups),
            "umAccountStatus": texts(status),
        },
    )


# --- what is right ---

RIGHT = [
    enterprise(umNssoNumber="000100006"),
    Add(person_dn(ssin(1)), {"objectClass": texts("umPerson"), "umSsin": texts(ssin(1)), "sn": texts("X")}),
    Add(
        f"ou=accounts,{enterprise_dn()}",
        {"objectClass": texts("organizationalUnit"), "ou": texts("accounts")},
    ),
    new_capacity(MANDATARY),
    new_group(group_dn(Role.CAM), ["thechief"]),
    new_group(group_dn(Role.CO_CAM), ["cochief1"], ["cochief2"]),
    new_group(group_dn(Role.LA), ["localadm"]),
    new_group(group_dn(Role.CO_LA), ["coadmin1"], ["coadmin2"]),
    new_group(group_dn(Role.USER), ["theuser1"], ["theuser2"]),
    new_group(group_dn(Role.USER), []),
    new_group(group_dn(Role.TECHNICAL), ["techuser"]),
    new_group(grants_dn("dimona"), ["theuser1"], kind="umAuthorization"),
    new_group(grants_dn("dmfa"), [], ["theuser2"], kind="umAuthorization"),
    new_group(grants_dn("dmfa"), ["theuser2"], kind="umAuthorization"),  # he was blocked later
]


@pytest.mark.parametrize("add", RIGHT, ids=lambda add: add.dn.partition(",")[0])
def test_what_is_right_has_no_finding(world: World, add: Add) -> None:
    assert findings(world, add) == []


def test_accounts_with_the_access_that_their_roles_give_have_no_finding(world: World) -> None:
    for add in (
        account(world, "theuser1", "user-management", "dimona"),
        account(world, "localadm", "user-management", "dimona", "dmfa"),
        account(world, "theuser2", status="inactive"),
        account(world, "techuser"),
    ):
        assert findings(world, add) == []
    assert found(world, new_account("employee")) == []  # no role, and nothing said of its access


BOOTSTRAP = [
    (SUFFIX, "organization"),
    (f"ou=capacities,ou=catalogue,{SUFFIX}", "organizationalUnit"),
    (f"ou=register,{SUFFIX}", "organizationalUnit"),
    (f"umCapacityName=employer,ou=capacities,ou=catalogue,{SUFFIX}", "umCapacityDefinition"),
    (f"cn=dimona,ou=applications,ou=catalogue,{SUFFIX}", "umApplication"),
    (f"cn=wech-1,ou=declarations,ou=catalogue,{SUFFIX}", "umDeclaration"),
    (f"cn=dimona,ou=access,{SUFFIX}", "groupOfURLs"),
    (f"cn=registrar,ou=operators,{SUFFIX}", "umOperator"),
    (f"cn=dimona,ou=services,{SUFFIX}", "umService"),
]


@pytest.mark.parametrize(("dn", "kind"), BOOTSTRAP, ids=lambda value: value.partition(",")[0])
def test_what_bootstrap_makes_belongs_to_the_tree_and_nothing_else_does(
    world: World, dn: str, kind: str
) -> None:
    assert findings(world, Add(dn, {"objectClass": texts("top", kind)}), stored=False) == []
    said = findings(world, Add(dn, {"objectClass": texts(kind, "alias")}), stored=False)
    assert [(finding.rule, "alias" in finding.text) for finding in said] == [("D0", True)]


# --- what is wrong, rule by rule ---

GROUP = "umRoleGroup"
WRONG: dict[str, tuple[str, Add]] = {
    "two chief access managers": ("D1", new_group(group_dn(Role.CAM), ["thechief", "director"])),
    "no chief access manager": ("D1", new_group(group_dn(Role.CAM))),
    "a blocked chief access manager": ("D1", new_group(group_dn(Role.CAM), [], ["thechief"])),
    "two local administrators": ("D4", new_group(group_dn(Role.LA), ["localadm", "director"])),
    "no local administrator": ("D4", new_group(group_dn(Role.LA))),
    "two technical users": ("D7", new_group(group_dn(Role.TECHNICAL), ["techuser", "director"])),
    "active and blocked": ("D0", new_group(group_dn(Role.USER), ["theuser1"], ["theuser1"])),
    "a capacity of no catalogue": ("D3", new_capacity("astronaut")),
    "a capacity without its data": ("D3", new_capacity(MANDATARY, mail=())),
    "a group in an inactive capacity": ("D3", new_group(group_dn(Role.USER, PROVIDER), [])),
    "an application not offered": ("D8", new_group(grants_dn("mandates"), [], kind="umAuthorization")),
    "a grant to nobody's user": ("D8", new_group(grants_dn("dimona"), ["employee"], kind="umAuthorization")),
    "a role group of another name": ("D0", new_group(f"cn=emperors,{enterprise_dn()}")),
    "a role in the wrong place": ("D0", new_group(f"cn=users,{enterprise_dn()}")),
    "an operator too many": (
        "D0",
        Add(f"cn=boss,ou=operators,{SUFFIX}", {"objectClass": texts("umOperator")}),
    ),
    "a container too many": ("D0", Add(f"ou=x,{SUFFIX}", {"objectClass": texts("organizationalUnit")})),
    "a name of another alphabet": ("D0", Add(f"cn=a\\,b,ou=access,{SUFFIX}", {"objectClass": texts("top")})),
    "a route, which no rule knows yet": (
        "D0",
        Add(
            f"cn=wech-1,ou=routing,{capacity_dn()}", {"objectClass": texts("umRoute"), "cn": texts("wech-1")}
        ),
    ),
    "a group with a description": (
        "D0",
        Add(
            group_dn(Role.USER),
            {"objectClass": texts(GROUP), "cn": texts("users"), "description": texts("x")},
        ),
    ),
    "an account of a foreign class": (
        "D0",
        new_account("newcomer", objectClass=texts("umAccount", "extensibleObject"), userPassword=()),
    ),
    "a username with capitals": ("C1 D0", new_account("NewComer", userPassword=())),
    "a short username": ("C1", new_account("short", userPassword=())),
    "an SSIN with wrong check digits": ("N1", new_account(umSsin=texts("81050103521"), userPassword=())),
    "a person named by a wrong SSIN": (
        "N1",
        Add(person_dn("81050103521"), {"objectClass": texts("umPerson"), "sn": texts("X")}),
    ),
    "an enterprise with a wrong number": ("N2", enterprise("0431150351")),
    "a wrong NSSO number": ("N3", enterprise(umNssoNumber="000100007")),
}


@pytest.mark.parametrize(("rules", "add"), WRONG.values(), ids=WRONG)
def test_wrong_data_is_found_and_named(world: World, rules: str, add: Add) -> None:
    assert found(world, add) == rules.split()


def test_a_username_in_two_enterprises(world: World) -> None:
    world.put_account("theuser1", number=FAR)
    add = new_account("theuser1", userPassword=())
    assert [finding.rule for finding in findings(world, add, stored=False)] == ["C1"]


def test_the_access_of_a_username_in_two_enterprises_is_not_told_twice(world: World) -> None:
    world.put_account("theuser1", number=FAR)
    values = account(world, "theuser1", "user-management", "dimona").attributes
    add = Add(account_dn("theuser1", OWN), values)
    assert [finding.rule for finding in findings(world, add, stored=False)] == ["C1"]


def test_the_same_words_about_one_entry_are_one_finding(world: World) -> None:
    add = new_group(group_dn(Role.USER), ["theuser1"])
    twice = {**add.attributes, "umBlockedMember": texts("uid=x", "uid=x")}
    assert found(world, Add(add.dn, twice)) == ["D14"]


@pytest.mark.parametrize(
    ("make", "rules"),
    [
        (lambda: certificate(ends=datetime(2026, 1, 2, tzinfo=UTC)), []),
        (lambda: b"no certificate", ["C5"]),
        (lambda: certificate(rsa_key(1024)), ["C5"]),
    ],
)
def test_a_stored_certificate_may_have_expired_but_is_one(
    world: World, make: Callable[[], bytes], rules: list[str]
) -> None:
    add = new_account("newcomer", userPassword=(), **{"userCertificate;binary": (make(),)})
    assert found(world, add) == rules


def test_a_holder_from_another_enterprise_or_from_nowhere(world: World) -> None:
    add = new_group(group_dn(Role.USER), ["faruser1", "nobody01"])
    said = findings(world, add)
    assert [finding.rule for finding in said] == ["D14", "D14"]
    assert "nobody01" in said[0].text
    assert "faruser1" in said[1].text


def test_every_wrong_holder_of_a_group_is_named(world: World) -> None:
    said = findings(world, new_group(group_dn(Role.USER), ["theuser1", "stranger", "founder1", "employee"]))
    assert [finding.text for finding in said if "stranger" in finding.text or "founder1" in finding.text]
    assert len(said) == 2


# --- facts that were withdrawn, and what stood before ---


@pytest.mark.parametrize(
    ("uid", "role", "underlying"),
    [
        ("thechief", Role.CAM, "E1"),
        ("cochief1", Role.CO_CAM, "E1"),
        ("localadm", Role.LA, "E2"),
        ("coadmin1", Role.CO_LA, "E2"),
        ("theuser1", Role.USER, "E3"),
    ],
)
def test_an_ended_relation_is_a_notice_with_the_rule_in_it(
    world: World, uid: str, role: Role, underlying: str
) -> None:
    add = new_group(group_dn(role), [uid])
    assert findings(world, add) == []
    world.put_person(uid)
    (finding,) = findings(world, add)
    assert (finding.rule, finding.notice) == ("E8", True)
    assert f"({underlying}: " in finding.text


def test_an_entitlement_that_went_is_a_notice_and_missing_data_are_none(world: World) -> None:
    world.view.put(enterprise_dn(), {"umEntitledCapacity": texts(EMPLOYER)})
    (finding,) = findings(world, new_capacity(MANDATARY))
    assert (finding.rule, finding.notice) == ("E8", True)
    assert "(D3: " in finding.text


def test_a_bankruptcy_without_its_trustee_is_a_notice(world: World) -> None:
    world.put_enterprise(umBankrupt="TRUE")
    (finding,) = findings(world, new_group(group_dn(Role.LA), ["localadm"]))
    assert (finding.rule, finding.notice) == ("E8", True)
    assert "(D13: " in finding.text
    assert findings(world, new_group(group_dn(Role.LA), ["trustee1"])) == []


def test_one_person_as_both_stands_where_it_stood_before(world: World) -> None:
    world.put_account("chieftwo", same_person_as="thechief")
    (finding,) = findings(world, new_group(group_dn(Role.LA, MANDATARY), ["chieftwo"]))
    assert (finding.rule, finding.notice) == ("E6", True)


def test_violations_are_no_notices(world: World) -> None:
    assert not findings(world, new_group(group_dn(Role.CAM)))[0].notice


# --- effective access ---


@pytest.mark.parametrize(
    ("uid", "applications", "status", "attribute"),
    [
        ("theuser1", ("user-management",), "active", "memberOf"),
        ("theuser1", ("user-management", "dimona", "dmfa"), "active", "memberOf"),
        ("theuser1", ("user-management", "dimona"), "inactive", "umAccountStatus"),
        ("theuser2", (), "active", "umAccountStatus"),
        ("techuser", ("user-management",), "active", "memberOf"),
    ],
)
def test_stored_access_that_does_not_follow_from_the_roles(
    world: World, uid: str, applications: tuple[str, ...], status: str, attribute: str
) -> None:
    (finding,) = findings(world, account(world, uid, *applications, status=status))
    assert finding.rule == "SV"
    assert finding.text.startswith(f"{attribute} is ")


@pytest.mark.parametrize(
    ("attribute", "values"),
    [
        ("umHolderIn", ()),
        ("umHolderIn", (capacity_dn(EMPLOYER), capacity_dn(MANDATARY))),
        ("umHolderIn", (capacity_dn(EMPLOYER, FAR),)),
        ("umManagerIn", (capacity_dn(EMPLOYER),)),
    ],
)
def test_reading_rights_that_do_not_follow_from_the_roles(
    world: World, attribute: str, values: tuple[str, ...]
) -> None:
    add = account(world, "theuser1", "user-management", "dimona")
    add.attributes[attribute] = texts(*values)  # type: ignore[index]
    (finding,) = findings(world, add)
    assert finding.rule == "SV"
    assert finding.text.startswith(f"{attribute} is ")


def test_a_group_of_access_that_is_none_is_found_though_no_view_keeps_it(world: World) -> None:
    add = account(world, "theuser1", "user-management", "dimona")
    add.attributes["memberOf"] += texts(f"cn=wheel,ou=register,{SUFFIX}")  # type: ignore[index]
    (finding,) = findings(world, add)
    assert finding.rule == "SV"
    assert "cn=wheel" in finding.text


# --- passwords ---


@pytest.mark.parametrize(
    ("values", "rules"),
    [
        ((HASH,), []),
        ((b"{SSHA}abcdefgh",), []),
        ((PASSWORD.encode(),), ["C2"]),
        ((b"{CLEARTEXT}Wachtwoord1",), ["C2"]),
        ((b"{SASL}me@example",), ["C2"]),
        ((HASH, HASH + b"x"), ["D0"]),
    ],
)
@pytest.mark.parametrize("dn", [account_dn("theuser1"), f"cn=registrar,ou=operators,{SUFFIX}"])
def test_a_stored_password_is_a_hash(
    world: World, dn: str, values: tuple[bytes, ...], rules: list[str]
) -> None:
    said = Verifier(world.view).password(dn, values)
    assert [finding.rule for finding in said] == rules
    assert PASSWORD not in repr(said)


def test_the_whole_world_is_clean(world: World) -> None:
    # So that the findings above are those of what is wrong, and not of the world that it is put into.
    assert world.view.accounts.keys() >= RELATIONS.keys()
    verifier = Verifier(world.view)
    for add in RIGHT[4:]:
        group = world.view.holders(world.view.place(add.dn))
        assert group is not None
        stored = new_group(
            add.dn,
            group.active,
            group.blocked,
            "umAuthorization" if "ou=authorizations" in add.dn else GROUP,
        )
        assert verifier.entry(stored.dn, stored.attributes) == []
