"""Which entry a DN names."""

from __future__ import annotations

import pytest

from um_directory.errors import MalformedName
from um_directory.model.roles import GROUP_NAMES, Role
from um_directory.model.tree import Kind, Tree

SUFFIX = "dc=um,dc=example"
E = f"umEnterpriseNumber=0403019261,ou=enterprises,{SUFFIX}"
C = f"umCapacityName=employer,{E}"
TREE = Tree(SUFFIX)

PLACES = {
    SUFFIX: (Kind.SUFFIX, "", None, None),
    f"ou=catalogue,{SUFFIX}": (Kind.CONTAINER, "catalogue", None, None),
    f"ou=capacities,ou=catalogue,{SUFFIX}": (Kind.CONTAINER, "capacities", None, None),
    f"umCapacityName=Employer,ou=capacities,ou=catalogue,{SUFFIX}": (
        Kind.CATALOGUE_CAPACITY,
        "employer",
        None,
        None,
    ),
    f"cn=dmfa,ou=applications,ou=catalogue,{SUFFIX}": (Kind.CATALOGUE_APPLICATION, "dmfa", None, None),
    f"cn=wech-1,ou=declarations,ou=catalogue,{SUFFIX}": (Kind.CATALOGUE_DECLARATION, "wech-1", None, None),
    f"umSsin=85073003328,ou=register,{SUFFIX}": (Kind.PERSON, "85073003328", None, None),
    E: (Kind.ENTERPRISE, "0403019261", "0403019261", None),
    f"ou=accounts,{E}": (Kind.ACCOUNTS, "accounts", "0403019261", None),
    f"uid=jjanssens1,ou=accounts,{E}": (Kind.ACCOUNT, "jjanssens1", "0403019261", None),
    C: (Kind.CAPACITY, "employer", "0403019261", "employer"),
    f"ou=authorizations,{C}": (Kind.AUTHORIZATIONS, "authorizations", "0403019261", "employer"),
    f"cn=dmfa,ou=authorizations,{C}": (Kind.AUTHORIZATION, "dmfa", "0403019261", "employer"),
    f"ou=routing,{C}": (Kind.ROUTING, "routing", "0403019261", "employer"),
    f"cn=wech-1,ou=routing,{C}": (Kind.ROUTE, "wech-1", "0403019261", "employer"),
    f"ou=channels,{C}": (Kind.CHANNELS, "channels", "0403019261", "employer"),
    f"cn=ftp,ou=channels,{C}": (Kind.CHANNEL, "ftp", "0403019261", "employer"),
    f"cn=m-1,ou=mandates,{SUFFIX}": (Kind.MANDATE, "m-1", None, None),
    f"cn=dmfa,ou=access,{SUFFIX}": (Kind.ACCESS_GROUP, "dmfa", None, None),
    f"cn=registrar,ou=operators,{SUFFIX}": (Kind.OPERATOR, "registrar", None, None),
    f"cn=dmfa,ou=services,{SUFFIX}": (Kind.SERVICE, "dmfa", None, None),
    f"cn=session,{SUFFIX}": (Kind.SESSION, "session", None, None),
}
NOT_OF_THE_TREE = [
    "dc=example",
    "dc=um,dc=elsewhere",
    f"{SUFFIX},dc=com",
    f"cn=users,{SUFFIX}",
    f"uid=jjanssens1,ou=accounts,{SUFFIX}",
    f"uid=jjanssens1,{E}",
    f"cn=jjanssens1,ou=accounts,{E}",
    f"uid=x,uid=jjanssens1,ou=accounts,{E}",
    f"ou=other,{E}",
    f"ou=accounts,{C}",
    f"cn=dmfa,ou=other,{C}",
    f"cn=auditors,{E}",
    f"cn=auditors,{C}",
    f"cn=x,cn=users,{C}",
    f"cn=dmfa,{C},{E}",
    f"umCapacityName=mandatary,{C}",
    f"umCapacityName=employer,ou=enterprises,{SUFFIX}",
    f"umEnterpriseNumber=0403019261,{SUFFIX}",
    f"umSsin=85073003328,ou=enterprises,{SUFFIX}",
    f"cn=x,ou=register,{SUFFIX}",
]


@pytest.mark.parametrize("dn", PLACES)
def test_every_kind_of_entry_by_its_place(dn: str) -> None:
    place = TREE.place(dn)
    assert (place.kind, place.name, place.enterprise, place.capacity) == PLACES[dn]
    assert place.role is None
    assert place.dn == dn.lower()
    assert TREE.place(dn.upper()) == place


def test_every_kind_has_a_place() -> None:
    named = {kind for kind, *_ in PLACES.values()} | {Kind.ROLE_GROUP, Kind.UNKNOWN}
    assert named == set(Kind)


@pytest.mark.parametrize("name", GROUP_NAMES)
def test_role_groups_are_where_their_role_is_held(name: str) -> None:
    role = GROUP_NAMES[name]
    of_enterprise = role in (Role.CAM, Role.CO_CAM)
    right, wrong = (E, C) if of_enterprise else (C, E)
    place = TREE.place(f"cn={name.upper()},{right}")
    assert (place.kind, place.role, place.name) == (Kind.ROLE_GROUP, role, name)
    assert place.capacity == (None if of_enterprise else "employer")
    assert TREE.place(f"cn={name},{wrong}").kind is Kind.UNKNOWN


@pytest.mark.parametrize("dn", NOT_OF_THE_TREE)
def test_well_formed_names_that_are_not_of_the_tree(dn: str) -> None:
    place = TREE.place(dn)
    assert (place.kind, place.role, place.enterprise, place.capacity) == (Kind.UNKNOWN, None, None, None)


def test_malformed_names_raise_and_are_no_accounts() -> None:
    with pytest.raises(MalformedName):
        TREE.place("x")
    assert TREE.account_id("x") is None


def test_usernames_of_accounts_only() -> None:
    assert TREE.account_id(f"UID=JJanssens1,ou=accounts,{E}") == "jjanssens1"
    for dn in PLACES:
        if PLACES[dn][0] is not Kind.ACCOUNT:
            assert TREE.account_id(dn) is None


def test_a_number_has_one_name_however_it_is_spaced() -> None:
    place = TREE.place(f"uid=x,ou=accounts,umEnterpriseNumber=0403 019 261,ou=enterprises,{SUFFIX}")
    assert place.enterprise == "0403019261"
    assert place.dn == f"uid=x,ou=accounts,{E}".lower()


def test_the_names_it_makes_are_the_ones_it_reads() -> None:
    made = {
        TREE.enterprise("0403019261"): Kind.ENTERPRISE,
        TREE.account("0403019261", "jjanssens1"): Kind.ACCOUNT,
        TREE.access_group("dmfa"): Kind.ACCESS_GROUP,
        TREE.person("85073003328"): Kind.PERSON,
        TREE.operator("registrar"): Kind.OPERATOR,
        TREE.service("um-service"): Kind.SERVICE,
    }
    for dn, kind in made.items():
        assert TREE.place(dn).kind is kind


@pytest.mark.parametrize("suffix", ["o=My Company,c=BE", "DC=Example", "ou=catalogue,o=x", "ou=enterprises"])
def test_any_suffix_will_do(suffix: str) -> None:
    tree = Tree(suffix)
    assert tree.place(suffix.lower()).kind is Kind.SUFFIX
    assert (
        tree.place(f"uid=jjanssens1,ou=accounts,umEnterpriseNumber=1,ou=enterprises,{suffix}").kind
        is Kind.ACCOUNT
    )
    assert tree.place(E).kind is Kind.UNKNOWN
