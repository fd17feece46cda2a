"""What an operation changes, in the domain's words: the parts that rules allow or refuse. Pure.

An operation is taken apart into parts. Every part must be allowed by some rule; what no rule knows (an attribute
with options, an attribute under its OID, another object class) stays a part that nobody allows. Several
modifications in one operation are played through first, so only what differs afterwards counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import field
from typing import TypeAlias, get_args

from um_directory.model.operation import Add, Delete, Modification, Modify, Operation, Rename, SetPassword
from um_directory.model.roles import Role, State
from um_directory.model.tree import Kind, Place
from um_directory.model.values import value_type
from um_directory.view import Holders, View

MEMBER, BLOCKED, PASSWORD = "member", "umblockedmember", "userpassword"


@value_type
class RoleTransition:
    """An account's state in a role group, before and after; None: does not hold the role."""

    place: Place
    role: Role
    uid: str
    before: State | None
    after: State | None

    @property
    def designates(self) -> bool:
        """Whether somebody becomes a holder, or active again; blocking and removing need no eligibility."""
        return self.after == "active" or (self.after == "blocked" and self.before is None)


@value_type
class GrantTransition:
    """The same for an authorization (D8); the application is `place.name`."""

    place: Place
    uid: str
    before: State | None
    after: State | None

    @property
    def designates(self) -> bool:
        """As for a role."""
        return self.after == "active" or (self.after == "blocked" and self.before is None)


@value_type
class HoldersAfter:
    """How many will be active and blocked in a group after the operation; 0 and 0 when it is deleted.

    Every operation on holders has this part, also one that comes down to nothing: `role` None: an authorization.
    """

    place: Place
    role: Role | None
    active: int
    blocked: int


@value_type
class UnknownHolder:
    """A value of `member` or `umBlockedMember` that is no account."""

    place: Place
    value: str


@value_type
class EntryAdded:
    """A new entry of the kind's own object class. `attributes` are those it brings that are not blank."""

    place: Place
    raw_dn: str
    attributes: frozenset[str]

    @property
    def written_name(self) -> str:
        """The name in the leaf's RDN as it was written: capitals, and spaces in a number, are kept."""
        return self.raw_dn.partition(",")[0].partition("=")[2].strip()


@value_type
class EntryRemoved:
    """A deleted entry."""

    place: Place


@value_type
class AttributeChanged:
    """Other attributes: `values` are those added or set; empty for a deletion."""

    place: Place
    attribute: str
    values: tuple[bytes, ...]
    removes: bool = False


@value_type
class PasswordChanged:
    """A new password, in clear or as a hash (`{SCHEME}…`); None when the server is asked to make one up."""

    place: Place
    password: bytes | None


@value_type
class SessionDeclared:
    """For whom and in which role a connection is to act (A6); empty: not said."""

    place: Place
    acting_for: str = ""
    role: str = ""
    capacity: str = ""


@value_type
class Unsupported:
    """Something no rule speaks of: the refusal's template (translated like a rule's) and its values."""

    place: Place
    template: str
    values: Mapping[str, object] = field(default_factory=dict, hash=False)


Part: TypeAlias = (
    RoleTransition
    | GrantTransition
    | HoldersAfter
    | UnknownHolder
    | EntryAdded
    | EntryRemoved
    | AttributeChanged
    | PasswordChanged
    | SessionDeclared
    | Unsupported
)
EVERY_PART: tuple[type[Part], ...] = get_args(Part)
"""For rules that look at everything."""


@value_type
class Change:
    """An operation with its parts. `is_load` says that it only adds, as a first load does."""

    operation: Operation
    place: Place
    parts: tuple[Part, ...]

    @property
    def is_load(self) -> bool:
        """Whether this adds an entry (and so changes nothing that stood before)."""
        return isinstance(self.operation, Add)


