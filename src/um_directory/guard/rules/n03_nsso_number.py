"""N3 (ours): an NSSO number is valid."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import Case, Refuse, Rule, Verdict
from um_directory.model.numbers import is_nsso_number


def check(part: parts.Part, _case: Case) -> Verdict:
    """Refuse numbers out of range or with wrong check digits."""
    if not isinstance(part, parts.AttributeChanged) or part.attribute != "umnssonumber":
        return None
    for value in part.values:
        number = value.decode("utf-8", "replace")
        if not is_nsso_number(number):
            return Refuse(
                "{number} is not a valid NSSO number; check its nine digits (ten when provisional)",
                {"number": number},
            )
    return None


RULE = Rule(
    "N3",
    "An NSSO number is in range and has valid check digits.",
    "ours",
    (parts.AttributeChanged,),
    check,
)
