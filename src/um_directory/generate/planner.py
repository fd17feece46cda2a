"""Makes up enterprises: their facts, and how many capacities and people they get."""

from __future__ import annotations

from collections.abc import Sequence

from um_directory.generate.chance import Chance
from um_directory.generate.names import FLAVOURS, LANGUAGES, Flavour
from um_directory.generate.numbering import Numbering
from um_directory.generate.people import Person, Population, letters_of
from um_directory.generate.plan import EnterprisePlan
from um_directory.generate.shapes import (
    ASSOCIATE_RELATIONS,
    CAM_RELATIONS,
    OWNER_RELATIONS,
    SECTORS,
    USER_RELATIONS,
    WITHOUT_PERSONNEL,
    Sector,
)
from um_directory.generate.staffing import GrantMixes, Staffing

_NO_PERSONNEL_SHARE = {1: 0.6, 2: 0.2, 3: 0.1, 4: 0.1}  # by accounts; larger ones have personnel
_BANKRUPT_SHARE = 0.01
_SEVERAL_CAPACITIES_FROM = 3  # accounts: CAM and LA must be two people then (E6)
_ACTIVE_SHARE = 0.7  # of the capacities beside the main one
_ACCOUNTS_PER_OUTSIDER = 12  # accounts for each person in the register without one
_FORMERLY_SHARE = 0.1


class Planner:
    """Plans enterprises one after another."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._numbering = Numbering(chance)
        self._population = Population(chance, self._numbering)
        self._mixes = GrantMixes(chance)

    def enterprise(self, index: int, accounts: int) -> EnterprisePlan:
        """Enterprise number `index` (from 0) with exactly that many accounts.

        :raises ValueError: when there are no unused numbers left.
        """
        chance = self._chance
        has_personnel = not chance.happens(_NO_PERSONNEL_SHARE.get(accounts, 0.0))
        bankrupt = has_personnel and accounts > 1 and chance.happens(_BANKRUPT_SHARE)
        language = chance.one_of(LANGUAGES)
        sector = self._sector(accounts, has_personnel)
        cam = self._person(language, CAM_RELATIONS if has_personnel else OWNER_RELATIONS)
        plan = self._facts(
            index, sector, cam, language=language, has_personnel=has_personnel, bankrupt=bankrupt
        )
        staffing = Staffing(chance, self._population, self._mixes, plan, accounts - 1)
        staffing.run(self._active(sector, accounts, bankrupt))
        self._people_without_account(plan, accounts, index)
        return plan

    def _person(self, language: str, relations: Sequence[str]) -> Person:
        return self._population.person(language, (self._chance.one_of(relations),))

    def _sector(self, accounts: int, has_personnel: bool) -> Sector:
        sectors = SECTORS if has_personnel else WITHOUT_PERSONNEL
        return self._chance.one_of(
            [sector for sector in sectors if accounts >= sector.smallest for _ in range(sector.weight)]
        )

    def _active(self, sector: Sector, accounts: int, bankrupt: bool) -> tuple[str, ...]:
        several = accounts >= _SEVERAL_CAPACITIES_FROM and not bankrupt
        first, *others = sector.capacities
        if not several:
            return (first,)
        return (first, *(name for name in others if self._chance.happens(_ACTIVE_SHARE)))

    def _facts(
        self, index: int, sector: Sector, cam: Person, *, language: str, has_personnel: bool, bankrupt: bool
    ) -> EnterprisePlan:
        flavour = FLAVOURS[language]
        family = self._chance.one_of(flavour.surnames)
        word = sector.words[language]
        return EnterprisePlan(
            number=self._numbering.enterprise(index),
            nsso=self._numbering.nsso(index) if has_personnel else None,
            name=f"{word} {family} {self._chance.one_of(flavour.forms)}",
            domain=f"{letters_of(word)}-{letters_of(family)}.example",
            language=language,
            address=self._address(flavour),
            has_personnel=has_personnel,
            bankrupt=bankrupt,
            entitled=sector.capacities,
            cam=cam,
            people=[cam],
        )

    def _address(self, flavour: Flavour) -> tuple[str, str, str]:
        street = self._chance.one_of(flavour.streets).format(1 + self._chance.below(240))
        return (street, *self._chance.one_of(flavour.places))

    def _people_without_account(self, plan: EnterprisePlan, accounts: int, index: int) -> None:
        relations = USER_RELATIONS if plan.has_personnel else ASSOCIATE_RELATIONS
        for _ in range(self._chance.below(2) + accounts // _ACCOUNTS_PER_OUTSIDER):
            formerly = index > 0 and self._chance.happens(_FORMERLY_SHARE)
            relation = self._chance.one_of(relations)
            plan.people.append(
                self._population.person(plan.language, (relation,), account=False, formerly=formerly)
            )
