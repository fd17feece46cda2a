"""The rule matrix: every operation of the domain by every kind of actor, on a real slapd, client bound as the actor."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from support.matrix import MatrixWorld, actors_of
from support.matrix_actions import ACTIONS
from support.matrix_tables import ROWS, Row
from support.service import Service, wait_until


@pytest.fixture(scope="module")
def world(service: Service) -> Iterator[MatrixWorld]:
    """Loaded once: every cell leaves it as it was."""
    loaded = MatrixWorld(service).load()
    yield loaded
    loaded.close()


STAYS = ("activate", "name its first LA", "users before the first LA")
"""Capacities cannot be given up (no rule allows it): each allowed cell has one of its own."""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_everybody_may_what_the_domain_says(world: MatrixWorld, row: Row) -> None:
    wrong = []
    for column, expected in row.expected.items():
        for actor in actors_of(column) if expected != "-" else ():
            said = world.outcome(actor, ACTIONS[row.name])
            if said.split(" ")[0] != expected:
                wrong.append(f"{actor}: {said}, the domain says {expected}")
            elif " (" in said:
                wrong.append(f"{actor}: {said}")
    assert not wrong
    if row.name in STAYS:
        world.known = world.snapshot()
        return
    with contextlib.suppress(AssertionError):
        wait_until(lambda: not world.left_behind(), 5)
    left, world.known = world.left_behind(), world.snapshot()
    assert not left, "every cell leaves the world as it was"
