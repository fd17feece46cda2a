"""What E1, E2 and E3 have in common: the register's relations of the person behind an account."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import Case, Refuse, Verdict
from um_directory.guard.rules.terms import any_relation


def needs_relation(part: parts.Part) -> bool:
    """Whether somebody is designated or unblocked: blocking and removing need no eligibility."""
    if not isinstance(part, parts.RoleTransition) or part.after is None:
        return False
    return part.after == "active" or part.before is None


def require_relation(part: parts.Part, case: Case, accepted: frozenset[str]) -> Verdict:
    """Refuse who has none of the `accepted` relations (attribute names, lower case) with the enterprise."""
    assert isinstance(part, parts.RoleTransition)
    person = case.person_behind(part.uid)
    if person is not None and person.relations_with(part.place.enterprise or "") & accepted:
        return None
    values = {"uid": part.uid, "enterprise": part.place.enterprise, "whom": any_relation(accepted)}
    if values["whom"] is None:
        return Refuse("no relation with enterprise {enterprise} makes {uid} eligible for this role", values)
    return Refuse("the register does not know {uid} as {whom} of enterprise {enterprise}", values)
