"""The view: however a state was reached, by operations or by whole entries, it is the same view."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.world import (
    EMPLOYER,
    FAR,
    OWN,
    SUFFIX,
    World,
    account_dn,
    block,
    capacity_dn,
    change,
    enterprise_dn,
    grants_dn,
    group_dn,
    hand_over,
    holders,
    join,
    leave,
    modify,
    new_account,
    new_group,
    person_dn,
    ssin,
    texts,
    unblock,
)
from um_directory.model.operation import (
    Add,
    Attributes,
    Delete,
    Modification,
    Modify,
    Operation,
    Rename,
    SetPassword,
)
from um_directory.model.roles import Role
from um_directory.view import Account, CapacityDefinition, View

USERS = group_dn(Role.USER)


def contents(view: View) -> tuple[object, ...]:
    """All that a view knows."""
    return view.accounts, view.enterprises, view.persons, view.catalogue


def empty_with(*dns: str) -> View:
    view = View(SUFFIX)
    for dn in dns:
        view.put(dn, {})
    return view


# --- whole entries ---


def test_an_account() -> None:
    view = empty_with(enterprise_dn())
    touched = view.put(
        account_dn("theuser1"),
        {
            "umSsin": texts(ssin(1)),
            "preferredLanguage": texts("NL-be"),
            "memberOf": texts(f"cn=dimona,ou=access,{SUFFIX}", "cn=elsewhere,dc=x"),
            "umAccountStatus": texts("active"),
            "umHolderIn": texts(capacity_dn("employer"), capacity_dn("mandatary")),
            "umManagerIn": texts(capacity_dn("mandatary").replace("umCapacityName", "UMcapacityNAME")),
            "mail": texts("x@um.example"),
        },
    )
    assert touched == {"theuser1"}
    assert view.accounts == {
        "theuser1": Account(
            "theuser1",
            OWN,
            ssin(1),
            "nl-be",
            frozenset({"dimona"}),
            active=True,
            holder_in=frozenset({"employer", "mandatary"}),
            manager_in=frozenset({"mandatary"}),
        )
    }


@pytest.mark.parametrize("elsewhere", [capacity_dn("employer", FAR), enterprise_dn(OWN), "cn=elsewhere,dc=x"])
def test_what_is_no_capacity_of_the_enterprise_is_seen_to_be_wrong(elsewhere: str) -> None:
    view = empty_with(enterprise_dn(), enterprise_dn(FAR))
    view.put(account_dn("theuser1"), {"umManagerIn": texts(elsewhere)})
    assert view.accounts["theuser1"].manager_in not in (frozenset(), frozenset({"employer"}))
    view.apply(modify(account_dn("theuser1"), change("replace", "umManagerIn", capacity_dn())))
    assert view.accounts["theuser1"].manager_in == {"employer"}


def test_accounts_of_the_same_capacities_share_one_set() -> None:
    view = empty_with(enterprise_dn(), enterprise_dn(FAR))
    for uid, number in (("theuser1", OWN), ("faruser1", FAR)):
        view.put(account_dn(uid, number), {"umHolderIn": texts(capacity_dn("employer", number))})
    assert view.accounts["theuser1"].holder_in is view.accounts["faruser1"].holder_in


def test_kept_details_are_the_first_values() -> None:
    view = View(SUFFIX, keep=("mail", "title"))
    view.put(account_dn("theuser1"), {"Mail;x": texts("a@um.example", "b@um.example")})
    assert view.accounts["theuser1"].details == ("a@um.example", "")


def test_a_view_that_keeps_details_takes_no_modifications() -> None:
    view = View(SUFFIX, keep=("mail",))
    view.put(account_dn("theuser1"), {})
    with pytest.raises(AssertionError, match="whole entries"):
        view.apply(modify(account_dn("theuser1"), change("delete", "mail", "a")))


def test_a_person_and_an_enterprise() -> None:
    view = View(SUFFIX)
    view.put(
        person_dn(ssin(1)),
        {
            "umEmployeeOf": texts(enterprise_dn(OWN), enterprise_dn(FAR)),
            "umTrusteeOf": texts(enterprise_dn(FAR)),
            "umFounderOf": texts("cn=elsewhere"),
            "sn": texts(enterprise_dn(OWN)),
        },
    )
    assert view.persons[ssin(1)].relations_with(OWN) == {"umemployeeof"}
    assert view.persons[ssin(1)].relations_with(FAR) == {"umemployeeof", "umtrusteeof"}
    view.put(enterprise_dn(), {"umEntitledCapacity": texts("Employer"), "umBankrupt": texts("TRUE")})
    enterprise = view.enterprises[OWN]
    assert (enterprise.entitled, enterprise.has_personnel, enterprise.bankrupt) == ({"employer"}, True, True)


def test_a_capacity_is_active_while_it_has_an_administrator() -> None:
    view = empty_with(enterprise_dn(), capacity_dn(), account_dn("localadm"))
    capacity = view.enterprises[OWN].capacities[EMPLOYER]
    assert not capacity.is_active()
    view.apply(new_group(group_dn(Role.LA), ["localadm"]))
    assert capacity.is_active()
    view.apply(block(group_dn(Role.LA), "localadm"))
    assert capacity.is_active(), "a reading of D4 allows a blocked one"
    view.apply(modify(group_dn(Role.LA), change("delete", "umBlockedMember")))
    assert not capacity.is_active()


def test_channels_come_and_go() -> None:
    view = empty_with(enterprise_dn(), capacity_dn())
    channel = f"cn=ftp,ou=channels,{capacity_dn()}"
    view.put(channel, {})
    assert view.enterprises[OWN].capacities[EMPLOYER].channels == {"ftp"}
    view.remove(channel)
    assert view.enterprises[OWN].capacities[EMPLOYER].channels == frozenset()


def test_the_catalogue() -> None:
    view = View(SUFFIX)
    dn = f"umCapacityName=employer,ou=capacities,ou=catalogue,{SUFFIX}"
    view.put(
        dn,
        {
            "umOffersApplication": texts(f"cn=dimona,ou=applications,ou=catalogue,{SUFFIX}", "cn=x"),
            "umUserRelation": texts("umEmployeeOf"),
            "umActivationAttribute": texts("telephoneNumber"),
            "umOffersBatchChannel": texts("ftp"),
        },
    )
    assert view.catalogue.capacities == {
        "employer": CapacityDefinition(
            "employer",
            frozenset({"dimona"}),
            frozenset({"umemployeeof"}),
            frozenset(),
            frozenset({"telephonenumber"}),
            frozenset({"ftp"}),
        )
    }
    view.put(f"cn=dimona,ou=applications,ou=catalogue,{SUFFIX}", {})
    view.put(f"cn=wech-1,ou=declarations,ou=catalogue,{SUFFIX}", {})
    assert (view.catalogue.applications, view.catalogue.declarations) == ({"dimona"}, {"wech-1"})
    for gone in (
        dn,
        f"cn=dimona,ou=applications,ou=catalogue,{SUFFIX}",
        f"cn=wech-1,ou=declarations,ou=catalogue,{SUFFIX}",
    ):
        view.remove(gone)
    assert contents(view) == contents(View(SUFFIX))


# --- who is touched ---


@pytest.mark.parametrize(
    ("operation", "touched"),
    [
        (join(USERS, "employee", "director"), {"employee", "director"}),
        (leave(USERS, "theuser1"), {"theuser1"}),
        (block(USERS, "theuser1"), {"theuser1"}),
        (unblock(USERS, "theuser2"), {"theuser2"}),
        (hand_over(USERS, "employee", "theuser1"), {"employee"}),
        (hand_over(USERS, "employee"), {"employee", "theuser1"}),
        (modify(USERS, change("delete", "member")), {"theuser1"}),
        (Delete(USERS), {"theuser1", "theuser2"}),
        (Delete(grants_dn("dimona")), {"theuser1"}),
        (join(grants_dn("dimona"), "theuser2"), {"theuser2"}),
        (hand_over(group_dn(Role.CAM), "director"), {"director", "thechief"}),
        (new_account(), {"newcomer"}),
        (modify(account_dn("employee"), change("replace", "mail", "x")), {"employee"}),
        (Delete(account_dn("employee")), {"employee"}),
        (modify(USERS, change("add", "description", "x")), set()),
        (modify(enterprise_dn(), change("replace", "umBankrupt", "TRUE")), set()),
        (modify(account_dn("nobody99"), change("replace", "mail", "x")), set()),
        (join(group_dn(Role.CO_CAM, number=FAR), "employee"), set()),
        (Delete(group_dn(Role.CO_CAM, number=FAR)), set()),
        (Rename(account_dn("employee"), "uid=other001"), set()),
        (SetPassword(account_dn("employee"), b"x"), set()),
        (Delete("no name at all"), set()),
    ],
)
def test_an_operation_tells_whose_access_may_have_changed(operation: Operation, touched: set[str]) -> None:
    assert World().view.apply(operation) == touched


def test_a_group_put_again_tells_who_came_and_went() -> None:
    view = World().view
    assert view.put(USERS, holders(["employee"], ["theuser2"])) == {"theuser1", "employee"}
    assert view.put(USERS, holders(["employee", "theuser2"])) == {"theuser2"}


def test_an_account_of_the_same_name_elsewhere_is_not_removed() -> None:
    view = World().view
    view.remove(account_dn("theuser1", FAR))
    assert "theuser1" in view.accounts


def test_accounts_are_found_in_their_own_enterprise_only() -> None:
    view = World().view
    assert view.account_at(account_dn("theuser1").upper()) is view.accounts["theuser1"]
    for dn in (account_dn("theuser1", FAR), account_dn("nobody99"), enterprise_dn(), "x", ""):
        assert view.account_at(dn) is None


def test_roles_are_listed_with_their_state() -> None:
    view = World().view
    (held,) = view.roles_of("cochief2")
    assert (held.role, held.enterprise, held.capacity, held.state) == (Role.CO_CAM, OWN, None, "blocked")
    (held,) = view.roles_of("manduser")
    assert (held.role, held.capacity, held.state) == (Role.USER, "mandatary", "active")
    assert view.roles_of("employee") == view.roles_of("nobody99") == []


# --- by operations or by whole entries ---

ENTRIES: Mapping[str, Mapping[str, tuple[list[str], bool]]] = {
    # DN: attribute: (possible values, single-valued)
    person_dn(ssin(1)): {
        "umEmployeeOf": ([enterprise_dn(OWN), enterprise_dn(FAR), "cn=elsewhere"], False),
        "umFounderOf": ([enterprise_dn(OWN), enterprise_dn(FAR)], False),
        "sn": (["A", "B"], False),
    },
    enterprise_dn(): {
        "umEntitledCapacity": (["employer", "mandatary", "service-provider"], False),
        "umHasPersonnel": (["TRUE", "FALSE"], True),
        "umBankrupt": (["TRUE", "FALSE"], True),
        "o;lang-nl": (["A", "B"], False),
    },
    account_dn("theuser1"): {
        "umSsin": ([ssin(1), ssin(2)], True),
        "preferredLanguage": (["nl", "FR"], True),
        "memberOf": ([f"cn={name},ou=access,{SUFFIX}" for name in ("dimona", "dmfa")], False),
        "umAccountStatus": (["active", "inactive"], True),
        "umHolderIn": ([capacity_dn(name) for name in ("employer", "mandatary")], False),
        "umManagerIn": ([capacity_dn("employer"), capacity_dn("employer", FAR)], False),
        "mail": (["a@um.example", "b@um.example"], False),
    },
    USERS: {
        "member": ([account_dn(uid) for uid in ("theuser1", "employee", "director")], False),
        "umBlockedMember": ([account_dn(uid) for uid in ("theuser1", "employee", "director")], False),
    },
    group_dn(Role.CO_CAM): {
        "member": ([account_dn(uid) for uid in ("theuser1", "employee")], False),
        "umBlockedMember": ([account_dn("director")], False),
    },
    grants_dn("dimona"): {
        "member": ([account_dn(uid) for uid in ("theuser1", "employee")], False),
        "umBlockedMember": ([account_dn("director")], False),
    },
}


@st.composite
def edited_entries(draw: st.DrawFn) -> tuple[str, list[Modify], Attributes]:
    """An entry, modifications of it that slapd would accept, and what it holds in the end."""
    dn = draw(st.sampled_from(sorted(ENTRIES)))
    stored: dict[str, list[str]] = {}
    operations: list[Modify] = []
    for _ in range(draw(st.integers(1, 6))):
        attribute = draw(st.sampled_from(sorted(ENTRIES[dn])))
        possible, single = ENTRIES[dn][attribute]
        there = stored.get(attribute, [])
        kind = draw(st.sampled_from(["add", "delete", "replace"]))
        allowed = {"add": [v for v in possible if v not in there], "delete": there, "replace": possible}[kind]
        most = 1 if single and kind != "delete" else 3
        values = draw(st.lists(st.sampled_from(allowed), unique=True, max_size=most)) if allowed else []
        if (kind == "add" and (not values or (single and there))) or (kind == "delete" and not there):
            continue  # slapd would refuse it
        match kind:
            case "add":
                stored[attribute] = [*there, *values]
            case "replace":
                stored[attribute] = values
            case "delete":
                stored[attribute] = [v for v in there if v not in values] if values else []
        operations.append(modify(dn, Modification(kind, attribute, texts(*values))))  # type: ignore[arg-type]
    final = {name: texts(*values) for name, values in stored.items() if values}
    return dn, operations, final


@settings(deadline=None, max_examples=300)
@given(edited_entries(), st.booleans())
def test_following_modifications_ends_where_reading_the_entry_does(
    edited: tuple[str, list[Modify], Attributes], in_one: bool
) -> None:
    dn, operations, final = edited
    base = [enterprise_dn(OWN), capacity_dn(), *map(account_dn, ("theuser1", "employee", "director"))]
    followed, read = empty_with(*base, dn), empty_with(*base)
    if in_one:
        followed.apply(Modify(dn, tuple(change for each in operations for change in each.modifications)))
    else:
        for operation in operations:
            followed.apply(operation)
    read.put(dn, final)
    assert contents(followed) == contents(read)
    # Read over what was followed, as content synchronisation does, it is still the same.
    followed.put(dn, final)
    assert contents(followed) == contents(read)


@settings(deadline=None)
@given(edited_entries())
def test_an_added_entry_is_the_entry_read(edited: tuple[str, list[Modify], Attributes]) -> None:
    dn, _, final = edited
    base = [enterprise_dn(OWN), capacity_dn(), *map(account_dn, ("theuser1", "employee", "director"))]
    added, read = empty_with(*base), empty_with(*base)
    added.apply(Add(dn, final))
    read.put(dn, final)
    assert contents(added) == contents(read)


def test_what_is_removed_from_the_leaves_up_leaves_nothing() -> None:
    world = World()
    view = world.view
    for number, enterprise in list(view.enterprises.items()):
        for name, capacity in list(enterprise.capacities.items()):
            for application in list(capacity.authorizations):
                view.remove(grants_dn(application, name, number))
            for role in list(capacity.groups):
                view.remove(group_dn(role, name, number))
            assert (capacity.groups, capacity.authorizations) == ({}, {})
            view.remove(capacity_dn(name, number))
        for role in list(enterprise.groups):
            view.remove(group_dn(role, number=number))
        assert (enterprise.groups, enterprise.capacities) == ({}, {})
        view.remove(enterprise_dn(number))
    for account in list(view.accounts.values()):
        view.remove(account_dn(account.uid, account.enterprise))
    for number in list(view.persons):
        view.remove(person_dn(number))
    assert (view.accounts, view.enterprises, view.persons) == ({}, {}, {})
