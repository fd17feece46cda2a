"""A small, plain model of the domain: written from docs/reference/domain.md, and from nothing of the guard.

It answers one question: which rules may be named when this actor does that? An empty set means: it must be allowed.
Several rules can refuse one action; the guard names one of them, so the model returns them all. Where the domain is
silent it follows docs/decisions (0004 first load, 0006 deletion, 0007 activation) and says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stdnum.be import bis, nn

from support.domain_state import State
from support.domain_words import (
    CAM,
    CAPACITY_DATA,
    CHIEFS,
    CO_CAM,
    CO_LA,
    DEPUTY_OF,
    KEPT,
    LA,
    OWN_DATA,
    RULE_OF,
    TECHNICAL,
    USER,
    Action,
    Actor,
    AddCapacity,
    AddEnterprise,
    AddPerson,
    AddSpot,
    ChangeHolders,
    ChangePassword,
    EditAccount,
    EditCapacity,
    Holders,
    OutAndIn,
    Register,
    RemoveCapacity,
    RemoveSpot,
    SetFact,
    SetRelation,
    Spot,
    Step,
    Unregister,
    is_good_password,
    play,
)


class Domain(State):
    """The world as it should be, and its judgement of every intended action."""

    def _rights(self, actor: Actor) -> set[tuple[str, str | None]]:
        held = self.roles(actor.uid) if actor.kind == "person" else set()
        return held if actor.session is None else held & {actor.session}

    def _at_home(self, actor: Actor, enterprise: str) -> bool:
        return actor.kind == "person" and self.accounts[actor.uid].enterprise == enterprise

    def _leads(self, actor: Actor, enterprise: str) -> bool:
        return self._at_home(actor, enterprise) and bool(self._rights(actor) & {(CAM, None), (CO_CAM, None)})

    def _manages(self, actor: Actor, enterprise: str, capacity: str | None) -> bool:
        here = self._at_home(actor, enterprise) and self._rights(actor) & {(LA, capacity), (CO_LA, capacity)}
        return bool(here) or self._leads(actor, enterprise)

    def _manages_something(self, actor: Actor, enterprise: str) -> bool:
        return self._at_home(actor, enterprise) and any(
            role not in (USER, TECHNICAL) for role, _capacity in self._rights(actor)
        )

    def _may_designate(self, actor: Actor, role: str, enterprise: str, capacity: str | None) -> bool:
        if role == CAM:
            return actor.kind == "contact-center"
        if role == CO_CAM:
            return self._at_home(actor, enterprise) and (CAM, None) in self._rights(actor)
        if role == LA:
            return self._leads(actor, enterprise)
        if role == CO_LA:
            administers = self._at_home(actor, enterprise) and (LA, capacity) in self._rights(actor)
            return administers or self._leads(actor, enterprise)
        return self._manages(actor, enterprise, capacity)

    def _relations(self, uid: str, enterprise: str) -> set[str]:
        known = self.persons.get(self.accounts[uid].ssin, set())
        return {relation for relation, other in known if other == enterprise}

    def _roles_of_person(self, ssin: str, enterprise: str) -> set[tuple[str, str | None]]:
        uids = [uid for uid, account in self.accounts.items() if account.ssin == ssin]
        return {
            held for uid in uids if self.accounts[uid].enterprise == enterprise for held in self.roles(uid)
        }

    # --- The judgement ---

    def refusals(self, actor: Actor, action: Action) -> set[str]:  # noqa: PLR0912 - one case an action
        """The rules that may be named; none: it must be allowed."""
        if actor.kind == "service":
            return {"A6"}  # it has declared nobody
        if actor.kind == "person" and actor.uid not in self.accounts:
            return {"A5"}
        found = set(self._standing(actor))
        match action:
            case ChangeHolders(spot, steps):
                before = self.spots.get(spot, Holders())
                found |= set(self._holders(actor, spot, before, play(before, steps)[0], new=False))
                named = {uid for step in steps for uid in step.who}
                found |= {"D14" for uid in named if uid not in self.accounts}
            case OutAndIn(spot, uid):
                out = (Step("delete", "active", (uid,)),)
                found |= self.refusals(actor, ChangeHolders(spot, out))
            case AddSpot(spot, active, blocked):
                after = Holders(frozenset(active), frozenset(blocked))
                found |= set(self._holders(actor, spot, Holders(), after, new=True))
                found |= {"D14" for uid in after.all() if uid not in self.accounts}
            case RemoveSpot(spot):
                before = self.spots.get(spot, Holders())
                found |= set(self._holders(actor, spot, before, Holders(), new=False))
            case AddCapacity():
                found |= set(self._activation(actor, action))
            case EditCapacity():
                found |= set(self._capacity_data(actor, action))
            case RemoveCapacity(enterprise, capacity):
                found |= {"D0", *self._reach(actor, enterprise, capacity)}
            case Register():
                found |= set(self._registration(actor, action))
            case Unregister():
                found |= set(self._deletion(actor, action))
            case EditAccount():
                found |= set(self._account_data(actor, action))
            case ChangePassword():
                found |= set(self._password(actor, action))
            case AddEnterprise(enterprise) | SetFact(enterprise):
                found |= set(self._reach(actor, enterprise, None)) | self._fact(actor)
            case AddPerson() | SetRelation():
                found |= self._fact(actor)
        return found

    def _standing(self, actor: Actor) -> Iterator[str]:
        """A5, A6: whoever acts has an active role, and the one that he narrowed to."""
        if actor.kind != "person":
            return
        if not self.roles(actor.uid):
            yield "A5"
        if not self._rights(actor):
            yield from ("A5", "A6") if actor.session else ("A5",)

    def _reach(self, actor: Actor, enterprise: str, capacity: str | None) -> Iterator[str]:
        """D14."""
        if actor.kind != "person":
            return
        if not self._at_home(actor, enterprise):
            yield "D14"
        elif capacity is not None and not self._leads(actor, enterprise):
            roles_there = {held for held in self._rights(actor) if held[1] == capacity}
            yield from () if roles_there else ("D14",)

    def _fact(self, actor: Actor) -> set[str]:
        return set() if actor.kind == "registrar" else {"D12"}

    def _holders(self, actor: Actor, spot: Spot, before: Holders, after: Holders, new: bool) -> Iterator[str]:
        yield from self._reach(actor, spot.enterprise, spot.capacity)
        loads = actor.kind == "registrar" and new  # decision 0004
        if new and spot.role != LA and spot.capacity and not self.is_active(spot.enterprise, spot.capacity):
            yield "D3"
        if after.active & after.blocked:
            yield "D0"
        if spot.application:
            yield from self._grants(actor, spot, before, after, new)
            return
        yield from self._authority(actor, spot, after, loads)
        for uid in (before.all() | after.all()) & set(self.accounts):
            was, becomes = before.state(uid), after.state(uid)
            if was != becomes or uid in after.active & after.blocked:
                yield from self._foreign(uid, spot, becomes)
                yield from self._oneself(actor, spot, uid, was, becomes)
                if becomes == "active" or (was is None and becomes):
                    yield from self._eligible(spot, uid)
                if becomes == "active":
                    yield from self._one_person(spot, uid)
                if spot.role == USER and was is None and self._granted(uid, spot):
                    yield "D6"  # authorizations of an earlier time are still being ended

    def _authority(self, actor: Actor, spot: Spot, after: Holders, loads: bool) -> Iterator[str]:
        """D1, D2, D4 to D7: who, and how many."""
        rule = RULE_OF[spot.role]
        trustee = actor.kind == "registrar" and self._is_trustees(spot)
        if (
            not loads
            and not trustee
            and not self._may_designate(actor, spot.role, spot.enterprise, spot.capacity)
        ):
            yield rule
        if spot.role in (CAM, LA) and (len(after.active) != 1 or after.blocked):
            yield rule
        if spot.role == TECHNICAL and len(after.active) + len(after.blocked) > 1:
            yield rule

    def _foreign(self, uid: str, spot: Spot, becomes: str | None) -> Iterator[str]:
        if becomes and self.accounts[uid].enterprise != spot.enterprise:
            yield "D14"

    def _oneself(
        self, actor: Actor, spot: Spot, uid: str, was: str | None, becomes: str | None
    ) -> Iterator[str]:
        """D11, by person. A chief hands over the LA's role that he also has, and may take a lower role (§2)."""
        if actor.kind != "person" or self.accounts[uid].ssin != self.accounts[actor.uid].ssin:
            return
        if was is None:
            principal = DEPUTY_OF.get(spot.role)
            held = self._roles_of_person(self.accounts[actor.uid].ssin, spot.enterprise)
            if principal and (principal, spot.capacity) in held:
                yield "D11"
        elif not (spot.role == LA and self._leads(actor, spot.enterprise)):
            yield "D11"

    def _is_trustees(self, spot: Spot) -> bool:
        """D13."""
        firm = self.firms.get(spot.enterprise)
        return spot.role == LA and spot.capacity == "employer" and firm is not None and firm.bankrupt

    def _eligible(self, spot: Spot, uid: str) -> Iterator[str]:
        """E1 to E5, and D13 for the trustee."""
        relations = self._relations(uid, spot.enterprise)
        if spot.role in (CAM, CO_CAM):
            if not relations & CHIEFS:
                yield "E1"
        elif self._is_trustees(spot):
            if "trustee" not in relations:
                yield from ("D13", "E2")
        elif spot.role in (LA, CO_LA):
            routes = self.catalogue[spot.capacity or ""].administrators
            if not self.firms[spot.enterprise].personnel:
                routes -= {"employee"}
            if not relations & routes:
                yield "E2"
        elif spot.role == USER and not relations & self.catalogue[spot.capacity or ""].users:
            yield "E3"

    def _one_person(self, spot: Spot, uid: str) -> Iterator[str]:
        """E6."""
        if spot.role not in (CAM, LA):
            return
        number, ssin = spot.enterprise, self.accounts[uid].ssin
        active = {name for name in self.firms[number].capacities if self.is_active(number, name)}
        if spot.role == LA and spot.capacity:
            active.add(spot.capacity)
        other = LA if spot.role == CAM else CAM
        if len(active) > 1 and any(role == other for role, _where in self._roles_of_person(ssin, number)):
            yield "E6"

    def _granted(self, uid: str, users: Spot) -> bool:
        return any(
            spot.application
            and (spot.enterprise, spot.capacity) == (users.enterprise, users.capacity)
            and holders.state(uid)
            for spot, holders in self.spots.items()
        )

    def _grants(self, actor: Actor, spot: Spot, before: Holders, after: Holders, new: bool) -> Iterator[str]:
        """D8."""
        loads = actor.kind == "registrar" and new
        if not loads and not self._manages(actor, spot.enterprise, spot.capacity):
            yield "D8"
        users = self.spots.get(Spot(spot.enterprise, spot.capacity, USER), Holders())
        offered = self.catalogue[spot.capacity or ""].applications
        gains = False
        for uid in after.all() & set(self.accounts):
            was, becomes = before.state(uid), after.state(uid)
            if was == becomes:
                continue
            yield from self._foreign(uid, spot, becomes)
            if becomes == "active" or was is None:
                gains = True
                active = uid in users.active or becomes == "blocked" or loads
                if users.state(uid) is None or not active:
                    yield "D8"
        if (new or gains) and spot.application not in offered:
            yield "D8"

    def _activation(self, actor: Actor, action: AddCapacity) -> Iterator[str]:
        """D3. Nobody has a role yet in a capacity that is not there: to others it is out of reach too."""
        yield from self._reach(actor, action.enterprise, action.capacity)
        definition, firm = self.catalogue.get(action.capacity), self.firms.get(action.enterprise)
        given = {name for name, _value in action.data}
        if actor.kind != "registrar" and not self._leads(actor, action.enterprise):
            yield "D3"
            if given:
                yield "D9"
        if (
            definition is None
            or firm is None
            or action.capacity not in firm.entitled
            or not definition.asked <= given
        ):
            yield "D3"

    def _capacity_data(self, actor: Actor, action: EditCapacity) -> Iterator[str]:
        """D9; and what D3 asked for stays given."""
        yield from self._reach(actor, action.enterprise, action.capacity)
        if not self._manages(actor, action.enterprise, action.capacity):
            yield "D9"
        last = dict(action.changes)
        if not set(last) <= CAPACITY_DATA:
            yield "D0"
        definition = self.catalogue.get(action.capacity)
        if definition and any(last[name] is None for name in set(last) & definition.asked):
            yield "D3"

    def _registration(self, actor: Actor, action: Register) -> Iterator[str]:
        """D6, C1, C2, N1. A load brings the password of a new account, so D15 is not asked."""
        yield from self._reach(actor, action.enterprise, None)
        operator = actor.kind in ("registrar", "contact-center")
        if not operator and not self._manages_something(actor, action.enterprise):
            yield "D6"
        taken = self.accounts.get(action.uid)
        if not re.fullmatch("[a-z0-9]{8,30}", action.uid) or (
            taken and taken.enterprise != action.enterprise
        ):
            yield "C1"
        if action.password is not None and not is_good_password(action.password):
            yield "C2"
        if not (nn.is_valid(action.ssin) or bis.is_valid(action.ssin)):
            yield "N1"

    def _deletion(self, actor: Actor, action: Unregister) -> Iterator[str]:
        """Decision 0006: not while a role or an authorization is left."""
        yield from self._reach(actor, action.enterprise, None)
        operator = actor.kind in ("registrar", "contact-center")
        if not operator and not self._leads(actor, action.enterprise):
            yield "D6"
        if any(holders.state(action.uid) for holders in self.spots.values()):
            yield "D6"

    def _may_change(self, actor: Actor, enterprise: str, uid: str) -> bool:
        """D15; the contact center helps a CAM whatever else he is (decision 0004)."""
        if actor.kind != "contact-center" and not self._manages_something(actor, enterprise):
            return False
        held = self.roles(uid, ("active", "blocked"))
        if not held and not (actor.kind == "contact-center" or self._leads(actor, enterprise)):
            return False  # who has no role yet may be about to get any
        firm, spot = self.firms.get(enterprise), (LA, "employer")
        trustee = firm and firm.bankrupt and spot in held and "trustee" in self._relations(uid, enterprise)
        if trustee and actor.kind != "contact-center":
            return False  # D13: the enterprise's managers have no say in him
        if actor.kind == "contact-center" and ((CAM, None) in held or trustee):
            return True
        return all(self._may_designate(actor, role, enterprise, capacity) for role, capacity in held)

    def _is_own(self, actor: Actor, uid: str) -> bool:
        return actor.kind == "person" and actor.uid == uid

    def _account_data(self, actor: Actor, action: EditAccount) -> Iterator[str]:
        """D10 for one's own entry, D15 for others'."""
        yield from self._reach(actor, action.enterprise, None)
        names = {name for name, _value in action.changes}
        if names & KEPT:
            yield "SV"
        forbidden = names - OWN_DATA
        if self._is_own(actor, action.uid):
            yield from {"D10"} if forbidden else ()
            return
        if forbidden:
            yield "D0"
        if not self._may_change(actor, action.enterprise, action.uid):
            yield "D15"

    def _password(self, actor: Actor, action: ChangePassword) -> Iterator[str]:
        """D10, D15, C2."""
        yield from self._reach(actor, action.enterprise, None)
        if not is_good_password(action.password):
            yield "C2"
        if not self._is_own(actor, action.uid) and not self._may_change(actor, action.enterprise, action.uid):
            yield "D15"
