"""The stream of records of any number of made-up enterprises."""

from __future__ import annotations

from collections.abc import Iterator

from um_directory.generate.chance import Chance
from um_directory.generate.planner import Planner
from um_directory.generate.records import Records
from um_directory.generate.shapes import SIZES
from um_directory.model.operation import Add
from um_directory.model.tree import Tree

MOST_ACCOUNTS = 10_000_000
"""Beyond this the made-up numbers could run out."""

DEFAULT_SUFFIX = "dc=um,dc=example"


def generate(
    accounts: int, seed: int, *, one_enterprise: bool = False, suffix: str = DEFAULT_SUFFIX
) -> Iterator[Add]:
    """Make enterprises with `accounts` accounts in all, or a single enterprise that has them all.

    Only one enterprise is held in memory at a time. What comes depends on the arguments alone.

    :raises ValueError: for fewer than 1 or more than `MOST_ACCOUNTS` accounts.
    :raises MalformedName: for a suffix that is no DN.
    """
    if not 1 <= accounts <= MOST_ACCOUNTS:
        raise ValueError(f"accounts must be 1 to {MOST_ACCOUNTS}, not {accounts}")
    return _stream(accounts, seed, one_enterprise, Tree(suffix))


def _stream(accounts: int, seed: int, one_enterprise: bool, tree: Tree) -> Iterator[Add]:
    chance = Chance(seed)
    planner = Planner(chance)
    previous: str | None = None
    index = 0
    while accounts:
        size = accounts if one_enterprise else min(accounts, _size(chance))
        records = Records(tree, planner.enterprise(index, size), previous)
        yield from records
        previous = records.dn
        accounts -= size
        index += 1


def _size(chance: Chance) -> int:
    """Accounts of one enterprise: many have few, few have many."""
    lot = chance.below(sum(weight for _, _, weight in SIZES))
    for least, most, weight in SIZES:
        lot -= weight
        if lot < 0:
            return least + chance.below(most - least + 1)
    raise AssertionError("weights add up")
