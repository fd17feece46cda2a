"""D15: another's account is edited, and its password reset, by who may designate every role it holds."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import ALLOW, Case, Refuse, Rule, Verdict
from um_directory.guard.rules.d13_trustee import is_trustee
from um_directory.guard.rules.terms import ROLES, Term
from um_directory.model.roles import Role
from um_directory.model.tree import Kind

EDITABLE = frozenset({"preferredlanguage", "mail"})
_RANK = tuple(Role)
"""From the highest down: who may designate one may designate those after it, within the enterprise."""
_CHIEFS = Term("the chief access manager or a co-chief access manager")
_CONTACT = Term("the contact center")
_BY = {Role.CO_CAM: Term("the chief access manager of the enterprise")}


def check(part: parts.Part, case: Case) -> Verdict:
    """Decide on passwords and data of accounts other than the actor's own.

    The contact center helps a chief access manager whatever else he is: nobody else could, and he may well be
    local administrator too (E6, D16). So it does a trustee, over whom the enterprise's own managers have no say (D13).
    """
    actor, place = case.actor, part.place
    if place.kind is not Kind.ACCOUNT or place.dn == actor.dn:
        return None
    if isinstance(part, parts.PasswordChanged) and case.change.is_load:
        return ALLOW  # the first password of an account whose registration D6 decides
    if isinstance(part, parts.AttributeChanged) and (case.change.is_load or part.attribute not in EDITABLE):
        return None
    if not (actor.manages_any_of(place.enterprise) or actor.kind == "contact-center"):
        return Refuse(
            "another's account is edited by who may designate him: a local or co-local "
            "administrator, the chief access manager or a co-chief access manager"
        )
    roles = case.roles_at(place)
    if not roles and not (actor.leads(place.enterprise) or actor.kind == "contact-center"):
        # It may be about to become more than this actor may designate.
        return Refuse(
            "{uid} has no role yet: such an account is changed by {who}", {"uid": place.name, "who": _CHIEFS}
        )
    helped = [held for held in roles if held.role is Role.CAM or is_trustee(place.name, held, case)]
    if actor.kind == "contact-center" and helped:
        return ALLOW
    refusing = [
        held
        for held in roles
        if held in helped or not case.may_designate(held.role, held.enterprise, held.capacity)
    ]
    if not refusing or (len(refusing) < len(roles) and not case.view.readings.d15_every_role):
        return ALLOW
    highest = min(roles, key=lambda held: _RANK.index(held.role)).role
    return Refuse(
        "{uid} is {role}: such an account is changed by who may designate all its roles: {who}",
        {"uid": place.name, "role": ROLES[highest], "who": _CONTACT if helped else _BY.get(highest, _CHIEFS)},
    )


RULE = Rule(
    "D15",
    "Password reset and editing of another account only by someone who may designate every role which that "
    "account holds.",
    "reading, for safety",
    (parts.AttributeChanged, parts.PasswordChanged),
    check,
    places=frozenset({Kind.ACCOUNT}),
)
