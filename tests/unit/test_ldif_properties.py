"""Properties of reader and writer: whatever the bytes, items and no exception; what is written is read back."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from um_directory.ldif_import.blocks import Limits
from um_directory.ldif_import.reader import Item, Mistake, Record, read
from um_directory.ldif_import.writer import to_ldif
from um_directory.model.dn import escape_value
from um_directory.model.operation import (
    Add,
    Delete,
    Modification,
    Modify,
    Operation,
    Rename,
    SetPassword,
)

SMALL = Limits(value=200, record=2000, lines=60)

# --- operations ---

names = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}(;[A-Za-z0-9-]{1,8}){0,2}", fullmatch=True).filter(
    lambda name: name.lower() not in ("dn", "changetype", "control", "version")
)
values = st.one_of(st.binary(max_size=120), st.text(max_size=120).map(str.encode))
rdn_values = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
rdns = st.builds(
    lambda name, value: f"{name}={escape_value(value)}", st.sampled_from(["cn", "2.5.4.3"]), rdn_values
)
dns = st.lists(rdns, min_size=1, max_size=4).map(",".join)
value_lists = st.lists(values, min_size=1, max_size=4).map(tuple)


def unique_ignoring_case(attributes: dict[str, tuple[bytes, ...]]) -> bool:
    return len({name.lower() for name in attributes}) == len(attributes)


adds = st.builds(
    Add, dns, st.dictionaries(names, value_lists, min_size=1, max_size=5).filter(unique_ignoring_case)
)
modifications = st.one_of(
    st.builds(Modification, st.sampled_from(["add", "increment"]), names, value_lists),
    st.builds(
        Modification, st.sampled_from(["replace", "delete"]), names, st.one_of(st.just(()), value_lists)
    ),
)
modifies = st.builds(Modify, dns, st.lists(modifications, min_size=1, max_size=4).map(tuple)).filter(
    # the reader gives all spellings of one name the first one
    lambda modify: (
        len({c.attribute for c in modify.modifications})
        == len({c.attribute.lower() for c in modify.modifications})
    )
)
renames = st.builds(Rename, dns, rdns, st.booleans(), st.one_of(st.none(), dns))
operations: st.SearchStrategy[Operation] = st.one_of(adds, modifies, st.builds(Delete, dns), renames)


@settings(max_examples=400, deadline=None)
@given(operations)
def test_what_is_written_is_read_back(operation: Operation) -> None:
    (item,) = read(io.BytesIO(to_ldif(operation)))
    assert isinstance(item, Record), item
    assert item.operation == operation


@settings(deadline=None)
@given(operations)
def test_lines_are_ascii_and_at_most_76_long(operation: Operation) -> None:
    text = to_ldif(operation)
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 76


def test_a_password_change_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="no LDIF form"):
        to_ldif(SetPassword("cn=a,dc=um", b"Secret.1234"))


# --- any bytes ---

fragments = st.sampled_from(
    [
        *(
            b"\n",
            b"\n\n",
            b"\r\n",
            b" ",
            b":",
            b"::",
            b":<",
            b"-",
            b"#",
            b"\0",
            b"\r",
            b"\xff",
            b"\xef\xbb\xbf",
        ),
        *(
            b"dn: cn=a,dc=um\n",
            b"dn:: Y249YQ==\n",
            b"changetype: modify\n",
            b"changetype: add\n",
            b"add: cn\n",
        ),
        *(
            b"changetype: modrdn\n",
            b"newrdn: cn=b\n",
            b"deleteoldrdn: 1\n",
            b"newsuperior: dc=um\n",
            b"\n-\n",
        ),
        *(b"replace: cn\n", b"delete: cn\n", b"increment: x\n", b"cn: a\n", b"cn:: YQ==\n", b"version: 1\n"),
        *(b"control: 1.2 true\n", b"changetype: delete\n", b"=,+\\", b"x" * 300, b"cn: a\n " * 30),
    ]
)
anything = st.one_of(st.binary(max_size=400), st.lists(fragments, max_size=25).map(b"".join))


@st.composite
def mutated(draw: Callable[[st.SearchStrategy[int]], int]) -> bytes:
    """Valid LDIF with a few bytes changed, cut out or put in."""
    records = draw(st.lists(operations, min_size=1, max_size=4))  # type: ignore[arg-type]
    text = bytearray(b"\n".join(to_ldif(record) for record in records))  # type: ignore[attr-defined]
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        text[at : at + draw(st.integers(0, 3))] = draw(st.one_of(st.binary(max_size=3), fragments))  # type: ignore[arg-type, call-overload]
    return bytes(text)


def check(items: list[Item], text: bytes) -> None:
    lines = text.count(b"\n") + 1
    assert [item.line for item in items] == sorted(item.line for item in items)
    for item in items:
        assert isinstance(item, Record | Mistake)
        assert 1 <= item.line <= lines
        assert isinstance(item, Record) or item.reason.isprintable()


@settings(max_examples=600, deadline=None)
@given(st.one_of(anything, mutated()))
def test_any_bytes_give_items_in_order_and_no_exception(text: bytes) -> None:
    check(list(read(io.BytesIO(text))), text)
    check(list(read(io.BytesIO(text), SMALL, chunk=64)), text)


@settings(deadline=None)
@given(st.one_of(anything, mutated()), st.integers(1, 40))
def test_how_the_bytes_arrive_does_not_matter(text: bytes, chunk: int) -> None:
    assert list(read(io.BytesIO(text), chunk=chunk)) == list(read(io.BytesIO(text)))


@settings(deadline=None)
@given(mutated())
def test_what_is_read_survives_being_written(text: bytes) -> None:
    for item in read(io.BytesIO(text)):
        if isinstance(item, Record):
            (again,) = read(io.BytesIO(to_ldif(item.operation)))
            assert isinstance(again, Record)
            assert again.operation == item.operation
