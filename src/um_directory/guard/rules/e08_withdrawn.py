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
from um_directory.guard.rules.terms import ROLES
from um_directory.model.roles import Role

_ON_FACTS = (d13_trustee, e01_chief_eligible, e02_administrator_eligible, e03_user_eligible)
BLOCKED = frozenset({Role.CO_CAM, Role.CO_LA, Role.USER, Role.TECHNICAL})
"""The roles that can be blocked without leaving nobody in charge."""


def check(part: parts.Part, case: Case) -> Verdict:
    """Allow the service the block of a role without ground, where the site wants that; refuse it every other."""
    if case.actor.kind != "service" or part.place.role is None:
        return None
    if isinstance(part, parts.HoldersAfter):
        return ALLOW  # it follows from the transitions, each of which must be allowed
    assert isinstance(part, parts.RoleTransition)
    blocks = part.before == "active" and part.after == "blocked" and part.role in BLOCKED
    if blocks and case.view.readings.e8_withdrawn == "block" and without_ground(part, case):
        return ALLOW
    return Refuse(
        "the service only blocks roles whose ground the register withdrew; its managers decide on {uid} as {role}",
        {"uid": part.uid, "role": ROLES[part.role]},
    )


def without_ground(part: parts.RoleTransition, case: Case) -> tuple[str, Refuse] | None:
    """The rule that would refuse this holder were he designated now, by the facts of the register; None: none would."""
    anew = replace(part, before=None, after="active")
    for module in _ON_FACTS:
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
)
