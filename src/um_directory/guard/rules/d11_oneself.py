"""D11: nobody blocks, removes or promotes himself."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import Case, Refuse, Rule, Verdict
from um_directory.guard.rules.terms import ROLES
from um_directory.model.roles import Role
from um_directory.model.tree import Kind

_DEPUTY_OF = {Role.CO_CAM: Role.CAM, Role.CO_LA: Role.LA}


def check(part: parts.Part, case: Case) -> Verdict:
    """Refuse to change the standing of any account of the actor's own person.

    Two things stay possible: a CAM who is also the LA hands that role over (§2), and a manager takes a lower role
    himself, which D1 to D7 decide. His own deputy he does not become: that would outlast his replacement.
    """
    actor = case.actor
    if (
        actor.kind != "person"
        or not case.view.readings.d11_refuse_oneself
        or not isinstance(part, parts.RoleTransition)
        or not case.is_actors_own(part.uid)
    ):
        return None
    values = {"uid": part.uid, "role": ROLES[part.role]}
    if part.before is None:
        if not _is_principal(part, case):
            return None
        return Refuse(
            "nobody makes himself his own deputy ({uid} as {role}); another manager does this", values
        )
    if part.role is Role.LA and actor.leads(part.place.enterprise):
        return None
    return Refuse(
        "nobody blocks, unblocks or removes himself ({uid} as {role}); another manager does this", values
    )


def _is_principal(part: parts.RoleTransition, case: Case) -> bool:
    """Whether the actor's person is CAM or LA there himself, under any account and in any chosen role (A6)."""
    enterprise = case.view.enterprises.get(part.place.enterprise or "")
    owner = enterprise if part.place.capacity is None else case.view.capacity(part.place)
    principal = _DEPUTY_OF.get(part.role)
    group = owner.groups.get(principal) if owner and principal else None
    return group is not None and any(case.is_actors_own(uid) for uid in group.active)


RULE = Rule(
    "D11",
    "Nobody blocks, removes or promotes himself.",
    "reading",
    (parts.RoleTransition,),
    check,
    places=frozenset({Kind.ROLE_GROUP}),
)
