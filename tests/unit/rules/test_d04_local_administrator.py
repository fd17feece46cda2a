"""D4: the LA is designated and replaced by CAM and co-CAM, never blocked or merely removed."""

from __future__ import annotations

import pytest

from support.world import (
    FAR,
    LEADERS,
    MANDATARY,
    OWN,
    PROVIDER,
    World,
    account_dn,
    block,
    change,
    everybody,
    group_dn,
    hand_over,
    hand_over_in_two,
    join,
    leave,
    modify,
    new_capacity,
    new_group,
)
from um_directory.model.operation import Delete, Operation
from um_directory.model.roles import Role

GROUP = group_dn(Role.LA)
ELSEWHERE = {"mandadm1", "manduser"}


@pytest.mark.parametrize(
    "operation",
    [hand_over(GROUP, "director"), hand_over_in_two(GROUP, "localadm", "director")],
    ids=["replace", "delete and add"],
)
def test_cam_and_co_cam_replace_him(world: World, operation: Operation) -> None:
    assert world.verdicts(operation) == everybody(
        "D4", allowed=LEADERS, D14=ELSEWHERE | {"farchief", "farlocal", "faruser1"}
    )


@pytest.mark.parametrize("who", sorted(LEADERS))
@pytest.mark.parametrize(
    "operation",
    [
        leave(GROUP, "localadm"),
        hand_over(GROUP),
        hand_over(GROUP, "director", "employee"),
        join(GROUP, "director"),
        block(GROUP, "localadm"),
        modify(GROUP, change("replace", "member"), change("add", "umBlockedMember", account_dn("localadm"))),
        modify(
            GROUP,
            change("replace", "member", account_dn("director")),
            change("add", "umBlockedMember", account_dn("localadm")),
        ),
        Delete(GROUP),
    ],
)
def test_he_is_never_blocked_or_merely_removed(world: World, who: str, operation: Operation) -> None:
    assert world.decide(who, operation) == "D4"


def test_a_new_capacity_gets_exactly_one(world: World) -> None:
    world.follow(new_capacity())
    dn = group_dn(Role.LA, PROVIDER)
    allowed = {who for who, rule in world.verdicts(new_group(dn, ["employee"])).items() if rule is None}
    assert allowed == LEADERS | {"registrar"}
    for who in allowed:
        assert world.decide(who, new_group(dn)) == "D4"
        assert world.decide(who, new_group(dn, ["employee", "director"])) == "D4"
        assert world.decide(who, new_group(dn, ["employee"], ["director"])) == "D4"
        assert world.decide(who, new_group(dn, [], ["employee"])) == "D4"


def test_one_person_administers_several_capacities(world: World) -> None:
    # E7
    assert world.decide("thechief", hand_over(group_dn(Role.LA, MANDATARY), "localadm")) is None


def test_a_cam_who_is_also_the_administrator_hands_it_over(world: World) -> None:
    world.put_group(GROUP, ["thechief"])
    assert world.decide("thechief", hand_over(GROUP, "employee")) is None


def test_an_administrator_does_not_choose_his_successor(world: World) -> None:
    assert world.decide("localadm", hand_over(GROUP, "employee")) == "D4"


@pytest.mark.parametrize("who", ["thechief", "cochief1", "localadm"])
def test_blocked_actors_and_other_enterprises(world: World, who: str) -> None:
    assert world.decide(who, hand_over(group_dn(Role.LA, number=FAR), "farlocal")) == "D14"
    world.block_all_roles(who)
    assert world.decide(who, hand_over(GROUP, "director")) == "A5"


def test_the_registrar_does_not_replace_a_standing_one(world: World) -> None:
    assert world.decide("registrar", hand_over(GROUP, "director")) == "D4"


@pytest.mark.parametrize("who", ["registrar", "thechief"])
class TestATrustee:
    """D13 says who; D4 still that he is one, and not blocked."""

    @pytest.fixture
    def world(self) -> World:
        world = World()
        world.put_enterprise(OWN, umBankrupt="TRUE")
        return world

    def test_is_put_in_place_in_one_hand_over(self, world: World, who: str) -> None:
        assert world.decide(who, hand_over(GROUP, "trustee1")) is None

    def test_does_not_stand_beside_another_nor_blocked(self, world: World, who: str) -> None:
        assert world.decide(who, join(GROUP, "trustee1")) == "D4"
        blocked = modify(GROUP, change("add", "umBlockedMember", account_dn("trustee1")))
        assert world.decide(who, blocked) == "D4"
        assert world.decide(who, leave(GROUP, "localadm")) == "D4"


def test_a_trustee_is_nobodys_business_but_the_registrars_and_the_chiefs(world: World) -> None:
    assert world.decide("registrar", hand_over(GROUP, "employee")) == "D4"
    world.put_enterprise(OWN, umBankrupt="TRUE")
    told = world.verdicts(hand_over(GROUP, "trustee1"))
    assert {by for by, rule in told.items() if rule is None} == LEADERS | {"registrar"}


def test_the_text_says_who_may(world: World) -> None:
    assert "by the chief access manager or a co-chief" in world.why("localadm", hand_over(GROUP, "director"))
    assert "replace him in one modify" in world.why("thechief", leave(GROUP, "localadm"))
