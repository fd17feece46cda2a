"""Chance that repeats itself, and numbers that do not.

Of Python's `random` only the sequence of `random()` is promised to stay the same from version to version, so
nothing else of it is used here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from random import Random
from typing import TypeVar

T = TypeVar("T")

_GOLDEN = 0.6180339887498949  # steps of this share of a range spread out well


class Chance:
    """Decisions that follow from a seed alone."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random  # noqa: S311 - nothing secret is made here

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1."""
        return int(self._random() * limit)

    def happens(self, share: float) -> bool:
        """True in `share` (0 to 1) of all calls."""
        return self._random() < share

    def one_of(self, items: Sequence[T]) -> T:
        """One of the items, each as likely. An item listed twice is twice as likely."""
        return items[int(self._random() * len(items))]


@dataclass(frozen=True, slots=True)
class Scatter:
    """A walk through 0 … `size` - 1 that meets every number once, in no apparent order.

    It makes unique numbers without remembering those given before.
    """

    size: int
    start: int
    stride: int

    @classmethod
    def seeded(cls, size: int, chance: Chance) -> Scatter:
        """A walk whose start and stride come from `chance`."""
        stride = int(size * _GOLDEN) + chance.below(max(1, size // 10))
        while gcd(stride, size) != 1:
            stride += 1
        return cls(size, chance.below(size), stride)

    def at(self, index: int) -> int:
        """The number at step `index`.

        :raises ValueError: when the walk has no such step: numbers would repeat.
        """
        if not 0 <= index < self.size:
            raise ValueError(f"there are only {self.size} different numbers")
        return (self.start + index * self.stride) % self.size
