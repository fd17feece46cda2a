"""N3: an NSSO number is in range and has valid check digits."""

from __future__ import annotations

import pytest

from support.world import World, change, enterprise_dn, modify, texts
from um_directory.model.operation import Add

VALID = ["000100006", "199999934", "5000000120", "5999999989"]
INVALID = ["000100007", "000000000", "199999935", "200000000", "100006", "5000000121", "6000000000", "x", ""]


@pytest.mark.parametrize("number", VALID)
def test_valid_numbers(world: World, number: str) -> None:
    assert (
        world.decide("registrar", modify(enterprise_dn(), change("replace", "umNssoNumber", number))) is None
    )


@pytest.mark.parametrize("number", INVALID)
def test_invalid_numbers(world: World, number: str) -> None:
    for kind in ("add", "replace"):
        operation = modify(enterprise_dn(), change(kind, "umNssoNumber", number))
        assert world.decide("registrar", operation) == "N3"
        assert f"{number} is not a valid NSSO number" in world.why("registrar", operation)
    new = {
        "objectClass": texts("umEnterprise"),
        "umEnterpriseNumber": texts("0403019261"),
        "umNssoNumber": (number.encode(),),
    }
    assert world.decide("registrar", Add(enterprise_dn(), new)) == "N3"


def test_it_can_be_taken_away(world: World) -> None:
    assert world.decide("registrar", modify(enterprise_dn(), change("delete", "umNssoNumber"))) is None
    assert world.decide("registrar", modify(enterprise_dn(), change("replace", "umNssoNumber"))) is None


def test_other_attributes_are_no_nsso_numbers(world: World) -> None:
    assert world.decide("registrar", modify(enterprise_dn(), change("replace", "postalCode", "1000"))) is None


def test_who_may_not_write_it_is_told_that_first(world: World) -> None:
    assert world.decide("thechief", modify(enterprise_dn(), change("replace", "umNssoNumber", "x"))) == "D12"
