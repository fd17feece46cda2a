"""E3, E4, E5: who can be user, and that a technical user needs no relation."""

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

USERS = group_dn(Role.USER)
ELIGIBLE = ["employee", "director", "managing", "manager1", "associate", "member01", "provider"]
NOT_ELIGIBLE = ["founder1", "trustee1", "stranger"]


@pytest.mark.parametrize("uid", ELIGIBLE)
def test_these_can_be(world: World, uid: str) -> None:
    assert world.decide("coadmin1", join(USERS, uid)) is None


@pytest.mark.parametrize("uid", NOT_ELIGIBLE)
def test_these_cannot_not_even_blocked(world: World, uid: str) -> None:
    assert world.decide("coadmin1", join(USERS, uid)) == "E3"
    world.follow(Delete(USERS))
    assert world.decide("coadmin1", new_group(USERS, [], [uid])) == "E3"
    assert world.decide("registrar", new_group(USERS, ["employee", uid])) == "E3"


@pytest.mark.parametrize("uid", NOT_ELIGIBLE)
def test_a_technical_user_needs_no_relation(world: World, uid: str) -> None:
    assert world.decide("coadmin1", hand_over(group_dn(Role.TECHNICAL), uid)) is None


def test_the_catalogue_says_for_each_capacity_who_counts(world: World) -> None:
    there = group_dn(Role.USER, MANDATARY)
    assert world.decide("mandadm1", join(there, "director")) is None
    assert world.decide("mandadm1", join(there, "provider")) == "E3"


def test_an_employee_counts_even_where_there_should_be_no_personnel(world: World) -> None:
    # E2 alone speaks of personnel.
    world.put_enterprise(OWN, umHasPersonnel="FALSE")
    assert world.decide("coadmin1", join(USERS, "employee")) is None


def test_a_relation_with_another_enterprise_does_not_count(world: World) -> None:
    world.put_person("employee", "umEmployeeOf", number=FAR)
    assert world.decide("coadmin1", join(USERS, "employee")) == "E3"


def test_who_lost_the_relation_is_blocked_and_removed_but_not_unblocked(world: World) -> None:
    world.put_person("theuser1")
    world.put_person("theuser2")
    assert world.decide("coadmin1", block(USERS, "theuser1")) is None
    assert world.decide("coadmin1", leave(USERS, "theuser1")) is None
    assert world.decide("coadmin1", unblock(USERS, "theuser2")) == "E3"
    assert world.decide("coadmin1", leave(USERS, "theuser1", "theuser1")) is None


def test_a_capacity_whose_definition_is_gone_takes_nobody(world: World) -> None:
    world.view.remove(f"umCapacityName=employer,ou=capacities,ou=catalogue,{SUFFIX}")
    assert world.decide("coadmin1", join(USERS, "employee")) == "E3"


def test_the_text_names_the_relations_that_count(world: World) -> None:
    text = world.why("coadmin1", join(USERS, "founder1"))
    assert "associate, member or service provider of enterprise 0403019261" in text
