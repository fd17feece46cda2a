"""The criteria of a search (§4.1.4, §5.1) and the filter made of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.operation.search import parse_filter

from um_directory.errors import UmError
from um_directory.search.criteria import Criteria, escape

CAPACITY = "umCapacityName=employer,umEnterpriseNumber=0403019261,ou=enterprises,dc=um,dc=example"


def test_nothing_asked_is_everybody() -> None:
    assert Criteria().filter() == "(&(objectClass=umAccount))"


@pytest.mark.parametrize(
    ("criteria", "part"),
    [
        (Criteria(username="jjanssens1"), "(uid=jjanssens1)"),
        (Criteria(name="Janssens"), "(sn=Janssens)"),
        (Criteria(first_name=" Jan "), "(givenName=Jan)"),
        (Criteria(title="Dr."), "(title=Dr.)"),
        (Criteria(ssin="85.07.30-033.28"), "(umSsin=85073003328)"),
        (Criteria(language="nl"), "(preferredLanguage=nl)"),
        (Criteria(email="jan@um.example"), "(mail=jan@um.example)"),
        (Criteria(name="a*"), "(sn=a\\2a)"),
        (Criteria(username="jj", prefix=True), "(uid=jj*)"),
        (Criteria(name="Jan", prefix=True), "(sn=Jan*)"),
        (Criteria(first_name="J", prefix=True), "(givenName=J*)"),
        (Criteria(title="D", prefix=True), "(title=D*)"),
        (Criteria(email="jan@", prefix=True), "(mail=jan@*)"),
        (Criteria(ssin="85073003328", prefix=True), "(umSsin=85073003328)"),  # a number is whole
        (Criteria(language="n", prefix=True), "(preferredLanguage=n)"),
    ],
)
def test_each_criterion_is_one_condition(criteria: Criteria, part: str) -> None:
    criteria.check()
    assert criteria.filter() == f"(&(objectClass=umAccount){part})"


def test_all_that_are_given_must_be_met() -> None:
    criteria = Criteria("employer", "dmfa", name="Peeters", language="fr")
    criteria.check()
    assert criteria.filter(CAPACITY, "cn=dmfa,ou=access,dc=um,dc=example") == (
        "(&(objectClass=umAccount)(sn=Peeters)(preferredLanguage=fr)"
        f"(umHolderIn={CAPACITY})(memberOf=cn=dmfa,ou=access,dc=um,dc=example))"
    )


@pytest.mark.parametrize(
    ("criteria", "words"),
    [
        (Criteria(application="dmfa"), "--application: give the --capacity too"),
        (Criteria(ssin="81050103521"), "--ssin 81050103521: not a valid"),
        (Criteria(ssin="*"), "not a valid"),
        (Criteria(name=""), "--name: give a value"),
        (Criteria(first_name="  "), "--first-name: give a value"),
        (Criteria(capacity="", application="dmfa"), "--capacity: give a value"),
    ],
)
def test_what_makes_no_sense_is_not_asked(criteria: Criteria, words: str) -> None:
    with pytest.raises(UmError, match=words.replace("*", r"\*")):
        criteria.check()


@given(st.text(min_size=1) | st.text(" \r\n\t*()\\\0\u2028x", min_size=1))
def test_a_value_is_never_more_than_a_value(value: str) -> None:
    """Read back by ldap3's parser, whatever is typed stays one equality with that very value."""
    text = f"(sn={escape(value)})"
    parsed = parse_filter(text, None, auto_escape=False, auto_encode=False, validator=None, check_names=False)
    (node,) = parsed.elements
    assert node.assertion["attr"] == "sn"
    assert _unescaped(node.assertion["value"]) == value


def _unescaped(value: str | bytes) -> str:
    raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
    parts = raw.split(b"\\")
    return (parts[0] + b"".join(bytes([int(part[:2], 16)]) + part[2:] for part in parts[1:])).decode(
        "utf-8", "surrogatepass"
    )
