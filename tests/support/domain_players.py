"""Who acts in the state machine, and what there is to choose from.

What is chosen is decided by the state at that moment, so that "the user of employer" is one, whoever that is by then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, TypeAlias

import pytest

from support.domain_model import Domain
from support.domain_words import (
    AUTHORIZATION,
    CAM,
    CO_CAM,
    CO_LA,
    LA,
    TECHNICAL,
    USER,
    Action,
    Actor,
    ChangePassword,
    Holders,
    OutAndIn,
    Spot,
)
from support.domain_world import (
    COUNTS,
    EMPLOYER,
    FAR,
    MANDATARY,
    PROVIDER,
    RELATIONS,
    Table,
)
from um_directory.errors import OperationRefused

NAMES = (*RELATIONS, *(f"far/{name}" for name in FAR))
HOLDERS = (
    ("the", CAM, None),
    ("the", CO_CAM, None),
    ("the", LA, EMPLOYER),
    ("the", CO_LA, EMPLOYER),
    ("the", USER, EMPLOYER),
    ("the", LA, MANDATARY),
)
OPERATORS = ("contact-center", "registrar", "service")
ROLE_SPOTS = (
    (CAM, None, ""),
    (CO_CAM, None, ""),
    *((role, EMPLOYER, "") for role in (LA, CO_LA, USER, TECHNICAL)),
    *((role, MANDATARY, "") for role in (LA, CO_LA, USER)),
    *((role, PROVIDER, "") for role in (LA, USER)),
)
GRANT_SPOTS = tuple(
    (AUTHORIZATION, capacity, application)
    for capacity, application in (
        (EMPLOYER, "dimona"),
        (EMPLOYER, "dmfa"),
        (EMPLOYER, "insurability"),  # not offered there
        (MANDATARY, "mandates"),
    )
)
GOOD_PASSWORDS = ("Wachtwoord1", "12345abcde#", "zonder99cijfers")
BAD_PASSWORDS = (
    "kort1",
    "alleenletters",
    "met spatie 1",
    "veeltelangwachtwoord1",
    "é-letters-12",
    "{CLEARTEXT}a1",
)

Choice: TypeAlias = Callable[[Random], Any]


def one_of(*options: object) -> Choice:
    """One of the options; an option that is itself a choice is made."""
    return lambda random: _made(random.choice(options), random)


def some(choice: Choice, least: int, most: int) -> Choice:
    """Different ones, in any order."""
    return lambda random: tuple(dict.fromkeys(choice(random) for _ in range(random.randint(least, most))))


def together(*choices: Choice) -> Choice:
    """One of each."""
    return lambda random: tuple(choice(random) for choice in choices)


def _made(option: object, random: Random) -> object:
    return option(random) if callable(option) else option


# Whoever may do it, or holds a role now, comes up more often than anybody by name: much must be allowed.
people = one_of(*NAMES)
actors = one_of(
    "fitting", "fitting", "fitting", one_of(*HOLDERS), one_of(*HOLDERS), one_of(*OPERATORS), people
)
spots = one_of(*ROLE_SPOTS, *ROLE_SPOTS[:2], *GRANT_SPOTS)
modes = one_of(*("own connection",) * 6, "narrowed", "through the service", "narrowed through the service")
enterprises = one_of(*("own",) * 9, "far")
either = one_of(True, False)


@dataclass(frozen=True)
class By:
    """Who acts, how, and a number to choose with where the state decides what there is to choose from."""

    actor: tuple[str, str, str | None] | str
    mode: str = "own connection"
    pick: int = 0


class Players:
    """Everybody at one table, and how an action is tried."""

    table: Table
    domain: Domain

    # --- Who and where, from what was drawn ---

    def number(self, enterprise: str) -> str:
        return self.table.own if enterprise == "own" else self.table.far

    def spot(self, drawn: tuple[str, str | None, str], enterprise: str = "own") -> Spot:
        role, capacity, application = drawn
        return Spot(self.number(enterprise), capacity, role, application)

    def held(self, spot: Spot) -> Holders:
        return self.domain.spots.get(spot, Holders())

    def actor(self, by: By) -> Actor:
        if isinstance(by.actor, str):
            if by.actor.startswith("uid:"):
                return Actor("person", by.actor.removeprefix("uid:"))
            return Actor(by.actor) if by.actor in OPERATORS else self.person(by.actor)
        _the, role, capacity = by.actor
        holders = sorted(self.held(Spot(self.table.own, capacity, role)).active)
        return Actor("person", holders[by.pick % len(holders)]) if holders else self.person("stranger")

    def person(self, name: str) -> Actor:
        return Actor("person", self.table.uid("chief" if name == "fitting" else name))

    def actor_for(self, by: By, action: Action) -> Actor:
        return self.fitting(by, action) if by.actor == "fitting" else self.actor(by)

    def fitting(self, by: By, action: Action) -> Actor:
        """One of those to whom the fewest rules object."""
        known = [Actor("person", uid) for uid in sorted(self.domain.accounts) if self.domain.roles(uid)]
        everyone = [*known, Actor("contact-center"), Actor("registrar")]
        objections = [len(self.domain.refusals(actor, action)) for actor in everyone]
        best = [actor for actor, count in zip(everyone, objections, strict=True) if count == min(objections)]
        return best[by.pick % len(best)]

    def somebody(self, spot: Spot, who: str, pick: int, among: str) -> str:
        """Mostly who is there already, where that matters; else the one drawn by name."""
        there = sorted(getattr(self.held(spot), among))
        return there[pick % len(there)] if there and pick % 4 else self.table.uid(who)

    def session(self, actor: Actor, pick: int) -> tuple[str, str | None]:
        """A role to narrow to: usually one that he has."""
        roles = sorted(self.domain.roles(actor.uid), key=str)
        return roles[pick % len(roles)] if roles and pick != 11 else (CO_LA, PROVIDER)

    # --- Doing it ---

    def do(self, by: By, action: Action) -> None:
        """Carry it out, if the actor gets as far as a connection."""
        actor = self.actor_for(by, action)
        through_service = "through the service" in by.mode and actor.kind == "person"
        if "narrowed" in by.mode and actor.kind == "person":
            actor = Actor("person", actor.uid, self.session(actor, by.pick))
        self._do(actor, action, through_service)

    def _do(self, actor: Actor, action: Action, through_service: bool) -> None:
        if actor.kind == "person" and not self._gets_in(actor, through_service):
            return
        if isinstance(action, OutAndIn):
            self.table.out_and_in_again(actor, action.spot, action.uid)
            return
        done = self.table.carry_out(actor, action, through_service) is None
        if done and isinstance(action, ChangePassword) and self.domain.roles(action.uid):
            self.table.bind(action.uid).close()  # with the password that counts now

    def _gets_in(self, actor: Actor, through_service: bool) -> bool:
        """Whether there is a connection to act on; when there must be none, see that there is none (A5, A6)."""
        if (actor, through_service) in self.table.connections:
            return True
        if actor.uid not in self.domain.accounts:
            return False
        active = self.domain.roles(actor.uid)
        if active and (actor.session is None or actor.session in active):
            return through_service or bool(self.domain.accounts[actor.uid].password)
        if active or through_service:
            with pytest.raises(OperationRefused) as declared:
                self.table.connection(actor, through_service)
            assert declared.value.rule in ("A5", "A6"), str(declared.value)
            COUNTS[declared.value.rule or "", "refused"] += 1
            return False
        self.table.compare()  # the account's status has followed
        with pytest.raises(OperationRefused) as bound:
            self.table.try_bind(actor.uid)
        assert bound.value.code == 49
        COUNTS["A5", "refused"] += 1
        return False
