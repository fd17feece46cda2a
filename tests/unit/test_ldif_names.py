"""The compact table of names."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from um_directory.ldif_import.names import NameTable, key, parent

KEYS = st.sampled_from([f"cn={letter},dc=um" for letter in "abcdef"])


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["enter", "change", "remove"]), KEYS, st.integers(0, 9))))
def test_it_behaves_like_a_dict(steps: list[tuple[str, str, int]]) -> None:
    table, plain = NameTable(), dict[str, int]()
    for step, dn, number in steps:
        match step:
            case "enter":
                assert table.enter(dn, number) == plain.get(dn)
                plain.setdefault(dn, number)
            case "change":
                table.change(dn, number)
                plain.update({dn: plain[dn] + number} if dn in plain else {})
            case "remove":
                table.remove(dn)
                plain.pop(dn, None)
        assert table.get(dn) == plain.get(dn)


def test_many_names_are_kept_apart_in_little_memory() -> None:
    tracemalloc.start()
    table = NameTable()
    for number in range(200_000):
        assert table.enter(f"uid=user{number},dc=um", number) is None
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert all(table.get(f"uid=user{number},dc=um") == number for number in range(0, 200_000, 1000))
    assert used / 200_000 < 40  # 15 once the buckets are filled; a dict of int to int takes 100


def test_a_line_beyond_32_bits_is_kept_as_the_last_that_fits() -> None:
    table = NameTable()
    table.enter("cn=a", 2**40)
    assert table.get("cn=a") == 2**32 - 1


@pytest.mark.parametrize("dn", ["CN=A, DC=Um", "cn = a ,dc= um", " cn=a,dc=um "])
def test_case_and_spaces_around_separators_do_not_count(dn: str) -> None:
    assert key(dn) == "cn=a,dc=um"


def test_spaces_that_may_belong_to_a_value_do() -> None:
    assert key("cn=a\\ ,dc=um") == "cn=a\\ ,dc=um"
    assert key("cn=a  b,dc=um") != key("cn=a b,dc=um")


@pytest.mark.parametrize(
    ("dn", "above"),
    [("uid=a, DC=Um", "dc=um"), ("dc=um", ""), ("cn=a\\,b,dc=um", "dc=um"), ("cn=a\\\\,dc=um", "dc=um")],
)
def test_the_parent_is_what_follows_the_first_separator(dn: str, above: str) -> None:
    assert parent(dn) == above
