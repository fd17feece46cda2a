"""Words of the model of the domain: spots with holders, actors, actions. Plain values, no decisions but C2.

Roles are the domain's names. A `Spot` is a place with holders: a role of an enterprise or of a capacity, or the
authorization for an application.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

CAM, CO_CAM = "chief-access-manager", "co-chief-access-manager"
LA, CO_LA, USER, TECHNICAL = "local-administrator", "co-local-administrator", "user", "technical-user"
AUTHORIZATION = "authorization"
RULE_OF = {CAM: "D1", CO_CAM: "D2", LA: "D4", CO_LA: "D5", USER: "D6", TECHNICAL: "D7", AUTHORIZATION: "D8"}
DEPUTY_OF = {CO_CAM: CAM, CO_LA: LA}

CHIEFS = frozenset({"employee", "director", "managing director", "manager", "founder"})  # E1
OWN_DATA = frozenset({"mail", "preferredLanguage"})  # D10; D6: what managers edit of others
CAPACITY_DATA = frozenset({"mail", "telephoneNumber", "description"})  # D9
KEPT = frozenset({"memberOf", "umAccountStatus"})
USER_MANAGEMENT = "user-management"
SPECIALS = ",;:=?./+*$%><&@#'(!{})-_"  # C2


@dataclass(frozen=True)
class Definition:
    """What the catalogue says of a capacity: relations in the domain's words, data asked, applications."""

    applications: frozenset[str]
    users: frozenset[str]
    administrators: frozenset[str]
    asked: frozenset[str]


@dataclass(frozen=True)
class Spot:
    """Where holders are kept; `application` for an authorization only."""

    enterprise: str
    capacity: str | None
    role: str
    application: str = ""


@dataclass(frozen=True)
class Holders:
    """Usernames."""

    active: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()

    def all(self) -> frozenset[str]:
        return self.active | self.blocked

    def state(self, uid: str) -> str | None:
        return "blocked" if uid in self.blocked else "active" if uid in self.active else None


@dataclass
class Account:
    enterprise: str
    ssin: str
    data: dict[str, str] = field(default_factory=dict)
    password: str | None = None


@dataclass
class Firm:
    """What the register says of an enterprise, and the data of the capacities that were added."""

    entitled: set[str] = field(default_factory=set)
    personnel: bool = True
    bankrupt: bool = False
    capacities: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Actor:
    """`session`: the role (and its capacity) that a person, or the service acting for him, narrowed to (A6)."""

    kind: str  # person, registrar, contact-center, service
    uid: str = ""
    session: tuple[str, str | None] | None = None


@dataclass(frozen=True)
class Step:
    """One modification of a spot: add, delete or replace `who` among the `active` or the `blocked`."""

    kind: str
    among: str
    who: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChangeHolders:
    spot: Spot
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class OutAndIn:
    """Remove a user and name him anew at once."""

    spot: Spot
    uid: str


@dataclass(frozen=True)
class AddSpot:
    spot: Spot
    active: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()


@dataclass(frozen=True)
class RemoveSpot:
    spot: Spot


@dataclass(frozen=True)
class AddCapacity:
    enterprise: str
    capacity: str
    data: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class EditCapacity:
    """In this order; a value None deletes the attribute."""

    enterprise: str
    capacity: str
    changes: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class RemoveCapacity:
    enterprise: str
    capacity: str


@dataclass(frozen=True)
class Register:
    """A new account (D6)."""

    enterprise: str
    uid: str
    ssin: str
    password: str | None = None


@dataclass(frozen=True)
class Unregister:
    enterprise: str
    uid: str


@dataclass(frozen=True)
class EditAccount:
    enterprise: str
    uid: str
    changes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ChangePassword:
    """`how`: `modify`, or `extended` for the Password Modify operation."""

    enterprise: str
    uid: str
    password: str
    how: str


@dataclass(frozen=True)
class AddEnterprise:
    enterprise: str
    entitled: tuple[str, ...]


@dataclass(frozen=True)
class AddPerson:
    ssin: str
    relations: tuple[tuple[str, str], ...]  # relation, enterprise


@dataclass(frozen=True)
class SetFact:
    """`name`: personnel, bankrupt (value a bool) or entitled (value the set of capacities)."""

    enterprise: str
    name: str
    value: bool | frozenset[str]


@dataclass(frozen=True)
class SetRelation:
    ssin: str
    enterprise: str
    relation: str
    holds: bool


Action: TypeAlias = (
    ChangeHolders
    | OutAndIn
    | AddSpot
    | RemoveSpot
    | AddCapacity
    | EditCapacity
    | RemoveCapacity
    | Register
    | Unregister
    | EditAccount
    | ChangePassword
    | AddEnterprise
    | AddPerson
    | SetFact
    | SetRelation
)


def play(before: Holders, steps: tuple[Step, ...]) -> tuple[Holders, bool]:
    """The holders after the steps, and whether LDAP itself would object: a value twice, or one that is not there."""
    sets = {"active": set(before.active), "blocked": set(before.blocked)}
    objects = False
    for step in steps:
        there, named = sets[step.among], set(step.who)
        if step.kind == "replace":
            sets[step.among] = named
        elif step.kind == "add":
            objects |= bool(there & named)
            there |= named
        else:
            objects |= not named <= there
            there -= named
    return Holders(frozenset(sets["active"]), frozenset(sets["blocked"])), objects


def is_good_password(password: str) -> bool:
    """C2."""
    kinds = [bool(re.search(kind, password)) for kind in ("[A-Za-z]", "[0-9]", f"[{re.escape(SPECIALS)}]")]
    return (
        bool(re.fullmatch(f"[A-Za-z0-9{re.escape(SPECIALS)}]{{10,15}}", password))
        and len(re.findall("[A-Za-z0-9]", password)) >= 2
        and sum(kinds) >= 2
        and not re.match(r"\{[^}]+\}", password)  # ours: it would be taken for a hash
    )
