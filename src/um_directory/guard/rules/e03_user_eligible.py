"""E3: who can be user; the relations that count are the catalogue's (E5)."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import Case, Rule, Verdict
from um_directory.guard.rules.eligibility import require_relation
from um_directory.model.roles import Role
from um_directory.model.tree import Kind


def check(part: parts.Part, case: Case) -> Verdict:
    """Refuse who has no relation that counts in this capacity."""
    assert isinstance(part, parts.RoleTransition)
    if part.role not in _asked(case) or not part.designates:
        return None
    definition = case.view.catalogue.capacities.get(part.place.capacity or "")
    return require_relation(part, case, definition.user_relations if definition else frozenset())


def _asked(case: Case) -> tuple[Role, ...]:
    """E4: of a technical user no relation is asked, unless the site reads it otherwise."""
    return (Role.USER, Role.TECHNICAL) if case.view.readings.e4_relation else (Role.USER,)


RULE = Rule(
    "E3",
    "User: employee, director, managing director, manager, associate or member. (Not founder.)",
    "ch. 6",
    (parts.RoleTransition,),
    check,
    places=frozenset({Kind.ROLE_GROUP}),
    roles=frozenset({Role.USER, Role.TECHNICAL}),
)
