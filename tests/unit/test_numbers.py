"""SSIN, enterprise number and NSSO number against the examples of the domain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from um_directory.model.numbers import (
    is_enterprise_number,
    is_nsso_number,
    is_ssin,
    normalise_enterprise_number,
    nsso_check_digits,
)


@pytest.mark.parametrize(
    "number", ["85073003328", "17073003384", "92521506931", "19282416134", "81000003517"]
)
def test_ssins_of_the_domain_are_valid(number: str) -> None:
    assert is_ssin(number)


@pytest.mark.parametrize(
    "number",
    [
        "81050103521",  # check digits
        "85133003370",  # month 13, check digits right
        "8507300332",
        "850730033281",
        "85.07.30-033.28",
        " 85073003328",
        "85073003328\n",
        "٨٥٠٧٣٠٠٣٣٢٨",  # digits, but Arabic
        "",
        "00000000000",
        "abcdefghijk",
    ],
)
def test_other_ssins_are_not(number: str) -> None:
    assert not is_ssin(number)


@given(st.from_regex(r"[0-9]{11}", fullmatch=True))
def test_an_ssin_has_the_check_digits_of_one_of_its_centuries(number: str) -> None:
    nine, check = int(number[:9]), int(number[9:])
    right = check in (97 - nine % 97, 97 - (2_000_000_000 + nine) % 97)
    assert right or not is_ssin(number)


@pytest.mark.parametrize("number", ["0403019261", "0884303369", "1000000021", "0000009797"])
def test_enterprise_numbers_are_valid(number: str) -> None:
    assert is_enterprise_number(number)


@pytest.mark.parametrize(
    "number",
    [
        "0431150351",  # check digits
        "403019261",  # nine digits: normalise first
        "2403019261",
        "0403.019.261",
        "BE0403019261",
        "0403019261\n",
        "0400018300",  # 97 divides the first eight: the check digits are 97, not 00
        "0400018298",  # 01, not 98
        "0400008499",  # 02, not 99
        "",
    ],
)
def test_other_enterprise_numbers_are_not(number: str) -> None:
    assert not is_enterprise_number(number)


@given(st.integers(0, 19_999_999), st.integers(0, 99))
def test_an_enterprise_number_has_exactly_one_pair_of_check_digits(serial: int, check: int) -> None:
    valid = is_enterprise_number(f"{serial:08d}{check:02d}")
    assert valid == (check == 97 - serial % 97)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("403019261", "0403019261"),
        ("0403019261", "0403019261"),
        ("BE 0403.019.261", "0403019261"),
        ("(0)403.019.261", "0403019261"),
    ],
)
def test_an_enterprise_number_is_normalised_to_ten_digits(typed: str, stored: str) -> None:
    assert normalise_enterprise_number(typed) == stored


@pytest.mark.parametrize("number", ["000100006", "199999934", "5000000120", "5999999989", "103715212"])
def test_nsso_numbers_are_valid(number: str) -> None:
    assert is_nsso_number(number)


@pytest.mark.parametrize(
    "number",
    [
        "100006",  # leading zeros are part of it
        "000100007",
        "000099909",  # below the range, check digits right
        "200000031",  # beyond the range, check digits right
        "5000000023",  # below the provisional range, check digits right
        "6000000086",  # beyond it
        "0103715212",
        "103715213",
        "103 715 212",
        "103715212\n",
        "",
    ],
)
def test_other_nsso_numbers_are_not(number: str) -> None:
    assert not is_nsso_number(number)


def test_nsso_check_digits_are_never_zero() -> None:
    assert {nsso_check_digits(serial) for serial in range(1000, 1200)} == set(range(1, 98))
