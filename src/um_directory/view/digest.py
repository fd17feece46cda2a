"""A view as rows of digests: equal rows, equal views. For `um verify --view`, which compares two of them. Pure.

Rows are asked for a page at a time, so that a guard with a million accounts answers between two writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from hashlib import blake2b
from itertools import islice
from zlib import crc32

from um_directory.view.facts import Account, Capacity, CapacityDefinition, Enterprise, Holders, Person
from um_directory.view.index import View

Rows = dict[str, str]
_NOT_COMPARED = frozenset({"details"})


def tables() -> tuple[str, ...]:
    """The names of the tables."""
    return tuple(_TABLES)


def page(view: View, table: str, start: int, count: int) -> tuple[int, Rows]:
    """How many items the table has now, and the rows of `count` of them from the `start`th on.

    An item is an account, a person, an enterprise (for `groups`: all its groups) or a part of the catalogue. Writes
    between two pages may move items: what differs must be asked again by its key.

    :raises KeyError: no such table.
    """
    source, rows = _TABLES[table]
    items = source(view)
    return len(items), dict(row for key in islice(items, start, start + count) for row in rows(view, key))


def rows_of(view: View, table: str, keys: Iterable[str]) -> Rows:
    """The rows with these keys; those of which the view knows nothing are left out.

    :raises KeyError: no such table.
    """
    wanted = set(keys)
    source, rows = _TABLES[table]
    items = source(view)
    owners = {key.partition(" ")[0] for key in wanted}
    found = (row for owner in owners if owner in items for row in rows(view, owner))
    return {key: digest for key, digest in found if key in wanted}


def _digest(value: object) -> str:
    return blake2b(repr(value).encode(), digest_size=8).hexdigest()


def _flat(item: object) -> list[tuple[str, object]]:
    """The fields of a fact as plain values in a fixed order."""
    found = []
    for field in fields(item):  # type: ignore[arg-type]
        value = getattr(item, field.name)
        if field.name not in _NOT_COMPARED and not isinstance(value, dict):
            found.append((field.name, sorted(value) if isinstance(value, frozenset) else value))
    return found


def _holders(holders: Holders) -> str:
    # Independent of the order, and without copying what may be a million usernames.
    sums = []
    for uids in (holders.active, holders.blocked):
        mixed = 0
        for uid in uids:
            mixed ^= crc32(uid.encode())
        sums.append((len(uids), mixed))
    return _digest(sums)


def _account_rows(view: View, key: str) -> Iterator[tuple[str, str]]:
    account: Account = view.accounts[key]
    yield key, _digest(_flat(account))


def _person_rows(view: View, key: str) -> Iterator[tuple[str, str]]:
    person: Person = view.persons[key]
    yield key, _digest(_flat(person))


def _enterprise_rows(view: View, key: str) -> Iterator[tuple[str, str]]:
    enterprise: Enterprise = view.enterprises[key]
    capacities = [_flat(enterprise.capacities[name]) for name in sorted(enterprise.capacities)]
    yield key, _digest((_flat(enterprise), capacities))


def _group_rows(view: View, key: str) -> Iterator[tuple[str, str]]:
    enterprise = view.enterprises[key]
    for role, holders in enterprise.groups.items():
        yield f"{key} {role}", _holders(holders)
    for name, capacity in enterprise.capacities.items():
        yield from ((f"{key} {name} {leaf}", digest) for leaf, digest in _capacity_groups(capacity))


def _capacity_groups(capacity: Capacity) -> Iterator[tuple[str, str]]:
    for role, holders in capacity.groups.items():
        yield role.value, _holders(holders)
    for application, holders in capacity.authorizations.items():
        yield f"authorization {application}", _holders(holders)


def _catalogue_rows(view: View, key: str) -> Iterator[tuple[str, str]]:
    catalogue = view.catalogue
    if key == "applications":
        yield key, _digest(sorted(catalogue.applications))
    elif key == "declarations":
        yield key, _digest(sorted(catalogue.declarations))
    else:
        for name, definition in catalogue.capacities.items():
            kept: CapacityDefinition = definition
            yield f"{key} {name}", _digest(_flat(kept))


_Source = Callable[
    [View], "dict[str, object] | dict[str, Account] | dict[str, Person] | dict[str, Enterprise]"
]
_RowsOf = Callable[[View, str], Iterator[tuple[str, str]]]
_TABLES: dict[str, tuple[_Source, _RowsOf]] = {
    "accounts": (lambda view: view.accounts, _account_rows),
    "persons": (lambda view: view.persons, _person_rows),
    "enterprises": (lambda view: view.enterprises, _enterprise_rows),
    "groups": (lambda view: view.enterprises, _group_rows),
    "catalogue": (
        lambda _view: dict.fromkeys(("applications", "declarations", "capacities")),
        _catalogue_rows,
    ),
}
