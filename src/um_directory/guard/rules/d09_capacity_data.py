"""D9: the editable data of a capacity, by its managers and by CAM/co-CAM."""

from __future__ import annotations

from um_directory.guard import change as parts
from um_directory.guard.rules.base import ALLOW, Case, Refuse, Rule, Verdict
from um_directory.model.tree import Kind

EDITABLE = frozenset({"mail", "telephonenumber", "description", "umsendernumber", "umrecognitionnumber"})
_CONTAINERS = frozenset({Kind.AUTHORIZATIONS, Kind.ROUTING, Kind.CHANNELS})


def check(part: parts.Part, case: Case) -> Verdict:
    """Decide on a capacity's own attributes and on the containers below it."""
    place = part.place
    data = isinstance(part, parts.AttributeChanged) and place.kind is Kind.CAPACITY
    container = isinstance(part, parts.EntryAdded) and place.kind in _CONTAINERS
    if not data and not container:
        return None
    if not case.registrar_loads and not case.actor.manages(place.enterprise, place.capacity):
        return Refuse(
            "the data of a capacity are edited by its local administrator or a co-local "
            "administrator, the chief access manager or a co-chief access manager"
        )
    if isinstance(part, parts.AttributeChanged):
        return ALLOW if part.attribute in EDITABLE else None
    return ALLOW


RULE = Rule(
    "D9",
    "Capacity e-mail and other editable capacity data, routing and channels: LA and co-LA of the capacity; "
    "CAM/co-CAM too.",
    "§5.2, §2",
    (parts.AttributeChanged, parts.EntryAdded),
    check,
    places=_CONTAINERS | {Kind.CAPACITY},
)
