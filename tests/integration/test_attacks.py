"""Attacks on a running service, by everybody who can reach it: none may succeed.

Each family is a table of attempts (tests/support/attacks). After each, everything stored, read past slapd's access
rules, is as it was before, accesslog knows of no write, the guard's view equals the directory, and the log is clean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pytest

from support.attacker import TALLY, Attempt, World, attack
from support.attacks import (
    characters,
    controls,
    doors,
    entries,
    goals,
    passwords,
    sizes,
    spellings,
    together,
)
from support.service import Service

LEAST = 30_000
"""So that a table that came out empty is noticed."""

FAMILIES: dict[str, Callable[[World], Iterable[Attempt]]] = {
    "plainly": goals.plainly,
    "entries spelt otherwise": spellings.in_other_names,
    "attributes spelt otherwise": spellings.in_other_attributes,
    "values spelt otherwise": spellings.in_other_values,
    "controls": controls.all_of_them,
    "on behalf of others": controls.over_ldapi,
    "new entries": entries.added,
    "new entries of others": entries.added_by_some,
    "where nobody writes": entries.written_where_nobody_writes,
    "deletions": entries.deleted,
    "renames": entries.renamed,
    "object classes": entries.changed_in_kind,
    "operational attributes": entries.operational,
    "passwords of others": passwords.of_others,
    "passwords of no good form": passwords.own_of_no_form,
    "passwords under odd names": passwords.under_odd_names,
    "malformed password requests": passwords.malformed,
    "passwords behind others": passwords.behind_another,
    "passwords that are not to be": passwords.without_writing,
    "binds": doors.binds,
    "SASL": doors.sasl,
    "extended operations": doors.extended,
    "transactions": doors.transactions,
    "sessions": doors.session,
    "contradictions": together.contradictory,
    "beside something harmless": together.beside_something_harmless,
    "control characters in names": characters.in_names,
    "control characters in values": characters.in_values,
    "sizes": sizes.table,
}


@pytest.fixture(scope="module")
def world(service: Service) -> Iterator[World]:
    there = World(service)
    yield there
    there.close()


@pytest.mark.parametrize("family", FAMILIES)
def test_no_attack_succeeds(world: World, family: str) -> None:
    attack(world, family, list(FAMILIES[family](world)))


def test_every_attempt_was_made(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        refused = TALLY.refused_by_guard.total()
        print(f"\n{TALLY.total} attacks by {len(TALLY.attackers)} attackers; the guard refused {refused}")
    assert set(TALLY.held) == set(FAMILIES)
    assert TALLY.made == TALLY.held
    assert TALLY.total >= LEAST
