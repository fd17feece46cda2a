"""What becomes of a change between the rules: refusals by the first rule, and what no rule speaks of."""

from __future__ import annotations

import pytest

from support.world import (
    EVERYBODY,
    FAR,
    SUFFIX,
    WITHOUT_ACTIVE_ROLE,
    World,
    account_dn,
    block,
    capacity_dn,
    change,
    enterprise_dn,
    grants_dn,
    group_dn,
    join,
    modify,
    new_account,
    new_group,
    texts,
)
from um_directory.guard.actor import Actor, actor_for
from um_directory.guard.evaluate import MOST_VALUES, Refusal
from um_directory.model.operation import Add, Delete, Modification, Modify, Operation, Rename
from um_directory.model.roles import HeldRole, Role

USERS = group_dn(Role.USER)
UNKNOWN_TO_ALL_RULES = [
    Rename(account_dn("theuser1"), "uid=theuser9"),
    Rename(USERS, "cn=users2", True, capacity_dn("mandatary")),
    modify(USERS, Modification("increment", "member", (b"1",))),
    modify(USERS, change("add", "member;lang-en", account_dn("employee"))),
    modify(USERS, change("add", "2.5.4.31", account_dn("employee"))),
    modify(USERS, change("replace", "description", "x")),
    modify(USERS, change("replace", "cn", "co-local-administrators")),
    modify(account_dn("theuser2"), change("replace", "sn", "X")),
    modify(account_dn("theuser2"), change("replace", "2.5.4.4", "X")),
    modify(account_dn("theuser2"), change("replace", "userPassword;x-a", "Wachtwoord2")),
    modify(account_dn("theuser2"), change("replace", "jpegPhoto", "x")),
    modify(f"ou=accounts,{enterprise_dn()}", change("replace", "description", "x")),
    modify(f"ou=authorizations,{capacity_dn()}", change("replace", "description", "x")),
    Delete(f"ou=accounts,{enterprise_dn()}"),
    Delete(f"ou=authorizations,{capacity_dn()}"),
    Delete(capacity_dn()),
    Add(f"cn=auditors,{capacity_dn()}", new_group(USERS).attributes),
    Add(f"cn=users,{enterprise_dn()}", new_group(USERS).attributes),
    Add(f"ou=more,{enterprise_dn()}", {"objectClass": texts("organizationalUnit"), "ou": texts("more")}),
    Add(f"uid=newcomer,{enterprise_dn()}", new_account().attributes),
    Add(f"cn=wech-1,ou=routing,{capacity_dn()}", {"objectClass": texts("umRoute"), "cn": texts("wech-1")}),
    Add(f"cn=ftp,ou=channels,{capacity_dn()}", {"objectClass": texts("umBatchChannel"), "cn": texts("ftp")}),
    Add(f"cn=x,{SUFFIX}", {"objectClass": texts("umRoleGroup")}),
    Add("no name", {}),
    Delete(""),
    Modify(USERS, ()),
]


@pytest.mark.parametrize("operation", UNKNOWN_TO_ALL_RULES)
def test_what_no_rule_claims_nobody_may(world: World, operation: Operation) -> None:
    for who in EVERYBODY:
        assert world.decide(who, operation) is not None
    for who in ("thechief", "coadmin1"):
        assert world.decide(who, operation) == "D0"


def test_one_part_that_nobody_claims_refuses_the_whole_operation(world: World) -> None:
    for extra in (change("replace", "description", "x"), change("add", "owner", "x")):
        mixed = Modify(USERS, (*join(USERS, "employee").modifications, extra))
        assert world.decide("thechief", mixed) == "D0"


def test_one_part_that_a_rule_refuses_does_too(world: World) -> None:
    mixed = Modify(
        USERS,
        (*join(USERS, "employee").modifications, change("add", "umBlockedMember", account_dn("stranger"))),
    )
    assert world.decide("thechief", mixed) == "E3"


def test_the_rule_that_stands_first_is_the_one_that_answers(world: World) -> None:
    # Scope before who may, who may before whom, whom before with which values.
    assert world.decide("thechief", join(group_dn(Role.USER, number=FAR), "stranger")) == "D14"
    assert world.decide("theuser1", join(USERS, "stranger")) == "D6"
    assert world.decide("thechief", join(USERS, "stranger")) == "E3"
    assert world.decide("theuser1", new_account("BAD", umSsin=texts("1"))) == "D6"
    assert world.decide("thechief", new_account("BAD", uid=texts("bad"), umSsin=texts("1"))) == "C1"
    assert world.decide("thechief", new_account(umSsin=texts("1"), userPassword=texts("x"))) == "C2"
    assert world.decide("cochief2", new_account("BAD")) == "A5"


