"""What the view keeps of each entry: only what a rule or the effective access needs.

A million role memberships must fit in 1 GiB, so: slots, no DNs (an account is its username, which is unique
in the directory; an enterprise its number), and interned strings for what repeats.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, field

from um_directory.model.roles import HeldRole, Role, State

NOBODY: Set[str] = frozenset()
"""The one empty set: most groups have nobody blocked, and an empty set of one's own takes 216 bytes."""


@dataclass(slots=True)
class Holders:
    """The usernames in one group entry: `member` is active, `umBlockedMember` is blocked."""

    active: Set[str] = NOBODY
    blocked: Set[str] = NOBODY

    def state(self, uid: str) -> State | None:
        """What `uid` is in this group. Blocked wins should both be stored."""
        if uid in self.blocked:
            return "blocked"
        return "active" if uid in self.active else None

    def everyone(self) -> set[str]:
        """Active and blocked."""
        return {*self.active, *self.blocked}


@dataclass(slots=True)
class Person:
    """A natural person: pairs of relation attribute (lower case, `umemployeeof`) and enterprise number."""

    ssin: str
    relations: tuple[tuple[str, str], ...] = ()

    def relations_with(self, enterprise: str) -> set[str]:
        """The relation attributes that tie this person to `enterprise`."""
        return {relation for relation, number in self.relations if number == enterprise}


@dataclass(slots=True)
class Account:
    """An account. `access`, `active`, `holder_in` and `manager_in` are what is *stored* on the entry.

    (memberOf, umAccountStatus, umHolderIn, umManagerIn; the last two as names of the enterprise's capacities.)
    """

    uid: str
    enterprise: str
    ssin: str
    language: str = ""
    access: frozenset[str] = frozenset()
    active: bool = False
    holder_in: frozenset[str] = frozenset()
    manager_in: frozenset[str] = frozenset()
    details: tuple[str, ...] | None = None  # values of View.keep, joined; None where nothing is kept


@dataclass(slots=True)
class Capacity:
    """A capacity of an enterprise. It is active once its local administrator is named (D3)."""

    name: str
    groups: dict[Role, Holders] = field(default_factory=dict)
    authorizations: dict[str, Holders] = field(default_factory=dict)
    channels: frozenset[str] = frozenset()

    def is_active(self) -> bool:
        """Whether a local administrator has been named; he may be blocked (a reading of D4)."""
        group = self.groups.get(Role.LA)
        return group is not None and bool(group.active or group.blocked)


@dataclass(slots=True)
class Enterprise:
    """Register facts and role groups of an enterprise."""

    number: str
    entitled: frozenset[str] = frozenset()
    has_personnel: bool = True
    bankrupt: bool = False
    groups: dict[Role, Holders] = field(default_factory=dict)
    capacities: dict[str, Capacity] = field(default_factory=dict)

    def roles_of(self, uid: str) -> Iterator[HeldRole]:
        """Every role that `uid` holds here, blocked ones included."""
        for role, group in self.groups.items():
            if uid in group.active or uid in group.blocked:
                yield HeldRole(role, self.number, None, "blocked" if uid in group.blocked else "active")
        for capacity in self.capacities.values():
            for role, group in capacity.groups.items():
                if uid in group.active or uid in group.blocked:
                    state: State = "blocked" if uid in group.blocked else "active"
                    yield HeldRole(role, self.number, capacity.name, state)

    def grants_of(self, uid: str) -> Iterator[tuple[str, str]]:
        """(capacity, application) of every authorization that names `uid`, blocked ones included."""
        for capacity in self.capacities.values():
            for application, holders in capacity.authorizations.items():
                if holders.state(uid):
                    yield capacity.name, application


@dataclass(slots=True)
class CapacityDefinition:
    """What the catalogue says of a capacity: data, so that a new capacity needs no code."""

    name: str
    applications: frozenset[str] = frozenset()
    user_relations: frozenset[str] = frozenset()  # E3, E5
    administrator_relations: frozenset[str] = frozenset()  # E2, E5
    activation_attributes: frozenset[str] = frozenset()  # D3: the data asked on activation
    channels: frozenset[str] = frozenset()  # M1


@dataclass(slots=True)
class Catalogue:
    """The capacities that can be activated, the applications and the declarations."""

    capacities: dict[str, CapacityDefinition] = field(default_factory=dict)
    applications: set[str] = field(default_factory=set)
    declarations: set[str] = field(default_factory=set)
