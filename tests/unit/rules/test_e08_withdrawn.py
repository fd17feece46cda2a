"""E8: a role whose ground the register withdrew is reported; where the site chose so, the service blocks it."""

from __future__ import annotations

import pytest

from support.world import (
    EMPLOYER,
    FAR,
    MANDATARY,
    OWN,
    SERVICE,
    World,
    account_dn,
    block,
    capacity_dn,
    group_dn,
    join,
    leave,
    person_dn,
    unblock,
)
from um_directory.guard.keeper import _writes
from um_directory.guard.withdrawn import resting_on, ungrounded_by, ungrounded_capacities, ungrounded_roles
from um_directory.model.operation import Delete, Modify
from um_directory.model.readings import Readings
from um_directory.model.roles import Role

USERS, CO_LAS, CO_CAMS = group_dn(Role.USER), group_dn(Role.CO_LA), group_dn(Role.CO_CAM)


@pytest.fixture
def blocking(world: World) -> World:
    world.view.readings = Readings(e8_withdrawn="block")
    return world


def roles_without_ground(world: World, uid: str) -> dict[str, str]:
    return {held.role.value: found.rule for held, found in ungrounded_roles(world.view, uid)}


@pytest.mark.parametrize("uid", ["thechief", "cochief1", "localadm", "coadmin1", "theuser1", "techuser"])
def test_nobody_is_without_ground_at_first(world: World, uid: str) -> None:
    assert roles_without_ground(world, uid) == {}


@pytest.mark.parametrize(
    ("uid", "role", "rule"),
    [
        ("thechief", Role.CAM, "E1"),
        ("cochief1", Role.CO_CAM, "E1"),
        ("localadm", Role.LA, "E2"),
        ("coadmin1", Role.CO_LA, "E2"),
        ("theuser1", Role.USER, "E3"),
    ],
)
def test_a_relation_that_ends_takes_the_ground_away(world: World, uid: str, role: Role, rule: str) -> None:
    world.put_person(uid)
    assert roles_without_ground(world, uid) == {role.value: rule}


def test_a_technical_user_needs_none(world: World) -> None:
    world.put_person("techuser")
    assert roles_without_ground(world, "techuser") == {}


def test_personnel_that_ends_is_about_administrators_who_are_employees(world: World) -> None:
    place = world.view.place(f"umEnterpriseNumber={OWN},ou=enterprises,dc=um,dc=example")
    assert set(resting_on(world.view, place)) == {"localadm", "coadmin1", "coadmin2", "mandadm1"}
    world.put_enterprise(OWN, umHasPersonnel="FALSE")
    found = ungrounded_by(world.view, place, resting_on(world.view, place))
    assert {(item.uid, item.rule) for item in found} == {
        (uid, "E2") for uid in ("localadm", "coadmin1", "coadmin2", "mandadm1")
    }


def test_bankruptcy_is_about_the_administrator_of_employer(world: World) -> None:
    world.put_enterprise(OWN, umBankrupt="TRUE")
    assert roles_without_ground(world, "localadm") == {"local-administrator": "D13"}
    assert roles_without_ground(world, "coadmin1") == {}


def test_an_entitlement_that_ends_is_about_the_capacity(world: World) -> None:
    assert list(ungrounded_capacities(world.view, OWN)) == []
    world.put_enterprise(OWN, umEntitledCapacity=EMPLOYER)
    (found,) = ungrounded_capacities(world.view, OWN)
    assert (found.dn, found.rule) == (world.view.place(capacity_dn(MANDATARY)).dn, "D3")


def test_the_accounts_of_a_person_are_found_in_every_enterprise(world: World) -> None:
    world.put_account("farsecond", same_person_as="theuser1", number=FAR)
    ssin = world.view.accounts["theuser1"].ssin
    assert set(resting_on(world.view, world.view.place(person_dn(ssin)))) == {"theuser1", "farsecond"}
    world.view.remove(account_dn("theuser1"))
    assert world.view.accounts_of(ssin) == ["farsecond"]
    world.view.remove(account_dn("farsecond", FAR))
    assert world.view.accounts_of(ssin) == []


class TestTheService:
    def test_blocks_nobody_where_roles_are_only_reported(self, world: World) -> None:
        world.put_person("theuser1")
        assert world.decide(SERVICE, block(USERS, "theuser1")) == "D6"
        assert [write for write in _writes(world.view, "theuser1") if write.dn == USERS] == []

    @pytest.mark.parametrize(
        ("group", "uid", "rule"),
        [(USERS, "theuser1", "D6"), (CO_LAS, "coadmin1", "D5"), (CO_CAMS, "cochief1", "D2")],
    )
    def test_blocks_who_lost_his_ground(self, blocking: World, group: str, uid: str, rule: str) -> None:
        assert blocking.decide(SERVICE, block(group, uid)) == rule
        blocking.put_person(uid)
        assert blocking.decide(SERVICE, block(group, uid)) is None
        written = [write for write in _writes(blocking.view, uid) if write.dn.lower() == group.lower()]
        assert len(written) == 1
        assert blocking.decide(SERVICE, written[0]) is None
        blocking.follow(written[0])
        assert [write for write in _writes(blocking.view, uid) if write.dn.lower() == group.lower()] == []

    @pytest.mark.parametrize(
        ("group", "uid"), [(group_dn(Role.CAM), "thechief"), (group_dn(Role.LA), "localadm")]
    )
    def test_leaves_nobody_without_a_chief_or_administrator(
        self, blocking: World, group: str, uid: str
    ) -> None:
        blocking.put_person(uid)
        assert blocking.decide(SERVICE, block(group, uid)) in ("D1", "D4")
        assert [
            write for write in _writes(blocking.view, uid) if isinstance(write, Modify) and write.dn == group
        ] == []

    def test_does_nothing_else_in_a_role_group(self, blocking: World) -> None:
        blocking.put_person("theuser1")
        blocking.put_person("theuser2")
        for operation in (
            leave(USERS, "theuser1"),
            join(USERS, "employee"),
            unblock(USERS, "theuser2"),
            Delete(USERS),
        ):
            assert blocking.decide(SERVICE, operation) == "D6"


def test_a_manager_does_not_unblock_who_has_no_ground(world: World) -> None:
    assert world.decide("localadm", unblock(USERS, "theuser2")) is None
    world.put_person("theuser2")
    assert world.decide("localadm", unblock(USERS, "theuser2")) == "E3"