def test_the_text_begins_with_the_rule_and_names_what_was_tried(world: World) -> None:
    told = world.why("thechief", modify(USERS, change("replace", "description", "x")))
    assert told == "D0: no rule allows anybody to change description here (role group); leave it out"
    assert (
        world.why("thechief", Delete(capacity_dn()))
        == "D0: no rule allows anybody to do this here (capacity)"
    )
    assert world.why("thechief", Modify(USERS, ())).startswith("D0: this operation changes nothing")
    assert "renamed nor moved" in world.why("thechief", Rename(USERS, "cn=x"))
    assert "object class extensibleObject" in world.why(
        "thechief", new_account(objectClass=texts("umAccount", "extensibleObject"))
    )


def test_braces_and_control_characters_in_what_was_written_do_no_harm(world: World) -> None:
    for name in ("{uid}", "{0}", "{", "}", "%s", "a\nb", "\x1b[2j"):
        value = account_dn("x").replace("uid=x", f"uid={name}")
        assert name in world.why("thechief", modify(USERS, change("add", "member", value)))
        assert name in world.why("thechief", modify(USERS, change("replace", name, "x")))


def test_a_refusal_formats_its_values() -> None:
    assert Refusal("D9", "{a} and {{b}}", {"a": 1}).text == "D9: 1 and {b}"


class TestActors:
    def test_a_person_counts_with_active_roles_only(self, world: World) -> None:
        world.put_group(USERS, ["coadmin2"])
        actor = actor_for(account_dn("coadmin2").upper(), world.view)
        assert actor.kind == "person"
        assert actor.roles == (HeldRole(Role.USER, "0403019261", "employer", "active"),)
        assert (actor.uid, actor.dn) == ("coadmin2", account_dn("coadmin2").lower())

    @pytest.mark.parametrize(
        ("bind_dn", "kind"),
        [
            (f"cn=registrar,ou=operators,{SUFFIX}", "registrar"),
            (f"CN=Contact-Center , OU=operators,{SUFFIX}", "contact-center"),
            (f"cn=um-service,ou=services,{SUFFIX}", "service"),
            (f"cn=um-service,ou=operators,{SUFFIX}", "nobody"),
            (f"cn=registrar,ou=services,{SUFFIX}", "nobody"),
            (f"cn=dimona,ou=services,{SUFFIX}", "nobody"),
            (f"cn=registrar,ou=operators,{SUFFIX},{SUFFIX}", "nobody"),
            (account_dn("nobody99"), "nobody"),
            (account_dn("theuser1", FAR), "nobody"),
            (enterprise_dn(), "nobody"),
            ("", "nobody"),
            ("cn=a+cn=b", "nobody"),
        ],
    )
    def test_other_names(self, world: World, bind_dn: str, kind: str) -> None:
        assert actor_for(bind_dn, world.view).kind == kind

    def test_what_a_role_gives_reach_over(self) -> None:
        def holding(role: Role, capacity: str | None) -> Actor:
            return Actor("person", roles=(HeldRole(role, "1", capacity, "active"),))

        chief, admin = holding(Role.CO_CAM, None), holding(Role.CO_LA, "a")
        user = holding(Role.USER, "a")
        assert chief.leads("1")
        assert chief.manages("1", "a")
        assert not chief.administers("1", "a")
        assert not chief.leads("2")
        assert admin.manages("1", "a")
        assert admin.manages_any_of("1")
        assert not admin.manages("1", "b")
        assert not admin.manages("2", "a")
        assert not admin.manages_any_of("2")
        assert not admin.leads("1")
        assert not user.manages("1", "a")
        assert not user.manages_any_of("1")


@pytest.mark.parametrize("who", sorted(WITHOUT_ACTIVE_ROLE - {""}))
def test_nobody_without_an_active_role_does_anything(world: World, who: str) -> None:
    for operation in (
        join(USERS, "employee"),
        block(USERS, "theuser1"),
        new_account(),
        Delete(grants_dn("dmfa")),
    ):
        assert world.decide(who, operation) == "A5"


def test_who_names_too_many_values_at_once_is_refused_before_anything_is_looked_up(world: World) -> None:
    many = [f"x{number}" for number in range(MOST_VALUES + 1)]
    modification = modify(group_dn(Role.USER), change("add", "member", *many))
    addition = Add(account_dn("newcomer"), {"mail": texts(*many)})
    for operation in (modification, addition):
        for who in ("thechief", "theuser1", "contact-center"):
            assert "at most 5000 values" in world.why(who, operation)
    assert "at most" not in world.why("registrar", modification)
    assert world.decide("registrar", addition) is None