# The object classes that an entry of each kind has; nothing else is an entry of that kind.
CLASSES: dict[Kind, frozenset[str]] = {
    Kind.PERSON: frozenset({"umperson"}),
    Kind.ENTERPRISE: frozenset({"umenterprise"}),
    Kind.ACCOUNTS: frozenset({"organizationalunit"}),
    Kind.ACCOUNT: frozenset({"umaccount", "inetorgperson", "organizationalperson", "person"}),
    Kind.CAPACITY: frozenset({"umcapacity"}),
    Kind.ROLE_GROUP: frozenset({"umrolegroup"}),
    Kind.AUTHORIZATIONS: frozenset({"organizationalunit"}),
    Kind.AUTHORIZATION: frozenset({"umauthorization"}),
    Kind.ROUTING: frozenset({"organizationalunit"}),
    Kind.CHANNELS: frozenset({"organizationalunit"}),
    Kind.MANDATE: frozenset({"ummandate"}),
}
_GROUPS = (Kind.ROLE_GROUP, Kind.AUTHORIZATION)
_BINARY = frozenset({"usercertificate", "2.5.4.36", "oid.2.5.4.36", "jpegphoto"})
_CONTROL_CHARACTER = re.compile(rb"[\x00-\x1f\x7f]|\xc2[\x80-\x9f]")  # the last: those of UTF-8


def decompose(operation: Operation, view: View) -> Change:
    """Take an operation apart. Never raises: what cannot be read becomes `Unsupported`."""
    place = view.place(operation.dn)
    match operation:
        case Add():
            parts = _added(operation, place, view)
        case Modify() if place.kind is Kind.SESSION:
            parts = [_declaration(operation, place)]
        case Modify():
            parts = _modified(operation, place, view)
        case Delete():
            parts = _deleted(place, view)
        case SetPassword(_, password):
            parts = [PasswordChanged(place, password)]
        case Rename():
            parts = [Unsupported(place, "entries are neither renamed nor moved; delete and add instead")]
    return Change(operation, place, tuple(parts))


def _added(operation: Add, place: Place, view: View) -> list[Part]:
    attributes: dict[str, tuple[bytes, ...]] = {}
    for name, values in operation.attributes.items():
        attributes[name.lower()] = (*attributes.get(name.lower(), ()), *values)
    given = frozenset(name for name, values in attributes.items() if any(map(bytes.strip, values)))
    parts: list[Part] = [EntryAdded(place, operation.dn, given)]
    naming = operation.dn.partition("=")[0].strip().lower()
    for name, values in attributes.items():
        if name == "objectclass":
            parts += _foreign_classes(place, values)
        elif name == naming and values == (place.name.encode(),):
            continue
        elif name == PASSWORD:
            parts += _password(place, values)
        elif place.kind not in _GROUPS or name not in (MEMBER, BLOCKED):
            parts += _written(AttributeChanged(place, name, values))
    if place.kind in _GROUPS:
        modifications = [
            Modification("add", name, attributes[name]) for name in (MEMBER, BLOCKED) if name in attributes
        ]
        parts += _holder_parts(place, Holders(), modifications, view)
    return parts


def _written(part: AttributeChanged) -> Iterator[Part]:
    """The part; a value of more than one line, or with terminal codes in it, is a second one that nobody allows."""
    yield part
    binary = part.attribute.partition(";")[0] in _BINARY
    if not binary and any(_CONTROL_CHARACTER.search(value) for value in part.values):
        yield Unsupported(
            part.place, "a value of {attribute} has control characters in it", {"attribute": part.attribute}
        )


def _foreign_classes(place: Place, values: Iterable[bytes]) -> Iterator[Unsupported]:
    allowed = CLASSES.get(place.kind, frozenset()) | {"top"}
    for value in values:
        name = value.decode("utf-8", "replace")
        if name.lower() not in allowed:
            yield Unsupported(
                place, "an entry here cannot be of object class {name}; leave it out", {"name": name}
            )


def _password(place: Place, values: tuple[bytes, ...]) -> list[Part]:
    if len(values) != 1:
        return [Unsupported(place, "an account has one password; give exactly one")]
    return [PasswordChanged(place, values[0])]


