"""A1 to A5: effective access from active roles. S: where an account holds roles and where it manages."""

from __future__ import annotations

import pytest

from support.world import MANDATARY, SUFFIX, World, account_dn, grants_dn, group_dn
from um_directory.model.operation import Delete
from um_directory.model.roles import Role
from um_directory.view.access import NO_ACCESS, Access, effective_access

MANAGEMENT = {"user-management"}
EMPLOYERS, MANDATARYS = {"dimona", "dmfa"}, {"dimona", "mandates"}


def access(world: World, uid: str) -> Access:
    return effective_access(world.view, uid)


@pytest.mark.parametrize(
    ("uid", "applications"),
    [
        ("thechief", MANAGEMENT),  # A1
        ("cochief1", MANAGEMENT),
        ("localadm", MANAGEMENT | EMPLOYERS),  # A2
        ("coadmin1", MANAGEMENT | EMPLOYERS),
        ("mandadm1", MANAGEMENT | MANDATARYS),
        ("theuser1", MANAGEMENT | {"dimona"}),  # A3
        ("manduser", MANAGEMENT),
        ("techuser", set()),  # A4
    ],
)
def test_an_active_role_gives(world: World, uid: str, applications: set[str]) -> None:
    assert (access(world, uid).applications, access(world, uid).active) == (applications, True)


@pytest.mark.parametrize("uid", ["cochief2", "coadmin2", "theuser2", "employee", "stranger", "nobody99"])
def test_blocked_roles_or_none_give_nothing_and_no_log_in(world: World, uid: str) -> None:
    assert not access(world, uid).applications
    assert not access(world, uid).active


@pytest.mark.parametrize(
    "uid", ["thechief", "cochief1", "localadm", "coadmin1", "theuser1", "techuser", "mandadm1"]
)
def test_blocking_every_role_takes_everything(world: World, uid: str) -> None:
    before = access(world, uid)
    world.block_all_roles(uid)
    assert access(world, uid) == Access(frozenset(), active=False, holder_in=before.holder_in)


@pytest.mark.parametrize(
    ("uid", "holds", "manages"),
    [
        ("thechief", set(), set()),
        ("localadm", {"employer"}, {"employer"}),
        ("coadmin1", {"employer"}, {"employer"}),
        ("coadmin2", {"employer"}, set()),  # blocked
        ("theuser1", {"employer"}, set()),
        ("theuser2", {"employer"}, set()),
        ("techuser", {"employer"}, set()),
        ("mandadm1", {"mandatary"}, {"mandatary"}),
        ("employee", set(), set()),
    ],
)
def test_blocked_holders_are_found_and_find_nobody(
    world: World, uid: str, holds: set[str], manages: set[str]
) -> None:
    assert (access(world, uid).holder_in, access(world, uid).manager_in) == (holds, manages)
    world.put_group(group_dn(Role.CO_LA, MANDATARY), [uid])
    assert access(world, uid).holder_in == holds | {MANDATARY}
    assert access(world, uid).manager_in == manages | {MANDATARY}


def test_roles_add_up_and_a_blocked_one_among_them_adds_nothing(world: World) -> None:
    world.put_group(group_dn(Role.CO_LA, MANDATARY), ["thechief"])
    assert access(world, "thechief").applications == MANAGEMENT | MANDATARYS
    world.put_group(group_dn(Role.USER), ["theuser1", "coadmin2"])
    assert access(world, "coadmin2").applications == MANAGEMENT
    world.put_group(group_dn(Role.TECHNICAL), ["theuser2"])
    assert access(world, "theuser2") == Access(frozenset(), active=True, holder_in=frozenset({"employer"}))


def test_a_grant_counts_for_an_active_user_while_the_capacity_offers_it(world: World) -> None:
    world.put_group(group_dn(Role.USER), ["theuser1", "theuser2"])
    assert access(world, "theuser2").applications == MANAGEMENT  # his grant is blocked
    world.put_group(grants_dn("dmfa"), ["theuser1", "theuser2"])
    assert access(world, "theuser2").applications == MANAGEMENT | {"dmfa"}
    offers = f"cn=dmfa,ou=applications,ou=catalogue,{SUFFIX}".encode()
    world.view.put(
        f"umCapacityName=employer,ou=capacities,ou=catalogue,{SUFFIX}", {"umOffersApplication": (offers,)}
    )
    assert access(world, "theuser1").applications == MANAGEMENT | {"dmfa"}


def test_a_grant_without_the_role_gives_nothing(world: World) -> None:
    world.put_group(grants_dn("dimona"), ["employee", "techuser"])
    assert access(world, "employee") == NO_ACCESS
    assert access(world, "techuser").applications == set()


def test_a_capacity_that_the_catalogue_does_not_know_gives_no_applications(world: World) -> None:
    world.view.remove(f"umCapacityName=employer,ou=capacities,ou=catalogue,{SUFFIX}")
    for uid in ("localadm", "theuser1"):
        assert access(world, uid).applications == MANAGEMENT


def test_an_account_that_is_gone_has_none(world: World) -> None:
    world.follow(Delete(account_dn("localadm")))
    assert access(world, "localadm") == NO_ACCESS
