"""D11: nobody blocks, removes or promotes himself."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import Case, Refuse, Rule, Verdict
from um_directory.model.roles import Role


def check(part: parts.Part, case: Case) -> Verdict:
    """Refuse to change the standing of any account of the actor's own person.

    Two things stay possible: a CAM who is also the LA hands that role over (§2), and a manager takes a lower role
    himself, which D1 to D7 decide.
    """
    actor = case.actor
    if actor.kind != "person" or not isinstance(part, parts.RoleTransition):
        return None
    same_person = case.view.accounts[part.uid].ssin == actor.ssin
    if not same_person or part.before is None:
        return None
    if part.role is Role.LA and actor.leads(part.place.enterprise):
        return None
    return Refuse(
        "nobody blocks, unblocks or removes himself ({uid} as {role}); another manager does this",
        {"uid": part.uid, "role": part.role.value},
    )


RULE = Rule(
    "D11",
    "Nobody blocks, removes or promotes himself.",
    "reading",
    (parts.RoleTransition,),
    check,
)
