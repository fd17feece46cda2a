"""What E1, E2 and E3 have in common: the register's relations of the person behind an account."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import Case, Refuse, Verdict
from um_directory.model.roles import Role


def require_relation(
    part: parts.Part, case: Case, roles: frozenset[Role], accepted: frozenset[str], whom: str
) -> Verdict:
    """Refuse to make a person a holder of one of `roles` who has no accepted relation with the enterprise.

    Blocking and removing need no eligibility; designating and unblocking do.
    """
    if not isinstance(part, parts.RoleTransition) or part.role not in roles:
        return None
    if part.after is None or (part.after == "blocked" and part.before is not None):
        return None
    ssin = case.view.accounts[part.uid].ssin
    person = case.view.persons.get(ssin)
    if person is not None and person.relations_with(part.place.enterprise or "") & accepted:
        return None
    return Refuse(
        "the register does not know {uid} as {whom} of enterprise {enterprise}",
        {"uid": part.uid, "whom": whom, "enterprise": part.place.enterprise},
    )
