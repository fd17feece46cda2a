"""The six roles, their holders' limits and where they are kept (docs/reference/domain.md)."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias

from um_directory.model.values import value_type


class Role(StrEnum):
    """A role; the value is the name used in output and towards downstream applications."""

    CAM = "chief-access-manager"
    CO_CAM = "co-chief-access-manager"
    LA = "local-administrator"
    CO_LA = "co-local-administrator"
    USER = "user"
    TECHNICAL = "technical-user"


State: TypeAlias = Literal["active", "blocked"]
"""What a holder is; somebody who does not hold the role has state None."""

GROUP_NAMES: dict[str, Role] = {
    "chief-access-manager": Role.CAM,
    "co-chief-access-managers": Role.CO_CAM,
    "local-administrator": Role.LA,
    "co-local-administrators": Role.CO_LA,
    "users": Role.USER,
    "technical-user": Role.TECHNICAL,
}
"""The `cn` of each role's group entry."""
GROUP_OF: dict[Role, str] = {role: name for name, role in GROUP_NAMES.items()}
"""The other way round."""

ENTERPRISE_ROLES = frozenset({Role.CAM, Role.CO_CAM})
MANAGERS_OF_CAPACITY = frozenset({Role.LA, Role.CO_LA})
CAPACITY_ROLES = frozenset({Role.LA, Role.CO_LA, Role.USER, Role.TECHNICAL})


@value_type
class HeldRole:
    """A role of one account: in which enterprise, and for the capacity roles in which capacity."""

    role: Role
    enterprise: str
    capacity: str | None
    state: State
