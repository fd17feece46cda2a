"""SV (ours): what the service keeps, and that nobody else does."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import ALLOW, Case, Refuse, Rule, Verdict
from um_directory.model.tree import Kind

KEPT = frozenset({"memberof", "umaccountstatus", "umholderin", "ummanagerin"})


def check(part: parts.Part, case: Case) -> Verdict:
    """Allow the service its own attributes and the end of grants of those who are no longer users."""
    service = case.actor.kind == "service"
    if isinstance(part, parts.AttributeChanged):
        if part.place.kind is Kind.ACCOUNT and part.attribute in KEPT:
            if service:
                return ALLOW
            return Refuse(
                "{attribute} follows from the roles and is written by the service alone; managers change "
                "the roles instead",
                {"attribute": part.attribute},
            )
        return None
    if not service or part.place.kind is not Kind.AUTHORIZATION:
        return None
    if isinstance(part, parts.GrantTransition):
        return ALLOW if part.after is None and not _is_user(part, case) else None
    return ALLOW if isinstance(part, parts.HoldersAfter) else None


def _is_user(part: parts.GrantTransition, case: Case) -> bool:
    return any(
        held.role == "user" and held.capacity == part.place.capacity for held in case.view.roles_of(part.uid)
    )


RULE = Rule(
    "SV",
    "Effective access is written by the service alone.",
    "ours",
    (parts.AttributeChanged, parts.GrantTransition, parts.HoldersAfter),
    check,
    places=frozenset({Kind.ACCOUNT, Kind.AUTHORIZATION}),
)
