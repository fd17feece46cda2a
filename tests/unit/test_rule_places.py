"""A rule is asked only where it says it has an opinion. Elsewhere, asked all the same, it must have none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from support.world import (
    EMPLOYER,
    EVERYBODY,
    FAR,
    MANDATARY,
    OWN,
    SUFFIX,
    World,
    account_dn,
    capacity_dn,
    enterprise_dn,
    grants_dn,
    group_dn,
    person_dn,
    ssin,
)
from um_directory.guard import change as parts
from um_directory.guard.actor import actor_for
from um_directory.guard.change import Change
from um_directory.guard.rules import RULES
from um_directory.guard.rules.base import Case, Rule
from um_directory.model.operation import Add, Modify
from um_directory.model.readings import Readings
from um_directory.model.roles import Role, State
from um_directory.model.tree import Kind, Place

PLACES = [
    SUFFIX,
    f"umCapacityName={EMPLOYER},ou=capacities,ou=catalogue,{SUFFIX}",
    f"cn=dmfa,ou=applications,ou=catalogue,{SUFFIX}",
    person_dn(ssin(1)),
    *(enterprise_dn(number) for number in (OWN, FAR)),
    f"ou=accounts,{enterprise_dn()}",
    *(account_dn(uid) for uid in ("theuser1", "thechief", "newcomer1", "farchief")),
    *(capacity_dn(name) for name in (EMPLOYER, MANDATARY, "service-provider")),
    *(group_dn(role) for role in Role),
    *(f"{name},{capacity_dn()}" for name in ("ou=authorizations", "ou=routing", "ou=channels")),
    grants_dn("dmfa"),
    f"cn=wech-1,ou=routing,{capacity_dn()}",
    f"cn=ftp,ou=channels,{capacity_dn()}",
    f"cn=m1,ou=mandates,{SUFFIX}",
    f"cn=dmfa,ou=access,{SUFFIX}",
    f"cn=registrar,ou=operators,{SUFFIX}",
    f"cn=um-service,ou=services,{SUFFIX}",
    f"cn=session,{SUFFIX}",
    "cn=nowhere",
]
NAMES = ("mail", "umssin", "memberof", "usercertificate;binary", "umnssonumber", "o", "anything")


def samples(place: Place) -> list[parts.Part]:
    """One part of each kind, or several, at a place. Values are bad, so that a rule that looks has something to say."""
    return [
        *_holder_parts(place),
        parts.UnknownHolder(place, "x"),
        parts.EntryAdded(place, f"uid=X,{place.dn}", frozenset({"odd"})),
        parts.EntryRemoved(place),
        *(parts.AttributeChanged(place, name, (b"x",)) for name in NAMES),
        parts.PasswordChanged(place, b"x"),
        parts.SessionDeclared(place, "x", "x"),
        parts.Unsupported(place, "x"),
    ]


def _holder_parts(place: Place) -> Iterator[parts.Part]:
    states: tuple[State | None, ...] = (None, "active", "blocked")
    moves = [(before, after) for before, after in product(states, states) if before != after]
    if place.role is not None:
        for uid, (before, after) in product(("stranger", "thechief"), moves):
            yield parts.RoleTransition(place, place.role, uid, before, after)
    elif place.kind is Kind.AUTHORIZATION:
        for before, after in moves:
            yield parts.GrantTransition(place, "stranger", before, after)
    if place.role is not None or place.kind is Kind.AUTHORIZATION:
        yield parts.HoldersAfter(place, place.role, 2, 2)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_has_no_opinion_where_it_is_not_asked(world: World, rule: Rule) -> None:
    view = world.view
    view.readings = Readings(e8_withdrawn="block", e4_relation=True)
    world.put_enterprise(OWN, umBankrupt="TRUE")
    asked = 0
    for dn, by in product(PLACES, EVERYBODY):
        place = view.place(dn)
        actor = actor_for(world.bind_dn(by), view)
        for part in samples(place):
            if type(part) not in rule.looks_at:
                continue
            if rule.concerns(type(part), place.kind, place.role):
                asked += 1
                continue
            for operation in (Modify(dn, ()), Add(dn, {})):
                case = Case(actor, Change(operation, place, (part,)), view)
                assert rule.check(part, case) is None, (by, part)
    assert asked
