"""D2: only the CAM manages co-CAMs."""

from __future__ import annotations

import pytest

from support.world import (
    FAR,
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

GROUP = group_dn(Role.CO_CAM)
BLOCK_AND_ADD = modify(
    GROUP,
    change("delete", "member", account_dn("cochief1")),
    change("add", "umBlockedMember", account_dn("cochief1")),
    change("add", "member", account_dn("director")),
)


@pytest.mark.parametrize(
    "operation",
    [
        join(GROUP, "director"),
        join(GROUP, "director", "manager1"),
        leave(GROUP, "cochief1"),
        block(GROUP, "cochief1"),
        unblock(GROUP, "cochief2"),
        hand_over(GROUP),
        hand_over(GROUP, "director"),
        BLOCK_AND_ADD,
        modify(GROUP, change("delete", "umBlockedMember", account_dn("cochief2"))),
        modify(GROUP, change("replace", "umBlockedMember")),
        modify(GROUP, change("add", "umBlockedMember", account_dn("director"))),
        Delete(GROUP),
    ],
)
def test_only_the_cam_does_anything_with_co_cams(world: World, operation: Operation) -> None:
    assert world.verdicts(operation) == everybody("D2", allowed={"thechief"})


def test_a_cam_has_no_say_in_another_enterprise(world: World) -> None:
    assert world.decide("thechief", new_group(group_dn(Role.CO_CAM, number=FAR))) == "D14"


def test_a_blocked_cam_has_none_either(world: World) -> None:
    world.block_all_roles("thechief")
    assert world.decide("thechief", join(GROUP, "director")) == "A5"


@pytest.mark.parametrize(
    ("active", "blocked"), [([], []), (["director"], []), (["director", "manager1"], ["founder1"])]
)
def test_the_cam_and_a_load_make_the_group_with_any_number(
    world: World, active: list[str], blocked: list[str]
) -> None:
    world.follow(Delete(GROUP))
    expected = everybody("D2", allowed={"thechief", "registrar"}, A5={"cochief1"})
    assert world.verdicts(new_group(GROUP, active, blocked)) == expected


def test_a_deputy_cannot_reach_it_by_odd_modifications(world: World) -> None:
    nothing_in_the_end = modify(
        GROUP,
        change("add", "member", account_dn("director")),
        change("delete", "member", account_dn("director")),
    )
    assert world.decide("cochief1", nothing_in_the_end) == "D2"
    assert world.decide("cochief1", modify(GROUP, change("add", "description", "x"))) == "D0"
    under_another_name = modify(GROUP, change("add", "member;lang-en", account_dn("director")))
    assert world.decide("cochief1", under_another_name) == "D0"
    assert world.decide("thechief", under_another_name) == "D0"


def test_active_and_blocked_at_once_is_refused(world: World) -> None:
    both = modify(GROUP, change("add", "umBlockedMember", account_dn("cochief1")))
    assert world.decide("thechief", both) == "D0"
    assert "both active and blocked" in world.why("thechief", both)


def test_the_text_says_who_may(world: World) -> None:
    assert "only the chief access manager of the enterprise" in world.why("cochief1", join(GROUP, "director"))
