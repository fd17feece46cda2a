"""Values: dataclasses that nobody changes after they are made, and that cost little to make.

A question of the guard makes some twenty of them. `frozen=True` takes three times as long to make one, for each field
then goes through `object.__setattr__`; so that they are not changed is here left to the type checker (PEP 681).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

_T = TypeVar("_T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value_type(cls: type[_T]) -> type[_T]:
    """Make a class a value: with slots, comparable, hashable by its fields."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
