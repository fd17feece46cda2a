"""D12: enterprise data, natural persons, relations and mandates come from the register."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import ALLOW, Case, Refuse, Rule, Verdict
from um_directory.guard.rules.terms import kind_term
from um_directory.model.tree import Kind
from um_directory.view.readers import RELATIONS

FACTS: dict[Kind, frozenset[str]] = {
    Kind.PERSON: frozenset({"umssin", "sn", "givenname", "cn"}) | RELATIONS,
    Kind.ENTERPRISE: frozenset(
        {
            "umenterprisenumber",
            "umnssonumber",
            "o",
            "umentitledcapacity",
            "umhaspersonnel",
            "umbankrupt",
            "street",
            "postalcode",
            "l",
            "mail",
            "telephonenumber",
            "preferredlanguage",
            "description",
        }
    ),
    Kind.MANDATE: frozenset(
        {
            "cn",
            "umprincipal",
            "ummandatary",
            "umdeclarationgroup",
            "umfirstquarter",
            "umlastquarter",
            "description",
        }
    ),
}
"""What the register says of each kind: what slapd keeps by itself (pwdPolicySubentry, authzTo) is not among it."""
MULTILINGUAL = frozenset({"o", "street", "l", "description"})


def check(part: parts.Part, case: Case) -> Verdict:
    """Allow the registrar the facts and the containers of a new enterprise; refuse facts to everyone else."""
    assert isinstance(part, parts.EntryAdded | parts.EntryRemoved | parts.AttributeChanged)
    kind = part.place.kind
    registrar = case.actor.kind == "registrar"
    if kind is Kind.ACCOUNTS:
        added = isinstance(part, parts.EntryAdded)
        return ALLOW if added and (registrar or case.actor.kind == "contact-center") else None
    if kind not in FACTS:
        return None
    if registrar:
        return ALLOW if not isinstance(part, parts.AttributeChanged) or _is_fact(part) else None
    return Refuse(
        "what is here ({kind}) comes from the authorities' registers; only the registrar, their "
        "feed, changes it",
        {"kind": kind_term(kind)},
    )


def _is_fact(part: parts.AttributeChanged) -> bool:
    name, option, _ = part.attribute.partition(";")
    # Options are for names and addresses in several languages: what rules look at has none.
    return name in FACTS[part.place.kind] and (not option or name in MULTILINGUAL)


RULE = Rule(
    "D12",
    "Enterprise data come from the register and are read-only for everyone else.",
    "§4.1.2",
    (parts.EntryAdded, parts.EntryRemoved, parts.AttributeChanged),
    check,
    places=frozenset(FACTS) | {Kind.ACCOUNTS},
)
