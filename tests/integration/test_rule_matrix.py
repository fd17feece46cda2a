"""The rule matrix: every operation of the domain by every kind of actor, on a real slapd, client bound as the actor."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.enterprise import block, unblock
from support.matrix import MatrixWorld, actors_of
from support.matrix_actions import ACTIONS
from support.matrix_more import (
    BANKRUPT_ACTIONS,
    DESIGNATORS,
    ONESELF_ACTIONS,
    VALUE_ACTIONS,
    eligibility,
    password_way,
)
from support.matrix_tables import (
    BANKRUPT,
    ELIGIBLE,
    NARROWED,
    ONESELF,
    PASSWORD_WAYS,
    PASSWORDS,
    ROWS,
    SESSION_ROWS,
    SESSIONS,
    STAYS,
    VALUES,
    Row,
)
from support.service import Service
from um_directory.errors import OperationRefused
from um_directory.guard.rules import RULES
from um_directory.model.roles import Role


@pytest.fixture(scope="module")
def world(service: Service) -> Iterator[MatrixWorld]:
    """Loaded once: every cell leaves it as it was."""
    loaded = MatrixWorld(service).load()
    yield loaded
    loaded.close()


def row_name(row: object) -> str:
    return row.id if isinstance(row, Row) else str(row)


@pytest.mark.parametrize("row", ROWS, ids=row_name)
def test_everybody_may_what_the_domain_says(world: MatrixWorld, row: Row) -> None:
    assert not world.compare(row, ACTIONS)
    if row.name in STAYS:
        world.known = world.snapshot()
    assert not world.settle()


@pytest.mark.parametrize("row", ONESELF, ids=row_name)
def test_nobody_changes_his_own_standing(world: MatrixWorld, row: Row) -> None:
    assert not world.compare(row, ONESELF_ACTIONS)
    assert not world.settle()


@pytest.mark.parametrize("row", BANKRUPT, ids=row_name)
def test_the_administrator_of_a_bankrupt_enterprise_is_its_trustee(world: MatrixWorld, row: Row) -> None:
    assert not world.compare(row, BANKRUPT_ACTIONS)
    assert not world.settle()


@pytest.mark.parametrize("row", ELIGIBLE, ids=row_name)
def test_relations_decide_who_can_be_designated(world: MatrixWorld, row: Row) -> None:
    wrong = []
    for role, expected in row.expected.items():
        said = world.outcome(DESIGNATORS.get(role, "cam"), eligibility(row.name, role))
        if said != expected:
            wrong.append(f"{role}: {said}, the domain says {expected}")
    assert not wrong
    assert not world.settle()


@pytest.mark.parametrize("row", VALUES, ids=row_name)
def test_names_and_numbers_have_their_form(world: MatrixWorld, row: Row) -> None:
    assert not world.compare(row, VALUE_ACTIONS)
    assert not world.settle()


@pytest.mark.parametrize("way", PASSWORD_WAYS)
def test_passwords_have_their_form(world: MatrixWorld, way: str) -> None:
    wrong = []
    for password, expected in PASSWORDS.items():
        said = world.outcome("la", password_way(way, password))
        if said != expected:
            wrong.append(f"{password}: {said}, the domain says {expected}")
    assert not wrong
    assert not world.settle()


# --- the role of a session (A6) ---


@pytest.mark.parametrize("actor", SESSIONS)
def test_the_service_acting_for_somebody_may_exactly_what_he_may(
    world: MatrixWorld, service: Service, actor: str
) -> None:
    wrong = []
    with service.connect("service") as through:
        through.act(world.account(actor))
        for row in SESSION_ROWS:
            expected = next(cell for column, cell in row.expected.items() if actor in actors_of(column))
            said = world.outcome(actor, ACTIONS[row.name], through)
            if said != expected:
                wrong.append(f"{row.name}: {said}, the domain says {expected}")
    assert not wrong
    assert not world.settle()


@pytest.mark.parametrize(("role", "like"), NARROWED.items())
@pytest.mark.parametrize("by_service", [True, False], ids=["through the service", "himself"])
def test_who_chose_one_of_his_roles_has_that_one_only(
    world: MatrixWorld, service: Service, role: str, like: str, by_service: bool
) -> None:
    wrong = []
    capacity = {"co-chief-access-manager": None, "co-local-administrator": "employer", "user": "mandatary"}[
        role
    ]
    with service.connect("service") if by_service else world.bind("many") as through:
        through.act(world.account("many") if by_service else None, Role(role), capacity)
        for row in SESSION_ROWS:
            said = world.outcome("many", ACTIONS[row.name], through)
            expected = next(cell for column, cell in row.expected.items() if like in actors_of(column))
            if said != expected:
                wrong.append(f"{row.name}: {said}, the domain says {expected}")
    assert not wrong
    assert not world.settle()


def test_two_people_on_two_connections_of_one_service(world: MatrixWorld, service: Service) -> None:
    row = {row.name: row for row in ROWS}
    with service.connect("service") as first, service.connect("service") as second:
        first.act(world.account("la"))
        second.act(world.account("user2"))
        for _ in range(3):
            for name in ("block user", "designate user of mandatary", "capacity e-mail", "own language"):
                expected = row[name].expected
                assert world.outcome("la", ACTIONS[name], first) == expected["la"]
                assert world.outcome("user2", ACTIONS[name], second) == expected["user2"]
        first.act(world.account("user2"))
        second.act(world.account("la"))
        assert world.outcome("user2", ACTIONS["block user"], first) == "D14"
        assert world.outcome("la", ACTIONS["block user"], second) == "ok"


def test_the_service_that_has_not_said_for_whom_writes_nothing(world: MatrixWorld, service: Service) -> None:
    with service.connect("service") as client:
        for row in SESSION_ROWS:
            assert world.outcome("anonymous", ACTIONS[row.name], client).partition(" ")[0] in UNDECLARED, (
                row.name
            )


UNDECLARED = ("A6", "slapd")
"""slapd itself keeps the service from some places."""


@pytest.mark.parametrize("name", ["bcocam", "bcola", "buser", "btech", "excam", "exla", "gone", "cand"])
def test_nobody_acts_for_who_has_no_active_role(world: MatrixWorld, service: Service, name: str) -> None:
    with service.connect("service") as client, pytest.raises(OperationRefused) as error:
        client.act(world.account(name))
    assert error.value.rule == "A6"


def test_who_is_blocked_while_somebody_acts_for_him_does_nothing_more(
    world: MatrixWorld, service: Service
) -> None:
    group = world.group("co-chief-access-managers")
    with service.connect("service") as client:
        client.act(world.account("cocam"))
        assert world.outcome("cocam", ACTIONS["block user"], client) == "ok"
        assert world.attempt(world.clients["cam"], block(group, world.account("cocam")), "nl") == "ok"
        assert world.outcome("cocam", ACTIONS["block user"], client) == "A5"
        assert world.attempt(world.clients["cam"], unblock(group, world.account("cocam")), "nl") == "ok"
        assert world.outcome("cocam", ACTIONS["block user"], client) == "ok"
    assert not world.settle()


# --- the whole ---


def cells() -> Iterator[tuple[str, str]]:
    """(marker, expected) of every cell of the tables."""
    for row in (*ROWS, *ONESELF, *BANKRUPT, *VALUES):
        for column, expected in row.expected.items():
            if expected != "-":
                yield from ((row.allows, expected) for _ in actors_of(column))
    for row in ELIGIBLE:
        yield from ((row.allows, expected) for expected in row.expected.values())
    for expected in PASSWORDS.values():
        yield from (("C2", expected) for _ in PASSWORD_WAYS)
    for row in SESSION_ROWS:
        for actor in SESSIONS:
            yield "A6", next(cell for column, cell in row.expected.items() if actor in actors_of(column))
    yield from (("A6", "A6") for _ in SESSION_ROWS)


def test_every_rule_is_shown_to_allow_and_to_refuse(capsys: pytest.CaptureFixture[str]) -> None:
    every = list(cells())
    refusing = {expected for _, expected in every}
    allowing = {marker for marker, expected in every if expected == "ok"} | ELSEWHERE
    assert {rule.id for rule in RULES} - refusing == ONLY_ALLOW
    assert {rule.id for rule in RULES} - allowing == set()
    with capsys.disabled():
        allowed = sum(expected == "ok" for _, expected in every)
        print(f"\nrule matrix: {len(every)} cells, {allowed} allowed, {len(every) - allowed} refused")


ELSEWHERE = {"SV", "E6", "E8", "D16"}
"""Allowed where no cell can show it: what the service writes (SV) follows every allowed cell, `settle` waits for it; E6
and D16 are about an enterprise with one capacity and a take-over (tests/integration/test_rule_matrix_single.py); E8
lets the service block after a withdrawal (test_withdrawn.py)."""
ONLY_ALLOW = {"E8", "D16"}
"""They say what is possible beside other rules, and refuse nothing by themselves."""
