"""D6: users are registered, blocked, unblocked and removed by the capacity's managers and by CAM/co-CAM."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import ALLOW, Case, Refuse, Rule, Verdict
from um_directory.guard.rules.holders import LOOKS_AT, GroupRule, any_number
from um_directory.guard.rules.terms import ROLES
from um_directory.model.roles import Role
from um_directory.model.tree import Kind

ACCOUNT_DATA = frozenset(
    {"cn", "sn", "givenname", "displayname", "title", "mail", "preferredlanguage", "umssin"}
)
"""What the registration of an account asks for (§4.1.3, §5.1), beside username and password."""

_users = GroupRule(
    Role.USER,
    "a user is registered, blocked, unblocked or removed by the local administrator or a co-local "
    "administrator of the capacity, the chief access manager or a co-chief access manager",
    any_number,
)


def check(part: parts.Part, case: Case) -> Verdict:
    """The group of users, and the account entries that every designation starts from."""
    if part.place.kind is not Kind.ACCOUNT:
        return _users(part, case) if not _has_old_grants(part, case) else _old_grants(part)
    if isinstance(part, parts.EntryAdded):
        return _registration(part, case)
    if isinstance(part, parts.EntryRemoved):
        return _deletion(part, case)
    if isinstance(part, parts.AttributeChanged) and case.change.is_load and part.attribute in ACCOUNT_DATA:
        return ALLOW  # of an entry whose addition is decided above
    return None


def _has_old_grants(part: parts.Part, case: Case) -> bool:
    """Whether somebody becomes a user while authorizations from an earlier time as user still name him."""
    if not isinstance(part, parts.RoleTransition) or part.role is not Role.USER or part.before is not None:
        return False
    if case.stored:
        return False  # they are those of today
    enterprise = case.view.enterprises.get(part.place.enterprise or "")
    grants = enterprise.grants_of(part.uid) if enterprise else ()
    return any(capacity == part.place.capacity for capacity, _application in grants)


def _old_grants(part: parts.Part) -> Refuse:
    assert isinstance(part, parts.RoleTransition)
    return Refuse(
        "the authorizations that {uid} had as a user of {capacity} are still being ended; try again in a moment",
        {"uid": part.uid, "capacity": part.place.capacity},
    )


def _registration(part: parts.EntryAdded, case: Case) -> Verdict:
    actor, enterprise = case.actor, part.place.enterprise
    if actor.manages_any_of(enterprise) or actor.kind in ("registrar", "contact-center"):
        return ALLOW
    return Refuse(
        "an account is registered by a manager of enterprise {enterprise}: a local or co-local "
        "administrator, the chief access manager or a co-chief access manager",
        {"enterprise": enterprise},
    )


def _deletion(part: parts.EntryRemoved, case: Case) -> Verdict:
    place = part.place
    if not (case.actor.leads(place.enterprise) or case.actor.kind in ("registrar", "contact-center")):
        return Refuse("an account is deleted by the chief access manager or a co-chief access manager")
    for held in case.roles_at(place):
        where = held.capacity or held.enterprise
        return Refuse(
            "{uid} is still {role} in {where}; end the role first",
            {"uid": place.name, "role": ROLES[held.role], "where": where},
        )
    enterprise = case.view.enterprises.get(place.enterprise or "")
    for capacity, application in enterprise.grants_of(place.name) if enterprise else ():
        return Refuse(
            "{uid} still has an authorization for {application} in {capacity}; end it first",
            {"uid": place.name, "application": application, "capacity": capacity},
        )
    return ALLOW


RULE = Rule(
    "D6",
    "Users are registered, edited, blocked, unblocked, removed by LA and co-LA in their own capacity, by "
    "CAM/co-CAM in every capacity of the enterprise.",
    "§1.1.2, §1.2.2, §5.1",
    (*LOOKS_AT, parts.AttributeChanged),
    check,
    places=frozenset({Kind.ROLE_GROUP, Kind.ACCOUNT}),
    roles=frozenset({Role.USER}),
)
