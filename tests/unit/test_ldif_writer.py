"""The writer's text as other readers want it (RFC 2849)."""

from __future__ import annotations

from base64 import b64encode

import pytest

from um_directory.ldif_import.writer import to_ldif
from um_directory.model.operation import Add, Modification, Modify, Rename


@pytest.mark.parametrize(
    "value", [b" a", b":a", b"<a", b"a ", b" ", b"a\nb", b"a\rb", b"a\0b", "é".encode(), b"\xff"]
)
def test_what_is_no_safe_string_is_base64(value: bytes) -> None:
    assert to_ldif(Add("cn=a", {"cn": (value,)})) == b"dn: cn=a\ncn:: " + b64encode(value) + b"\n"


@pytest.mark.parametrize("value", [b"", b"a", b"a: <b", b"-", b"#a", b"a  b", b"\x7f\x01"])
def test_a_safe_string_stands_as_it_is(value: bytes) -> None:
    assert to_ldif(Add("cn=a", {"cn": (value,)})) == b"dn: cn=a\ncn: " + value + b"\n"


def test_a_dn_outside_ascii_is_base64() -> None:
    assert to_ldif(Add("cn=é", {"cn": (b"a",)})) == b"dn:: " + b64encode("cn=é".encode()) + b"\ncn: a\n"


def test_long_lines_are_folded_at_76() -> None:
    first, *rest = to_ldif(Add("cn=a", {"cn": (b"x" * 200,)})).splitlines()[1:]
    assert first == b"cn: " + b"x" * 72
    assert rest == [b" " + b"x" * 75, b" " + b"x" * 53]


def test_changes_are_written_as_change_records() -> None:
    modify = Modify("cn=a", (Modification("replace", "cn", (b"b", b"c")), Modification("delete", "sn")))
    assert to_ldif(modify) == (b"dn: cn=a\nchangetype: modify\nreplace: cn\ncn: b\ncn: c\n-\ndelete: sn\n-\n")
    assert to_ldif(Rename("cn=a", "cn=b", delete_old_rdn=True, new_superior="dc=um")) == (
        b"dn: cn=a\nchangetype: modrdn\nnewrdn: cn=b\ndeleteoldrdn: 1\nnewsuperior: dc=um\n"
    )
