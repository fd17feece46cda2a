"""D8: an authorization grants an active user of the capacity an application that the capacity offers."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import ALLOW, Case, Refuse, Rule, Verdict
from um_directory.model.roles import Role
from um_directory.model.tree import Kind

_ATTRIBUTES = frozenset({"objectclass", "cn", "member", "umblockedmember"})


def check(part: parts.Part, case: Case) -> Verdict:
    """Decide on authorization entries and on who is named in them."""
    place = part.place
    if place.kind is not Kind.AUTHORIZATION:
        return None
    if not case.registrar_loads and not case.actor.manages(place.enterprise, place.capacity):
        # The service may end the grants of those who are no longer users (SV).
        return (
            None
            if case.actor.kind == "service"
            else Refuse(
                "an authorization is given or taken by the managers of the capacity and of the enterprise"
            )
        )
    if isinstance(part, parts.EntryAdded):
        return _offered(part, case)
    if isinstance(part, parts.GrantTransition) and part.after == "active":
        return _to_active_user(part, case)
    return ALLOW


def _offered(part: parts.EntryAdded, case: Case) -> Verdict:
    definition = case.view.catalogue.capacities.get(part.place.capacity or "")
    if definition is None or part.place.name not in definition.applications:
        return Refuse(
            "capacity {capacity} does not offer application {application}",
            {"capacity": part.place.capacity, "application": part.place.name},
        )
    return ALLOW if part.attributes <= _ATTRIBUTES else None


def _to_active_user(part: parts.GrantTransition, case: Case) -> Verdict:
    capacity = case.view.capacity(part.place)
    users = capacity.groups.get(Role.USER) if capacity else None
    if users is None or users.state(part.uid) is None:
        return Refuse(
            "{uid} is not a user of capacity {capacity}; register him there first",
            {"uid": part.uid, "capacity": part.place.capacity},
        )
    if users.state(part.uid) != "active" and not case.registrar_loads:
        return Refuse("{uid} is blocked as a user; unblock him first", {"uid": part.uid})
    return ALLOW


RULE = Rule(
    "D8",
    "An authorization grants an active user of the capacity an application that the capacity offers; same "
    "managers as D6.",
    "§1.1.2, §1.2.2",
    (parts.GrantTransition, parts.EntryAdded, parts.EntryRemoved),
    check,
)
