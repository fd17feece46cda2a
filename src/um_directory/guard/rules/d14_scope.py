"""D14: no reach outside one's scope."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import Case, Refuse, Rule, Verdict


def check(part: parts.Part, case: Case) -> Verdict:
    """Refuse what lies in another enterprise or capacity, and holders who are of another enterprise."""
    if isinstance(part, parts.UnknownHolder):
        return Refuse(
            "{dn} is not an account of enterprise {enterprise}; register the account first",
            {"dn": part.value, "enterprise": part.place.enterprise},
        )
    if isinstance(part, parts.RoleTransition | parts.GrantTransition):
        account = case.view.accounts[part.uid]
        if part.after and account.enterprise != part.place.enterprise:
            return Refuse(
                "{uid} is an account of enterprise {other}, not of {enterprise}",
                {"uid": part.uid, "other": account.enterprise, "enterprise": part.place.enterprise},
            )
    actor, place = case.actor, part.place
    if actor.kind != "person" or place.enterprise is None:
        return None
    if place.enterprise != actor.enterprise:
        return Refuse(
            "{uid} is of enterprise {own} and has no reach in {enterprise}; its own managers do this",
            {"uid": actor.uid, "own": actor.enterprise, "enterprise": place.enterprise},
        )
    if place.capacity is None or actor.leads(place.enterprise):
        return None
    if not any(held.capacity == place.capacity for held in actor.roles):
        return Refuse(
            "{uid} has no role in capacity {capacity}; its local administrator does this",
            {"uid": actor.uid, "capacity": place.capacity},
        )
    return None


RULE = Rule(
    "D14",
    "No reach outside one's scope: nothing in another enterprise, nothing in another capacity than one's own.",
    "§1.2.2, §5.1",
    (
        parts.RoleTransition,
        parts.GrantTransition,
        parts.UnknownHolder,
        parts.EntryAdded,
        parts.EntryRemoved,
        parts.AttributeChanged,
        parts.PasswordChanged,
    ),
    check,
)
