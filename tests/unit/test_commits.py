"""accesslog records, as a real slapd writes them, back into operations."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.recorded import NAMES, recorded
from um_directory.guard.commits import Commit, Told, committed, told
from um_directory.guard.messages import Extended, MalformedRequest, Request, parse
from um_directory.model.operation import Add, Attributes, Delete, Modification, Modify, Operation, Rename

ENTERPRISE = "umEnterpriseNumber=0403019261,ou=enterprises,dc=um,dc=example"
JANSSENS = f"uid=jjanssens1,ou=accounts,{ENTERPRISE}"
PEETERS = f"uid=ppeeters1,ou=accounts,{ENTERPRISE}"
CHIEF = f"cn=chief-access-manager,{ENTERPRISE}"
OPERATIONAL = {"entryCSN", "modifiersName", "modifyTimestamp", "pwdChangedTime"}


def follow(name: str) -> Operation:
    commit = committed(parse(recorded(name)))
    assert commit is not None
    return commit.operation


def changes(name: str) -> list[Modification]:
    """The modifications in a record, without what slapd adds."""
    operation = follow(name)
    assert isinstance(operation, Modify)
    return [change for change in operation.modifications if change.attribute not in OPERATIONAL]


def modification(kind: str, attribute: str, *values: str) -> Modification:
    return Modification(kind, attribute, tuple(value.encode() for value in values))  # type: ignore[arg-type]


def test_an_added_entry_with_all_its_values() -> None:
    operation = follow("commit-account")
    assert isinstance(operation, Add)
    assert operation.dn == JANSSENS
    assert operation.attributes["objectClass"] == (b"umAccount",)
    assert operation.attributes["umSsin"] == (b"85073003328",)
    assert operation.attributes["mail"][0].endswith(b"columns-in-ldif@janssens.example")
    assert operation.attributes["userPassword"][0].startswith(b"{ARGON2}")
    group = follow("commit-group")
    assert isinstance(group, Add)
    assert group.attributes["member"] == (JANSSENS.encode(),)


def test_a_hand_over_by_replace_and_in_two() -> None:
    assert changes("commit-handover-replace") == [modification("replace", "member", PEETERS)]
    assert changes("commit-handover-del-add") == [
        modification("delete", "member", PEETERS),
        modification("add", "member", JANSSENS),
    ]


def test_several_values_are_one_modification_and_a_deletion_has_none() -> None:
    assert changes("commit-multi-add") == [
        modification("add", "umBlockedMember", PEETERS, JANSSENS),
        modification("delete", "umBlockedMember"),
    ]


def test_a_separator_ends_a_modification_of_the_same_kind() -> None:
    assert changes("commit-ldapmodify-multi") == [
        modification("add", "umEntitledCapacity", "aaa", "bbb"),
        modification("add", "umEntitledCapacity", "ccc"),
        modification("delete", "umEntitledCapacity", "bbb"),
        modification("replace", "l"),
    ]


def test_values_keep_their_spaces_newlines_and_options() -> None:
    assert changes("commit-opt") == [modification("add", "description;lang-en", " leading")]
    assert changes("commit-alias") == [
        modification("replace", "sn", "Janssens\nX"),
        modification("replace", "mail"),
    ]


def test_deletions_and_renames() -> None:
    assert follow("commit-delete") == Delete(PEETERS)
    assert follow("commit-rename") == Rename(PEETERS, "uid=ppeeters2")


def test_a_move_names_its_new_parent_and_an_empty_modification_has_no_changes() -> None:
    attributes = {
        "reqType": (b"modrdn",),
        "reqDN": (b"cn=x",),
        "reqSession": (b"7",),
        "reqNewRDN": (b"cn=y",),
    }
    moved = committed(record(**attributes, reqNewSuperior=(b"dc=um",)))
    assert moved == Commit(7, Rename("cn=x", "cn=y", new_superior="dc=um"))
    assert committed(write(b"modify", ())) == Commit(7, Modify("cn=x", ()))
    assert committed(write(b"modify", (b":", b":"))) == Commit(7, Modify("cn=x", ()))


def test_the_logs_own_entry_is_no_write() -> None:
    assert committed(parse(recorded("commit-start"))) is None


def test_a_commit_names_the_connection_that_asked() -> None:
    for name in ("commit-account", "commit-handover-replace", "commit-delete", "commit-rename"):
        commit = committed(parse(recorded(name)))
        assert commit is not None
        assert commit.connection == 1001


def record(**attributes: tuple[bytes, ...]) -> Request:
    return Request(Add("reqStart=1,cn=accesslog", attributes), "", 0, 0)


def write(reqType: bytes, reqMod: tuple[bytes, ...]) -> Request:  # noqa: N803 - accesslog's names
    return record(reqType=(reqType,), reqDN=(b"cn=x",), reqSession=(b"7",), reqMod=reqMod)


@pytest.mark.parametrize("kind", [b"bind", b"search", b"extended", b"compare", b"abandon"])
def test_other_records_are_no_writes(kind: bytes) -> None:
    assert committed(record(reqType=(kind,), reqDN=(b"cn=x",), reqSession=(b"7",))) is None


@pytest.mark.parametrize(
    "request_",
    [
        Request(Delete("cn=x"), "", 0, 0),
        Request(Extended("1.2.3", None), "", 0, 0),
        record(),
        record(reqDN=(b"cn=x",), reqSession=(b"7",)),
        record(reqType=(b"add",), reqSession=(b"7",)),
        record(reqType=(b"add",), reqDN=(b"cn=x",)),
        record(reqType=(b"add",), reqDN=(b"cn=x",), reqSession=(b"x",)),
        record(reqType=(b"modrdn",), reqDN=(b"cn=x",), reqSession=(b"7",)),
        write(reqType=b"modify", reqMod=(b"",)),
        write(reqType=b"modify", reqMod=(b"member",)),
        write(reqType=b"modify", reqMod=(b"member:? x",)),
        write(reqType=b"add", reqMod=(b"member:",)),
    ],
)
def test_what_is_no_record_is_malformed(request_: Request) -> None:
    with pytest.raises(MalformedRequest):
        committed(request_)


SIGNS = {"add": b"+", "delete": b"-", "replace": b"=", "increment": b"#"}
modifications = st.lists(
    st.builds(
        Modification,
        st.sampled_from(sorted(SIGNS)),
        st.sampled_from(["member", "umBlockedMember", "mail"]),
        st.lists(st.binary(max_size=5).filter(lambda value: value != b":"), max_size=3).map(tuple),
    ),
    min_size=1,
    max_size=6,
)


def written(changes: list[Modification]) -> tuple[bytes, ...]:
    """`reqMod` as accesslog writes it (slapo-accesslog(5)): a `:` between two that could be taken for one."""
    lines: list[bytes] = []
    for before, change in zip([None, *changes], changes, strict=False):
        if before and (before.kind, before.attribute) == (change.kind, change.attribute):
            lines.append(b":")
        head = change.attribute.encode() + b":" + SIGNS[change.kind]
        lines += [head + b" " + value for value in change.values] or [head]
    return tuple(lines)


@given(modifications)
def test_every_sequence_of_modifications_comes_back(changes: list[Modification]) -> None:
    request = write(b"modify", written(changes))
    assert committed(request) == Commit(7, Modify("cn=x", tuple(changes)))


@given(
    st.dictionaries(
        st.sampled_from(["member", "mail", "cn"]),
        st.lists(st.binary(max_size=5), min_size=1, max_size=3).map(tuple),
        min_size=1,
    )
)
def test_every_entry_comes_back(attributes: Attributes) -> None:
    lines = [name.encode() + b":+ " + value for name, values in attributes.items() for value in values]
    assert committed(write(b"add", tuple(lines))) == Commit(7, Add("cn=x", attributes))


# --- what the guard reads of it ---


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name.startswith("commit-") and name != "commit-start"]
)
def test_a_notification_tells_of_the_same_write(name: str) -> None:
    whole = committed(parse(recorded(name)))
    assert whole is not None
    kinds = {Add: "add", Modify: "modify", Delete: "delete", Rename: "modrdn"}
    kind = kinds[type(whole.operation)]
    assert told(recorded(name)) == Told(whole.connection, kind, whole.operation.dn, whole.start)


def test_the_logs_own_first_entry_tells_of_none() -> None:
    assert told(recorded("commit-start")) is None


def test_a_long_or_odd_name_is_read_whole() -> None:
    raw = recorded("commit-handover-replace").replace(b"\n ", b"")
    encoded = raw.replace(b"reqDN: " + CHIEF.encode(), b"reqDN:: " + base64.b64encode(CHIEF.encode()))
    assert encoded != raw
    assert told(encoded) == told(raw)
    folded = raw.replace(b"reqDN: cn=chief", b"reqDN: cn=ch\n ief")
    assert folded != raw
    assert told(folded) == told(raw)


@pytest.mark.parametrize("field", ["reqType", "reqSession", "reqDN", "reqStart"])
def test_a_record_without_one_of_its_fields_is_malformed(field: str) -> None:
    with pytest.raises(MalformedRequest, match=field):
        told(recorded("commit-account").replace(f"\n{field}:".encode(), b"\nother:"))
