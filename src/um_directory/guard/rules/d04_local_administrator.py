"""D4: the local administrator is designated and replaced by CAM and co-CAM, never blocked or merely removed."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import ALLOW, Case, Refuse, Rule, Verdict
from um_directory.guard.rules.d13_trustee import is_trustee_change
from um_directory.guard.rules.holders import LOOKS_AT, GroupRule
from um_directory.model.roles import Role
from um_directory.model.tree import Kind


def _exactly_one(after: parts.HoldersAfter, case: Case) -> Verdict:
    blocked = after.blocked if case.view.readings.d4_block_administrator else 0
    if after.active + blocked == 1 and after.blocked == blocked:
        return ALLOW
    return Refuse(
        "a capacity has exactly one local administrator, who is never blocked; replace him in one modify"
    )


_group = GroupRule(
    Role.LA,
    "a local administrator is designated or replaced by the chief access manager or a "
    "co-chief access manager",
    _exactly_one,
)


def check(part: parts.Part, case: Case) -> Verdict:
    """As every group rule; the register's naming of a trustee is D13's."""
    if case.actor.kind == "registrar" and is_trustee_change(part, case):
        return _exactly_one(part, case) if isinstance(part, parts.HoldersAfter) else ALLOW
    return _group(part, case)


RULE = Rule(
    "D4",
    "CAM and co-CAM designate or change the LA of a capacity. An LA is never blocked or merely removed: he is "
    "replaced, again atomically.",
    "§1.1.2, reading",
    LOOKS_AT,
    check,
    places=frozenset({Kind.ROLE_GROUP}),
    roles=frozenset({Role.LA}),
)
