"""A5: who has no active role writes nothing."""

from __future__ import annotations

import pytest

from support.world import (
    MANDATARY,
    SERVICE,
    SUFFIX,
    World,
    account_dn,
    capacity_dn,
    change,
    enterprise_dn,
    group_dn,
    hand_over,
    join,
    modify,
    new_account,
    new_capacity,
)
from um_directory.guard.actor import actor_for
from um_directory.guard.evaluate import evaluate
from um_directory.model.operation import Add, Delete, Modification, Operation, Rename, SetPassword
from um_directory.model.roles import Role

HOLDERS = ["thechief", "cochief1", "localadm", "coadmin1", "theuser1", "techuser", "mandadm1", "farchief"]
OWN_LANGUAGE = change("replace", "preferredLanguage", "fr")


@pytest.mark.parametrize("uid", HOLDERS)
def test_every_active_role_is_enough_for_self_service(world: World, uid: str) -> None:
    assert world.decide(uid, modify(account_dn(uid), OWN_LANGUAGE)) is None


@pytest.mark.parametrize("uid", HOLDERS)
def test_whose_every_role_is_blocked_cannot_even_change_his_own_language(world: World, uid: str) -> None:
    world.block_all_roles(uid)
    assert world.decide(uid, modify(account_dn(uid), OWN_LANGUAGE)) == "A5"


@pytest.mark.parametrize(
    "operation",
    [
        join(group_dn(Role.USER), "employee"),
        join(group_dn(Role.CO_CAM), "thechief"),
        new_account(),
        new_capacity(),
        Add(f"ou=channels,{capacity_dn()}", {}),
        modify(group_dn(Role.USER), change("add", "umBlockedMember", account_dn("nobody99"))),
        modify(account_dn("theuser1"), Modification("increment", "mail", (b"1",))),
        Delete(group_dn(Role.CO_LA)),
        Delete(account_dn("employee")),
        Rename(account_dn("employee"), "uid=employee2"),
        SetPassword(account_dn("cochief2"), b"Wachtwoord2"),
        SetPassword(account_dn("theuser1"), b"short"),
    ],
    ids=lambda operation: type(operation).__name__ + " " + operation.dn.partition(",")[0],
)
def test_a_blocked_manager_is_told_so_whatever_he_tries(world: World, operation: Operation) -> None:
    assert world.decide("cochief2", operation) == "A5"


def test_one_role_that_is_still_active_counts_and_gives_no_more_than_itself(world: World) -> None:
    world.put_group(group_dn(Role.USER), ["theuser1", "coadmin2"])
    assert world.decide("coadmin2", modify(account_dn("coadmin2"), OWN_LANGUAGE)) is None
    assert world.decide("coadmin2", join(group_dn(Role.USER), "employee")) == "D6"


def test_a_role_in_another_capacity_is_active_on_its_own(world: World) -> None:
    world.put_group(group_dn(Role.CO_LA, MANDATARY), ["coadmin2"])
    assert world.decide("coadmin2", join(group_dn(Role.USER, MANDATARY), "employee")) is None
    assert world.decide("coadmin2", join(group_dn(Role.USER), "employee")) == "D14"


@pytest.mark.parametrize(
    "bind_dn",
    [
        "",
        account_dn("nobody99"),
        account_dn("theuser1", "0884303369"),
        f"cn=dimona,ou=services,{SUFFIX}",
        f"cn=somebody,ou=operators,{SUFFIX}",
        f"cn=internal,{SUFFIX}",
        "cn=registrar,ou=operators,dc=elsewhere",
        "gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth",
    ],
)
def test_a_name_that_is_nobody_here_is_refused(world: World, bind_dn: str) -> None:
    refused = evaluate(join(group_dn(Role.USER), "employee"), actor_for(bind_dn, world.view), world.view)
    assert refused is not None
    assert refused.rule == "A5"
    assert (bind_dn or "an anonymous client") in refused.text


def test_operators_and_the_service_need_no_role(world: World) -> None:
    assert world.decide("contact-center", hand_over(group_dn(Role.CAM), "director")) is None
    assert world.decide("registrar", modify(enterprise_dn(), change("replace", "umBankrupt", "TRUE"))) is None
    status = modify(account_dn("theuser1"), change("replace", "umAccountStatus", "active"))
    assert world.decide(SERVICE, status) is None


def test_the_text_says_who_can_help(world: World) -> None:
    assert "a manager can designate or unblock" in world.why(
        "cochief2", join(group_dn(Role.USER), "employee")
    )
