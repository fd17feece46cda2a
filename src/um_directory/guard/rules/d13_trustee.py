"""D13: when an enterprise is bankrupt, its trustee is the local administrator of capacity `employer`."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import Case, Refuse, Rule, Verdict
from um_directory.model.roles import HeldRole, Role
from um_directory.model.tree import Kind

EMPLOYER = "employer"
TRUSTEE = "umtrusteeof"


def is_trustee_change(part: parts.Part, case: Case) -> bool:
    """Whether `part` is about the LA of capacity employer of a bankrupt enterprise."""
    place = part.place
    if place.role is not Role.LA or place.capacity != EMPLOYER or not case.view.readings.d13_trustee:
        return False
    enterprise = case.view.enterprises.get(place.enterprise or "")
    return enterprise is not None and enterprise.bankrupt


def is_trustee(uid: str, held: HeldRole, case: Case) -> bool:
    """Whether `uid` holds this role as the trustee of a bankrupt enterprise."""
    enterprise = case.view.enterprises.get(held.enterprise)
    if held.role is not Role.LA or held.capacity != EMPLOYER or not case.view.readings.d13_trustee:
        return False
    person = case.person_behind(uid)
    named = person is not None and TRUSTEE in person.relations_with(held.enterprise)
    return named and enterprise is not None and enterprise.bankrupt


def check(part: parts.Part, case: Case) -> Verdict:
    """Refuse anybody but the trustee as LA there."""
    if not isinstance(part, parts.RoleTransition) or not part.designates or not is_trustee_change(part, case):
        return None
    person = case.person_behind(part.uid)
    if person is not None and TRUSTEE in person.relations_with(part.place.enterprise or ""):
        return None
    return Refuse(
        "enterprise {enterprise} is bankrupt: only the trustee whom the register names can be "
        "local administrator of capacity employer; designate him",
        {"enterprise": part.place.enterprise},
    )


RULE = Rule(
    "D13",
    "When an enterprise is bankrupt, the register names the trustee; he is then the LA of capacity employer, and "
    "CAM/co-CAM cannot designate another LA there.",
    "ch. 6, reading",
    (parts.RoleTransition,),
    check,
    places=frozenset({Kind.ROLE_GROUP}),
    roles=frozenset({Role.LA}),
)
