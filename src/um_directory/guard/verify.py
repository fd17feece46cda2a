"""The rules over what is stored: each entry is judged as if the registrar loaded it now. Pure.

What a load cannot say comes beside it: that the stored effective access follows from the roles (A1 to A5), and
that what bootstrap made is what it made. Where the register withdrew the fact on which something rests, that is
E8, whatever rule would refuse it today (docs/decisions/0012-verify-is-the-rules.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from um_directory.errors import MalformedName
from um_directory.guard import change as parts
from um_directory.guard.actor import actor_for
from um_directory.guard.change import Part, decompose
from um_directory.guard.evaluate import UNCLAIMED, Refusal, objections
from um_directory.guard.rules import (
    c02_password,
    d03_activation,
    e06_one_person,
    e08_withdrawn,
    sv_service,
)
from um_directory.model import dn as names
from um_directory.model.operation import Add, Attributes, base_name
from um_directory.model.tree import Kind, Place
from um_directory.view import View
from um_directory.view.access import as_stored, effective_access

WITHDRAWN = e08_withdrawn.RULE.id
_ON_FACTS = frozenset(module.RULE.id for module in e08_withdrawn.ON_FACTS)
_NOTICES = frozenset({WITHDRAWN, e06_one_person.RULE.id})

# What the first start makes, and nobody loads: the object classes that such an entry may have.
_OF_BOOTSTRAP: dict[Kind, frozenset[str]] = {
    Kind.SUFFIX: frozenset({"dcobject", "organization", "organizationalunit"}),
    Kind.CONTAINER: frozenset({"organizationalunit"}),
    Kind.CATALOGUE_CAPACITY: frozenset({"umcapacitydefinition"}),
    Kind.CATALOGUE_APPLICATION: frozenset({"umapplication"}),
    Kind.CATALOGUE_DECLARATION: frozenset({"umdeclaration"}),
    Kind.ACCESS_GROUP: frozenset({"groupofurls"}),
    Kind.OPERATOR: frozenset({"umoperator"}),
    Kind.SERVICE: frozenset({"umservice"}),
}
_CONTAINERS = frozenset(
    {"ou=catalogue", "ou=capacities,ou=catalogue", "ou=applications,ou=catalogue"}
    | {"ou=declarations,ou=catalogue", "ou=register", "ou=enterprises", "ou=mandates"}
    | {"ou=access", "ou=operators", "ou=services"}
)
_OPERATORS = frozenset({"registrar", "contact-center"})
_UNSAID = {"umAccountStatus": (b"inactive",)}
"""What an attribute that is not there says."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something stored that the rules do not let in today. A `notice` stood before, or rests on a fact that went."""

    rule: str
    dn: str
    text: str

    @property
    def notice(self) -> bool:
        """Whether this may stand."""
        return self.rule in _NOTICES


