"""Valid, unique numbers for made-up enterprises and persons (docs/reference/domain.md, "Numbers")."""

from __future__ import annotations

from datetime import date, timedelta

from um_directory.generate.chance import Chance, Scatter
from um_directory.model.numbers import nsso_check_digits

_FIRST_BIRTHDAY, _LAST_BIRTHDAY = date(1956, 1, 1), date(2005, 12, 31)
_A_DAY = 997  # serials 001 to 997: odd for men, even for women
_FIRST_ENTERPRISE, _ENTERPRISES = 4_000_000, 5_000_000  # without check digits
_FIRST_NSSO, _NSSO = 1_000, 1_999_000  # definitive numbers, without check digits
_FIRST_PROVISIONAL, _PROVISIONAL = 50_000_001, 9_999_999
_PROVISIONAL_SHARE = 0.04
_BIS_SHARE = 0.03
_MODULUS = 97


class Numbering:
    """Gives out numbers by index: another index, another number."""

    def __init__(self, chance: Chance) -> None:
        days = (_LAST_BIRTHDAY - _FIRST_BIRTHDAY).days + 1
        self._birthdays = [_FIRST_BIRTHDAY + timedelta(days=day) for day in range(days)]
        self._chance = chance
        self._enterprises = Scatter.seeded(_ENTERPRISES, chance)
        self._definitive = Scatter.seeded(_NSSO, chance)
        self._provisional = Scatter.seeded(_PROVISIONAL, chance)
        self._persons = Scatter.seeded(days * _A_DAY, chance)

    def enterprise(self, index: int) -> str:
        """An enterprise number."""
        serial = _FIRST_ENTERPRISE + self._enterprises.at(index)
        return f"{serial:08d}{_MODULUS - serial % _MODULUS:02d}"

    def nsso(self, index: int) -> str:
        """An NSSO number; a provisional one for some, and when the definitive ones have run out."""
        if index >= _NSSO or self._chance.happens(_PROVISIONAL_SHARE):
            serial = _FIRST_PROVISIONAL + self._provisional.at(index)
        else:
            serial = _FIRST_NSSO + self._definitive.at(index)
        return f"{serial:07d}{nsso_check_digits(serial):02d}"

    def ssin(self, index: int) -> tuple[str, bool]:
        """An SSIN, and whether it is a man's. Some are bis numbers (month + 40: the sex is known)."""
        day, serial = divmod(self._persons.at(index), _A_DAY)
        birthday = self._birthdays[day]
        month = birthday.month + 40 if self._chance.happens(_BIS_SHARE) else birthday.month
        nine = ((birthday.year % 100 * 100 + month) * 100 + birthday.day) * 1000 + serial + 1
        century = 2_000_000_000 if birthday.year >= 2000 else 0  # noqa: PLR2004 - the 2 put before the nine
        return f"{nine:09d}{_MODULUS - (century + nine) % _MODULUS:02d}", serial % 2 == 0
