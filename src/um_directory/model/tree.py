"""Which entry of the tree a DN names (docs/reference/tree.md). Tables before branches: the tree is data here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from um_directory.errors import MalformedName
from um_directory.model import dn as names
from um_directory.model.roles import GROUP_NAMES, GROUP_OF, HeldRole, Role


class Kind(StrEnum):
    """Kinds of entries, by place."""

    SUFFIX = "suffix"
    CONTAINER = "container"
    CATALOGUE_CAPACITY = "capacity definition"
    CATALOGUE_APPLICATION = "application"
    CATALOGUE_DECLARATION = "declaration"
    PERSON = "person"
    ENTERPRISE = "enterprise"
    ACCOUNTS = "accounts container"
    ACCOUNT = "account"
    CAPACITY = "capacity"
    ROLE_GROUP = "role group"
    AUTHORIZATIONS = "authorizations container"
    AUTHORIZATION = "authorization"
    ROUTING = "routing container"
    ROUTE = "route"
    CHANNELS = "channels container"
    CHANNEL = "channel"
    MANDATE = "mandate"
    ACCESS_GROUP = "access group"
    OPERATOR = "operator"
    SERVICE = "service"
    SESSION = "session"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Place:
    """What a DN names: the kind, and the names found on the way down."""

    kind: Kind
    dn: str  # normalised
    name: str = ""  # the leaf's RDN value
    enterprise: str | None = None
    capacity: str | None = None
    role: Role | None = None


_E = "umenterprisenumber"
_C = "umcapacityname"
# From the suffix down: RDN types (a name after "=" is literal). First match wins.
_SHAPES: tuple[tuple[tuple[str, ...], Kind], ...] = (
    ((), Kind.SUFFIX),
    (("ou=catalogue", "ou=capacities", _C), Kind.CATALOGUE_CAPACITY),
    (("ou=catalogue", "ou=applications", "cn"), Kind.CATALOGUE_APPLICATION),
    (("ou=catalogue", "ou=declarations", "cn"), Kind.CATALOGUE_DECLARATION),
    (("ou=catalogue", "ou"), Kind.CONTAINER),
    (("ou=register", "umssin"), Kind.PERSON),
    (("ou=enterprises", _E), Kind.ENTERPRISE),
    (("ou=enterprises", _E, "ou=accounts"), Kind.ACCOUNTS),
    (("ou=enterprises", _E, "ou=accounts", "uid"), Kind.ACCOUNT),
    (("ou=enterprises", _E, "cn"), Kind.ROLE_GROUP),
    (("ou=enterprises", _E, _C), Kind.CAPACITY),
    (("ou=enterprises", _E, _C, "cn"), Kind.ROLE_GROUP),
    (("ou=enterprises", _E, _C, "ou=authorizations"), Kind.AUTHORIZATIONS),
    (("ou=enterprises", _E, _C, "ou=authorizations", "cn"), Kind.AUTHORIZATION),
    (("ou=enterprises", _E, _C, "ou=routing"), Kind.ROUTING),
    (("ou=enterprises", _E, _C, "ou=routing", "cn"), Kind.ROUTE),
    (("ou=enterprises", _E, _C, "ou=channels"), Kind.CHANNELS),
    (("ou=enterprises", _E, _C, "ou=channels", "cn"), Kind.CHANNEL),
    (("ou=mandates", "cn"), Kind.MANDATE),
    (("ou=access", "cn"), Kind.ACCESS_GROUP),
    (("ou=operators", "cn"), Kind.OPERATOR),
    (("ou=services", "cn"), Kind.SERVICE),
    (("cn=session",), Kind.SESSION),
    (("ou",), Kind.CONTAINER),
)
_BY_LENGTH: dict[int, list[tuple[tuple[str, ...], Kind]]] = {}
for _shape, _kind in _SHAPES:
    _BY_LENGTH.setdefault(len(_shape), []).append((_shape, _kind))


_REMEMBERED = 4096


class Tree:
    """Names below one suffix."""

    def __init__(self, suffix: str) -> None:
        self.suffix = names.normalise(suffix)
        self._pairs = names.parse(suffix)
        self._depth = len(self._pairs)
        # The same few names come again and again: whoever acts, and the groups acted on.
        self.place = lru_cache(maxsize=_REMEMBERED)(self._place)
        """Say what a DN names: see `_place`."""

    def _place(self, dn: str) -> Place:
        """Say what `dn` names; `Kind.UNKNOWN` for a well-formed name that is not of the tree.

        :raises MalformedName: when the DN is not in the tree's alphabet (`model.dn.parse`).
        """
        pairs = names.parse(dn)
        normal = ",".join(f"{kind}={value}" for kind, value in pairs)
        if pairs[-self._depth :] != self._pairs:
            return Place(Kind.UNKNOWN, normal)
        down = pairs[: len(pairs) - self._depth][::-1]
        for shape, kind in _BY_LENGTH.get(len(down), ()):
            if all(_fits(pair, wanted) for pair, wanted in zip(down, shape, strict=True)):
                return _located(kind, normal, down)
        return Place(Kind.UNKNOWN, normal)

    def account_id(self, dn: str) -> str | None:
        """Return the username when `dn` is an account's name, else None. Never raises."""
        try:
            place = self.place(dn)
        except MalformedName:
            return None
        return place.name if place.kind is Kind.ACCOUNT else None

    def enterprise(self, number: str) -> str:
        """DN of an enterprise."""
        return f"umEnterpriseNumber={number},ou=enterprises,{self.suffix}"

    def account(self, number: str, uid: str) -> str:
        """DN of an account of enterprise `number`."""
        return f"uid={uid},ou=accounts,{self.enterprise(number)}"

    def access_group(self, application: str) -> str:
        """DN of the group of all who may use `application`."""
        return f"cn={application},ou=access,{self.suffix}"

    def group(self, held: HeldRole) -> str:
        """DN of the group of a role's holders."""
        above = f"umCapacityName={held.capacity}," if held.capacity else ""
        return f"cn={GROUP_OF[held.role]},{above}{self.enterprise(held.enterprise)}"

    def person(self, ssin: str) -> str:
        """DN of a natural person in the register."""
        return f"umSsin={ssin},ou=register,{self.suffix}"

    def operator(self, name: str) -> str:
        """DN of an operator: `registrar` or `contact-center`."""
        return f"cn={name},ou=operators,{self.suffix}"

    @property
    def session(self) -> str:
        """DN of the session: nothing is stored there; the guard takes what is written for a declaration (A6)."""
        return f"cn=session,{self.suffix}"

    def service(self, name: str) -> str:
        """DN of a service's identity."""
        return f"cn={name},ou=services,{self.suffix}"


def _fits(pair: tuple[str, str], wanted: str) -> bool:
    kind, equals, literal = wanted.partition("=")
    return pair[0] == kind and (not equals or pair[1] == literal)


def _located(kind: Kind, dn: str, down: tuple[tuple[str, str], ...]) -> Place:
    enterprise = next((value for name, value in down if name == _E), None)
    capacity = next((value for name, value in down if name == _C and enterprise), None)
    leaf = down[-1][1] if down else ""
    role = None
    if kind is Kind.ROLE_GROUP:
        role = GROUP_NAMES.get(leaf)
        if role is None or (role in (Role.CAM, Role.CO_CAM)) == (capacity is not None):
            return Place(Kind.UNKNOWN, dn)
    return Place(kind, dn, leaf, enterprise, capacity, role)
