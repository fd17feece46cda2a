"""A6: the role for a session is chosen at the start; our own front ends act for a person, and say for whom."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.actor import actor_for
from um_directory.guard.rules.base import ALLOW, Case, Refuse, Rule, Verdict
from um_directory.guard.rules.terms import ROLES
from um_directory.model.roles import ENTERPRISE_ROLES, Role

_ENDED = Refuse(
    "the role that was chosen for this connection is not active any more; open another connection"
)


def check(part: parts.Part, case: Case) -> Verdict:
    """Decide on declarations, and refuse everything else to who must declare first."""
    if isinstance(part, parts.SessionDeclared):
        return _declaration(part, case)
    if case.actor.kind == "undeclared":
        return Refuse(
            "the service has not said on this connection for whom it acts; declare it first (cn=session)"
        )
    if case.actor.chosen and not case.actor.roles:
        return _ENDED
    if case.actor.kind == "forgotten":
        return Refuse(
            "this connection is older than the guard; open another, or choose the role again (cn=session)"
        )
    return None


def _declaration(part: parts.SessionDeclared, case: Case) -> Verdict:
    """`case.actor` is here the identity that bound, whatever it declared before."""
    actor = case.actor
    acting_for = case.view.place(part.acting_for).dn if part.acting_for else actor.dn
    if actor.kind == "undeclared":
        if acting_for != actor.dn:
            return _as_person(part, acting_for, case)
        # The keeper of effective access: it has no roles to choose from, and names itself like any other.
        if part.role or not part.acting_for:
            return Refuse("the service has no role; say for whom it acts (umActingFor)")
        return ALLOW
    if actor.kind not in ("person", "forgotten"):
        return Refuse("an operator has no role to choose; the accounts of an enterprise have")
    if acting_for != actor.dn:
        return Refuse("only the service acts for somebody else; log in as {dn}", {"dn": part.acting_for})
    if not part.role:
        return Refuse("say which role (umActingRole)")
    return _same_again(part, case) if actor.chosen else _as_person(part, acting_for, case)


def _as_person(part: parts.SessionDeclared, dn: str, case: Case) -> Verdict:
    person = actor_for(dn, case.view)
    if person.kind != "person":
        return Refuse("{dn} is not an account; name one that is", {"dn": dn})
    if not person.roles:
        return Refuse("{uid} has no active role; a manager can designate or unblock", {"uid": person.uid})
    if part.role:
        role, capacity = chosen(part)
        if role is None or not person.holds(role, person.enterprise, capacity):
            return Refuse("{uid} is not active in that role; choose one that he holds", {"uid": person.uid})
    return ALLOW


def _same_again(part: parts.SessionDeclared, case: Case) -> Verdict:
    role, capacity = chosen(part)
    if any(held.role is role and held.capacity == capacity for held in case.actor.roles):
        return ALLOW
    if not case.actor.roles:
        return _ENDED
    return Refuse(
        "this connection acts as {role}; open another connection to choose another role",
        {"role": ROLES[case.actor.roles[0].role]},
    )


def chosen(part: parts.SessionDeclared) -> tuple[Role | None, str | None]:
    """The role and its capacity that a declaration names; None where there is no such role."""
    try:
        role = Role(part.role.lower())
    except ValueError:
        return None, None
    if (role in ENTERPRISE_ROLES) == bool(part.capacity):
        return None, None
    return role, part.capacity.lower() or None


RULE = Rule(
    "A6",
    "The role for a session is chosen at the start: while acting as one role, only that role's rights count. The "
    "service says for whom it acts.",
    "§2",
    parts.EVERY_PART,
    check,
)
