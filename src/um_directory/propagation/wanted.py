"""What an application should know: a pure function of the view."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from um_directory.model.roles import ENTERPRISE_ROLES, HeldRole, Role, State
from um_directory.propagation.record import PERSONAL, Grant, Record
from um_directory.view import Account, View
from um_directory.view.access import USER_MANAGEMENT, effective_access, role_applications

KEEP = ("sn", "givenname", "mail", "preferredlanguage")
"""The account attributes that a view must keep for `wanted` (see `View`)."""


class Audience(Protocol):
    """The part of an application's configuration that decides who and what it is told."""

    @property
    def applications(self) -> frozenset[str]:
        """Catalogue names of the applications whose users the target wants to know."""

    @property
    def attributes(self) -> frozenset[str]:
        """Which personal attributes it gets (keys of `PERSONAL`)."""


def wanted(view: View, audience: Audience, uids: Iterable[str] | None = None) -> Iterator[Record]:
    """Yield a record for each account (of `uids`, or all) that holds a role which gives an application.

    An account whose every such role is blocked is wanted, inactive; one that has none is not wanted, which
    means removal at a target that knew it.
    """
    for uid in view.accounts if uids is None else uids:
        account = view.accounts.get(uid)
        if account is None:
            continue
        grants = tuple(sorted(_grants(view, uid, audience.applications)))
        if grants:
            active = not effective_access(view, uid).applications.isdisjoint(audience.applications)
            yield Record(uid, account.enterprise, active, grants, **_personal(view, account, audience))


def _grants(view: View, uid: str, applications: frozenset[str]) -> Iterator[Grant]:
    for held in view.roles_of(uid):
        for application in applications:
            status = _status(view, uid, held, application)
            if status is not None:
                yield Grant(application, held.capacity or "", str(held.role), status)


def _status(view: View, uid: str, held: HeldRole, application: str) -> State | None:
    """How `held` gives `application` (A1 to A3), were it active: None when it does not give it at all."""
    if application == USER_MANAGEMENT:
        return None if held.role is Role.TECHNICAL else held.state  # A4
    if held.role in ENTERPRISE_ROLES:
        given = role_applications(view, uid, held.enterprise, None, held.role)
        return held.state if application in given else None
    definition = view.catalogue.capacities.get(held.capacity or "")
    if definition is None or application not in definition.applications:
        return None
    if held.role in {Role.LA, Role.CO_LA}:
        return held.state
    if held.role is not Role.USER:
        return None
    holders = view.enterprises[held.enterprise].capacities[definition.name].authorizations.get(application)
    granted = holders.state(uid) if holders else None
    return held.state if granted == "active" else granted


def _personal(view: View, account: Account, audience: Audience) -> dict[str, str | None]:
    known = dict(zip(view.keep, account.details or (), strict=False))
    known["umssin"] = account.ssin
    return {
        field: known.get(name.lower()) or None
        for name, field in PERSONAL.items()
        if name in audience.attributes
    }
