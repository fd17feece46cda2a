"""N1 (ours): an SSIN is valid, and a natural person's entry is named by his."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import Case, Refuse, Rule, Verdict
from um_directory.model.numbers import is_ssin
from um_directory.model.tree import Kind


def check(part: parts.Part, _case: Case) -> Verdict:
    """Refuse numbers whose date or check digits are wrong."""
    if isinstance(part, parts.AttributeChanged):
        written = [value.decode("utf-8", "replace") for value in part.values]
        numbers = written if part.attribute == "umssin" else []
    elif isinstance(part, parts.EntryAdded) and part.place.kind is Kind.PERSON:
        numbers = [part.written_name]
    else:
        return None
    for number in numbers:
        if not is_ssin(number):
            return Refuse("{number} is not a valid SSIN; check its eleven digits", {"number": number})
    return None


RULE = Rule(
    "N1",
    "An SSIN has a valid form and check digits.",
    "ours",
    (parts.AttributeChanged, parts.EntryAdded),
    check,
)
