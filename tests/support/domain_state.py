"""The state of the modelled domain: who holds what, the access that follows (A1 to A5), and what an action changes."""

from __future__ import annotations

from support.domain_words import (
    CO_LA,
    LA,
    TECHNICAL,
    USER,
    USER_MANAGEMENT,
    Account,
    Action,
    AddCapacity,
    AddEnterprise,
    AddPerson,
    AddSpot,
    ChangeHolders,
    ChangePassword,
    Definition,
    EditAccount,
    EditCapacity,
    Firm,
    Holders,
    Register,
    RemoveSpot,
    SetFact,
    SetRelation,
    Spot,
    Unregister,
    play,
)


class State:
    """The world as it should be. `carry_out` moves it on."""

    def __init__(self, catalogue: dict[str, Definition]) -> None:
        self.catalogue = catalogue
        self.firms: dict[str, Firm] = {}
        self.persons: dict[str, set[tuple[str, str]]] = {}  # by SSIN: relation, enterprise
        self.accounts: dict[str, Account] = {}
        self.spots: dict[Spot, Holders] = {}

    # --- What is asked of the state ---

    def roles(self, uid: str, states: tuple[str, ...] = ("active",)) -> set[tuple[str, str | None]]:
        """(role, capacity) that the account holds."""
        return {
            (spot.role, spot.capacity)
            for spot, holders in self.spots.items()
            if not spot.application and holders.state(uid) in states
        }

    def is_active(self, enterprise: str, capacity: str) -> bool:
        """Whether the capacity has its LA (decision 0007)."""
        return bool(self.spots.get(Spot(enterprise, capacity, LA), Holders()).active)

    def access(self, uid: str) -> tuple[frozenset[str], bool]:
        """A1 to A5: the applications, and whether the account may bind."""
        found: set[str] = set()
        roles = self.roles(uid)
        for role, capacity in roles:
            if role != TECHNICAL:
                found.add(USER_MANAGEMENT)
            if role in (LA, CO_LA):
                found |= self.catalogue[capacity or ""].applications
            if role == USER:
                found |= {
                    spot.application
                    for spot, holders in self.spots.items()
                    if spot.application and spot.capacity == capacity and uid in holders.active
                }
        return frozenset(found), bool(roles)

    # --- What LDAP itself says, when every rule agrees ---

    def impossible(self, action: Action) -> bool:  # noqa: PLR0911 - one case an action
        """Whether the entry is there already, or missing, or a value is."""
        match action:
            case ChangeHolders(spot, steps):
                return spot not in self.spots or play(self.spots[spot], steps)[1]
            case AddSpot(spot):
                return spot in self.spots or not self._has_parent(spot)
            case RemoveSpot(spot):
                return spot not in self.spots
            case AddCapacity(enterprise, capacity):
                return enterprise not in self.firms or capacity in self.firms[enterprise].capacities
            case EditCapacity(enterprise, capacity, changes):
                if capacity not in self.firms[enterprise].capacities:
                    return True
                return self._deletes_nothing(self.firms[enterprise].capacities[capacity], changes)
            case Register(enterprise, uid):
                return uid in self.accounts or enterprise not in self.firms
            case Unregister(_, uid) | EditAccount(_, uid) | ChangePassword(_, uid):
                return uid not in self.accounts
            case AddEnterprise(enterprise):
                return enterprise in self.firms
            case AddPerson(ssin):
                return ssin in self.persons
            case SetRelation(ssin, enterprise, relation, holds):
                return ((relation, enterprise) in self.persons[ssin]) == holds
        return False

    def _has_parent(self, spot: Spot) -> bool:
        return spot.enterprise in self.firms and (
            spot.capacity is None or spot.capacity in self.firms[spot.enterprise].capacities
        )

    def _deletes_nothing(self, data: dict[str, str], changes: tuple[tuple[str, str | None], ...]) -> bool:
        left = set(data)
        for name, value in changes:
            if value is None and name not in left:
                return True
            left = left - {name} if value is None else left | {name}
        return False

    # --- What happens then ---

    def carry_out(self, action: Action) -> None:  # noqa: PLR0912 - one case an action
        """Move the world on: the action was allowed and possible."""
        match action:
            case ChangeHolders(spot, steps):
                self._set(spot, play(self.spots[spot], steps)[0])
            case AddSpot(spot, active, blocked):
                self._set(spot, Holders(frozenset(active), frozenset(blocked)))
            case RemoveSpot(spot):
                self._set(spot, Holders())
                del self.spots[spot]
            case AddCapacity(enterprise, capacity, data):
                self.firms[enterprise].capacities[capacity] = dict(data)
            case EditCapacity(enterprise, capacity, changes):
                held = self.firms[enterprise].capacities[capacity]
                for name, value in changes:
                    held.pop(name, None)
                    if value is not None:
                        held[name] = value
            case Register(enterprise, uid, ssin, password):
                self.accounts[uid] = Account(enterprise, ssin, password=password)
            case Unregister(_, uid):
                del self.accounts[uid]
            case EditAccount(_, uid, changes):
                self.accounts[uid].data.update(changes)
            case ChangePassword(_, uid, password):
                self.accounts[uid].password = password
            case AddEnterprise(enterprise, entitled):
                self.firms[enterprise] = Firm(entitled=set(entitled))
            case AddPerson(ssin, relations):
                self.persons[ssin] = set(relations)
            case SetFact(enterprise, name, value):
                assert name in ("personnel", "bankrupt", "entitled")
                setattr(self.firms[enterprise], name, set(value) if isinstance(value, frozenset) else value)
            case SetRelation(ssin, enterprise, relation, holds):
                (self.persons[ssin].add if holds else self.persons[ssin].discard)((relation, enterprise))

    def _set(self, spot: Spot, after: Holders) -> None:
        before = self.spots.get(spot, Holders())
        self.spots[spot] = after
        if spot.role == USER:  # who is no longer a user loses what he was granted
            for uid in before.all() - after.all():
                self._end_grants(spot, uid)

    def _end_grants(self, users: Spot, uid: str) -> None:
        for spot, holders in self.spots.items():
            if spot.application and (spot.enterprise, spot.capacity) == (users.enterprise, users.capacity):
                self.spots[spot] = Holders(holders.active - {uid}, holders.blocked - {uid})
