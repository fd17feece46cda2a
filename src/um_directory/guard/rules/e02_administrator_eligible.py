"""E2: who can be local or co-local administrator; the relations that count are the catalogue's (E5)."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import Case, Rule, Verdict
from um_directory.guard.rules.d13_trustee import TRUSTEE, is_trustee_change
from um_directory.guard.rules.eligibility import require_relation
from um_directory.model.roles import Role
from um_directory.model.tree import Kind

_ROLES = frozenset({Role.LA, Role.CO_LA})
EMPLOYEE = "umemployeeof"


def check(part: parts.Part, case: Case) -> Verdict:
    """Refuse who has no relation that counts here, employees where the enterprise has no personnel."""
    assert isinstance(part, parts.RoleTransition)
    if part.role not in _ROLES or not part.designates:
        return None
    if is_trustee_change(part, case):
        return require_relation(part, case, frozenset({TRUSTEE}))  # D13
    definition = case.view.catalogue.capacities.get(part.place.capacity or "")
    accepted = definition.administrator_relations if definition else frozenset()
    enterprise = case.view.enterprises.get(part.place.enterprise or "")
    if enterprise is not None and not enterprise.has_personnel:
        accepted -= {EMPLOYEE}
    return require_relation(part, case, accepted)


RULE = Rule(
    "E2",
    "LA, co-LA: the same relations; where the enterprise has no personnel the employee route does not apply.",
    "ch. 6",
    (parts.RoleTransition,),
    check,
    places=frozenset({Kind.ROLE_GROUP}),
    roles=_ROLES,
)
