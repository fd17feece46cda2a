"""E1: who can be chief or co-chief access manager."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import Case, Rule, Verdict
from um_directory.guard.rules.eligibility import require_relation
from um_directory.model.roles import ENTERPRISE_ROLES
from um_directory.model.tree import Kind

RELATIONS = frozenset({"umemployeeof", "umdirectorof", "ummanagingdirectorof", "ummanagerof", "umfounderof"})


def check(part: parts.Part, case: Case) -> Verdict:
    """Refuse others than the five."""
    assert isinstance(part, parts.RoleTransition)
    if part.role not in ENTERPRISE_ROLES or not part.designates:
        return None
    return require_relation(part, case, RELATIONS)


RULE = Rule(
    "E1",
    "CAM, co-CAM: employee, director, managing director, manager or natural-person founder of the enterprise.",
    "ch. 6",
    (parts.RoleTransition,),
    check,
    places=frozenset({Kind.ROLE_GROUP}),
    roles=ENTERPRISE_ROLES,
)
