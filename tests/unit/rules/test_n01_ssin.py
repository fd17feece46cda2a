"""N1: an SSIN is valid, on accounts and in the names of natural persons."""

from __future__ import annotations

import pytest

from support.world import World, new_account, person_dn, texts
from um_directory.model.operation import Add

VALID = ["85073003328", "17073003384", "92521506931", "19282416134", "81000003517"]
INVALID = ["81050103521", "85073003329", "8507300332", "850730033280", "850730-03328", "85.07.30-033.28"]
INVALID += ["", " 85073003328", "850730 03328", "abcdefghijk", "85073003328\n", "\uff185073003328"]


def person(number: str) -> Add:
    attributes = {"objectClass": texts("umPerson"), "umSsin": texts(number), "sn": texts("X")}
    return Add(person_dn(number), attributes)


@pytest.mark.parametrize("number", VALID)
def test_valid_numbers(world: World, number: str) -> None:
    for who in ("thechief", "coadmin1", "registrar", "contact-center"):
        assert world.decide(who, new_account(umSsin=texts(number))) is None
    assert world.decide("registrar", person(number)) is None


@pytest.mark.parametrize("number", INVALID)
def test_invalid_numbers(world: World, number: str) -> None:
    for who in ("thechief", "coadmin1", "registrar", "contact-center"):
        assert world.decide(who, new_account(umSsin=(number.encode(),))) == "N1"
    assert world.decide("registrar", person(number)) in {"N1", "D0"}


def test_of_several_numbers_each_counts(world: World) -> None:
    assert world.decide("registrar", new_account(umSsin=texts(VALID[0], INVALID[0]))) == "N1"


def test_a_person_is_named_by_a_number_as_it_is_written(world: World) -> None:
    # slapd skips spaces in numbers, so this would be a second spelling of a valid name.
    assert world.decide("registrar", person("850730 033 28")) == "N1"


def test_the_text_says_which_number(world: World) -> None:
    assert "81050103521 is not a valid SSIN" in world.why(
        "thechief", new_account(umSsin=texts("81050103521"))
    )
