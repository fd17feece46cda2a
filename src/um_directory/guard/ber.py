"""The one BER structure the guard reads: PasswdModifyRequestValue (RFC 3062 §2)."""

from __future__ import annotations

from pyasn1.codec.ber import decoder
from pyasn1.error import PyAsn1Error
from pyasn1.type import namedtype, tag, univ

PASSWORD_MODIFY = "1.3.6.1.4.1.4203.1.11.1"  # noqa: S105 - an OID


def _field(name: str, number: int) -> namedtype.OptionalNamedType:
    context = tag.Tag(tag.tagClassContext, tag.tagFormatSimple, number)
    return namedtype.OptionalNamedType(name, univ.OctetString().subtype(implicitTag=context))


class _PasswordModify(univ.Sequence):  # type: ignore[misc]
    componentType = namedtype.NamedTypes(  # noqa: N815 - pyasn1's name
        _field("userIdentity", 0), _field("oldPasswd", 1), _field("newPasswd", 2)
    )


def password_modify(value: bytes | None) -> tuple[bytes | None, bytes | None]:
    """Return (userIdentity, newPasswd), each None when absent.

    :raises ValueError: not such a structure.
    """
    if value is None:
        return None, None
    try:
        decoded, rest = decoder.decode(value, asn1Spec=_PasswordModify())
    except PyAsn1Error as error:
        raise ValueError("not a Password Modify request") from error
    if rest:
        raise ValueError("trailing bytes")
    fields = [decoded[name] for name in ("userIdentity", "newPasswd")]
    identity, new = (bytes(field) if field.isValue else None for field in fields)
    return identity, new
