"""D5: co-local administrators are managed by the LA of that capacity and by CAM/co-CAM, never by a co-LA."""

from __future__ import annotations

from um_directory.guard.rules.base import Rule
from um_directory.guard.rules.holders import LOOKS_AT, GroupRule, any_number
from um_directory.model.roles import Role
from um_directory.model.tree import Kind

RULE = Rule(
    "D5",
    "Co-LAs are added, blocked, unblocked, removed by the LA of that capacity and by CAM/co-CAM; never by a co-LA.",
    "fn 2 and 3, §5.3, ch. 6",
    LOOKS_AT,
    GroupRule(
        Role.CO_LA,
        "a co-local administrator is added, blocked, unblocked or removed by the local administrator of the "
        "capacity, the chief access manager or a co-chief access manager",
        any_number,
    ),
    places=frozenset({Kind.ROLE_GROUP}),
    roles=frozenset({Role.CO_LA}),
)
