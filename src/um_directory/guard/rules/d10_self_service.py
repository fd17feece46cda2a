"""D10: everyone's own language, e-mail, password and certificate; nothing else of one's own entry."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import ALLOW, Case, Refuse, Rule, Verdict
from um_directory.guard.rules.c05_certificate import CERTIFICATE
from um_directory.model.tree import Kind

OWN_DATA = frozenset({"preferredlanguage", "mail"}) | CERTIFICATE


def check(part: parts.Part, case: Case) -> Verdict:
    """Allow these to the owner, refuse him the rest; C5 looks at the certificate itself."""
    actor, place = case.actor, part.place
    if actor.kind != "person" or place.kind is not Kind.ACCOUNT or place.dn != actor.dn:
        return None
    if isinstance(part, parts.PasswordChanged):
        return ALLOW
    assert isinstance(part, parts.AttributeChanged)
    if part.attribute in OWN_DATA:
        return ALLOW
    return Refuse(
        "of his own account everyone changes language, e-mail, password and certificate; {attribute} nobody "
        "changes, a manager can register another account",
        {"attribute": part.attribute},
    )


RULE = Rule(
    "D10",
    "Self-service for everyone: own language, e-mail, password, certificate. Nothing else of one's own entry.",
    "§1.3.1, §4.2",
    (parts.AttributeChanged, parts.PasswordChanged),
    check,
    places=frozenset({Kind.ACCOUNT}),
)
