"""The guard's half of slapd-sock(5): requests as slapd really sends them, and answers it cannot misread."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.recorded import NAMES, recorded
from um_directory.guard import messages
from um_directory.guard.messages import Extended, MalformedRequest, parse, refusal
from um_directory.model.operation import Add, Delete, Modification, Modify, Rename

ENTERPRISE = "umEnterpriseNumber=0403019261,ou=enterprises,dc=um,dc=example"
ACCOUNTS = f"ou=accounts,{ENTERPRISE}"
JANSSENS, PEETERS = f"uid=jjanssens1,{ACCOUNTS}", f"uid=ppeeters1,{ACCOUNTS}"
CHIEF = f"cn=chief-access-manager,{ENTERPRISE}"
REGISTRAR = "cn=registrar,ou=operators,dc=um,dc=example"
HASH = base64.b64decode(
    "e0FSR09OMn0kYXJnb24yaSR2PTE5JG09MTk0NTYsdD0yLHA9MSR4K2ZaK2o2dUxpMVRhdlVWQnVkOER3JG1BaS9MVE1lYmxmSkRYd21W"
    "THhVUXJYZ1lGQ3hJaDdCZlR3SWgzOTVRUG8Ayg=="
)


def modification(kind: str, attribute: str, *values: str) -> Modification:
    return Modification(kind, attribute, tuple(value.encode() for value in values))  # type: ignore[arg-type]


REAL = {
    "write-account": Add(
        JANSSENS,
        {
            "objectClass": (b"umAccount",),
            "uid": (b"jjanssens1",),
            "umSsin": (b"85073003328",),
            "cn": (b"Jan Janssens",),
            "sn": (b"Janssens",),
            "userPassword": (b"Welkom1234",),
            "mail": (
                b"a-very-long-address-that-needs-more-than-seventy-eight-columns-in-ldif@janssens.example",
            ),
        },
    ),
    "write-group": Add(
        CHIEF,
        {
            "objectClass": (b"umRoleGroup",),
            "cn": (b"chief-access-manager",),
            "member": (JANSSENS.encode(),),
        },
    ),
    "write-handover-del-add": Modify(
        CHIEF, (modification("delete", "member", PEETERS), modification("add", "member", JANSSENS))
    ),
    "write-multi-add": Modify(
        CHIEF,
        (
            modification("add", "umBlockedMember", PEETERS, JANSSENS),
            modification("delete", "umBlockedMember"),
        ),
    ),
    "write-opt": Modify(CHIEF, (modification("add", "description;lang-en", " leading"),)),
    # Written as surname and rfc822mailbox, the first with a newline in it: slapd names attributes its own way.
    "write-alias": Modify(
        JANSSENS, (modification("replace", "sn", "Janssens\nX"), modification("replace", "mail"))
    ),
    "write-upper": Modify(
        "umEnterpriseNumber=0403019261,ou=Enterprises,dc=um,dc=EXAMPLE",
        (modification("replace", "umBankrupt", "TRUE"),),
    ),
    "write-ldapmodify-multi": Modify(
        ENTERPRISE,
        (
            modification("add", "umEntitledCapacity", "aaa", "bbb"),
            modification("add", "umEntitledCapacity", "ccc"),
            modification("delete", "umEntitledCapacity", "bbb"),
            modification("replace", "l"),
        ),
    ),
    "write-status": Modify(JANSSENS, (modification("replace", "umAccountStatus", "active"),)),
    "write-delete": Delete(PEETERS),
    "write-rename": Rename(PEETERS, "uid=ppeeters2", delete_old_rdn=True),
    "write-rename2": Rename(f"uid=ppeeters2,{ACCOUNTS}", "uid=ppeeters1", True, ACCOUNTS),
    "write-setpw-hash": Modify(JANSSENS, (Modification("replace", "userPassword", (HASH,)),)),
}


@pytest.mark.parametrize("name", REAL)
def test_real_requests(name: str) -> None:
    request = parse(recorded(name))
    assert request.operation == REAL[name]
    assert request.bind_dn in {REGISTRAR, "cn=um-service,ou=services,dc=um,dc=example"}
    assert request.connection in {1001, 1002, 1007}
    assert request.message > 1


def test_real_extended_operations() -> None:
    request = parse(recorded("write-setpw"))
    assert isinstance(request.operation, Extended)
    assert request.operation.oid == "1.3.6.1.4.1.4203.1.11.1"
    assert request.operation.value is not None
    assert request.operation.value.endswith(b"Welkom5678")
    assert request.message == parse(recorded("write-setpw-hash")).message


def test_every_recorded_request_is_read() -> None:
    assert len(NAMES) > 20
    for name in NAMES:
        parse(recorded(name))


def test_slapds_own_operations_name_nobody() -> None:
    request = parse(recorded("commit-start"))
    assert (request.bind_dn, request.connection) == ("", messages.INTERNAL_CONNECTION)


HEAD = b"msgid: 2\nbinddn: cn=a\nconnid: 7\nsuffix: dc=um\n"
WELL_FORMED = {
    b"DELETE\n" + HEAD + b"dn: cn=x\n\n": Delete("cn=x"),
    b"DELETE\nmsgid: 2\nbinddn: cn=a\nconnid: 7\ndn: cn=x\n\n": Delete("cn=x"),
    b"DELETE\n" + HEAD + b"suffix: dc=other\ndn: cn=x\n\n": Delete("cn=x"),
    b"DELETE\n" + HEAD + b"dn:: Y249w6k=\n\n": Delete("cn=é"),
    b"DELETE\n" + HEAD + b"dn: \n\n": Delete(""),
    b"DELETE\n" + HEAD + b"dn:\n\n": Delete(""),
    b"ADD\n" + HEAD + b"dn: cn=x\n\n": Add("cn=x", {}),
    b"ADD\n" + HEAD + b"dn: cn=x\ncn: x\nsn:\ncn:: eQ==\n\n": Add("cn=x", {"cn": (b"x", b"y"), "sn": (b"",)}),
    b"ADD\n" + HEAD + b"dn: cn=x\ncn: long\n er\n\n": Add("cn=x", {"cn": (b"longer",)}),
    b"ADD\n" + HEAD + b"dn: cn=x\ncn:: /w==\n\n": Add("cn=x", {"cn": (b"\xff",)}),
    b"MODIFY\n" + HEAD + b"dn: cn=x\n\n": Modify("cn=x", ()),
    b"MODIFY\n" + HEAD + b"dn: cn=x\nincrement: n\nn: 1\n-\n\n": Modify(
        "cn=x", (Modification("increment", "n", (b"1",)),)
    ),
    b"MODRDN\n" + HEAD + b"dn: cn=x\nnewrdn: cn=y\ndeleteoldrdn: 0\n\n": Rename("cn=x", "cn=y", False),
    b"EXTENDED\n" + HEAD + b"oid: 1.2.3\n\n": Extended("1.2.3", None),
    b"EXTENDED\n" + HEAD + b"oid: 1.2.3\nvalue: AAE=\n\n": Extended("1.2.3", b"\x00\x01"),
}


@pytest.mark.parametrize("raw", WELL_FORMED)
def test_well_formed_requests(raw: bytes) -> None:
    request = parse(raw)
    assert request.operation == WELL_FORMED[raw]
    assert (request.bind_dn, request.connection, request.message) == ("cn=a", 7, 2)


MALFORMED = [
    b"",
    b"\n",
    b"\n\n",
    b"DELETE",
    b"DELETE\n\n",
    b"SEARCH\n" + HEAD + b"dn: cn=x\n\n",
    b"delete\n" + HEAD + b"dn: cn=x\n\n",
    b"DELETE\n" + HEAD + b"dn: cn=x\n",
    b"DELETE\n" + HEAD + b"\n",
    b"DELETE\nbinddn: cn=a\nmsgid: 2\nconnid: 7\ndn: cn=x\n\n",
    b"DELETE\nmsgid: 2\nauthzid: cn=a\nconnid: 7\ndn: cn=x\n\n",
    b"DELETE\nmsgid: x\nbinddn: cn=a\nconnid: 7\ndn: cn=x\n\n",
    b"DELETE\nmsgid: -2\nbinddn: cn=a\nconnid: 7\ndn: cn=x\n\n",
    b"DELETE\nmsgid: 2\nbinddn: cn=a\nconnid: " + b"9" * 5000 + b"\ndn: cn=x\n\n",
    "DELETE\nmsgid: ٣\nbinddn: cn=a\nconnid: 7\ndn: cn=x\n\n".encode(),
    # A newline in a name becomes a line of the protocol, but not one that is expected there.
    b"DELETE\n" + HEAD + b"dn: cn=x\nou=y\n\n",
    b"DELETE\n" + HEAD + b"dn: cn=x\nconnid: 8\n\n",
    b"DELETE\n" + HEAD + b"dn: cn=x\ndn: cn=y\n\n",
    b"DELETE\n" + HEAD + b"dn: cn=x\n\n\n",
    b"DELETE\n" + HEAD + b"dn: cn=x\n\nDELETE\n" + HEAD + b"dn: cn=y\n\n",
    b"DELETE\n" + HEAD + b"dn: \xff\n\n",
    b"DELETE\n" + HEAD + b"dn:: /w==\n\n",
    b"DELETE\n" + HEAD + b"dn:: !\n\n",
    b"DELETE\n" + HEAD + b"dn:x\n\n",
    b"ADD\n" + HEAD + b"dn: cn=x\ncn\n\n",
    b"ADD\n" + HEAD + b"dn: cn=x\n-\n\n",
    b"ADD\n" + HEAD + b"cn: x\n\n",
    b"ADD\n" + HEAD + b"dn: cn=x\ncn: x\nsn: y\n",  # cut short: the last line may not be whole
    b"ADD\n" + HEAD + b"dn: cn=x\ncn: x\nsn: y",
    b"ADD\n" + HEAD + b"dn: cn=x\n\xc3\xa9: x\n\n",
    b"MODIFY\n" + HEAD + b"dn: cn=x\ncn: y\n-\n\n",
    b"MODIFY\n" + HEAD + b"dn: cn=x\nadd: cn\ncn: y\n\n",
    b"MODIFY\n" + HEAD + b"dn: cn=x\nadd: cn\nsn: y\n-\n\n",
    b"MODIFY\n" + HEAD + b"dn: cn=x\nmove: cn\ncn: y\n-\n\n",
    b"MODIFY\n" + HEAD + b"dn: cn=x\nnewrdn: cn=y\ndeleteoldrdn: 1\n\n",
    b"MODRDN\n" + HEAD + b"dn: cn=x\n\n",
    b"MODRDN\n" + HEAD + b"dn: cn=x\nnewrdn: cn=y\n\n",
    b"MODRDN\n" + HEAD + b"dn: cn=x\nnewrdn: cn=y\nsn=z\ndeleteoldrdn: 1\n\n",
    b"MODRDN\n" + HEAD + b"dn: cn=x\nnewrdn: cn=y\ndeleteoldrdn: 1\nother: 1\n\n",
    b"EXTENDED\n" + HEAD + b"value: AAE=\n\n",
    b"EXTENDED\n" + HEAD + b"oid: 1.2.3\nvalue: \xff\n\n",
    b"EXTENDED\n" + HEAD + b"oid: 1.2.3\nvalue: A\n\n",
]


@pytest.mark.parametrize("raw", MALFORMED)
def test_malformed_requests(raw: bytes) -> None:
    with pytest.raises(MalformedRequest):
        parse(raw)


def read_or_malformed(raw: bytes) -> None:
    try:
        parse(raw)
    except MalformedRequest as error:
        assert str(error)


@given(st.binary(max_size=400))
def test_noise_is_malformed_and_nothing_else(noise: bytes) -> None:
    for raw in (noise, b"ADD\n" + noise + b"\n\n", b"MODIFY\n" + HEAD + noise + b"\n\n"):
        read_or_malformed(raw)


@given(st.data())
def test_a_damaged_request_is_read_or_malformed(data: st.DataObject) -> None:
    raw = bytearray(recorded(data.draw(st.sampled_from(NAMES))))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw)))
        end = data.draw(st.integers(start, min(len(raw), start + 40)))
        raw[start:end] = data.draw(
            st.binary(max_size=10) | st.sampled_from([b"\n", b"\n\n", b":", b"- ", b"::"])
        )
    read_or_malformed(bytes(raw))


lines = st.text(st.characters(codec="utf-8"), max_size=40).filter(lambda text: "\n" not in text)


@given(
    st.text("abcdefgh;-", min_size=1, max_size=12).filter(lambda name: name != "-"),
    st.lists(st.binary(max_size=200), max_size=4),
    lines,
)
def test_whatever_slapd_encodes_comes_out_again(name: str, values: list[bytes], dn: str) -> None:
    encoded = b"".join(f"{name}:: {base64.b64encode(value).decode()}\n".encode() for value in values)
    raw = b"ADD\n" + HEAD + f"dn:: {base64.b64encode(dn.encode()).decode()}\n".encode() + encoded + b"\n"
    expected = {name: tuple(values)} if values else {}
    assert parse(raw).operation == Add(dn, expected)


class TestAnswers:
    def test_carry_code_and_text(self) -> None:
        assert refusal(50, "D2: not you") == b"RESULT\ncode: 50\ninfo:D2: not you\n\n"

    @pytest.mark.parametrize("code", [0, 53, 49, 80, 32768, -1])
    def test_carry_no_code_outside_the_list(self, code: int) -> None:
        with pytest.raises(ValueError, match="no answer may carry"):
            refusal(code, "x")

    @given(st.text(max_size=3000), st.sampled_from([19, 50, 52]))
    def test_are_three_lines_whatever_the_text(self, text: str, code: int) -> None:
        answer = refusal(code, text)
        assert answer.endswith(b"\n\n")
        lines = answer.decode().split("\n")
        assert lines[:2] == ["RESULT", f"code: {code}"]
        assert lines[2].startswith("info:")
        assert lines[3:] == ["", ""]
        assert all(char.isprintable() for char in lines[2])
        assert len(lines[2]) <= 1010

    @pytest.mark.parametrize(
        "text", ["x\nCONTINUE", "x\r\ncode: 0", "x\x00y", "x\x1b[2J", "x\u2028code: 0", "\udcff"]
    )
    def test_cannot_be_forged_from_within(self, text: str) -> None:
        assert len(refusal(50, text).split(b"\n")) == 5

    def test_keep_letters_of_all_languages(self) -> None:
        assert "één Lokale beheerder".encode() in refusal(50, "één Lokale beheerder")

    def test_that_let_pass_are_what_slapd_expects(self) -> None:
        assert messages.CONTINUE == b"CONTINUE\n"
        assert messages.done("A6: x\ny") == b"RESULT\ncode: 0\ninfo:A6: x\\ny\n\n"
