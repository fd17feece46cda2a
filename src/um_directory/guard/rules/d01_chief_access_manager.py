"""D1: the chief access manager is designated and changed by the contact center."""

from __future__ import annotations

from um_directory.guard.change import HoldersAfter
from um_directory.guard.rules.base import ALLOW, Case, Refuse, Rule, Verdict
from um_directory.guard.rules.holders import LOOKS_AT, GroupRule
from um_directory.model.roles import Role
from um_directory.model.tree import Kind


def _exactly_one(after: HoldersAfter, _case: Case) -> Verdict:
    if after.active == 1 and after.blocked == 0:
        return ALLOW
    return Refuse("an enterprise has exactly one chief access manager; replace him in one modify")


RULE = Rule(
    "D1",
    "The CAM is designated and changed by the contact center. A change is one atomic hand-over.",
    "§1.3 margin, ch. 6",
    LOOKS_AT,
    GroupRule(
        Role.CAM, "the chief access manager is designated and changed by the contact center", _exactly_one
    ),
    places=frozenset({Kind.ROLE_GROUP}),
    roles=frozenset({Role.CAM}),
)
