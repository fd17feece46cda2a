"""LDAP write operations as plain values (RFC 4511 §4.6-4.9), wherever they come from.

The guard's socket, the accesslog and LDIF files all speak of the same four operations and the Password
Modify extended operation (RFC 3062). Attribute values are `bytes`, as on the wire; attribute descriptions
are kept as they were written: `base_name` strips options before anything is compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from um_directory.model.values import value_type

Attributes: TypeAlias = Mapping[str, tuple[bytes, ...]]
ModificationKind: TypeAlias = Literal["add", "delete", "replace", "increment"]


@value_type
class Modification:
    """One change of one attribute. A `delete` without values deletes the attribute."""

    kind: ModificationKind
    attribute: str
    values: tuple[bytes, ...] = ()


@value_type
class Add:
    """Add an entry with these attributes, objectClass included."""

    dn: str
    attributes: Attributes


@value_type
class Modify:
    """Apply the modifications in order, all or none."""

    dn: str
    modifications: tuple[Modification, ...]


@value_type
class Delete:
    """Delete a leaf entry."""

    dn: str


@value_type
class Rename:
    """ModifyDN: another RDN and, when `new_superior` is given, another parent."""

    dn: str
    new_rdn: str
    delete_old_rdn: bool = True
    new_superior: str | None = None


@value_type
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
