"""A5 (on writing): who has no active role does nothing here, whatever an old connection still says."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import Case, Refuse, Rule, Verdict
from um_directory.guard.rules.terms import Term

_ANONYMOUS = Term("an anonymous client")


def check(_part: parts.Part, case: Case) -> Verdict:
    """Refuse every part to a person without an active role, and to an unknown name."""
    actor = case.actor
    if actor.kind == "nobody":
        return Refuse("{dn} is not known here; log in with an account", {"dn": actor.dn or _ANONYMOUS})
    if actor.kind == "person" and not actor.roles and not actor.chosen:
        return Refuse("{uid} has no active role; a manager can designate or unblock", {"uid": actor.uid})
    return None


RULE = Rule(
    "A5",
    "Blocked role: nothing. An account without any active role cannot bind.",
    "§1.2.2, reading",
    parts.EVERY_PART,
    check,
)
