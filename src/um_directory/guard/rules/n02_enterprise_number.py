"""N2 (ours): an enterprise number is valid."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import Case, Refuse, Rule, Verdict
from um_directory.model.numbers import is_enterprise_number
from um_directory.model.tree import Kind


def check(part: parts.Part, _case: Case) -> Verdict:
    """Refuse a new enterprise whose number has wrong check digits."""
    if not isinstance(part, parts.EntryAdded) or part.place.kind is not Kind.ENTERPRISE:
        return None
    if is_enterprise_number(part.written_name):
        return None
    return Refuse(
        "{number} is not a valid enterprise number; check its ten digits", {"number": part.written_name}
    )


RULE = Rule(
    "N2",
    "An enterprise number has ten digits and valid check digits.",
    "ours",
    (parts.EntryAdded,),
    check,
    places=frozenset({Kind.ENTERPRISE}),
)
