"""D5: co-LAs are managed by the LA of the capacity and by CAM/co-CAM, never by a co-LA."""

from __future__ import annotations

import pytest

from support.world import (
    FOREIGNERS,
    LEADERS,
    MANDATARY,
    World,
    account_dn,
    block,
    change,
    everybody,
    group_dn,
    hand_over,
    join,
    leave,
    modify,
    new_group,
    unblock,
)
from um_directory.model.operation import Delete, Operation
from um_directory.model.roles import Role

GROUP = group_dn(Role.CO_LA)
OTHERS = group_dn(Role.CO_LA, MANDATARY)
OUTSIDE = FOREIGNERS | {"mandadm1", "manduser"}


@pytest.mark.parametrize(
    "operation",
    [
        join(GROUP, "employee"),
        leave(GROUP, "coadmin1"),
        block(GROUP, "coadmin1"),
        unblock(GROUP, "coadmin2"),
        hand_over(GROUP, "employee", "director"),
        modify(GROUP, change("delete", "umBlockedMember")),
        modify(
            GROUP,
            change("delete", "member", account_dn("coadmin1")),
            change("add", "umBlockedMember", account_dn("coadmin1")),
            change("delete", "umBlockedMember", account_dn("coadmin2")),
            change("add", "member", account_dn("coadmin2")),
        ),
        Delete(GROUP),
    ],
)
def test_the_administrator_and_the_chiefs_manage_them(world: World, operation: Operation) -> None:
    assert world.verdicts(operation) == everybody("D5", allowed=LEADERS | {"localadm"}, D14=OUTSIDE)


def test_a_deputy_cannot_manage_deputies_by_any_spelling(world: World) -> None:
    for operation in (
        hand_over(GROUP, "coadmin1", "employee"),
        hand_over(GROUP, "coadmin1"),
        modify(GROUP, change("add", "umBlockedMember", account_dn("employee"))),
        modify(GROUP, change("replace", "umBlockedMember")),
    ):
        assert world.decide("coadmin1", operation) == "D5"


def test_the_group_is_made_by_the_same_and_by_a_load(world: World) -> None:
    allowed = {who for who, rule in world.verdicts(new_group(OTHERS, ["employee"])).items() if rule is None}
    assert allowed == LEADERS | {"mandadm1", "registrar"}


@pytest.mark.parametrize("who", ["localadm", "coadmin1"])
def test_no_reach_into_another_capacity(world: World, who: str) -> None:
    assert world.decide(who, new_group(OTHERS, ["employee"])) == "D14"


@pytest.mark.parametrize("who", sorted(LEADERS | {"localadm"}))
def test_a_blocked_manager_manages_none(world: World, who: str) -> None:
    world.block_all_roles(who)
    assert world.decide(who, join(GROUP, "employee")) == "A5"


def test_the_text_says_who_may(world: World) -> None:
    text = world.why("coadmin1", join(GROUP, "employee"))
    assert "by the local administrator of the capacity, the chief access manager or a co-chief" in text