class Verifier:
    """Judges entries against one view of the same directory."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._registrar = actor_for(view.tree.operator("registrar"), view)

    def entry(self, dn: str, attributes: Attributes) -> list[Finding]:
        """What is wrong with one stored entry; operational attributes and userPassword are not looked at."""
        place = self._view.place(dn)
        # The same words about two parts of one entry are one finding.
        return list(dict.fromkeys(self._entry(place, dn, attributes)))

    def password(self, dn: str, values: tuple[bytes, ...]) -> list[Finding]:
        """What is wrong with the stored password of an entry (C2)."""
        change = decompose(Add(dn, {"userPassword": values}), self._view)
        found = objections(change, self._registrar, self._view)
        return [
            _finding(dn, refusal)
            for part, refusal in found
            if (isinstance(part, parts.PasswordChanged) and refusal.rule == c02_password.RULE.id)
            or isinstance(part, parts.Unsupported)
        ]

    def _entry(self, place: Place, dn: str, attributes: Attributes) -> Iterator[Finding]:
        if place.kind is Kind.UNKNOWN:
            yield Finding(UNCLAIMED, dn, "no rule knows an entry of this name")
        elif place.kind in _OF_BOOTSTRAP:
            yield from self._of_bootstrap(place, dn, attributes)
        else:
            yield from self._by_rules(place, dn, attributes)
        if place.kind is Kind.ACCOUNT:
            yield from self._access(place, dn, attributes)

    def _by_rules(self, place: Place, dn: str, attributes: Attributes) -> Iterator[Finding]:
        left_out = sv_service.KEPT if place.kind is Kind.ACCOUNT else frozenset()
        loaded = {
            name: values
            for name, values in attributes.items()
            if base_name(name) not in left_out | {parts.PASSWORD}
        }
        change = decompose(Add(dn, loaded), self._view)
        known = True
        for part, refusal in objections(change, self._registrar, self._view):
            if not known and refusal.rule == UNCLAIMED:
                continue  # of an entry that nobody may add, no attribute is allowed either
            yield self._withdrawn(part, dn, refusal) or _finding(dn, refusal)
            known = known and not (isinstance(part, parts.EntryAdded) and refusal.rule == UNCLAIMED)

    def _withdrawn(self, part: Part, dn: str, refusal: Refusal) -> Finding | None:
        """The refusal as E8, if the register is what changed."""
        if refusal.rule not in _ON_FACTS and not self._lost_entitlement(part, refusal):
            return None
        return Finding(
            WITHDRAWN, dn, f"the register has no fact any more on which this rests ({refusal.text})"
        )

    def _lost_entitlement(self, part: Part, refusal: Refusal) -> bool:
        if refusal.rule != d03_activation.RULE.id or not isinstance(part, parts.EntryAdded):
            return False
        enterprise = self._view.enterprises.get(part.place.enterprise or "")
        return (
            part.place.kind is Kind.CAPACITY
            and part.place.name in self._view.catalogue.capacities
            and enterprise is not None
            and part.place.name not in enterprise.entitled
        )

    def _of_bootstrap(self, place: Place, dn: str, attributes: Attributes) -> Iterator[Finding]:
        below = place.dn.removesuffix(self._view.tree.suffix).rstrip(",")
        unknown = (place.kind is Kind.CONTAINER and below not in _CONTAINERS) or (
            place.kind is Kind.OPERATOR and place.name not in _OPERATORS
        )
        if unknown:
            yield Finding(UNCLAIMED, dn, "no rule knows an entry of this name")
        for name in _classes(attributes) - _OF_BOOTSTRAP[place.kind] - {"top"}:
            yield Finding(UNCLAIMED, dn, f"an entry here cannot be of object class {name}")

    def _access(self, place: Place, dn: str, attributes: Attributes) -> Iterator[Finding]:
        """Stored effective access against the roles. Whole values: a view leaves out what it cannot read."""
        account = self._view.accounts.get(place.name)
        if account is not None and account.enterprise != place.enterprise:
            return  # one username in two enterprises: C1 says so
        stored = {base_name(name): values for name, values in attributes.items()}
        wanted = as_stored(self._view.tree, place.enterprise or "", effective_access(self._view, place.name))
        for name, values in wanted.items():
            there = stored.get(name.lower(), _UNSAID.get(name, ()))
            if _comparable(there) != _comparable(values):
                text = f"{name} is {_listed(there)}; by its roles it is {_listed(values)}"
                yield Finding(sv_service.RULE.id, dn, text)


def _classes(attributes: Attributes) -> set[str]:
    found: set[str] = set()
    for name, values in attributes.items():
        if base_name(name) == "objectclass":
            found |= {value.decode("utf-8", "replace").lower() for value in values}
    return found


def _comparable(values: Iterable[bytes]) -> set[str]:
    found = set()
    for value in values:
        text = value.decode("utf-8", "replace")
        try:
            found.add(names.normalise(text))
        except MalformedName:
            found.add(text)
    return found


def _listed(values: Iterable[bytes]) -> str:
    return ", ".join(sorted(value.decode("utf-8", "replace") for value in values)) or "absent"


def _finding(dn: str, refusal: Refusal) -> Finding:
    return Finding(refusal.rule, dn, refusal.text.removeprefix(f"{refusal.rule}: "))


def estimated_entries(view: View) -> int:
    """About how many entries the directory has, for a progress bar."""
    enterprises = view.enterprises.values()
    groups = sum(len(enterprise.groups) for enterprise in enterprises)
    below = (
        2 + len(capacity.groups) + len(capacity.authorizations)
        for enterprise in enterprises
        for capacity in enterprise.capacities.values()
    )
    return len(view.accounts) + len(view.persons) + 2 * len(view.enterprises) + groups + sum(below) + 60
