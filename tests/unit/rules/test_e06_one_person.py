"""E6: one natural person is CAM and LA only where a single capacity is active."""

from __future__ import annotations

import pytest

from support.world import (
    MANDATARY,
    OWN,
    World,
    capacity_dn,
    group_dn,
    hand_over,
    hand_over_in_two,
    join,
    new_group,
)
from um_directory.model.operation import Delete
from um_directory.model.roles import Role

CAM, LA = group_dn(Role.CAM), group_dn(Role.LA)


@pytest.fixture
def one_capacity() -> World:
    """Capacity mandatary is there but not active."""
    world = World()
    world.follow(Delete(group_dn(Role.LA, MANDATARY)))
    return world


def test_with_one_active_capacity_one_person_is_both(one_capacity: World) -> None:
    for operation in (hand_over(LA, "thechief"), hand_over_in_two(LA, "localadm", "thechief")):
        assert one_capacity.decide("thechief", operation) is None
        assert one_capacity.decide("cochief1", operation) is None
    assert one_capacity.decide("contact-center", hand_over(CAM, "localadm")) is None


def test_with_two_one_person_is_not(world: World) -> None:
    for who in ("thechief", "cochief1"):
        assert world.decide(who, hand_over(LA, "thechief")) == "E6"
        assert world.decide(who, hand_over(group_dn(Role.LA, MANDATARY), "thechief")) == "E6"
    assert world.decide("contact-center", hand_over(CAM, "localadm")) == "E6"
    assert world.decide("contact-center", hand_over(CAM, "mandadm1")) == "E6"
    assert world.decide("contact-center", hand_over(CAM, "director")) is None


def test_a_person_is_the_same_under_a_second_account(world: World) -> None:
    world.put_account("mysecond", same_person_as="thechief")
    assert world.decide("cochief1", hand_over(LA, "mysecond")) == "E6"
    world.put_account("another1", same_person_as="mandadm1")
    assert world.decide("contact-center", hand_over(CAM, "another1")) == "E6"


def test_the_capacity_that_becomes_active_counts(one_capacity: World) -> None:
    there = group_dn(Role.LA, MANDATARY)
    assert one_capacity.decide("thechief", new_group(there, ["thechief"])) == "E6"
    assert one_capacity.decide("registrar", new_group(there, ["thechief"])) == "E6"
    assert one_capacity.decide("thechief", new_group(there, ["employee"])) is None


def test_the_first_capacity_may_be_the_chiefs_own() -> None:
    world = World()
    for capacity in ("employer", MANDATARY):
        world.follow(Delete(group_dn(Role.LA, capacity)))
    assert world.decide("thechief", new_group(LA, ["thechief"])) is None


def test_what_stood_before_stays(world: World) -> None:
    world.put_group(LA, ["thechief"])
    assert world.decide("thechief", join(group_dn(Role.USER), "employee")) is None
    assert world.decide("thechief", hand_over(LA, "employee")) is None
    assert world.decide("cochief1", hand_over(group_dn(Role.LA, MANDATARY), "director")) is None


def test_deputies_are_not_meant(world: World) -> None:
    assert world.decide("thechief", hand_over(LA, "cochief1")) is None
    assert world.decide("localadm", join(group_dn(Role.CO_LA), "thechief")) is None
    assert world.decide("thechief", join(group_dn(Role.CO_CAM), "localadm")) is None
    assert world.decide("localadm", join(group_dn(Role.USER), "mandadm1")) is None


def test_another_enterprises_capacities_do_not_count(one_capacity: World) -> None:
    one_capacity.view.put(capacity_dn(MANDATARY, "0884303369"), {})
    one_capacity.put_group(group_dn(Role.LA, MANDATARY, "0884303369"), ["farlocal"])
    assert one_capacity.decide("thechief", hand_over(LA, "thechief")) is None


def test_the_text_says_what_to_do(world: World) -> None:
    text = world.why("thechief", hand_over(LA, "thechief"))
    assert OWN in text
    assert "designate another person" in text
