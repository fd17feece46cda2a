"""What follows from an account's roles: its effective access (A1 to A5), and what managers read it by (S). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from um_directory.model.roles import ENTERPRISE_ROLES, Role
from um_directory.model.tree import Tree
from um_directory.view.facts import Enterprise
from um_directory.view.index import View

USER_MANAGEMENT = "user-management"
"""The application that every manager and user has (A1, A2, A3)."""


@dataclass(frozen=True, slots=True)
class Access:
    """`applications` the account may use; `active` says whether it may bind at all (A5).

    `holder_in`: the capacities in which it holds a role, active or blocked. `manager_in`: those of which it is
    active LA or co-LA. Whoever is in the second reads who is in the first (S).
    """

    applications: frozenset[str]
    active: bool
    holder_in: frozenset[str] = frozenset()
    manager_in: frozenset[str] = frozenset()


NO_ACCESS = Access(frozenset(), active=False)


def effective_access(view: View, uid: str) -> Access:
    """Derive the access of `uid` from its roles; `NO_ACCESS` for an unknown account.

    A1: CAM and co-CAM get user-management. A2: LA and co-LA also every application of their capacity.
    A3: a user also what D8 grants. A4: a technical user no application. A5: blocked roles give nothing.
    """
    account = view.accounts.get(uid)
    enterprise = view.enterprises.get(account.enterprise) if account else None
    if enterprise is None:
        return NO_ACCESS
    applications: set[str] = set()
    holder_in: set[str] = set()
    manager_in: set[str] = set()
    active = False
    for held in enterprise.roles_of(uid):
        if held.capacity is not None:
            holder_in.add(held.capacity)
        if held.state != "active":
            continue
        active = True
        if held.role is not Role.TECHNICAL:
            applications.add(USER_MANAGEMENT)
        if held.capacity is not None and held.role in {Role.LA, Role.CO_LA}:
            manager_in.add(held.capacity)
        applications |= role_applications(view, uid, held.enterprise, held.capacity, held.role)
    return Access(frozenset(applications), active, frozenset(holder_in), frozenset(manager_in))


def _all_applications(view: View, enterprise: Enterprise) -> frozenset[str]:
    """What the capacities of the enterprise offer (the other reading of A1)."""
    definitions = (view.catalogue.capacities.get(name) for name in enterprise.capacities)
    return frozenset(application for found in definitions if found for application in found.applications)


def as_stored(tree: Tree, enterprise: str, access: Access) -> dict[str, tuple[bytes, ...]]:
    """The attributes of an account of `enterprise` that say its access, with their values as the keeper writes them."""

    def capacities(names: frozenset[str]) -> tuple[bytes, ...]:
        return tuple(tree.capacity(enterprise, name).encode() for name in sorted(names))

    return {
        "memberOf": tuple(tree.access_group(name).encode() for name in sorted(access.applications)),
        "umAccountStatus": (b"active" if access.active else b"inactive",),
        "umHolderIn": capacities(access.holder_in),
        "umManagerIn": capacities(access.manager_in),
    }


def role_applications(
    view: View, uid: str, enterprise: str, capacity: str | None, role: Role
) -> frozenset[str]:
    """What one active role gives besides user-management (A1 to A3)."""
    if role in ENTERPRISE_ROLES:
        only = view.readings.a1_user_management_only
        return frozenset() if only else _all_applications(view, view.enterprises[enterprise])
    definition = view.catalogue.capacities.get(capacity or "")
    if definition is None:
        return frozenset()
    if role in {Role.LA, Role.CO_LA}:
        return definition.applications
    if role is Role.USER:
        authorizations = view.enterprises[enterprise].capacities[definition.name].authorizations
        granted = {name for name, holders in authorizations.items() if uid in holders.active}
        return frozenset(granted & definition.applications)
    return frozenset()
