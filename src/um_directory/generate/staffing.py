"""Fills the roles of a made-up enterprise, within the rules: eligibility (E1 to E5), E6, D13."""

from __future__ import annotations

from um_directory.generate.chance import Chance
from um_directory.generate.people import Person, Population
from um_directory.generate.plan import CapacityPlan, EnterprisePlan
from um_directory.generate.shapes import (
    ADMINISTRATOR_RELATIONS,
    ASSOCIATE_RELATIONS,
    CAPACITIES,
    PARTNER_RELATIONS,
    USER_RELATIONS,
)

_BLOCKED_SHARE = 0.03
_CO_CAMS_FROM = (12, 150, 600)  # accounts for the first, second, third
_CO_ADMINISTRATORS_FROM = (8, 60, 400)
_CO_ROLE_SHARE = 0.7  # of those places, filled
_TECHNICAL_USER_FROM = 6
_TECHNICAL_USER_SHARE = 0.3
_SAME_ADMINISTRATOR_SHARE = 0.3
_MAIN_CAPACITY_SHARE = 0.6
_TWO_CAPACITIES_SHARE = 0.1
_SERVICE_PROVIDER_SHARE = 0.02
_LIKELY_ONE_PERSON = 5  # accounts up to which CAM and LA are rather one person
_MIXES = 64


class GrantMixes:
    """A stock of what users are granted, made once: a draw for each user would take most of the time."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._mixes = {
            name: [_mix(chance, shape.applications) for _ in range(_MIXES)]
            for name, shape in CAPACITIES.items()
        }

    def draw(self, capacity: str) -> tuple[str, ...]:
        """Applications for one user of `capacity`."""
        return self._chance.one_of(self._mixes[capacity])


def _mix(chance: Chance, applications: tuple[str, ...]) -> tuple[str, ...]:
    """What one user is granted: the first applications more often than the last."""
    chosen = [name for place, name in enumerate(applications) if chance.happens(0.65 / (1 + place * 0.35))]
    return tuple(chosen) or applications[:1]


class Staffing:
    """Fills the roles of one enterprise, whose CAM is known, with `left` new people."""

    def __init__(
        self,
        chance: Chance,
        population: Population,
        mixes: GrantMixes,
        plan: EnterprisePlan,
        left: int,
    ) -> None:
        self._chance = chance
        self._population = population
        self._mixes = mixes
        self._plan = plan
        self._accounts = left + 1
        self._left = left

    def run(self, capacities: tuple[str, ...]) -> None:
        """Activate these capacities and give every account a role."""
        self._administrators(capacities)
        self._co_cams()
        for capacity in self._plan.capacities:
            self._helpers(capacity)
        while self._left:
            self._user()

    def _hire(self, relations: tuple[str, ...]) -> Person:
        person = self._population.person(self._plan.language, relations)
        self._left -= 1
        self._plan.people.append(person)
        return person

    def _hire_administrator(self) -> Person:
        relations = ADMINISTRATOR_RELATIONS if self._plan.has_personnel else PARTNER_RELATIONS
        return self._hire((self._chance.one_of(relations),))

    def _administrators(self, capacities: tuple[str, ...]) -> None:
        """CAM and LA may be one person with a single capacity (E6); one LA may have several (E7)."""
        chance, plan = self._chance, self._plan
        for name in capacities:
            if plan.bankrupt:
                administrator = self._hire(("umTrusteeOf",))
            elif len(capacities) == 1 and (
                not self._left or chance.happens(_LIKELY_ONE_PERSON / (_LIKELY_ONE_PERSON + self._accounts))
            ):
                administrator = plan.cam
            elif plan.capacities and (not self._left or chance.happens(_SAME_ADMINISTRATOR_SHARE)):
                administrator = plan.capacities[0].administrator
            else:
                administrator = self._hire_administrator()
            plan.capacities.append(CapacityPlan(name, administrator))

    def _co_cams(self) -> None:
        for threshold in _CO_CAMS_FROM:
            if self._accounts >= threshold and self._left and self._chance.happens(_CO_ROLE_SHARE):
                group = self._plan.blocked_co_cams if self._blocked() else self._plan.co_cams
                group.append(self._hire_administrator())

    def _helpers(self, capacity: CapacityPlan) -> None:
        for threshold in _CO_ADMINISTRATORS_FROM:
            if self._accounts >= threshold and self._left and self._chance.happens(_CO_ROLE_SHARE):
                blocked = self._blocked()
                group = capacity.blocked_co_administrators if blocked else capacity.co_administrators
                group.append(self._hire_administrator())
        large = self._accounts >= _TECHNICAL_USER_FROM
        if large and self._left and self._chance.happens(_TECHNICAL_USER_SHARE):
            capacity.technical_user = self._hire_administrator()

    def _user(self) -> None:
        """One user, mostly of the main capacity, some of two; a blocked one is granted nothing (D8)."""
        chance, capacities = self._chance, self._plan.capacities
        main = capacities[0] if chance.happens(_MAIN_CAPACITY_SHARE) else chance.one_of(capacities)
        person = self._hire(self._user_relations(main.name))
        if self._blocked():
            main.blocked_users.append(person)
            return
        self._admit(person, main)
        other = chance.one_of(capacities)
        eligible = other is not main and "umServiceProviderOf" not in person.relations
        if eligible and chance.happens(_TWO_CAPACITIES_SHARE):
            self._admit(person, other)

    def _user_relations(self, capacity: str) -> tuple[str, ...]:
        """E3, and E5: a service provider may be a user of capacity employer."""
        if not self._plan.has_personnel:
            return (self._chance.one_of(ASSOCIATE_RELATIONS),)
        if capacity == "employer" and self._chance.happens(_SERVICE_PROVIDER_SHARE):
            return ("umServiceProviderOf",)
        relation = self._chance.one_of(USER_RELATIONS)
        return (relation, "umFounderOf") if relation == "umManagerOf" else (relation,)

    def _admit(self, person: Person, capacity: CapacityPlan) -> None:
        capacity.users.append(person)
        for application in self._mixes.draw(capacity.name):
            capacity.grants.setdefault(application, []).append(person)

    def _blocked(self) -> bool:
        return self._chance.happens(_BLOCKED_SHARE)
