"""E6: CAM and LA may be the same natural person where the enterprise has one single active capacity."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import Case, Refuse, Rule, Verdict
from um_directory.guard.rules.d16_legacy import is_take_over
from um_directory.model.roles import Role
from um_directory.model.tree import Kind
from um_directory.view import Enterprise


def check(part: parts.Part, case: Case) -> Verdict:
    """Refuse to make one person both with more than one active capacity; what stood before stays."""
    if not isinstance(part, parts.RoleTransition) or part.after != "active":
        return None
    enterprise = case.view.enterprises.get(part.place.enterprise or "")
    if (
        enterprise is None
        or part.role not in (Role.CAM, Role.LA)
        or not case.view.readings.e6_single_capacity
    ):
        return None
    active = {capacity.name for capacity in enterprise.capacities.values() if capacity.is_active()}
    if part.role is Role.LA and part.place.capacity is not None:
        active.add(part.place.capacity)
    account = case.view.accounts.get(part.uid)
    if len(active) <= 1 or account is None or account.ssin not in _other_side(part.role, enterprise, case):
        return None
    if is_take_over(part, case):
        return None  # it stood before, in the old system
    return Refuse(
        "{uid} would be both chief access manager and local administrator of enterprise {enterprise}, which has "
        "more than one active capacity; designate another person",
        {"uid": part.uid, "enterprise": enterprise.number},
    )


def _other_side(role: Role, enterprise: Enterprise, case: Case) -> set[str]:
    if role is Role.LA:
        groups = [enterprise.groups.get(Role.CAM)]
    else:
        groups = [capacity.groups.get(Role.LA) for capacity in enterprise.capacities.values()]
    uids = {uid for group in groups if group for uid in group.active}
    return {case.view.accounts[uid].ssin for uid in uids if uid in case.view.accounts}


RULE = Rule(
    "E6",
    "CAM and LA may be the same natural person where the enterprise has one single active capacity.",
    "§1.1.3 margin",
    (parts.RoleTransition,),
    check,
    places=frozenset({Kind.ROLE_GROUP}),
    roles=frozenset({Role.CAM, Role.LA}),
)
