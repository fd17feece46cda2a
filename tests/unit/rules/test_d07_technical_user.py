"""D7: one technical user a capacity, designated by the capacity's managers."""

from __future__ import annotations

import pytest

from support.world import (
    FOREIGNERS,
    LEADERS,
    MANAGERS,
    MANDATARY,
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
    new_group,
    unblock,
)
from um_directory.model.operation import Delete, Operation
from um_directory.model.roles import Role

GROUP = group_dn(Role.TECHNICAL)
OUTSIDE = FOREIGNERS | {"mandadm1", "manduser"}


@pytest.mark.parametrize(
    "operation",
    [
        hand_over(GROUP, "stranger"),  # E4: no relation asked
        hand_over_in_two(GROUP, "techuser", "employee"),
        leave(GROUP, "techuser"),
        block(GROUP, "techuser"),
        Delete(GROUP),
    ],
)
def test_the_managers_of_the_capacity_designate_him(world: World, operation: Operation) -> None:
    assert world.verdicts(operation) == everybody("D7", allowed=MANAGERS, D14=OUTSIDE)


@pytest.mark.parametrize("who", sorted(MANAGERS))
@pytest.mark.parametrize(
    "operation",
    [
        join(GROUP, "employee"),
        hand_over(GROUP, "employee", "director"),
        modify(GROUP, change("add", "umBlockedMember", account_dn("employee"))),
        modify(
            GROUP,
            change("replace", "member", account_dn("employee")),
            change("add", "umBlockedMember", account_dn("techuser")),
        ),
    ],
)
def test_there_is_one_at_most_a_blocked_one_included(world: World, who: str, operation: Operation) -> None:
    assert world.decide(who, operation) == "D7"
    assert "replace him in one modify" in world.why(who, operation)


def test_a_blocked_one_is_unblocked_or_replaced(world: World) -> None:
    world.follow(block(GROUP, "techuser"))
    assert world.decide("coadmin1", unblock(GROUP, "techuser")) is None
    assert world.decide("coadmin1", join(GROUP, "employee")) == "D7"
    replaced = modify(
        GROUP, change("delete", "umBlockedMember"), change("add", "member", account_dn("employee"))
    )
    assert world.decide("coadmin1", replaced) is None


def test_the_group_is_made_empty_or_with_one(world: World) -> None:
    dn = group_dn(Role.TECHNICAL, MANDATARY)
    for operation in (new_group(dn), new_group(dn, ["employee"])):
        allowed = {who for who, rule in world.verdicts(operation).items() if rule is None}
        assert allowed == LEADERS | {"mandadm1", "registrar"}
    assert world.decide("registrar", new_group(dn, ["employee", "director"])) == "D7"


@pytest.mark.parametrize("who", sorted(MANAGERS))
def test_a_blocked_manager_designates_none(world: World, who: str) -> None:
    world.block_all_roles(who)
    assert world.decide(who, hand_over(GROUP, "employee")) == "A5"


def test_the_text_says_who_may(world: World) -> None:
    assert "by the local administrator or a co-local" in world.why("techuser", hand_over(GROUP, "employee"))
