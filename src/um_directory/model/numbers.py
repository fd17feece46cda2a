"""The three numbers of the domain and their check digits (docs/reference/domain.md, "Numbers"; rules N1 to N3).

The forms accepted are the stored ones: digits only, leading zeros kept. What a person types goes through
`normalise_enterprise_number` first.
"""

from __future__ import annotations

import re
from functools import lru_cache

from stdnum.be import bis, nn, vat

_SSIN = re.compile(r"[0-9]{11}")
_ENTERPRISE = re.compile(r"[0-9]{10}")
_NSSO_DEFINITIVE = re.compile(r"[0-9]{9}")
_NSSO_PROVISIONAL = re.compile(r"5[0-9]{9}")
_LEAST_NSSO, _GREATEST_NSSO = 100_006, 199_999_934
_LEAST_PROVISIONAL, _GREATEST_PROVISIONAL = 5_000_000_120, 5_999_999_989


@lru_cache(maxsize=1024)  # one write asks more than once: of the entry's name and of its attribute
def is_ssin(number: str) -> bool:
    """Whether `number` is an SSIN: a national number or a bis number, of somebody born by the current year.

    >>> is_ssin("85073003328"), is_ssin("81050103521")
    (True, False)
    """
    return _SSIN.fullmatch(number) is not None and bool(nn.is_valid(number) or bis.is_valid(number))


def is_enterprise_number(number: str) -> bool:
    """Whether `number` is an enterprise number in its ten-digit form.

    The check digits are 97 - (first eight mod 97), so 01 to 97. python-stdnum compares modulo 97 only and
    would take 00, 98 and 99 as well.

    >>> is_enterprise_number("0403019261"), is_enterprise_number("0431150351")
    (True, False)
    """
    return (
        _ENTERPRISE.fullmatch(number) is not None
        and 1 <= int(number[-2:]) <= 97  # noqa: PLR2004 - the modulus
        and bool(vat.is_valid(number))
    )


def normalise_enterprise_number(number: str) -> str:
    """Return the ten-digit form of a nine-digit old number, or of one with spaces, points or `BE`.

    Nothing is checked: `is_enterprise_number` tells whether the result is a number.

    >>> normalise_enterprise_number("403.019.261")
    '0403019261'
    """
    return str(vat.compact(number))


def is_nsso_number(number: str) -> bool:
    """Whether `number` is an NSSO number: nine digits, or ten for a provisional one.

    >>> is_nsso_number("000100006"), is_nsso_number("5000000120"), is_nsso_number("000100007")
    (True, True, False)
    """
    if _NSSO_DEFINITIVE.fullmatch(number):
        in_range = _LEAST_NSSO <= int(number) <= _GREATEST_NSSO
    elif _NSSO_PROVISIONAL.fullmatch(number):
        in_range = _LEAST_PROVISIONAL <= int(number) <= _GREATEST_PROVISIONAL
    else:
        return False
    return in_range and int(number[-2:]) == nsso_check_digits(int(number[:-2]))


def nsso_check_digits(serial: int) -> int:
    """Check digits of an NSSO number without its last two digits: 96 - (100 N mod 97), where 0 becomes 97.

    python-stdnum has no NSSO numbers, so this one formula is here.
    """
    return 96 - serial * 100 % 97 or 97
