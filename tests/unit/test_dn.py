"""Names of the tree: one spelling for each entry, and nothing that would need escaping."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.utils.dn import parse_dn

from um_directory.errors import MalformedName
from um_directory.model.dn import escape_filter, escape_value, normalise, parse


@pytest.mark.parametrize(
    "written",
    [
        "uid=jjanssens1,ou=accounts,dc=um",
        "UID=JJanssens1,OU=Accounts,DC=UM",
        "uid = jjanssens1 , ou=accounts ,  dc=um",
        " uid=jjanssens1,ou=accounts,dc=um ",
    ],
)
def test_case_and_spaces_around_separators_do_not_count(written: str) -> None:
    assert normalise(written) == "uid=jjanssens1,ou=accounts,dc=um"


@pytest.mark.parametrize("kind", ["umEnterpriseNumber", "umSsin"])
def test_spaces_inside_a_number_do_not_count_either(kind: str) -> None:
    # slapd matches these by numericStringMatch: it takes all of these for one entry.
    for written in ("0403019261", "0403 019 261", "0 4 0 3 0 1 9 2 6 1"):
        assert normalise(f"{kind}={written},dc=um") == f"{kind.lower()}=0403019261,dc=um"


def test_a_space_inside_other_names_counts() -> None:
    assert normalise("o=My Company,c=BE") == "o=my company,c=be"
    assert parse("cn=local administrator") != parse("cn=localadministrator")


@pytest.mark.parametrize(
    "dn",
    [
        "",
        " ",
        ",",
        "uid",
        "uid=",
        "=x",
        "uid=x,",
        ",uid=x",
        "uid=x,,dc=um",
        "uid=x+cn=y,dc=um",
        "uid=x\\,y",
        "uid=\\78",
        "uid=#78",
        'uid="x"',
        "uid=x;dc=um",
        "uid=a  b",
        "uid=é",
        "uid=x\n",
        "uid=x\n,dc=um",
        "uid=x,\ndc=um",
        "\tuid=x",
        "uid=x\u00a0",
        "\u2003uid=x",
        "uid=x\x00",
        "uid=ĳ",
        "uid=\u212a",  # the Kelvin sign, which lower() makes a k
        "2.5.4.3=x",
        "uid;lang-en=x",
        "uid=x=y",
        "uid=<x>",
        "uid=*",
    ],
)
def test_anything_else_names_nothing_of_ours(dn: str) -> None:
    with pytest.raises(MalformedName, match=re.escape(repr(dn))):
        parse(dn)


names = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,5}", fullmatch=True)
values = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,5}", fullmatch=True)


@given(st.lists(st.tuples(names, values), min_size=1, max_size=5))
def test_normal_names_are_their_own_normal_form(pairs: list[tuple[str, str]]) -> None:
    written = " , ".join(f"{name} = {value}" for name, value in pairs)
    normal = normalise(written)
    assert normalise(normal) == normal
    assert parse(written) == tuple((name.lower(), value.lower()) for name, value in pairs)


@given(st.text(max_size=40))
def test_any_text_is_a_name_or_malformed(text: str) -> None:
    try:
        pairs = parse(text)
    except MalformedName:
        return
    # An independent reader of RFC 4514 sees the same, unescaped, single-valued names.
    read = [(name.strip().lower(), value.strip().lower()) for name, value, _ in parse_dn(text, strip=True)]
    assert [(name, value.replace(" ", "")) for name, value in read] == [
        (name, value.replace(" ", "")) for name, value in pairs
    ]


@pytest.mark.parametrize(
    ("value", "escaped"),
    [
        ("Jan Janssens", "Jan Janssens"),
        (" a b ", "\\20a b\\20"),
        (" ", "\\20"),
        ("a,b+c", "a\\,b\\+c"),
        ("#1", "\\#1"),
        ("a\n\x7f", "a\\0a\\7f"),
        ("Zoë", "Zoë"),
        ("", ""),
    ],
)
def test_only_what_needs_it_is_escaped(value: str, escaped: str) -> None:
    assert escape_value(value) == escaped


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20))
def test_escaped_values_are_read_back_whole(value: str) -> None:
    ((name, read, _),) = parse_dn(f"cn={escape_value(value)}")
    unescaped = re.sub(
        r"\\([0-9a-fA-F]{2}|.)",
        lambda match: bytes.fromhex(match[1]).decode("latin-1") if len(match[1]) == 2 else match[1],
        read,
        flags=re.DOTALL,
    )
    assert (name, unescaped) == ("cn", value)


@given(st.text(max_size=20))
def test_escaped_filter_values_have_no_metacharacters(value: str) -> None:
    escaped = escape_filter(value)
    assert not set(escaped) & set("*()\x00")
    assert re.sub(r"\\([0-9a-f]{2})", lambda match: chr(int(match[1], 16)), escaped) == value
