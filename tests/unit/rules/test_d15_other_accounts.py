"""D15: another's account is changed only by who may designate every role that it holds."""

from __future__ import annotations

import pytest

from support.world import (
    LEADERS,
    MANAGERS,
    MANDATARY,
    SERVICE,
    World,
    account_dn,
    capacity_dn,
    change,
    enterprise_dn,
    group_dn,
    join,
    modify,
    new_account,
)
from um_directory.model.operation import Delete, Modify, Operation, SetPassword
from um_directory.model.roles import Role

NEW = b"Wachtwoord2"
MAY_CHANGE = {
    "thechief": {"contact-center"},
    "cochief1": {"thechief"},
    "cochief2": {"thechief"},
    "localadm": LEADERS,
    "coadmin1": LEADERS | {"localadm"},
    "coadmin2": LEADERS | {"localadm"},
    "theuser1": MANAGERS,
    "theuser2": MANAGERS,
    "techuser": MANAGERS,
    "mandadm1": LEADERS,
    "manduser": LEADERS | {"mandadm1"},
    "employee": LEADERS | {"contact-center"},  # holds no role yet, and may be about to get any
    "farchief": {"contact-center"},
    "farlocal": {"farchief"},
    "faruser1": {"farchief", "farlocal"},
}
"""Account, and who besides its owner may change it."""


def changes(uid: str) -> list[Operation]:
    """Each kind of change of another's account that there is."""
    dn = account_dn(uid)
    return [
        SetPassword(dn, NEW),
        modify(dn, change("replace", "userPassword", "Wachtwoord2")),
        modify(dn, change("replace", "mail", "x@um.example")),
        modify(dn, change("delete", "mail")),
        modify(dn, change("replace", "preferredLanguage", "de")),
        modify(
            dn, change("replace", "mail", "x@um.example"), change("replace", "userPassword", "Wachtwoord2")
        ),
    ]


@pytest.mark.parametrize("uid", MAY_CHANGE)
def test_who_may_designate_every_role_may_change_the_account(world: World, uid: str) -> None:
    for operation in changes(uid):
        told = world.verdicts(operation)
        assert {who for who, rule in told.items() if rule is None} - {uid} == MAY_CHANGE[uid]
        assert {rule for rule in told.values() if rule} <= {"A5", "D14", "D15"}


@pytest.mark.parametrize("state", ["active", "blocked"])
@pytest.mark.parametrize(
    ("role", "who"),
    [
        (Role.CAM, {"contact-center"}),
        (Role.CO_CAM, {"thechief"}),
        (Role.LA, LEADERS),
        (Role.CO_LA, LEADERS | {"localadm"}),
        (Role.TECHNICAL, MANAGERS),
    ],
)
def test_one_role_more_counts_blocked_or_not(world: World, role: Role, state: str, who: set[str]) -> None:
    """A user who also holds a role, say as a blocked co-CAM, is out of his administrator's hands."""
    there = world.view.holders(world.view.place(group_dn(role)))
    assert there is not None
    extra = {"theuser1"}
    world.put_group(
        group_dn(role),
        there.active | (extra if state == "active" else set()),
        there.blocked | (extra if state == "blocked" else set()),
    )
    told = world.verdicts(SetPassword(account_dn("theuser1"), NEW))
    assert {by for by, rule in told.items() if rule is None} == who | {"theuser1"}


def test_a_role_in_another_capacity_counts(world: World) -> None:
    world.put_group(group_dn(Role.USER, MANDATARY), ["manduser", "theuser1"])
    told = world.verdicts(SetPassword(account_dn("theuser1"), NEW))
    assert {by for by, rule in told.items() if rule is None} == LEADERS | {"theuser1"}


@pytest.mark.parametrize("who", sorted(MANAGERS | {"contact-center", SERVICE, "registrar"}))
@pytest.mark.parametrize("attribute", ["sn", "cn", "umSsin", "title", "uid", "mail;lang-en", "description"])
def test_nobody_changes_anything_else_of_it(world: World, who: str, attribute: str) -> None:
    operation = modify(account_dn("employee"), change("replace", attribute, "85070300144"))
    assert world.decide(who, operation) in {"D0", "N1"}


@pytest.mark.parametrize("who", sorted(MANAGERS))
def test_nobody_adds_a_second_password_behind_the_owners_back(world: World, who: str) -> None:
    operation = Modify(account_dn("theuser1"), (change("add", "userPassword", "Wachtwoord2"),))
    assert world.decide(who, operation) == "D0"
    assert "a second password" in world.why(who, operation)


@pytest.mark.parametrize("who", sorted(MANAGERS))
def test_a_blocked_manager_changes_nobody(world: World, who: str) -> None:
    world.block_all_roles(who)
    for operation in changes("employee"):
        assert world.decide(who, operation) == "A5"


def test_the_first_password_comes_with_the_registration(world: World) -> None:
    for who in ("coadmin1", "registrar", "contact-center"):
        assert world.decide(who, new_account()) is None
    assert world.decide("theuser1", new_account()) == "D6"


@pytest.mark.parametrize("who", ["thechief", "localadm", "contact-center", "registrar"])
def test_only_accounts_have_passwords(world: World, who: str) -> None:
    for dn in (group_dn(Role.USER), capacity_dn(), f"ou=accounts,{enterprise_dn()}", enterprise_dn()):
        assert world.decide(who, SetPassword(dn, NEW)) == "D0"


def test_an_account_that_is_not_there_is_slapds_to_report(world: World) -> None:
    assert world.decide("cochief1", SetPassword(account_dn("nobody99"), NEW)) is None
    assert world.decide("thechief", Delete(account_dn("nobody99"))) is None


def test_nothing_is_told_of_an_account_elsewhere(world: World) -> None:
    # The username is the other enterprise's CAM's; under this enterprise it names nothing.
    assert world.decide("cochief1", SetPassword(account_dn("farchief", "0403019261"), NEW)) is None
    assert "has no role yet" in world.why("localadm", SetPassword(account_dn("farchief", "0403019261"), NEW))


@pytest.mark.parametrize(
    ("actor", "whose", "text"),
    [
        ("localadm", "thechief", "thechief is chief access manager: such an account is changed by who may"),
        ("localadm", "thechief", "all its roles: the contact center"),
        ("cochief1", "thechief", "all its roles: the contact center"),
        ("localadm", "cochief1", "all its roles: the chief access manager of the enterprise"),
        ("coadmin1", "localadm", "all its roles: the chief access manager or a co-chief access manager"),
        ("theuser1", "theuser2", "edited by who may designate him: a local or co-local administrator"),
    ],
)
def test_the_text_says_who_may(world: World, actor: str, whose: str, text: str) -> None:
    assert text in world.why(actor, SetPassword(account_dn(whose), NEW))


def test_the_text_speaks_of_the_highest_role(world: World) -> None:
    world.view.apply(join(group_dn(Role.USER), "thechief"))
    assert "thechief is chief access manager" in world.why(
        "cochief1", SetPassword(account_dn("thechief"), NEW)
    )
