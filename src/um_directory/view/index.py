"""The view: one entry at a time in (`put`, `modify`, `remove`), answers from memory.

Two feeds keep a view: the guard's commit notifications (operations) and content synchronisation (whole
entries). Both end in the same tables of readers (`view.readers`), one for each kind of entry, so they cannot
disagree. Every change returns the usernames whose effective access may have changed.
"""

from __future__ import annotations

from um_directory.errors import MalformedName
from um_directory.model.operation import Add, Attributes, Delete, Modify, Operation, base_name
from um_directory.model.readings import DEFAULT, Readings
from um_directory.model.roles import HeldRole
from um_directory.model.tree import Kind, Place, Tree
from um_directory.view.facts import Account, Capacity, Catalogue, Enterprise, Holders, Person
from um_directory.view.readers import MODIFIERS, PUTTERS, REMOVERS


class View:
    """Roles, accounts and facts of the whole directory, in memory.

    `keep` names account attributes (lower case) whose first values are kept as `Account.details`, for
    consumers that pass them on; the guard keeps none. A view that keeps some is fed whole entries only: from a
    modification alone nobody can tell which value is then the first.
    """

    def __init__(self, suffix: str, keep: tuple[str, ...] = (), readings: Readings = DEFAULT) -> None:
        self.tree = Tree(suffix)
        self.keep = keep
        self.readings = readings
        self.accounts: dict[str, Account] = {}
        self.by_ssin: dict[str, str | tuple[str, ...]] = {}
        """Usernames of each natural person: one, as most have, or several. See `accounts_of`."""
        self.enterprises: dict[str, Enterprise] = {}
        self.persons: dict[str, Person] = {}
        self.catalogue = Catalogue()

    def account_at(self, dn: str) -> Account | None:
        """The account that `dn` names, if there is one by that name in that enterprise."""
        place = self.place(dn)
        account = self.accounts.get(place.name) if place.kind is Kind.ACCOUNT else None
        return account if account and account.enterprise == place.enterprise else None

    def accounts_of(self, ssin: str) -> list[str]:
        """The usernames of a natural person, in all enterprises."""
        found = self.by_ssin.get(ssin, ())
        return [found] if isinstance(found, str) else list(found)

    def roles_of(self, uid: str) -> list[HeldRole]:
        """All roles of an account, blocked ones included; empty for an unknown one."""
        account = self.accounts.get(uid)
        enterprise = self.enterprises.get(account.enterprise) if account else None
        return list(enterprise.roles_of(uid)) if enterprise else []

    def capacity(self, place: Place) -> Capacity | None:
        """The capacity that `place` is or lies in."""
        enterprise = self.enterprises.get(place.enterprise or "")
        return enterprise.capacities.get(place.capacity or "") if enterprise else None

    def holders(self, place: Place) -> Holders | None:
        """The holders stored in the role group or authorization at `place`; None where no entry exists."""
        owner: Enterprise | Capacity | None = self.enterprises.get(place.enterprise or "")
        if place.capacity is not None:
            owner = self.capacity(place)
        if owner is None:
            return None
        if place.kind is Kind.AUTHORIZATION and isinstance(owner, Capacity):
            return owner.authorizations.get(place.name)
        return owner.groups.get(place.role) if place.role else None

    def place(self, dn: str) -> Place:
        """What `dn` names; `Kind.UNKNOWN` also for names outside the tree's alphabet."""
        try:
            return self.tree.place(dn)
        except MalformedName:
            return Place(Kind.UNKNOWN, dn)

    def apply(self, operation: Operation) -> set[str]:
        """Follow a committed operation. Renames never get here: no rule allows one."""
        match operation:
            case Add(dn, attributes):
                return self.put(dn, attributes)
            case Delete(dn):
                return self.remove(dn)
            case Modify():
                return self.modify(operation)
        return set()

    def put(self, dn: str, attributes: Attributes) -> set[str]:
        """Take in a whole entry, new or replacing what was known of it."""
        place = self.place(dn)
        putter = PUTTERS.get(place.kind)
        if putter is None:
            return set()
        merged: dict[str, tuple[bytes, ...]] = {}
        for name, values in attributes.items():
            merged[base_name(name)] = (*merged.get(base_name(name), ()), *values)
        return putter(self, place, merged)

    def modify(self, operation: Modify) -> set[str]:
        """Follow the modifications of one entry, in order."""
        assert not self.keep, "a view that keeps details is fed whole entries"
        place = self.place(operation.dn)
        modifier = MODIFIERS.get(place.kind)
        touched: set[str] = set()
        if modifier is not None:
            for change in operation.modifications:
                touched |= modifier(self, place, change)
        return touched

    def remove(self, dn: str) -> set[str]:
        """Forget an entry."""
        place = self.place(dn)
        remover = REMOVERS.get(place.kind)
        return remover(self, place) if remover else set()