def _modified(operation: Modify, place: Place, view: View) -> list[Part]:
    parts: list[Part] = []
    held: list[Modification] = []
    passwords: list[Modification] = []
    for change in operation.modifications:
        name = change.attribute.lower()
        if change.kind == "increment":
            parts.append(
                Unsupported(
                    place,
                    "values are set, not incremented ({attribute}); replace the value instead",
                    {"attribute": change.attribute},
                )
            )
        elif name == "objectclass":
            parts.append(
                Unsupported(
                    place, "nobody changes the object class of an entry; delete the entry and add it anew"
                )
            )
        elif place.kind in _GROUPS and name in (MEMBER, BLOCKED):
            held.append(change)
        elif name == PASSWORD:
            passwords.append(change)
        else:
            removes = change.kind == "delete" or not change.values
            parts += _written(AttributeChanged(place, name, () if removes else change.values, removes))
    if held:
        parts += _holder_parts(place, view.holders(place) or Holders(), held, view)
    if passwords:
        new = tuple(value for change in passwords if change.kind != "delete" for value in change.values)
        parts += _password(place, new)  # a deletion alone sets none, and is no part that a rule knows
        if all(change.kind == "add" for change in passwords):
            parts.append(Unsupported(place, "a second password is not added to an account; replace it"))
    return parts


_DECLARED = {"umactingfor": "acting_for", "umactingrole": "role", "umcapacityname": "capacity"}


def _declaration(operation: Modify, place: Place) -> Part:
    said: dict[str, str] = {}
    for change in operation.modifications:
        field_ = _DECLARED.get(change.attribute.lower())
        if (
            field_ is None
            or field_ in said
            or change.kind not in ("add", "replace")
            or len(change.values) > 1
        ):
            return Unsupported(
                place, "a session has umActingFor, umActingRole and umCapacityName, one value each"
            )
        said[field_] = change.values[0].decode("utf-8", "replace") if change.values else ""
    return SessionDeclared(place, **said)


def _deleted(place: Place, view: View) -> list[Part]:
    parts: list[Part] = [EntryRemoved(place)]
    if place.kind in _GROUPS:
        everything = [Modification("replace", name) for name in (MEMBER, BLOCKED)]
        parts += _holder_parts(place, view.holders(place) or Holders(), everything, view)
    return parts


class _Edited:
    """A set after modifications, without copying it: a group may have a million members."""

    def __init__(self, stored: Set[str]) -> None:
        self.stored = stored
        self.gained: set[str] = set()
        self.lost: set[str] = set()

    def apply(self, change: Modification, uids: set[str]) -> None:
        if change.kind == "add":
            self._gain(uids)
        elif change.kind == "delete" and change.values:
            self._lose(uids)
        else:
            self._lose({*self.stored, *self.gained})
            self._gain(uids)

    def _gain(self, uids: set[str]) -> None:
        self.lost -= uids
        self.gained |= uids - self.stored

    def _lose(self, uids: set[str]) -> None:
        self.gained -= uids
        self.lost |= uids & self.stored

    def __contains__(self, uid: str) -> bool:
        return uid in self.gained or (uid in self.stored and uid not in self.lost)

    def __len__(self) -> int:
        return len(self.stored) + len(self.gained) - len(self.lost)


def _holder_parts(
    place: Place, before: Holders, modifications: Iterable[Modification], view: View
) -> Iterator[Part]:
    active, blocked = _Edited(before.active), _Edited(before.blocked)
    for change in modifications:
        uids = set()
        for value in change.values:
            dn = value.decode("utf-8", "replace")
            account = view.account_at(dn)
            if account is None:
                yield UnknownHolder(place, dn)
            else:
                uids.add(account.uid)
        (active if change.attribute.lower() == MEMBER else blocked).apply(change, uids)
    # Sorted, so that the same operation always meets the same refusal first.
    for uid in sorted(active.gained | active.lost | blocked.gained | blocked.lost):
        if uid in active and uid in blocked:
            yield Unsupported(
                place,
                "{uid} cannot be both active and blocked in one group; choose one of the two",
                {"uid": uid},
            )
        after: State | None = "blocked" if uid in blocked else "active" if uid in active else None
        if place.role is None:
            yield GrantTransition(place, uid, before.state(uid), after)
        else:
            yield RoleTransition(place, place.role, uid, before.state(uid), after)
    yield HoldersAfter(place, place.role, len(active), len(blocked))
