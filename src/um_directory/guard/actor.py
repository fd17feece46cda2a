"""Who acts: an account with its active roles, an operator, the service, or slapd itself."""

from __future__ import annotations

from typing import Literal, TypeAlias

from um_directory.model.roles import ENTERPRISE_ROLES, MANAGERS_OF_CAPACITY, HeldRole, Role
from um_directory.model.tree import Kind
from um_directory.model.values import value_type
from um_directory.view import View

ActorKind: TypeAlias = Literal[
    "person", "registrar", "contact-center", "service", "undeclared", "forgotten", "nobody"
]
"""`undeclared`: the service, on a connection that has not said for whom it acts. `forgotten`: a person, on a connection
that may have chosen a role before the guard was started."""

_OPERATORS: dict[str, ActorKind] = {"registrar": "registrar", "contact-center": "contact-center"}
SERVICE_NAME = "um-service"


@value_type
class Actor:
    """The identity that bound, and for a person the roles that count: the active ones (D11, A5)."""

    kind: ActorKind
    dn: str = ""
    uid: str = ""
    enterprise: str = ""
    ssin: str = ""
    language: str = ""
    roles: tuple[HeldRole, ...] = ()
    bound_as: str = ""  # the identity that bound, where it is another: the service
    chosen: bool = False  # whether a role was chosen for this connection (A6)

    def holds(self, role: Role, enterprise: str | None, capacity: str | None = None) -> bool:
        """Whether the actor is active in `role` there; `capacity` None for the enterprise's roles."""
        for held in self.roles:  # a loop: every rule asks this, and any() costs three times as much
            if held.role is role and held.capacity == capacity and held.enterprise == enterprise:
                return True
        return False

    def leads(self, enterprise: str | None) -> bool:
        """Whether the actor is CAM or co-CAM of the enterprise."""
        for held in self.roles:  # noqa: SIM110 - as above
            if held.role in ENTERPRISE_ROLES and held.enterprise == enterprise:
                return True
        return False

    def administers(self, enterprise: str | None, capacity: str | None) -> bool:
        """Whether the actor is LA or co-LA of the capacity."""
        for held in self.roles:
            if (
                held.role in MANAGERS_OF_CAPACITY
                and held.capacity == capacity
                and held.enterprise == enterprise
            ):
                return True
        return False

    def manages(self, enterprise: str | None, capacity: str | None) -> bool:
        """Whether the actor manages the capacity: its LA or co-LA, or the enterprise's CAM or co-CAM (D9)."""
        return self.leads(enterprise) or self.administers(enterprise, capacity)

    def manages_any_of(self, enterprise: str | None) -> bool:
        """Whether the actor manages the enterprise or at least one of its capacities."""
        return self.leads(enterprise) or any(
            held.role in MANAGERS_OF_CAPACITY and held.enterprise == enterprise for held in self.roles
        )


def actor_for(bind_dn: str, view: View) -> Actor:
    """Say who `bind_dn` is. An unknown name is `nobody`, to whom no rule allows anything."""
    place = view.place(bind_dn)
    if place.kind is Kind.ACCOUNT:
        account = view.account_at(bind_dn)
        if account is None:
            return Actor("nobody", bind_dn)
        active = tuple(held for held in view.roles_of(account.uid) if held.state == "active")
        return Actor(
            "person", place.dn, account.uid, account.enterprise, account.ssin, account.language, active
        )
    if place.kind is Kind.OPERATOR:
        return Actor(_OPERATORS.get(place.name, "nobody"), place.dn)
    if place.kind is Kind.SERVICE and place.name == SERVICE_NAME:
        return Actor("service", place.dn)
    return Actor("nobody", bind_dn)
