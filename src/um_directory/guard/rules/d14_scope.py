"""D14: no reach outside one's scope."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import Case, Refuse, Rule, Verdict


def check(part: parts.Part, case: Case) -> Verdict:
    """Refuse what lies in another enterprise or capacity, and holders who are of another enterprise.

    Reach first: to who has none, this rule must not tell which accounts exist.
    """
    return _out_of_reach(part, case) or _foreign_holder(part, case)


def _out_of_reach(part: parts.Part, case: Case) -> Verdict:
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
            "{uid} has no role in capacity {capacity}; its local administrator, the chief access "
            "manager or a co-chief access manager does this",
            {"uid": actor.uid, "capacity": place.capacity},
        )
    return None


def _foreign_holder(part: parts.Part, case: Case) -> Verdict:
    if isinstance(part, parts.UnknownHolder):
        return Refuse(
            "{dn} is not an account of enterprise {enterprise}; register the account first",
            {"dn": part.value, "enterprise": part.place.enterprise},
        )
    if not isinstance(part, parts.RoleTransition | parts.GrantTransition) or part.after is None:
        return None
    account = case.view.accounts.get(part.uid)
    if account is not None and account.enterprise == part.place.enterprise:
        return None
    return Refuse(
        "{uid} is not an account of enterprise {enterprise}; a role is held by an account of the enterprise itself",
        {"uid": part.uid, "enterprise": part.place.enterprise},
    )


RULE = Rule(
    "D14",
    "No reach outside one's scope: nothing in another enterprise, nothing in another capacity than one's own.",
    "§1.2.2, §5.1",
    parts.EVERY_PART,
    check,
)
