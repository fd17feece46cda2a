"""D1: the CAM is designated and changed by the contact center, in one hand-over."""

from __future__ import annotations

import pytest

from support.world import (
    World,
    account_dn,
    block,
    change,
    everybody,
    group_dn,
    hand_over,
    hand_over_in_two,
    holders,
    join,
    leave,
    modify,
    new_group,
)
from um_directory.model.operation import Add, Delete, Operation
from um_directory.model.roles import Role

GROUP = group_dn(Role.CAM)
HAND_OVERS = [hand_over(GROUP, "director"), hand_over_in_two(GROUP, "thechief", "director")]


@pytest.mark.parametrize("operation", HAND_OVERS, ids=["replace", "delete and add"])
def test_only_the_contact_center_hands_over(world: World, operation: Operation) -> None:
    assert world.verdicts(operation) == everybody("D1", allowed={"contact-center"})


@pytest.mark.parametrize(
    "operation",
    [
        leave(GROUP, "thechief"),
        hand_over(GROUP),
        hand_over(GROUP, "director", "manager1"),
        join(GROUP, "director"),
        block(GROUP, "thechief"),
        modify(GROUP, change("delete", "member")),
        modify(GROUP, change("add", "umBlockedMember", account_dn("director"))),
        # In the end there is none, or there are two, whatever happened on the way.
        modify(GROUP, change("add", "member", account_dn("director")), change("replace", "member")),
        modify(
            GROUP,
            change("replace", "member", account_dn("director")),
            change("add", "member", account_dn("thechief")),
        ),
        modify(
            GROUP,
            change("replace", "member", account_dn("director")),
            change("add", "umBlockedMember", account_dn("thechief")),
        ),
        Delete(GROUP),
    ],
)
def test_there_is_never_none_nor_two_nor_a_blocked_one(world: World, operation: Operation) -> None:
    assert world.decide("contact-center", operation) == "D1"


def test_what_comes_out_at_the_end_of_several_modifications_counts(world: World) -> None:
    back_and_forth = modify(
        GROUP,
        change("delete", "member"),
        change("add", "member", account_dn("theuser1"), account_dn("director")),
        change("delete", "member", account_dn("theuser1")),
    )
    assert world.decide("contact-center", back_and_forth) is None


class TestAnEnterpriseWithoutOne:
    @pytest.fixture
    def world(self) -> World:
        world = World()
        world.follow(Delete(GROUP))
        return world

    def test_gets_its_first_from_the_contact_center_or_in_the_registrars_load(self, world: World) -> None:
        # Without a CAM the old one is nobody either.
        expected = everybody("D1", allowed={"contact-center", "registrar"}, A5={"thechief"})
        assert world.verdicts(new_group(GROUP, ["director"])) == expected

    @pytest.mark.parametrize("who", ["contact-center", "registrar"])
    @pytest.mark.parametrize(
        ("active", "blocked"),
        [([], []), (["director", "manager1"], []), ([], ["director"]), (["director"], ["manager1"])],
    )
    def test_gets_exactly_one(self, world: World, who: str, active: list[str], blocked: list[str]) -> None:
        assert world.decide(who, new_group(GROUP, active, blocked)) == "D1"

    def test_gets_him_in_a_plain_group(self, world: World) -> None:
        plain = new_group(GROUP, ["director"])
        described = Add(GROUP, {**plain.attributes, "description": (b"x",)})
        assert world.decide("contact-center", described) == "D0"
        optioned = Add(GROUP, {**plain.attributes, "member;lang-en": holders(["manager1"])["member"]})
        assert world.decide("contact-center", optioned) == "D0"


def test_the_registrar_does_not_change_a_standing_one(world: World) -> None:
    for operation in HAND_OVERS:
        assert world.decide("registrar", operation) == "D1"


def test_the_text_says_who_may(world: World) -> None:
    assert "by the contact center" in world.why("thechief", HAND_OVERS[0])
    assert "replace him in one modify" in world.why("contact-center", leave(GROUP, "thechief"))
