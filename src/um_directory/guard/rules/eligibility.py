"""What E1, E2 and E3 have in common: the register's relations of the person behind an account."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import Case, Refuse, Verdict
from um_directory.guard.rules.terms import any_relation


def require_relation(part: parts.RoleTransition, case: Case, accepted: frozenset[str]) -> Verdict:
    """Refuse who has none of the `accepted` relations (attribute names, lower case) with the enterprise."""
    person = case.person_behind(part.uid)
    if person is not None and person.relations_with(part.place.enterprise or "") & accepted:
        return None
    values = {"uid": part.uid, "enterprise": part.place.enterprise, "whom": any_relation(accepted)}
    if values["whom"] is None:
        return Refuse(
            "no relation with enterprise {enterprise} makes {uid} or anybody else eligible for this "
            "role; the catalogue must first name one",
            values,
        )
    return Refuse(
        "the register does not know {uid} as {whom} of enterprise {enterprise}; designate "
        "somebody whom it does",
        values,
    )
