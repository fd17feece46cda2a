"""D8: an authorization grants an active user of the capacity an application that the capacity offers."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import ALLOW, Case, Refuse, Rule, Verdict
from um_directory.model.roles import Role
from um_directory.model.tree import Kind


def check(part: parts.Part, case: Case) -> Verdict:
    """Decide on authorization entries and on who is named in them."""
    place = part.place
    if place.kind is not Kind.AUTHORIZATION:
        return None
    if not case.registrar_loads and not case.actor.manages(place.enterprise, place.capacity):
        if case.actor.kind == "service":
            return None  # it may end the grants of those who are no longer users (SV)
        return Refuse(
            "an authorization is given or taken by the local administrator or a co-local "
            "administrator of the capacity, the chief access manager or a co-chief access manager"
        )
    if isinstance(part, parts.EntryAdded):
        return _not_offered(part, case) or ALLOW
    if isinstance(part, parts.GrantTransition) and part.designates:
        return _not_offered(part, case) or _to_user(part, case)
    return ALLOW


def _not_offered(part: parts.Part, case: Case) -> Refuse | None:
    definition = case.view.catalogue.capacities.get(part.place.capacity or "")
    if definition is not None and part.place.name in definition.applications:
        return None
    return Refuse(
        "capacity {capacity} does not offer application {application}; choose one that it offers",
        {"capacity": part.place.capacity, "application": part.place.name},
    )


def _to_user(part: parts.GrantTransition, case: Case) -> Verdict:
    """An active user; a blocked one for the registrar, and for a grant that starts out blocked."""
    capacity = case.view.capacity(part.place)
    users = capacity.groups.get(Role.USER) if capacity else None
    if users is None or users.state(part.uid) is None:
        return Refuse(
            "{uid} is not a user of capacity {capacity}; register him there first",
            {"uid": part.uid, "capacity": part.place.capacity},
        )
    if users.state(part.uid) != "active" and part.after == "active" and not case.registrar_loads:
        return Refuse("{uid} is blocked as a user; unblock him first", {"uid": part.uid})
    return ALLOW


RULE = Rule(
    "D8",
    "An authorization grants an active user of the capacity an application that the capacity offers; same "
    "managers as D6.",
    "§1.1.2, §1.2.2",
    (parts.GrantTransition, parts.HoldersAfter, parts.EntryAdded, parts.EntryRemoved),
    check,
    places=frozenset({Kind.AUTHORIZATION}),
)
