"""D16: who was local administrator of `employer` in the old system becomes both that and chief access manager."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import ALLOW, Case, Rule, Verdict
from um_directory.model.roles import Role
from um_directory.model.tree import Kind
from um_directory.view import Holders

EMPLOYER = "employer"


def is_take_over(part: parts.RoleTransition, case: Case) -> bool:
    """Whether the registrar's first load makes one person CAM and LA of employer, in either order.

    That designation stood before (manual §2), so E6 lets it stand, however many capacities are active. Only a load
    does this: afterwards nobody makes the combination any more.
    """
    enterprise = case.view.enterprises.get(part.place.enterprise or "")
    account = case.view.accounts.get(part.uid)
    if not case.registrar_loads or part.after != "active" or enterprise is None or account is None:
        return False
    if part.role is Role.CAM:
        employer = enterprise.capacities.get(EMPLOYER)
        other = employer.groups.get(Role.LA) if employer else None
    elif part.role is Role.LA and part.place.capacity == EMPLOYER:
        other = enterprise.groups.get(Role.CAM)
    else:
        return False
    return other is not None and account.ssin in _persons(other, case)


def _persons(group: Holders, case: Case) -> set[str]:
    return {case.view.accounts[uid].ssin for uid in group.active if uid in case.view.accounts}


def check(part: parts.Part, case: Case) -> Verdict:
    """Allow the second of the two roles; whom and with which values stays with E1, E2 and the others."""
    return ALLOW if isinstance(part, parts.RoleTransition) and is_take_over(part, case) else None


RULE = Rule(
    "D16",
    "Legacy migration: a person who was LA of employer in the old system becomes both LA of that capacity and CAM "
    "of the enterprise.",
    "§2",
    (parts.RoleTransition,),
    check,
    places=frozenset({Kind.ROLE_GROUP}),
    roles=frozenset({Role.CAM, Role.LA}),
)
