"""For whom and in which role each connection acts (A6).

A client declares it by modifying `cn=session,<suffix>`; the guard remembers it here and nothing is stored. What is
not remembered fails closed: a connection of the service that has declared nothing may do nothing, and a person's
connection that is older than this memory must choose again, for it may have been narrowed.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from um_directory.guard.actor import Actor, actor_for
from um_directory.model.roles import Role
from um_directory.model.values import value_type
from um_directory.view import View

_MOST = 100_000


@value_type
class Declared:
    """What a connection declared. `role` None: all roles of the person."""

    bound_as: str
    actor: str
    role: Role | None = None
    capacity: str | None = None


class Sessions:
    """The declarations of all connections of one life of slapd, whose connection numbers only grow."""

    def __init__(self) -> None:
        self._declared: OrderedDict[int, Declared] = OrderedDict()
        self._first: int | None = None  # the first connection that this memory knows everything about
        self._settled = False

    def begin_life(self) -> None:
        """slapd was started anew, under this guard's eyes: its connections begin again."""
        self._declared.clear()
        self._first, self._settled = 0, True

    def begin_memory(self, connection: int) -> None:
        """A guard that finds slapd running knows nothing of connections before its own."""
        if not self._settled:
            self._first = max(self._first or 0, connection)

    def settle(self) -> None:
        """The first view is there: from now on every declaration has been seen."""
        self._settled = True

    def declare(self, connection: int, declared: Declared) -> None:
        """Remember; the oldest declaration goes when there are too many."""
        self._declared[connection] = declared
        self._declared.move_to_end(connection)
        if len(self._declared) > _MOST:
            oldest, _ = self._declared.popitem(last=False)
            self._first = max(self._first or 0, oldest + 1)

    def forget(self, connection: int) -> None:
        """Take a declaration back."""
        self._declared.pop(connection, None)

    def actor(self, bind_dn: str, connection: int, view: View) -> Actor:
        """Say who acts on this connection, with the roles that count."""
        bound = actor_for(bind_dn, view)
        if bound.kind not in ("person", "service"):
            return bound
        declared = self._declared.get(connection)
        if declared is not None and declared.bound_as != bound.dn:
            self.forget(connection)  # somebody else has logged in on it
            declared = None
        if declared is None:
            return self._without_declaration(bound, connection)
        actor = bound
        if declared.actor != bound.dn:
            actor = replace(actor_for(declared.actor, view), bound_as=bound.dn)
        return narrowed(actor, declared.role, declared.capacity) if declared.role else actor

    def bound(self, bind_dn: str, connection: int, view: View) -> Actor:
        """Say who bound, for a declaration: the service may declare again, a person keeps to the role he chose."""
        bound = actor_for(bind_dn, view)
        if bound.kind == "service":
            return replace(bound, kind="undeclared")
        return self.actor(bind_dn, connection, view) if bound.kind == "person" else bound

    def _without_declaration(self, actor: Actor, connection: int) -> Actor:
        if actor.kind == "service":
            return replace(actor, kind="undeclared")
        if self._first is None or connection < self._first:
            return replace(actor, kind="forgotten", roles=())
        return actor


def narrowed(actor: Actor, role: Role, capacity: str | None) -> Actor:
    """The actor with the one role only."""
    roles = tuple(held for held in actor.roles if held.role is role and held.capacity == capacity)
    return replace(actor, roles=roles, chosen=True)
