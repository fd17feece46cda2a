"""Which entry of the tree a DN names (docs/reference/tree.md). Tables before branches: the tree is data here."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from um_directory.errors import MalformedName
from um_directory.model import dn as names
from um_directory.model.roles import ENTERPRISE_ROLES, GROUP_NAMES, GROUP_OF, HeldRole, Role
from um_directory.model.values import value_type


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


@value_type
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


@dataclass(slots=True)
class _Node:
    """A point on the way down: the shapes that go on from here, by RDN type and literal value (None: any)."""

    kind: Kind = Kind.UNKNOWN
    below: dict[tuple[str, str | None], _Node] = field(default_factory=dict)

    def step(self, rdn_type: str, value: str) -> _Node | None:
        return self.below.get((rdn_type, value)) or self.below.get((rdn_type, None))


def _grown() -> _Node:
    root = _Node()
    for shape, kind in _SHAPES:
        node = root
        for rdn in shape:
            rdn_type, _, value = rdn.partition("=")
            node = node.below.setdefault((rdn_type, value or None), _Node())
        node.kind = kind
    _name_containers(root)
    return root


def _name_containers(node: _Node) -> None:
    """ou=register is a container as any ou in its place is."""
    for (rdn_type, _), below in node.below.items():
        if below.kind is Kind.UNKNOWN:
            below.kind = node.below[rdn_type, None].kind
        _name_containers(below)


_ROOT = _grown()
_NOWHERE, _LOST = _Node(), _Node()  # not below the suffix yet, and nowhere in the tree below it
_DEEPEST = 16  # RDNs; no name of ours has so many, with any reasonable suffix
_REMEMBERED, _REMEMBERED_ABOVE = 4096, 16384


class Tree:
    """Names below one suffix."""

    def __init__(self, suffix: str) -> None:
        self.suffix = names.normalise(suffix)
        # The same few names come again and again, whoever acts and the groups acted on, and the names above them more.
        self.place = lru_cache(maxsize=_REMEMBERED)(self._place)
        """Say what a DN names: see `_place`."""
        self._above = lru_cache(maxsize=_REMEMBERED_ABOVE)(self._located)

    def _place(self, dn: str) -> Place:
        """Say what `dn` names; `Kind.UNKNOWN` for a well-formed name that is not of the tree.

        :raises MalformedName: when the DN is not in the tree's alphabet (`model.dn.parse`).
        """
        if dn.count(",") > _DEEPEST or len(dn) > names.LONGEST:
            return Place(Kind.UNKNOWN, names.normalise(dn))
        return self._located(dn)[0]

    def _located(self, dn: str) -> tuple[Place, _Node]:
        """The place, and where the shapes go on from it: one RDN below the place of the rest."""
        rdn, comma, rest = dn.partition(",")
        rdn_type, value = names.parse_rdn(rdn, dn)
        if not comma:
            return self._maybe_suffix(f"{rdn_type}={value}")
        above, node = self._above(rest)
        normal = f"{rdn_type}={value},{above.dn}"
        if node is _NOWHERE:
            return self._maybe_suffix(normal)
        found = node.step(rdn_type, value)
        if found is None:
            return Place(Kind.UNKNOWN, normal), _LOST
        return _below(above, found.kind, normal, rdn_type, value), found

    def _maybe_suffix(self, normal: str) -> tuple[Place, _Node]:
        if normal == self.suffix:
            return Place(Kind.SUFFIX, normal), _ROOT
        return Place(Kind.UNKNOWN, normal), _NOWHERE

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

    def capacity(self, number: str, name: str) -> str:
        """DN of a capacity of enterprise `number`."""
        return f"umCapacityName={name},{self.enterprise(number)}"

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


def _below(above: Place, kind: Kind, dn: str, rdn_type: str, value: str) -> Place:
    """A place one RDN below another."""
    enterprise, capacity = above.enterprise, above.capacity
    if rdn_type == _E:
        enterprise = value
    elif rdn_type == _C and enterprise is not None:
        capacity = value
    role: Role | None = None
    if kind is Kind.ROLE_GROUP:
        role = GROUP_NAMES.get(value)
        if role is None or (role in ENTERPRISE_ROLES) == (capacity is not None):
            return Place(Kind.UNKNOWN, dn)
    return Place(kind, dn, value, enterprise, capacity, role)
