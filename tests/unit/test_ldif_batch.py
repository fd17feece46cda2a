"""Records handed to a `write`: what is accepted, rejected, and when it stops."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from um_directory.errors import DirectoryUnavailable, OperationRefused
from um_directory.ldif_import.batch import Accepted, Outcome, Rejected, feed
from um_directory.ldif_import.reader import read
from um_directory.model.operation import Add, Delete, Operation

SCHEMA = frozenset({"cn", "member", "2.5.4.4", "objectclass"})


def outcomes(text: bytes, write: Callable[[Operation], None] = lambda _operation: None) -> list[Outcome]:
    return list(feed(read(io.BytesIO(text)), write, SCHEMA, "a.ldif"))


def refusing(code: int, name: str, diagnostic: str) -> Callable[[Operation], None]:
    def write(operation: Operation) -> None:
        raise OperationRefused(operation.dn, code, name, diagnostic)

    return write


def test_records_go_in_in_order_and_are_counted_by_kind() -> None:
    written: list[Operation] = []
    text = (
        b"dn: cn=a,dc=um\nobjectClass: x\ncn: a\n\ndn: cn=a,dc=um\nchangetype: modify\nadd: member\nmember: x\n-\n\n"
        b"dn: cn=a,dc=um\nchangetype: modrdn\nnewrdn: cn=b\ndeleteoldrdn: 1\n\ndn: cn=b,dc=um\nchangetype: delete\n"
    )
    assert outcomes(text, written.append) == [
        Accepted(1, "cn=a,dc=um", "add"),
        Accepted(5, "cn=a,dc=um", "modify"),
        Accepted(11, "cn=a,dc=um", "rename"),
        Accepted(16, "cn=b,dc=um", "delete"),
    ]
    assert written[0] == Add("cn=a,dc=um", {"objectClass": (b"x",), "cn": (b"a",)})
    assert written[-1] == Delete("cn=b,dc=um")


def test_a_mistake_is_not_written_and_the_rest_is() -> None:
    bad, good = outcomes(b"cn: a\n\ndn: cn=a,dc=um\nobjectClass: x\ncn: a\n")
    assert isinstance(bad, Rejected)
    assert (bad.line, bad.dn, bad.rule) == (1, None, "format")
    assert isinstance(good, Accepted)


def test_a_duplicate_exists_already() -> None:
    _, second = outcomes(b"dn: cn=a,dc=um\nobjectClass: x\ncn: a\n\ndn: cn=a,dc=um\nobjectClass: x\ncn: a\n")
    assert isinstance(second, Rejected)
    assert (second.line, second.rule) == (5, "exists")


@pytest.mark.parametrize(
    ("text", "attribute", "line"),
    [
        (b"# c\ndn: cn=a,dc=um\nobjectClass: x\ncn: a\n b\n# c\numShoeSize: 44\n", "umShoeSize", 7),
        (b"version: 1\ndn: cn=a,dc=um\nOBJECTCLASS: x\nFoo;lang-nl: a\n", "Foo;lang-nl", 4),
        (b"dn: cn=a,dc=um\nchangetype: modify\nadd: cn\ncn: foo\n-\ndelete: foo\n-\n", "foo", 6),
    ],
)
def test_an_unknown_attribute_is_named_with_its_line_and_not_sent(
    text: bytes, attribute: str, line: int
) -> None:
    written: list[Operation] = []
    (rejected,) = outcomes(text, written.append)
    assert isinstance(rejected, Rejected)
    assert (rejected.line, rejected.rule) == (line, "schema")
    assert rejected.reason == f"attribute {attribute} is not in the directory's schema"
    assert not written


def test_an_entry_without_object_class_is_not_sent() -> None:
    written: list[Operation] = []
    (rejected,) = outcomes(b"# c\ndn: cn=a,dc=um\ncn: a\n", written.append)
    assert isinstance(rejected, Rejected)
    assert (rejected.line, rejected.rule, rejected.reason) == (2, "schema", "the entry has no objectClass")
    assert not written


def test_names_with_options_in_any_case_and_oids_are_known() -> None:
    (accepted,) = outcomes(b"dn: cn=a,dc=um\nobjectClass: x\nCN;lang-nl: a\n2.5.4.4: b\n")
    assert isinstance(accepted, Accepted)


UNIQUE = "some attributes not unique"


@pytest.mark.parametrize(
    ("code", "name", "diagnostic", "rule", "reason"),
    [
        (50, "insufficientAccessRights", "D2: only the CAM", "D2", "D2: only the CAM"),
        (68, "entryAlreadyExists", "", "exists", "entryAlreadyExists (68)"),
        (21, "invalidAttributeSyntax", "x: #0", "schema", "invalidAttributeSyntax (21): x: #0"),
        (65, "objectClassViolation", "", "schema", "objectClassViolation (65)"),
        (34, "invalidDNSyntax", "invalid DN", "format", "invalidDNSyntax (34): invalid DN"),
        (19, "constraintViolation", UNIQUE, "constraintViolation", f"constraintViolation (19): {UNIQUE}"),
    ],
)
def test_a_refusal_carries_its_rule_and_reason(
    code: int, name: str, diagnostic: str, rule: str, reason: str
) -> None:
    (rejected,) = outcomes(b"dn: cn=a,dc=um\nobjectClass: x\ncn: a\n", refusing(code, name, diagnostic))
    assert isinstance(rejected, Rejected)
    assert (rejected.line, rejected.dn, rejected.rule, rejected.reason) == (1, "cn=a,dc=um", rule, reason)


def test_a_lost_connection_says_where_and_what_is_not_known() -> None:
    written: list[Operation] = []

    def write(operation: Operation) -> None:
        if written:
            raise DirectoryUnavailable(f"{operation.dn}: the directory does not answer")
        written.append(operation)

    text = b"".join(b"dn: cn=%d,dc=um\nobjectClass: x\n\n" % number for number in range(3))
    with pytest.raises(DirectoryUnavailable) as caught:
        outcomes(text, write)
    assert str(caught.value).startswith(
        "a.ldif:4: cn=1,dc=um: the directory does not answer. Whether this record"
    )
    assert len(written) == 1
