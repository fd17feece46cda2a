"""D11: nobody blocks, removes or promotes himself, under none of his accounts."""

from __future__ import annotations

import pytest

from support.world import (
    MANDATARY,
    World,
    account_dn,
    block,
    change,
    grants_dn,
    group_dn,
    hand_over,
    join,
    leave,
    modify,
    new_group,
    unblock,
)
from um_directory.model.operation import Delete
from um_directory.model.roles import Role

USERS, TECHNICAL = group_dn(Role.USER), group_dn(Role.TECHNICAL)
CO_CAMS, CO_LAS = group_dn(Role.CO_CAM), group_dn(Role.CO_LA)


@pytest.mark.parametrize("who", ["thechief", "cochief1", "localadm", "coadmin1"])
@pytest.mark.parametrize("group", [USERS, TECHNICAL])
class TestAManagerWithALowerRole:
    def test_does_not_block_or_remove_himself_in_it(self, world: World, who: str, group: str) -> None:
        world.put_group(group, [who])
        for operation in (block(group, who), leave(group, who), hand_over(group, "employee"), Delete(group)):
            assert world.decide(who, operation) == "D11"

    def test_does_not_unblock_or_remove_himself_when_blocked(
        self, world: World, who: str, group: str
    ) -> None:
        world.put_group(group, [], [who])
        cleared = modify(group, change("delete", "umBlockedMember"))
        for operation in (unblock(group, who), cleared, Delete(group)):
            assert world.decide(who, operation) == "D11"

    def test_takes_it_himself(self, world: World, who: str, group: str) -> None:
        world.put_group(group)
        assert world.decide(who, join(group, who)) is None


def test_another_manager_does_it(world: World) -> None:
    world.put_group(USERS, ["coadmin1"])
    assert world.decide("localadm", block(USERS, "coadmin1")) is None
    assert "another manager does this" in world.why("coadmin1", block(USERS, "coadmin1"))


def test_a_second_account_of_the_same_person_is_himself(world: World) -> None:
    world.put_account("mysecond", same_person_as="coadmin1")
    world.put_group(USERS, ["mysecond"])
    assert world.decide("coadmin1", block(USERS, "mysecond")) == "D11"
    world.put_group(USERS, [], ["mysecond"])
    assert world.decide("coadmin1", unblock(USERS, "mysecond")) == "D11"


def test_among_others_he_is_still_himself(world: World) -> None:
    world.put_group(USERS, ["theuser1", "coadmin1"])
    assert world.decide("coadmin1", leave(USERS, "theuser1", "coadmin1")) == "D11"
    assert world.decide("coadmin1", leave(USERS, "theuser1")) is None


def test_nobody_is_his_own_deputy_under_another_account(world: World) -> None:
    world.put_account("mysecond", same_person_as="localadm")
    world.put_group(CO_CAMS, ["mysecond"])
    assert world.decide("mysecond", join(CO_LAS, "mysecond")) == "D11"
    assert world.decide("mysecond", join(CO_LAS, "localadm")) == "D11"
    assert world.decide("mysecond", join(CO_LAS, "employee")) is None


class TestPromotion:
    def test_a_chief_is_not_his_own_deputy(self, world: World) -> None:
        # He would stay on, with all his rights, after the contact center has replaced him.
        world.put_account("mysecond", same_person_as="thechief")
        for uid in ("thechief", "mysecond"):
            assert world.decide("thechief", join(CO_CAMS, uid)) == "D11"
        assert "nobody makes himself his own deputy" in world.why("thechief", join(CO_CAMS, "thechief"))
        world.follow(Delete(CO_CAMS))
        assert world.decide("thechief", new_group(CO_CAMS, ["thechief"])) == "D11"

    def test_an_administrator_is_not_his_own_deputy(self, world: World) -> None:
        assert world.decide("localadm", join(CO_LAS, "localadm")) == "D11"
        assert world.decide("thechief", join(CO_LAS, "localadm")) is None

    def test_a_chief_takes_a_deputys_role_under_another(self, world: World) -> None:
        for who in ("thechief", "cochief1"):
            assert world.decide(who, join(CO_LAS, who)) is None

    def test_nobody_gives_himself_a_higher_role(self, world: World) -> None:
        for group, rule in (
            (group_dn(Role.CAM), "D1"),
            (CO_CAMS, "D2"),
            (group_dn(Role.LA), "D4"),
            (CO_LAS, "D5"),
        ):
            for who in ("theuser1", "techuser", "coadmin1"):
                assert world.decide(who, join(group, who)) == rule
        assert world.decide("localadm", join(CO_CAMS, "localadm")) == "D2"
        assert world.decide("cochief1", hand_over(group_dn(Role.CAM), "cochief1")) == "D1"
        assert world.decide("theuser1", join(USERS, "theuser1")) == "D6"
        assert world.decide("theuser1", join(grants_dn("dmfa"), "theuser1")) == "D8"

    def test_nobody_unblocks_himself_with_another_role(self, world: World) -> None:
        world.put_group(USERS, ["theuser1", "coadmin2"])
        assert world.decide("coadmin2", unblock(CO_LAS, "coadmin2")) == "D5"
        world.put_group(group_dn(Role.LA), ["coadmin2"])
        assert world.decide("coadmin2", unblock(CO_LAS, "coadmin2")) == "D11"
        world.put_group(group_dn(Role.LA), ["cochief2"])
        assert world.decide("cochief2", unblock(CO_CAMS, "cochief2")) == "D2"


class TestAChiefWhoIsTheAdministrator:
    @pytest.mark.parametrize("who", ["thechief", "cochief1"])
    def test_hands_the_capacity_over(self, world: World, who: str) -> None:
        world.put_group(group_dn(Role.LA), [who])
        assert world.decide(who, hand_over(group_dn(Role.LA), "employee")) is None

    @pytest.mark.parametrize("who", ["thechief", "cochief1"])
    def test_takes_it(self, world: World, who: str) -> None:
        world.follow(Delete(group_dn(Role.LA, MANDATARY)))  # else two capacities are active (E6)
        world.put_person(who, "umEmployeeOf")
        assert world.decide(who, hand_over(group_dn(Role.LA), who)) is None


def test_it_is_for_persons_only(world: World) -> None:
    account = account_dn("thechief")
    group = group_dn(Role.CAM)
    replaced = modify(
        group, change("delete", "member", account), change("add", "member", account_dn("director"))
    )
    assert world.decide("contact-center", replaced) is None
