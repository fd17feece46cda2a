"""One made-up enterprise as a plan: who is who in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from um_directory.generate.people import Person


@dataclass(slots=True)
class CapacityPlan:
    """An active capacity and the holders of its roles."""

    name: str
    administrator: Person
    co_administrators: list[Person] = field(default_factory=list)
    blocked_co_administrators: list[Person] = field(default_factory=list)
    users: list[Person] = field(default_factory=list)
    blocked_users: list[Person] = field(default_factory=list)
    technical_user: Person | None = None
    grants: dict[str, list[Person]] = field(default_factory=dict)


@dataclass(slots=True)
class EnterprisePlan:
    """An enterprise, its people, and the holders of its roles."""

    number: str
    nsso: str | None
    name: str
    domain: str
    language: str
    address: tuple[str, str, str]  # street, postal code, place
    has_personnel: bool
    bankrupt: bool
    entitled: tuple[str, ...]
    cam: Person
    people: list[Person] = field(default_factory=list)  # all of them, the CAM too
    co_cams: list[Person] = field(default_factory=list)
    blocked_co_cams: list[Person] = field(default_factory=list)
    capacities: list[CapacityPlan] = field(default_factory=list)
