"""E1: who can be CAM or co-CAM."""

from __future__ import annotations

import pytest

from support.world import FAR, World, block, group_dn, hand_over, join, leave, new_group, unblock
from um_directory.model.operation import Delete
from um_directory.model.roles import Role

CAM, CO_CAMS = group_dn(Role.CAM), group_dn(Role.CO_CAM)
ELIGIBLE = ["employee", "director", "managing", "manager1", "founder1"]
NOT_ELIGIBLE = ["associate", "member01", "provider", "trustee1", "stranger"]


@pytest.mark.parametrize("uid", ELIGIBLE)
def test_these_can_be(world: World, uid: str) -> None:
    assert world.decide("contact-center", hand_over(CAM, uid)) is None
    assert world.decide("thechief", join(CO_CAMS, uid)) is None


@pytest.mark.parametrize("uid", NOT_ELIGIBLE)
def test_these_cannot_not_even_blocked(world: World, uid: str) -> None:
    assert world.decide("contact-center", hand_over(CAM, uid)) == "E1"
    assert world.decide("thechief", join(CO_CAMS, uid)) == "E1"
    world.follow(Delete(CO_CAMS))
    assert world.decide("thechief", new_group(CO_CAMS, [], [uid])) == "E1"
    assert world.decide("registrar", new_group(CO_CAMS, [uid])) == "E1"


def test_among_several_one_is_enough_to_refuse(world: World) -> None:
    assert world.decide("thechief", join(CO_CAMS, "director", "stranger")) == "E1"


def test_a_relation_with_another_enterprise_does_not_count(world: World) -> None:
    world.put_person("director", "umDirectorOf", number=FAR)
    assert world.decide("thechief", join(CO_CAMS, "director")) == "E1"


def test_who_lost_the_relation_is_blocked_and_removed_but_not_unblocked(world: World) -> None:
    world.put_person("cochief1")
    world.put_person("cochief2")
    assert world.decide("thechief", block(CO_CAMS, "cochief1")) is None
    assert world.decide("thechief", leave(CO_CAMS, "cochief1")) is None
    assert world.decide("thechief", unblock(CO_CAMS, "cochief2")) == "E1"


def test_a_person_whom_the_register_does_not_know_is_not(world: World) -> None:
    world.put_account("unknown1")
    assert world.decide("thechief", join(CO_CAMS, "unknown1")) == "E1"


def test_other_roles_have_their_own_relations(world: World) -> None:
    assert world.decide("coadmin1", join(group_dn(Role.USER), "associate")) is None
    assert world.decide("coadmin1", hand_over(group_dn(Role.TECHNICAL), "stranger")) is None


def test_the_text_names_the_relations_that_count(world: World) -> None:
    text = world.why("thechief", join(CO_CAMS, "stranger"))
    assert "stranger as employee, director, managing director, manager or founder of enterprise" in text
