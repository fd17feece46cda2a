"""D3: activation of a capacity, with the data it asks for and its local administrator.

LDAP adds one entry at a time, so activation is two writes: the capacity with its data, then the group
`cn=local-administrator` with its member. Until the second the capacity is not active, and nothing else can be
written below it.
"""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import ALLOW, Case, Refuse, Rule, Verdict
from um_directory.model.roles import Role
from um_directory.model.tree import Kind


def check(part: parts.Part, case: Case) -> Verdict:
    """Decide on a new capacity, on the data it asks for, and on anything new below one that is not active yet."""
    if isinstance(part, parts.AttributeChanged) and part.place.kind is Kind.CAPACITY:
        return _data_kept(part, case)
    if not isinstance(part, parts.EntryAdded) or part.place.capacity is None:
        return None
    if part.place.kind is Kind.CAPACITY:
        return _new_capacity(part, case)
    capacity = case.view.capacity(part.place)
    if part.place.role is not Role.LA and (capacity is None or not capacity.is_active()):
        return Refuse(
            "capacity {capacity} is not active yet; name its local administrator first",
            {"capacity": part.place.capacity},
        )
    return None


def _data_kept(part: parts.AttributeChanged, case: Case) -> Verdict:
    if not case.actor.manages(part.place.enterprise, part.place.capacity):
        return None  # D9 says who may
    definition = case.view.catalogue.capacities.get(part.place.name)
    if definition is None or part.attribute not in definition.activation_attributes:
        return None
    if not part.removes and all(map(bytes.strip, part.values)):
        return None
    others = (other for other in case.change.parts if isinstance(other, parts.AttributeChanged))
    *_, last = (other for other in others if other.attribute == part.attribute)
    if any(map(bytes.strip, last.values)):
        return None  # deleted and given anew in one modify, in this order
    return Refuse(
        "capacity {capacity} also asks for {missing}; give it too",
        {"capacity": part.place.name, "missing": part.attribute},
    )


def _new_capacity(part: parts.EntryAdded, case: Case) -> Verdict:
    place = part.place
    if not case.registrar_loads and not case.actor.leads(place.enterprise):
        return Refuse("a capacity is activated by the chief access manager or a co-chief access manager")
    definition = case.view.catalogue.capacities.get(place.name)
    if definition is None:
        return Refuse(
            "{capacity} is not a capacity of the catalogue; choose one that is", {"capacity": place.name}
        )
    enterprise = case.view.enterprises.get(place.enterprise or "")
    if enterprise is None or place.name not in enterprise.entitled:
        return Refuse(
            "the register does not say that enterprise {enterprise} is entitled to capacity "
            "{capacity}; the authority that keeps it can correct this",
            {"enterprise": place.enterprise, "capacity": place.name},
        )
    missing = definition.activation_attributes - part.attributes
    if missing:
        return Refuse(
            "capacity {capacity} also asks for {missing}; give it too",
            {"capacity": place.name, "missing": ", ".join(sorted(missing))},
        )
    return ALLOW


RULE = Rule(
    "D3",
    "CAM and co-CAM activate a capacity, only one that the register says the enterprise is entitled to, with the "
    "data that this capacity asks for, and naming its LA.",
    "§4.1.1",
    (parts.EntryAdded, parts.AttributeChanged),
    check,
)
