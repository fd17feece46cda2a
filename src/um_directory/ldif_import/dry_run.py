"""A rehearsal: the guard's rules asked in this process, about a copy of what the directory holds.

It answers as `DirectoryClient.write` does and writes nothing. It knows the rules, which entries exist, and what
earlier records of the import would have done to both. What only slapd holds is not rehearsed: syntaxes,
required attributes, uniqueness, slapd's own access rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from um_directory.directory.client import DirectoryClient
from um_directory.directory.load import load_view
from um_directory.errors import OperationRefused, UmError
from um_directory.guard.actor import Actor, actor_for
from um_directory.guard.change import SessionDeclared, decompose
from um_directory.guard.evaluate import evaluate
from um_directory.guard.rules.a06_session import chosen
from um_directory.guard.session import narrowed
from um_directory.guard.translations import translate
from um_directory.ldif_import.names import NameTable, parent
from um_directory.model.operation import Add, Delete, Operation, Rename
from um_directory.model.readings import DEFAULT, Readings
from um_directory.model.roles import Role
from um_directory.view import View

# Result codes of RFC 4511 Appendix A.
_NO_SUCH_OBJECT = 32, "noSuchObject"
_INSUFFICIENT = 50, "insufficientAccessRights"
_NOT_ON_NON_LEAF = 66, "notAllowedOnNonLeaf"
_EXISTS = 68, "entryAlreadyExists"


@dataclass(frozen=True, slots=True)
class Acting:
    """Who the rehearsal is for: a DN, and the one role in which he acts (A6); without it all his active ones.

    `language` overrules that of his account.
    """

    dn: str
    role: Role | None = None
    capacity: str | None = None
    language: str | None = None

    def actor(self, view: View) -> Actor:
        """The actor as the guard would know him now."""
        actor = actor_for(self.dn, view)
        if actor.kind == "service":
            actor = replace(actor, kind="undeclared")
        return narrowed(actor, self.role, self.capacity) if self.role else actor


def load_names(client: DirectoryClient, suffix: str) -> NameTable:
    """The names of all entries below `suffix`, each with the number of its children."""
    names = NameTable()
    for entry in client.search(suffix, attributes=("1.1",)):
        names.enter(entry.dn, 0)
        names.change(parent(entry.dn), +1)
    return names


class Rehearsal:
    """A directory that only pretends: `view` and `names` follow what it accepts."""

    def __init__(self, view: View, names: NameTable, acting: Acting) -> None:
        self.view = view
        self._names = names
        self._acting = acting

    @classmethod
    def load(
        cls, client: DirectoryClient, suffix: str, acting: Acting, readings: Readings = DEFAULT
    ) -> Rehearsal:
        """Read what is needed; `client` must be allowed to read everything.

        :raises UmError: it is not.
        """
        return cls(load_view(client, suffix, readings=readings), load_names(client, suffix), acting)

    def require_actor(self) -> None:
        """See that somebody acts at all, in a role that he holds.

        :raises UmError: there is nobody by that name, or he is not active in the role.
        """
        actor, acting = self._acting.actor(self.view), self._acting
        if actor.kind == "nobody":
            raise UmError(f"{acting.dn}: no account and no operator has this name")
        if acting.role is not None and not actor.roles:
            where = f" of {acting.capacity}" if acting.capacity else ""
            raise UmError(f"{acting.dn}: not active as {acting.role}{where}")

    def write(self, operation: Operation) -> None:
        """Pretend one write.

        :raises OperationRefused: as the directory would: first by a rule, then for what exists or does not.
        """
        # The actor's own roles may have changed by an earlier record.
        actor = self._acting.actor(self.view)
        refusal = evaluate(operation, actor, self.view)
        if refusal is not None:
            text = translate(refusal, self._acting.language or actor.language)
            raise OperationRefused(operation.dn, *_INSUFFICIENT, text)
        change = decompose(operation, self.view)
        if isinstance(change.parts[0], SessionDeclared):
            self._declare(change.parts[0])
            return
        self._check_existence(operation)
        self.view.apply(operation)
        self._follow(operation)

    def _declare(self, said: SessionDeclared) -> None:
        """From here on the records are of the person and role that were declared (A6)."""
        role, capacity = chosen(said) if said.role else (None, None)
        dn = said.acting_for or self._acting.dn
        self._acting = replace(self._acting, dn=dn, role=role, capacity=capacity)

    def exists(self, dn: str) -> bool:
        """Whether there is such an entry."""
        return self._names.get(dn) is not None

    def write_all(self, additions: Sequence[Add]) -> None:
        """Pretend several additions, all or none.

        :raises OperationRefused: one is refused; those before it are taken back.
        """
        for done, addition in enumerate(additions):
            try:
                self.write(addition)
            except OperationRefused:
                self.take_back(additions[:done])
                raise

    def take_back(self, additions: Sequence[Add]) -> None:
        """Forget additions, the last ones that were accepted."""
        for addition in reversed(additions):
            self.view.apply(Delete(addition.dn))
            self._follow(Delete(addition.dn))

    def _check_existence(self, operation: Operation) -> None:
        dn = operation.dn
        children = self._names.get(dn)
        if isinstance(operation, Add):
            if children is not None:
                raise OperationRefused(dn, *_EXISTS, "")
            if self._names.get(parent(dn)) is None:
                raise OperationRefused(dn, *_NO_SUCH_OBJECT, "there is no entry above it")
        elif children is None:
            raise OperationRefused(dn, *_NO_SUCH_OBJECT, "")
        elif children and isinstance(operation, Delete):
            raise OperationRefused(dn, *_NOT_ON_NON_LEAF, f"there are {children} entries below it")

    def _follow(self, operation: Operation) -> None:
        if isinstance(operation, Add):
            self._enter(operation.dn)
        elif isinstance(operation, Delete | Rename):
            self._names.remove(operation.dn)
            self._names.change(parent(operation.dn), -1)
        if isinstance(operation, Rename):
            self._enter(f"{operation.new_rdn},{operation.new_superior or parent(operation.dn)}")

    def _enter(self, dn: str) -> None:
        self._names.enter(dn, 0)
        self._names.change(parent(dn), +1)
