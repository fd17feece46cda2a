"""What the rules on role groups (D1, D2, D4 to D7) have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from um_directory.guard import change as parts
from um_directory.guard.rules.base import ALLOW, Case, Refuse, Verdict
from um_directory.guard.rules.e08_withdrawn import blocks_without_ground
from um_directory.model.roles import Role
from um_directory.model.tree import Kind

LOOKS_AT = (parts.RoleTransition, parts.HoldersAfter, parts.EntryAdded, parts.EntryRemoved)


@dataclass(frozen=True, slots=True)
class GroupRule:
    """The check of one role: who designates, and how many holders there may be."""

    role: Role
    who: str  # the refusal's text: who may do it instead
    limits: Callable[[parts.HoldersAfter, Case], Verdict]

    def __call__(self, part: parts.Part, case: Case) -> Verdict:
        """Allow or refuse the parts of this role's group; no opinion on others."""
        if part.place.kind is not Kind.ROLE_GROUP or part.place.role is not self.role:
            return None
        if not isinstance(part, LOOKS_AT):
            return None  # other attributes of a group are nobody's business
        place = part.place
        if blocks_without_ground(part, case):
            return None  # E8 decides
        if not case.registrar_loads and not case.may_designate(self.role, place.enterprise, place.capacity):
            return Refuse(self.who)
        if isinstance(part, parts.HoldersAfter):
            return self.limits(part, case)
        return ALLOW


def any_number(_after: parts.HoldersAfter, _case: Case) -> Verdict:
    """0..n holders."""
    return ALLOW
