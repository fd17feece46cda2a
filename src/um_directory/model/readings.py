"""Where the manual is silent or contradicts itself, the domain chose a reading; a site may choose another.

Each field is named by its rule (docs/reference/domain.md). The defaults are the domain's readings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


def _reading(default: object, description: str) -> object:
    return field(default=default, metadata={"description": description})


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings of one directory. Guard, scheduler and commands must be given the same."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - pydantic's name; typing mistakes must show

    a1_user_management_only: bool = _reading(  # type: ignore[assignment]
        True,
        "A1: as such, CAM and co-CAM use user-management only; false: every application of the capacities.",
    )
    d4_block_administrator: bool = _reading(  # type: ignore[assignment]
        False, "D4: whether a local administrator can be blocked, and not only replaced."
    )
    d11_refuse_oneself: bool = _reading(  # type: ignore[assignment]
        True, "D11: nobody blocks, removes or promotes himself."
    )
    d13_trustee: bool = _reading(  # type: ignore[assignment]
        True, "D13: in a bankrupt enterprise only the trustee is local administrator of capacity employer."
    )
    d15_every_role: bool = _reading(  # type: ignore[assignment]
        True, "D15: another's account is edited by who may designate every role it holds; false: any of them."
    )
    e4_relation: bool = _reading(  # type: ignore[assignment]
        False, "E4: whether a technical user needs a relation, as a user does."
    )
    e6_single_capacity: bool = _reading(  # type: ignore[assignment]
        True, "E6: CAM and LA are one person only where the enterprise has one active capacity."
    )
    e8_withdrawn: Literal["report", "block"] = _reading(  # type: ignore[assignment]
        "report", "E8: what becomes of a role when the register withdraws the fact that it rests on."
    )
    c2_least_alphanumerics: int = _reading(  # type: ignore[assignment]
        2, "C2: the least number of letters and digits in a password."
    )
    c2_least_classes: int = _reading(  # type: ignore[assignment]
        2, "C2: how many of letters, digits and specials a password has at least."
    )

    def __post_init__(self) -> None:
        if not 0 <= self.c2_least_alphanumerics <= 10:  # noqa: PLR2004 - the shortest password
            raise ValueError("c2_least_alphanumerics is 0 to 10")
        if not 1 <= self.c2_least_classes <= 3:  # noqa: PLR2004 - there are three
            raise ValueError("c2_least_classes is 1 to 3")


DEFAULT = Readings()
"""The domain's own."""
