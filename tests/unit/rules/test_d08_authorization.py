"""D8: an authorization grants an active user of the capacity an application that it offers."""

from __future__ import annotations

import pytest

from support.world import (
    FOREIGNERS,
    LEADERS,
    MANAGERS,
    MANDATARY,
    SERVICE,
    SUFFIX,
    World,
    account_dn,
    block,
    change,
    everybody,
    grants_dn,
    group_dn,
    hand_over,
    join,
    leave,
    modify,
    new_group,
    unblock,
)
from um_directory.model.operation import Add, Delete, Operation
from um_directory.model.roles import Role

DIMONA, DMFA = grants_dn("dimona"), grants_dn("dmfa")
OUTSIDE = FOREIGNERS | {"mandadm1", "manduser"}
AUTHORIZATION = "umAuthorization"


@pytest.mark.parametrize(
    "operation",
    [
        join(DMFA, "theuser1"),
        leave(DIMONA, "theuser1"),
        block(DIMONA, "theuser1"),
        hand_over(DIMONA),
        modify(DMFA, change("delete", "umBlockedMember")),
    ],
)
def test_the_capacitys_managers_grant(world: World, operation: Operation) -> None:
    expected = everybody("D8", allowed=MANAGERS, D14=OUTSIDE, D0={SERVICE})
    assert world.verdicts(operation) == expected


@pytest.mark.parametrize("who", sorted(MANAGERS))
class TestWhoMay:
    def test_names_users_of_the_capacity_only(self, world: World, who: str) -> None:
        for uid in ("employee", "manduser", "techuser", "coadmin2"):
            assert world.decide(who, join(DIMONA, uid)) == "D8"
            assert (
                world.decide(who, modify(DIMONA, change("add", "umBlockedMember", account_dn(uid)))) == "D8"
            )
        assert "register him there first" in world.why(who, join(DIMONA, "employee"))

    def test_names_active_users_only(self, world: World, who: str) -> None:
        assert world.decide(who, join(DIMONA, "theuser2")) == "D8"
        assert world.decide(who, unblock(DMFA, "theuser2")) == "D8"
        assert "unblock him first" in world.why(who, unblock(DMFA, "theuser2"))
        world.follow(unblock(group_dn(Role.USER), "theuser2"))
        assert world.decide(who, unblock(DMFA, "theuser2")) is None

    def test_removes_and_blocks_whoever_is_named(self, world: World, who: str) -> None:
        world.put_group(DIMONA, ["employee", "theuser1"])
        assert world.decide(who, leave(DIMONA, "employee")) is None
        assert world.decide(who, block(DIMONA, "employee")) is None
        assert world.decide(who, hand_over(DIMONA, "theuser1")) is None

    def test_grants_what_the_capacity_offers(self, world: World, who: str) -> None:
        new = new_group(grants_dn("mandates"), kind=AUTHORIZATION)
        assert world.decide(who, new) == "D8"
        assert "does not offer application mandates" in world.why(who, new)

    def test_grants_no_more_when_the_capacity_offers_it_no_longer(self, world: World, who: str) -> None:
        world.view.put(f"umCapacityName=employer,ou=capacities,ou=catalogue,{SUFFIX}", {})
        assert world.decide(who, join(DMFA, "theuser1")) == "D8"
        assert world.decide(who, leave(DIMONA, "theuser1")) is None

    def test_makes_the_entry_with_its_members(self, world: World, who: str) -> None:
        world.follow(Delete(DIMONA))
        assert world.decide(who, new_group(DIMONA, ["theuser1"], kind=AUTHORIZATION)) is None
        assert world.decide(who, new_group(DIMONA, ["employee"], kind=AUTHORIZATION)) == "D8"
        plain = new_group(DIMONA, kind=AUTHORIZATION)
        assert world.decide(who, Add(DIMONA, {**plain.attributes, "description": (b"x",)})) == "D0"
        assert world.decide(who, new_group(DIMONA)) == "D0"  # a role group in its place

    def test_makes_it_with_blocked_ones_too(self, world: World, who: str) -> None:
        world.follow(Delete(DIMONA))
        assert world.decide(who, new_group(DIMONA, ["theuser1"], ["theuser2"], AUTHORIZATION)) is None
        assert world.decide(who, new_group(DIMONA, [], ["employee"], AUTHORIZATION)) == "D8"

    def test_grants_nothing_where_there_are_no_users_yet(self, world: World, who: str) -> None:
        world.follow(Delete(group_dn(Role.USER)))
        assert world.decide(who, join(DMFA, "theuser1")) == "D8"

    def test_grants_nothing_of_a_capacity_that_left_the_catalogue(self, world: World, who: str) -> None:
        world.view.remove(f"umCapacityName=employer,ou=capacities,ou=catalogue,{SUFFIX}")
        assert world.decide(who, join(DMFA, "theuser1")) == "D8"

    def test_deletes_the_entry(self, world: World, who: str) -> None:
        assert world.decide(who, Delete(DIMONA)) is None

    def test_hears_from_slapd_what_is_there_already(self, world: World, who: str) -> None:
        assert world.decide(who, join(DIMONA, "theuser1")) is None
        assert world.decide(who, leave(DMFA, "theuser1")) is None

    def test_cannot_hide_a_grant_under_an_option(self, world: World, who: str) -> None:
        hidden = modify(DIMONA, change("add", "member;lang-en", account_dn("employee")))
        assert world.decide(who, hidden) == "D0"


def test_a_load_brings_grants_blocked_users_included(world: World) -> None:
    world.follow(Delete(DIMONA))
    load = new_group(DIMONA, ["theuser1", "theuser2"], kind=AUTHORIZATION)
    assert world.decide("registrar", load) is None
    assert world.decide("registrar", new_group(DIMONA, ["employee"], kind=AUTHORIZATION)) == "D8"
    assert world.decide("registrar", join(DMFA, "theuser1")) == "D8"
    assert world.decide("registrar", Delete(DMFA)) == "D8"


def test_each_in_his_own_capacity(world: World) -> None:
    new = new_group(grants_dn("mandates", MANDATARY), ["manduser"], kind=AUTHORIZATION)
    allowed = {who for who, rule in world.verdicts(new).items() if rule is None}
    assert allowed == LEADERS | {"mandadm1", "registrar"}


@pytest.mark.parametrize("who", sorted(MANAGERS))
def test_a_blocked_manager_grants_nothing(world: World, who: str) -> None:
    world.block_all_roles(who)
    assert world.decide(who, join(DMFA, "theuser1")) == "A5"


def test_the_text_says_who_may(world: World) -> None:
    assert "by the local administrator or a co-local administrator of the capacity, the chief" in world.why(
        "theuser1", join(DMFA, "theuser1")
    )
