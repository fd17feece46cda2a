"""Roles and capacities whose ground the register took away (E8). Pure.

What makes a role stand is asked of the same rules that decide on its designation: were it given now, would they
refuse it? (rules/e08_withdrawn.py)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from um_directory.guard.actor import Actor
from um_directory.guard.change import Change, RoleTransition
from um_directory.guard.rules.base import Case
from um_directory.guard.rules.e08_withdrawn import without_ground
from um_directory.model.operation import Modify, Operation
from um_directory.model.roles import MANAGERS_OF_CAPACITY, HeldRole
from um_directory.model.tree import Kind, Place
from um_directory.view import View

_NOBODY = Actor("nobody")


@dataclass(frozen=True, slots=True, order=True)
class Ungrounded:
    """A role group or capacity (`dn`), for a role its holder, and the rule that would refuse it now."""

    dn: str
    uid: str
    rule: str
    reason: str


def ungrounded_roles(view: View, uid: str) -> Iterator[tuple[HeldRole, Ungrounded]]:
    """The roles of an account, blocked ones too, for which the register has no ground."""
    for held in view.roles_of(uid):
        place = view.place(view.tree.group(held))
        part = RoleTransition(place, held.role, uid, None, held.state)
        case = Case(_NOBODY, Change(Modify(place.dn, ()), place, (part,)), view)
        refused = without_ground(part, case)
        if refused:
            rule, verdict = refused
            yield (
                held,
                Ungrounded(place.dn, uid, rule, f"{rule}: {verdict.template.format(**verdict.values)}"),
            )


def ungrounded_capacities(view: View, number: str) -> Iterator[Ungrounded]:
    """Capacities of an enterprise that the register no longer entitles it to (D3)."""
    enterprise = view.enterprises.get(number)
    for name in sorted(enterprise.capacities) if enterprise else ():
        if enterprise is not None and name not in enterprise.entitled:
            dn = view.place(f"umCapacityName={name},{view.tree.enterprise(number)}").dn
            reason = (
                f"D3: the register no longer says that enterprise {number} is entitled to capacity {name}"
            )
            yield Ungrounded(dn, "", "D3", reason)


def resting_on(view: View, place: Place) -> list[str]:
    """The accounts with roles that may rest on the facts of a person or an enterprise."""
    if place.kind is Kind.PERSON:
        return view.accounts_of(place.name)
    enterprise = view.enterprises.get(place.name)
    if place.kind is not Kind.ENTERPRISE or enterprise is None:
        return []
    groups = (group for item in enterprise.capacities.values() for group in item.groups.items())
    # The facts of an enterprise, personnel and bankruptcy, are about administrators.
    return sorted({uid for role, group in groups if role in MANAGERS_OF_CAPACITY for uid in group.everyone()})


def ungrounded_by(view: View, place: Place, uids: Iterable[str]) -> set[Ungrounded]:
    """All that rests on nothing, of these accounts and of the enterprise at `place`."""
    found = {item for uid in uids for _held, item in ungrounded_roles(view, uid)}
    if place.kind is Kind.ENTERPRISE:
        found.update(ungrounded_capacities(view, place.name))
    return found


def touches_facts(operation: Operation, view: View) -> Place | None:
    """Where the operation changes facts of the register that roles rest on; None for all others."""
    place = view.place(operation.dn)
    return place if place.kind in (Kind.PERSON, Kind.ENTERPRISE) else None
