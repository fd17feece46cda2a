"""What a rule is: an id, a sentence, and a pure function of (part, case) to a verdict."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Literal, TypeAlias

from um_directory.guard.actor import Actor
from um_directory.guard.change import Change, Part
from um_directory.model.clock import Clock, utc_now
from um_directory.model.roles import HeldRole, Role
from um_directory.model.tree import Kind, Place
from um_directory.model.values import value_type
from um_directory.view import Person, View


@value_type
class Case:
    """All that a rule may look at: who acts, the whole change, the view before it, and a clock.

    `stored` says that the change stands already, in the view too, and is judged again (guard/verify.py).
    """

    actor: Actor
    change: Change
    view: View
    now: Clock = utc_now
    stored: bool = False

    @property
    def registrar_loads(self) -> bool:
        """Whether this is the registrar bringing in a new entry (docs/decisions/0004-first-load.md)."""
        return self.actor.kind == "registrar" and self.change.is_load

    def person_behind(self, uid: str) -> Person | None:
        """The natural person whose account `uid` is, if the register knows him."""
        account = self.view.accounts.get(uid)
        return self.view.persons.get(account.ssin) if account else None

    def is_actors_own(self, uid: str) -> bool:
        """Whether the account is of the same natural person as the actor's, by SSIN."""
        account = self.view.accounts.get(uid)
        return account is not None and account.ssin == self.actor.ssin

    def roles_at(self, place: Place) -> list[HeldRole]:
        """All roles of the account at `place`; none when that username belongs to another enterprise."""
        account = self.view.accounts.get(place.name)
        known = account is not None and account.enterprise == place.enterprise
        return self.view.roles_of(place.name) if known else []

    def may_designate(self, role: Role, enterprise: str | None, capacity: str | None) -> bool:
        """Whether the actor may designate, block, unblock and remove holders of `role` there (D1 to D7)."""
        actor = self.actor
        match role:
            case Role.CAM:
                return actor.kind == "contact-center"
            case Role.CO_CAM:
                return actor.holds(Role.CAM, enterprise)
            case Role.LA:
                return actor.leads(enterprise)
            case Role.CO_LA:
                return actor.leads(enterprise) or actor.holds(Role.LA, enterprise, capacity)
        return actor.manages(enterprise, capacity)


@value_type
class Refuse:
    """A refusal's text: an English template (its translations are looked up by it) and what goes into it."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)


Verdict: TypeAlias = Refuse | Literal[True] | None
"""Refuse, True for "this part is allowed as far as I am concerned", None for no opinion."""
ALLOW: Literal[True] = True


@value_type
class Rule:
    """One rule of the domain (docs/reference/domain.md).

    `looks_at` are the kinds of parts it is asked about. A change passes when no rule refuses any part and each
    part is allowed by at least one.
    """

    id: str
    sentence: str
    source: str
    looks_at: tuple[type[Part], ...]
    check: Callable[[Part, Case], Verdict]
    places: frozenset[Kind] = frozenset(Kind)
    roles: frozenset[Role] = frozenset(Role)
    """Of parts elsewhere, and of groups of other roles, it has no opinion; it need not even be asked."""

    def concerns(self, kind: object, place: Kind, role: Role | None) -> bool:
        """Whether the rule must be asked about a part of this kind, there."""
        return kind in self.looks_at and place in self.places and (role is None or role in self.roles)
