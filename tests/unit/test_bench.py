"""What `make bench` rests on: its marks, its questions, its made-up people, and what the anchor leaves out."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from ldap3.protocol.rfc4511 import LDAPMessage
from pyasn1.codec.ber import decoder

from bench.data import PASSWORD, SUFFIX, write_ldif
from bench.figures import Rounds, difference, ratio, the_same
from bench.questions import mix
from bench.reads import bind_request
from bench.writes import people
from support.blocks import ROOT, records
from um_directory.directory.slapd_config import render
from um_directory.guard import messages
from um_directory.guard.actor import actor_for
from um_directory.guard.evaluate import evaluate
from um_directory.model.numbers import is_ssin
from um_directory.model.operation import Modify
from um_directory.settings import Settings
from um_directory.view.access import effective_access

# --- marks ---


def test_the_figure_is_the_median_and_the_noise_its_spread() -> None:
    rounds = Rounds([90, 100, 120])
    assert (rounds.median, rounds.spread) == (100, 0.3)


@pytest.mark.parametrize(("ours", "mark"), [(79, "MISSED"), (80, "met"), (120, "met")])
def test_a_ratio_below_its_goal_is_missed(ours: float, mark: str) -> None:
    assert ratio("x", Rounds([ours]), Rounds([100]), "/s", "", least=0.80).mark == mark


@pytest.mark.parametrize(("ours", "mark"), [(12.1, "MISSED"), (12, "met")])
def test_a_ratio_above_its_goal_is_missed(ours: float, mark: str) -> None:
    assert ratio("x", Rounds([ours]), Rounds([1]), "s", "", most=12).mark == mark


def test_a_figure_without_goal_has_no_mark() -> None:
    assert ratio("x", Rounds([1]), Rounds([1]), "/s", "").mark == ""


def test_a_difference_is_that_of_each_round() -> None:
    figure = difference("x", Rounds([100, 200, 300]), Rounds([50, 140, 230]), "", 60)
    assert (figure.score, figure.mark) == ("+60 µs", "met")
    assert difference("x", Rounds([100]), Rounds([39]), "", 60).mark == "MISSED"
    assert difference("x", Rounds([100, 300]), Rounds([100, 100]), "", 60).mark == "noisy"


@pytest.mark.parametrize(
    ("ours", "mark"), [([95, 100, 105], "met"), ([75, 80, 85], "MISSED"), ([80, 100, 120], "noisy")]
)
def test_the_same_is_the_same_within_the_noise(ours: list[float], mark: str) -> None:
    assert the_same("x", Rounds(ours), Rounds([98, 101, 104]), "/s", "").mark == mark


# --- what is asked and written ---


def test_every_question_is_one_that_the_rules_allow(tmp_path: Path) -> None:
    view = write_ldif(tmp_path / "x.ldif", 300, records(ROOT / "ldif" / "catalogue.ldif"))
    kinds: set[str] = set()
    for raw in mix(view):
        request = messages.parse(raw)
        assert not isinstance(request.operation, messages.Extended)
        assert evaluate(request.operation, actor_for(request.bind_dn, view), view) is None
        operation = request.operation
        kinds.add(operation.modifications[-1].attribute if isinstance(operation, Modify) else "add")
    assert kinds == {"member", "umBlockedMember", "mail", "add"}


def test_accounts_are_written_with_the_access_that_the_guard_would_store(tmp_path: Path) -> None:
    view = write_ldif(tmp_path / "x.ldif", 100, records(ROOT / "ldif" / "catalogue.ldif"))
    for uid, account in view.accounts.items():
        access = effective_access(view, uid)
        assert (account.access, account.active) == (access.applications, access.active)
    assert (tmp_path / "x.ldif").read_bytes().count(b"userPassword: {SSHA}") == 1


def test_the_people_are_new_and_their_numbers_valid() -> None:
    first, second = (re.findall(rb"umSsin: (\d+)", people(1500)) for _ in range(2))
    assert len({*first, *second}) == 3000
    assert all(is_ssin(number.decode()) for number in first)


def test_the_bind_request_is_what_ldap3_sends() -> None:
    dn = "uid=" + "x" * 150
    (message, rest) = decoder.decode(bind_request(7, dn), asn1Spec=LDAPMessage())
    assert rest == b""
    assert int(message["messageID"]) == 7
    request = message["protocolOp"]["bindRequest"]
    assert (int(request["version"]), bytes(request["name"])) == (3, dn.encode())
    assert bytes(request["authentication"]["simple"]) == PASSWORD.encode()


# --- the anchor ---


def configuration(guarded: bool, durable: bool) -> str:
    lines = render(Settings(), "", guarded, durable).splitlines()
    pairs = (line.partition(":: ") for line in lines if line)
    return "\n".join(f"{name}: {base64.b64decode(value).decode()}" for name, _, value in pairs)


def test_without_guard_there_is_one_accesslog_and_no_socket() -> None:
    ours, bare = configuration(True, True), configuration(False, True)
    assert (ours.count("olcAccessLogDB:"), bare.count("olcAccessLogDB:")) == (2, 1)
    assert (len(re.findall(r"\}sock$", ours, re.M)), len(re.findall(r"\}sock$", bare, re.M))) == (3, 0)
    assert "olcAccessLogDB: cn=accesslog" in bare
    assert "cn=commits" not in bare


def test_only_the_main_databases_durability_is_lifted() -> None:
    assert configuration(True, True).count("olcDbNoSync: TRUE") == 2  # the two logs
    assert configuration(True, False).count("olcDbNoSync: TRUE") == 3
    main = configuration(False, False).partition(f"olcSuffix: {SUFFIX}")[2]
    assert "olcDbNoSync: TRUE" in main
