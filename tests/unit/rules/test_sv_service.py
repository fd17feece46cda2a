"""SV: effective access is written by the service alone, and the service writes nothing else."""

from __future__ import annotations

import pytest

from support.world import (
    EVERYBODY,
    FAR,
    SERVICE,
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
    leave,
    modify,
    new_account,
    new_group,
    unblock,
)
from um_directory.model.operation import Delete, Operation, SetPassword
from um_directory.model.roles import Role

ACCESS = f"cn=dimona,ou=access,{SUFFIX}"


@pytest.mark.parametrize(
    "operation",
    [
        modify(account_dn("theuser1"), change("replace", "memberOf", ACCESS)),
        modify(account_dn("theuser1"), change("delete", "memberOf")),
        modify(account_dn("theuser1"), change("replace", "umHolderIn", capacity_dn())),
        modify(account_dn("theuser1"), change("replace", "umManagerIn", capacity_dn())),
        modify(
            account_dn("theuser1"),
            change("replace", "memberOf", ACCESS),
            change("replace", "umAccountStatus", "active"),
        ),
    ],
)
def test_the_service_alone_writes_them(world: World, operation: Operation) -> None:
    for who in EVERYBODY:
        told = world.decide(who, operation)
        if who == SERVICE:
            assert told is None
        elif who in WITHOUT_ACTIVE_ROLE:
            assert told == "A5"
        else:
            assert told in {"SV", "D14"}


def test_not_under_an_option(world: World) -> None:
    hidden = modify(account_dn("theuser1"), change("add", "memberOf;lang-en", ACCESS))
    for who in (SERVICE, "thechief", "coadmin1", "registrar"):
        assert world.decide(who, hidden) == "D0"
    assert world.decide("theuser1", hidden) == "D10"


def test_not_in_a_load(world: World) -> None:
    assert world.decide("registrar", new_account(memberOf=(ACCESS.encode(),))) == "SV"


class TestGrants:
    def test_of_who_is_no_longer_a_user_are_ended_by_the_service(self, world: World) -> None:
        world.follow(leave(group_dn(Role.USER), "theuser1"))
        assert world.decide(SERVICE, leave(grants_dn("dimona"), "theuser1")) is None
        world.follow(Delete(group_dn(Role.USER)))
        cleared = modify(grants_dn("dmfa"), change("delete", "umBlockedMember", account_dn("theuser2")))
        assert world.decide(SERVICE, cleared) is None

    def test_of_users_are_not_its_business(self, world: World) -> None:
        for operation in (
            leave(grants_dn("dimona"), "theuser1"),
            modify(grants_dn("dmfa"), change("delete", "umBlockedMember", account_dn("theuser2"))),
            join(grants_dn("dmfa"), "theuser1"),
            block(grants_dn("dimona"), "theuser1"),
            unblock(grants_dn("dmfa"), "theuser2"),
        ):
            assert world.decide(SERVICE, operation) == "D0"

    def test_are_never_given_by_it(self, world: World) -> None:
        for uid in ("employee", "coadmin1", "theuser1"):
            world.put_group(grants_dn("dmfa"), [], [uid])
            assert world.decide(SERVICE, unblock(grants_dn("dmfa"), uid)) == "D0"
            world.put_group(grants_dn("dmfa"))
            assert world.decide(SERVICE, join(grants_dn("dmfa"), uid)) == "D0"

    def test_of_who_only_has_another_role_there_are_ended(self, world: World) -> None:
        world.put_group(grants_dn("dimona"), ["coadmin1"])
        assert world.decide(SERVICE, leave(grants_dn("dimona"), "coadmin1")) is None

    def test_that_are_gone_already_are_slapds_to_report(self, world: World) -> None:
        # The service takes slapd's noSuchAttribute as done; a refusal of ours it would try again and again.
        assert world.decide(SERVICE, leave(grants_dn("dimona"), "employee")) is None

    def test_a_user_elsewhere_is_no_user_here(self, world: World) -> None:
        world.put_group(grants_dn("dimona"), ["manduser"])
        assert world.decide(SERVICE, leave(grants_dn("dimona"), "manduser")) is None


@pytest.mark.parametrize(
    "operation",
    [
        *[join(group_dn(role), "employee") for role in Role],
        new_group(group_dn(Role.TECHNICAL, "mandatary"), ["employee"]),
        new_group(grants_dn("dimona", number=FAR), kind="umAuthorization"),
        new_account(),
        Delete(account_dn("employee")),
        Delete(grants_dn("dimona")),
        SetPassword(account_dn("theuser1"), b"Wachtwoord2"),
        modify(account_dn("theuser1"), change("replace", "mail", "x@um.example")),
        modify(account_dn("theuser1"), change("replace", "sn", "X")),
        modify(enterprise_dn(), change("replace", "umBankrupt", "TRUE")),
        modify(capacity_dn(), change("replace", "mail", "x@um.example")),
        modify(ACCESS, change("replace", "description", "x")),
    ],
)
def test_the_service_writes_nothing_else(world: World, operation: Operation) -> None:
    assert world.decide(SERVICE, operation) is not None


def test_the_text_says_where_access_comes_from(world: World) -> None:
    operation = modify(account_dn("theuser1"), change("replace", "memberOf", ACCESS))
    assert "memberof follows from the roles" in world.why("thechief", operation)
