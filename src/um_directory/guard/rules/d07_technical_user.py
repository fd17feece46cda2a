"""D7: one technical user a capacity."""

from __future__ import annotations

from um_directory.guard.change import HoldersAfter
from um_directory.guard.rules.base import ALLOW, Case, Refuse, Rule, Verdict
from um_directory.guard.rules.holders import LOOKS_AT, GroupRule
from um_directory.model.roles import Role
from um_directory.model.tree import Kind


def _at_most_one(after: HoldersAfter, _case: Case) -> Verdict:
    if after.active + after.blocked <= 1:
        return ALLOW
    return Refuse("a capacity has one technical user at most; replace him in one modify")


RULE = Rule(
    "D7",
    "One technical user a capacity, by the same managers.",
    "§1.1.2, §1.2.2",
    LOOKS_AT,
    GroupRule(
        Role.TECHNICAL,
        "a technical user is designated by the local administrator or a co-local administrator of the "
        "capacity, the chief access manager or a co-chief access manager",
        _at_most_one,
    ),
    places=frozenset({Kind.ROLE_GROUP}),
    roles=frozenset({Role.TECHNICAL}),
)
