"""N2: a new enterprise has a valid number."""

from __future__ import annotations

import pytest

from support.world import World, enterprise_dn, texts
from um_directory.model.operation import Add


def enterprise(number: str) -> Add:
    attributes = {
        "objectClass": texts("umEnterprise"),
        "umEnterpriseNumber": (number.encode(),),
        "o": texts("X"),
    }
    return Add(enterprise_dn(number), attributes)


@pytest.mark.parametrize("number", ["0403019261", "0884303369"])
def test_valid_numbers(world: World, number: str) -> None:
    assert world.decide("registrar", enterprise(number)) is None


@pytest.mark.parametrize(
    "number",
    ["0431150351", "403019261", "00403019261", "0403.019.261", "0403 019 261", "BE0403019261", "abc"],
)
def test_invalid_numbers(world: World, number: str) -> None:
    assert world.decide("registrar", enterprise(number)) == "N2"
    assert f"{number} is not a valid enterprise number" in world.why("registrar", enterprise(number))


@pytest.mark.parametrize("number", ["", "0403019261+o=X", "0403019261\\20"])
def test_what_is_no_name_of_the_tree_is_added_by_nobody(world: World, number: str) -> None:
    assert world.decide("registrar", enterprise(number)) == "D0"
