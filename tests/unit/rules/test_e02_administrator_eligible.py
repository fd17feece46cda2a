"""E2, E5: who can be LA or co-LA, by the catalogue's relations of the capacity."""

from __future__ import annotations

import pytest

from support.world import (
    FAR,
    MANDATARY,
    OWN,
    SUFFIX,
    World,
    block,
    group_dn,
    hand_over,
    join,
    leave,
    new_group,
    unblock,
)
from um_directory.model.operation import Delete
from um_directory.model.roles import Role

LA, CO_LAS = group_dn(Role.LA), group_dn(Role.CO_LA)
ELIGIBLE = ["employee", "director", "managing", "manager1", "founder1", "provider"]
NOT_ELIGIBLE = ["associate", "member01", "trustee1", "stranger"]


@pytest.mark.parametrize("uid", ELIGIBLE)
def test_these_can_be(world: World, uid: str) -> None:
    assert world.decide("thechief", hand_over(LA, uid)) is None
    assert world.decide("localadm", join(CO_LAS, uid)) is None


@pytest.mark.parametrize("uid", NOT_ELIGIBLE)
def test_these_cannot_not_even_blocked(world: World, uid: str) -> None:
    assert world.decide("thechief", hand_over(LA, uid)) == "E2"
    assert world.decide("localadm", join(CO_LAS, uid)) == "E2"
    world.follow(Delete(CO_LAS))
    assert world.decide("localadm", new_group(CO_LAS, [], [uid])) == "E2"
    world.follow(Delete(LA))
    assert world.decide("registrar", new_group(LA, [uid])) == "E2"


def test_the_catalogue_says_for_each_capacity_who_counts(world: World) -> None:
    there = group_dn(Role.LA, MANDATARY)
    assert world.decide("thechief", hand_over(there, "founder1")) is None
    assert world.decide("thechief", hand_over(there, "provider")) == "E2"
    assert world.decide("thechief", hand_over(there, "manager1")) == "E2"


@pytest.mark.parametrize("uid", ["director", "managing", "manager1", "founder1", "provider"])
def test_without_personnel_everyone_but_employees(world: World, uid: str) -> None:
    world.put_enterprise(OWN, umHasPersonnel="FALSE")
    assert world.decide("thechief", hand_over(LA, uid)) is None
    assert world.decide("thechief", hand_over(LA, "employee")) == "E2"
    assert world.decide("localadm", join(CO_LAS, "employee")) == "E2"
    assert "employee," not in world.why("thechief", hand_over(LA, "employee"))


def test_an_employee_who_is_also_a_director_counts_without_personnel(world: World) -> None:
    world.put_enterprise(OWN, umHasPersonnel="FALSE")
    world.put_person("employee", "umEmployeeOf", "umDirectorOf")
    assert world.decide("thechief", hand_over(LA, "employee")) is None


def test_a_relation_with_another_enterprise_does_not_count(world: World) -> None:
    world.put_person("director", "umDirectorOf", number=FAR)
    assert world.decide("thechief", hand_over(LA, "director")) == "E2"


def test_who_lost_the_relation_is_blocked_and_removed_but_not_unblocked(world: World) -> None:
    world.put_person("coadmin1")
    world.put_person("coadmin2")
    assert world.decide("localadm", block(CO_LAS, "coadmin1")) is None
    assert world.decide("localadm", leave(CO_LAS, "coadmin1")) is None
    assert world.decide("localadm", unblock(CO_LAS, "coadmin2")) == "E2"


def test_other_roles_have_their_own_relations(world: World) -> None:
    assert world.decide("coadmin1", join(group_dn(Role.USER), "associate")) is None
    assert world.decide("coadmin1", hand_over(group_dn(Role.TECHNICAL), "stranger")) is None


def test_a_trustee_administers_employer_of_a_bankrupt_enterprise(world: World) -> None:
    world.put_enterprise(OWN, umBankrupt="TRUE")
    assert world.decide("thechief", hand_over(LA, "trustee1")) is None
    assert world.decide("localadm", join(CO_LAS, "trustee1")) == "E2"


def test_the_text_names_the_relations_that_count(world: World) -> None:
    text = world.why("thechief", hand_over(group_dn(Role.LA, MANDATARY), "stranger"))
    assert "stranger as employee, director or founder of enterprise" in text


def test_a_capacity_whose_definition_is_gone_takes_nobody(world: World) -> None:
    world.view.remove(f"umCapacityName=employer,ou=capacities,ou=catalogue,{SUFFIX}")
    assert world.decide("thechief", hand_over(LA, "director")) == "E2"
    assert "no relation with enterprise" in world.why("thechief", hand_over(LA, "director"))
