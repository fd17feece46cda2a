"""E8: what becomes of a role when the register withdraws the fact that it rests on.

It is reported, and stays. Where the site has chosen so, the service blocks it; a chief access manager and a local
administrator are still only reported, for there must be one: they are replaced (D1, D4).
"""

from __future__ import annotations

from dataclasses import replace

from um_directory.guard import change as parts
from um_directory.guard.rules import (
    d13_trustee,
    e01_chief_eligible,
    e02_administrator_eligible,
    e03_user_eligible,
)
from um_directory.guard.rules.base import ALLOW, Case, Refuse, Rule, Verdict
from um_directory.model.roles import Role
from um_directory.model.tree import Kind

ON_FACTS = (d13_trustee, e01_chief_eligible, e02_administrator_eligible, e03_user_eligible)
"""The rules that ask the register whom a role may be given to."""
BLOCKED = frozenset({Role.CO_CAM, Role.CO_LA, Role.USER, Role.TECHNICAL})
"""The roles that can be blocked without leaving nobody in charge."""


def check(part: parts.Part, case: Case) -> Verdict:
    """Allow the service the block of a role without ground, where the site wants that; every other is D1's to D7's."""
    return ALLOW if blocks_without_ground(part, case) else None


def blocks_without_ground(part: parts.Part, case: Case) -> bool:
    """Whether this is (part of) such a block by the service."""
    if case.actor.kind != "service" or case.view.readings.e8_withdrawn != "block":
        return False
    if isinstance(part, parts.HoldersAfter):  # it follows from the transitions
        moved = [other for other in case.change.parts if isinstance(other, parts.RoleTransition)]
        return bool(moved) and all(_is_such_a_block(other, case) for other in moved)
    return isinstance(part, parts.RoleTransition) and _is_such_a_block(part, case)


def _is_such_a_block(part: parts.RoleTransition, case: Case) -> bool:
    blocks = part.before == "active" and part.after == "blocked" and part.role in BLOCKED
    return blocks and without_ground(part, case) is not None


def without_ground(part: parts.RoleTransition, case: Case) -> tuple[str, Refuse] | None:
    """The rule that would refuse this holder were he designated now, by the facts of the register; None: none would."""
    anew = replace(part, before=None, after="active")
    for module in ON_FACTS:
        verdict = module.check(anew, case)
        if isinstance(verdict, Refuse):
            return module.RULE.id, verdict
    return None


RULE = Rule(
    "E8",
    "When the register withdraws the fact on which a role rests, the role is reported, not silently removed; a "
    "setting makes it block.",
    "reading",
    (parts.RoleTransition, parts.HoldersAfter),
    check,
    places=frozenset({Kind.ROLE_GROUP}),
    roles=BLOCKED,
)
