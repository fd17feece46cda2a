"""D2: only the chief access manager manages co-chief access managers."""

from __future__ import annotations

from um_directory.guard.rules.base import Rule
from um_directory.guard.rules.holders import LOOKS_AT, GroupRule, any_number
from um_directory.model.roles import Role
from um_directory.model.tree import Kind

RULE = Rule(
    "D2",
    "Only the CAM adds, blocks, unblocks and removes co-CAMs.",
    "fn 1, §4.1.3",
    LOOKS_AT,
    GroupRule(
        Role.CO_CAM,
        "only the chief access manager of the enterprise adds, blocks, unblocks or removes a "
        "co-chief access manager",
        any_number,
    ),
    places=frozenset({Kind.ROLE_GROUP}),
    roles=frozenset({Role.CO_CAM}),
)
