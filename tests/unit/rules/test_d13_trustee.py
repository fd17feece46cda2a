"""D13: the LA of capacity employer of a bankrupt enterprise is the trustee whom the register names."""

from __future__ import annotations

import pytest

from support.world import (
    FOREIGNERS,
    LEADERS,
    MANDATARY,
    OWN,
    World,
    account_dn,
    block,
    everybody,
    group_dn,
    hand_over,
    hand_over_in_two,
    join,
    leave,
    new_group,
)
from um_directory.model.operation import Delete, Operation, SetPassword
from um_directory.model.roles import Role

GROUP = group_dn(Role.LA)
TO_TRUSTEE = [hand_over(GROUP, "trustee1"), hand_over_in_two(GROUP, "localadm", "trustee1")]
OUTSIDE = FOREIGNERS | {"mandadm1", "manduser"}


@pytest.fixture
def bankrupt() -> World:
    world = World()
    world.put_enterprise(OWN, umBankrupt="TRUE")
    return world


@pytest.mark.parametrize("operation", TO_TRUSTEE, ids=["replace", "delete and add"])
def test_the_registrar_and_the_chiefs_put_him_in_place(bankrupt: World, operation: Operation) -> None:
    expected = everybody("D4", allowed=LEADERS | {"registrar"}, D14=OUTSIDE)
    assert bankrupt.verdicts(operation) == expected


@pytest.mark.parametrize("who", [*sorted(LEADERS), "registrar"])
class TestWhoMay:
    @pytest.mark.parametrize("uid", ["director", "employee", "thechief", "stranger"])
    def test_designates_nobody_else(self, bankrupt: World, who: str, uid: str) -> None:
        assert bankrupt.decide(who, hand_over(GROUP, uid)) == "D13"
        assert "only the trustee whom the register names" in bankrupt.why(who, hand_over(GROUP, uid))

    def test_does_not_add_somebody_beside_him(self, bankrupt: World, who: str) -> None:
        bankrupt.put_group(GROUP, ["trustee1"])
        assert bankrupt.decide(who, join(GROUP, "director")) == "D4"
        assert bankrupt.decide(who, hand_over(GROUP, "localadm")) == "D13"

    def test_does_not_leave_the_capacity_without(self, bankrupt: World, who: str) -> None:
        bankrupt.put_group(GROUP, ["trustee1"])
        assert bankrupt.decide(who, leave(GROUP, "trustee1")) == "D4"
        assert bankrupt.decide(who, Delete(GROUP)) == "D4"

    def test_blocking_the_one_who_stands_is_no_designation(self, bankrupt: World, who: str) -> None:
        assert bankrupt.decide(who, block(GROUP, "localadm")) == "D4"

    def test_designates_nobody_whom_the_register_does_not_know(self, bankrupt: World, who: str) -> None:
        bankrupt.put_account("unknown1")
        assert bankrupt.decide(who, hand_over(GROUP, "unknown1")) == "D13"

    def test_names_him_of_this_enterprise(self, bankrupt: World, who: str) -> None:
        bankrupt.put_person("trustee1", "umTrusteeOf", number="0884303369")
        assert bankrupt.decide(who, hand_over(GROUP, "trustee1")) == "D13"

    def test_keeps_to_the_usual_relations_in_other_capacities(self, bankrupt: World, who: str) -> None:
        there = group_dn(Role.LA, MANDATARY)
        expected = "D4" if who == "registrar" else None
        assert bankrupt.decide(who, hand_over(there, "director")) == expected
        assert bankrupt.decide(who, hand_over(there, "trustee1")) == (expected or "E2")


def test_one_trustee_follows_another(bankrupt: World) -> None:
    bankrupt.put_person("director", "umTrusteeOf")
    bankrupt.put_group(GROUP, ["trustee1"])
    assert bankrupt.decide("registrar", hand_over(GROUP, "director")) is None


def test_the_trustee_manages_the_capacity(bankrupt: World) -> None:
    bankrupt.put_group(GROUP, ["trustee1"])
    assert bankrupt.decide("trustee1", join(group_dn(Role.USER), "employee")) is None
    assert bankrupt.decide("trustee1", join(group_dn(Role.CO_LA), "employee")) is None
    assert bankrupt.decide("trustee1", join(group_dn(Role.CO_CAM), "employee")) == "D2"


def test_a_load_brings_him(bankrupt: World) -> None:
    bankrupt.follow(Delete(GROUP))
    assert bankrupt.decide("registrar", new_group(GROUP, ["trustee1"])) is None
    assert bankrupt.decide("registrar", new_group(GROUP, ["director"])) == "D13"


def test_a_trustee_is_nobody_where_no_bankruptcy_is(world: World) -> None:
    assert world.decide("thechief", TO_TRUSTEE[0]) == "E2"
    assert world.decide("registrar", TO_TRUSTEE[0]) == "D4"


def test_who_stood_before_the_bankruptcy_may_still_be_replaced_only_by_him(bankrupt: World) -> None:
    assert bankrupt.decide("localadm", join(group_dn(Role.USER), "employee")) is None
    assert bankrupt.decide("thechief", hand_over(GROUP, "coadmin1")) == "D13"


def test_over_the_trustees_account_the_enterprise_has_no_say(bankrupt: World) -> None:
    bankrupt.put_group(GROUP, ["trustee1"])
    reset = SetPassword(account_dn("trustee1"), b"Wachtwoord2")
    told = bankrupt.verdicts(reset)
    assert {who for who, rule in told.items() if rule is None} == {"contact-center", "trustee1"}
    assert "the contact center" in bankrupt.why("thechief", reset)
    bankrupt.put_enterprise(OWN)
    assert bankrupt.decide("thechief", reset) is None
