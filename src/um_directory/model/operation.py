"""LDAP write operations as plain values (RFC 4511 §4.6-4.9), wherever they come from.

The guard's socket, the accesslog and LDIF files all speak of the same four operations and the Password
Modify extended operation (RFC 3062). Attribute values are `bytes`, as on the wire; attribute descriptions
are kept as they were written: `base_name` strips options before anything is compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Attributes: TypeAlias = Mapping[str, tuple[bytes, ...]]
ModificationKind: TypeAlias = Literal["add", "delete", "replace", "increment"]


@dataclass(frozen=True, slots=True)
class Modification:
    """One change of one attribute. A `delete` without values deletes the attribute."""

    kind: ModificationKind
    attribute: str
    values: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Add:
    """Add an entry with these attributes, objectClass included."""

    dn: str
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Modify:
    """Apply the modifications in order, all or none."""

    dn: str
    modifications: tuple[Modification, ...]


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a leaf entry."""

    dn: str


@dataclass(frozen=True, slots=True)
class Rename:
    """ModifyDN: another RDN and, when `new_superior` is given, another parent."""

    dn: str
    new_rdn: str
    delete_old_rdn: bool = True
    new_superior: str | None = None


@dataclass(frozen=True, slots=True)
class SetPassword:
    """Password Modify (RFC 3062). `new_password` is None when the client asks the server to make one up."""

    dn: str
    new_password: bytes | None


Operation: TypeAlias = Add | Modify | Delete | Rename | SetPassword


def base_name(attribute: str) -> str:
    """Return the attribute type without its options, in lower case.

    >>> base_name("Member;lang-en")
    'member'
    """
    return attribute.partition(";")[0].lower()
