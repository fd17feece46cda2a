"""C1: usernames are 8 to 30 of a-z and 0-9, and unique in the directory."""

from __future__ import annotations

import pytest

from support.world import FAR, World, account_dn, group_dn, new_account, new_capacity, new_group, texts
from um_directory.model.operation import Add, Delete
from um_directory.model.roles import Role

WHO = ["thechief", "localadm", "coadmin1", "mandadm1", "registrar", "contact-center"]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("name", ["abcdefgh", "12345678", "a1b2c3d4e5", "x" * 30])
def test_good_names(world: World, who: str, name: str) -> None:
    assert world.decide(who, new_account(name)) is None


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(
    "name",
    [
        *[
            "",
            "abcdefg",
            "x" * 31,
            "Jjanssens1",
            "JJANSSENS1",
            "jan.janssens",
            "jan_janssens",
            "jan-janssens",
        ],
        *["jan janssens", "jjanssens@1", "jjanssensé", "jjanssens\\2c1", "jjanssens\n1", "ĳjanssens1"],
    ],
)
def test_bad_names(world: World, who: str, name: str) -> None:
    # Outside the tree's alphabet a name is no account at all, so nobody may add it.
    assert world.decide(who, new_account(name)) in {"C1", "D0"}


def test_a_name_that_only_differs_in_case_from_a_good_one_is_told_why(world: World) -> None:
    assert world.decide("thechief", new_account("NewComer1", uid=texts("newcomer1"))) == "C1"
    assert "'NewComer1' is not 8 to 30 of a-z and 0-9" in world.why(
        "thechief", new_account("NewComer1", uid=texts("newcomer1"))
    )


def test_the_attribute_has_no_other_spelling_than_the_name(world: World) -> None:
    assert world.decide("thechief", new_account("newcomer1", uid=texts("NewComer1"))) == "D0"
    assert world.decide("thechief", new_account("newcomer1", uid=texts("newcomer1", "second01"))) == "D0"
    spelled = new_account("newcomer1")
    both = {**spelled.attributes, "UID": texts("second01")}
    assert world.decide("thechief", Add(spelled.dn, both)) == "D0"


def test_a_name_is_taken_in_the_whole_directory(world: World) -> None:
    assert world.decide("thechief", new_account("faruser1", "0403019261")) == "C1"
    assert "choose another" in world.why("thechief", new_account("faruser1", "0403019261"))
    assert world.decide("farchief", new_account("theuser1", FAR)) == "C1"


def test_the_same_entry_again_is_slapds_to_refuse(world: World) -> None:
    assert world.decide("thechief", new_account("theuser1")) is None


def test_other_entries_have_other_names(world: World) -> None:
    world.follow(Delete(group_dn(Role.CO_LA)))
    assert world.decide("thechief", new_group(group_dn(Role.CO_LA))) is None
    assert world.decide("thechief", new_capacity("service-provider")) is None


def test_spaces_around_the_name_do_not_count(world: World) -> None:
    spaced = Add(account_dn("newcomer").replace("uid=newcomer", "uid = newcomer "), new_account().attributes)
    assert world.decide("thechief", spaced) is None
