"""D16: a first load may make one person CAM and LA of employer, whatever else is active; nothing else may."""

from __future__ import annotations

import pytest

from support.world import EMPLOYER, MANDATARY, World, group_dn, hand_over, new_group
from um_directory.model.operation import Delete
from um_directory.model.roles import Role

CAM, LA, OTHER_LA = group_dn(Role.CAM), group_dn(Role.LA), group_dn(Role.LA, MANDATARY)


def without(*groups: str) -> World:
    """The world, with `mandatary` active in it, before these groups were loaded."""
    world = World()
    for group in groups:
        world.follow(Delete(group))
    return world


@pytest.mark.parametrize(("missing", "uid"), [(LA, "thechief"), (CAM, "director")])
def test_a_load_makes_one_person_both_in_either_order(missing: str, uid: str) -> None:
    world = without(missing)
    world.put_group(CAM if missing == LA else LA, [uid])
    assert world.decide("registrar", new_group(missing, [uid])) is None


def test_a_second_account_is_the_same_person() -> None:
    world = without(LA)
    world.put_account("mysecond", same_person_as="thechief")
    assert world.decide("registrar", new_group(LA, ["mysecond"])) is None


@pytest.mark.parametrize("by", ["thechief", "cochief1", "contact-center"])
def test_nobody_else_makes_that_combination(by: str) -> None:
    world = without(LA)
    expected = "D4" if by == "contact-center" else "E6"
    assert world.decide(by, new_group(LA, ["thechief"])) == expected
    world = without(CAM)
    assert world.decide("contact-center", new_group(CAM, ["localadm"])) == "E6"


def test_a_standing_designation_is_not_changed_that_way(world: World) -> None:
    assert world.decide("registrar", hand_over(LA, "thechief")) == "D4"
    assert world.decide("registrar", hand_over(CAM, "localadm")) == "D1"


def test_another_capacitys_administrator_is_not_meant() -> None:
    world = without(OTHER_LA)
    assert world.view.enterprises["0403019261"].capacities[EMPLOYER].is_active()
    assert world.decide("registrar", new_group(OTHER_LA, ["thechief"])) == "E6"
    world = without(CAM)
    world.put_person("mandadm1", "umDirectorOf")
    assert world.decide("registrar", new_group(CAM, ["mandadm1"])) == "E6"


def test_whom_stays_with_the_other_rules() -> None:
    world = without(CAM)
    world.put_group(LA, ["provider"])  # a service provider may be LA of employer (E5), and is no CAM
    assert world.decide("registrar", new_group(CAM, ["provider"])) == "E1"
    world = without(CAM)
    world.put_group(LA, [])
    assert world.decide("registrar", new_group(CAM, ["localadm", "director"])) == "D1"


def test_a_blocked_one_is_not_taken_over() -> None:
    world = without(LA)
    assert world.decide("registrar", new_group(LA, [], ["thechief"])) == "D4"
