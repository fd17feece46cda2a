"""The schema and our LDIF files in Debian's slapd, from scratch: everything loads, without a word."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from support.blocks import GOOD_SAMPLES, ROOT, SAMPLES, Block, blocks
from support.slapadd import Offline
from um_directory.cli.generate import generate

SUFFIX = "dc=um,dc=example"
TOP = f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\ndc: um\no: um\n\n".encode()
BASE = (ROOT / "ldif" / "base.ldif").read_bytes()
CATALOGUE = (ROOT / "ldif" / "catalogue.ldif").read_bytes()
ENTERPRISE = f"umEnterpriseNumber=0403019261,ou=enterprises,{SUFFIX}"
SINGLE_VALUED = {
    "umAccountStatus",
    "umActingFor",
    "umActingRole",
    "umBankrupt",
    "umCapacityName",
    "umChannel",
    "umChannelHost",
    "umChannelPath",
    "umChannelUser",
    "umDefaultChannel",
    "umDefaultRecipient",
    "umEnterpriseNumber",
    "umFirstQuarter",
    "umHasPersonnel",
    "umIsabelId",
    "umLastQuarter",
    "umMandatary",
    "umNssoNumber",
    "umPrincipal",
    "umQueueManager",
    "umQueueName",
    "umRecipient",
    "umRecognitionNumber",
    "umSenderNumber",
    "umSsin",
}


@pytest.fixture
def offline(tmp_path: Path) -> Offline:
    """The schema loaded, nothing else."""
    return Offline(tmp_path)


@pytest.fixture
def filled(offline: Offline) -> Offline:
    """With base tree and catalogue."""
    outcome = offline.slapadd(TOP + BASE + b"\n" + CATALOGUE)
    assert (outcome.code, outcome.said) == (0, "")
    return offline


@dataclass(frozen=True)
class Definition:
    """One attribute type or object class, its OID spelled out."""

    oid: str
    name: str
    description: str
    text: str


def definitions(offline: Offline, kind: str) -> list[Definition]:
    """All definitions of our schema as slapd stored them."""
    text = offline.slapcat("-n", "0", "-a", "(&(objectClass=olcSchemaConfig)(cn=*um-directory))").decode()
    macros = dict(re.findall(r"^olcObjectIdentifier: \{\d+\}(\S+) (\S+)$", text, re.MULTILINE))
    found = []
    for line in re.findall(rf"^{kind}: \{{\d+\}}(.*)$", text, re.MULTILINE):
        parts = re.match(r"\( (\S+) NAME '([^']+)' DESC '([^']+)' ", line)
        assert parts, f"no OID, NAME or DESC: {line}"
        found.append(Definition(spelled_out(parts[1], macros), parts[2], parts[3], line))
    return found


def spelled_out(oid: str, macros: dict[str, str]) -> str:
    head, _, tail = oid.partition(":")
    return oid if head not in macros else f"{spelled_out(macros[head], macros)}.{tail}".rstrip(".")


def test_the_schema_loads_without_a_word(offline: Offline) -> None:
    assert (offline.loaded.code, offline.loaded.said, offline.loaded.out) == (0, "", b"")


def test_slaptest_finds_nothing(filled: Offline) -> None:
    outcome = filled.slaptest()
    assert (outcome.code, outcome.said.strip()) == (0, "config file testing succeeded")


def test_every_definition_has_an_oid_of_our_arc(offline: Offline) -> None:
    attributes, classes = definitions(offline, "olcAttributeTypes"), definitions(offline, "olcObjectClasses")
    assert len(attributes) == 50
    assert len(classes) == 15
    arc = re.escape(attributes[0].oid.rpartition(".1.")[0])
    assert re.fullmatch(r"2\.25\.[1-9]\d{30,38}", arc.replace("\\", ""))
    assert all(re.fullmatch(rf"{arc}\.1\.\d+", definition.oid) for definition in attributes)
    assert all(re.fullmatch(rf"{arc}\.2\.\d+", definition.oid) for definition in classes)
    oids = [definition.oid for definition in attributes + classes]
    assert len(set(oids)) == len(oids)


@pytest.mark.parametrize("kind", ["olcAttributeTypes", "olcObjectClasses"])
def test_every_definition_is_described_in_english_and_dutch(offline: Offline, kind: str) -> None:
    plain = [
        found.name
        for found in definitions(offline, kind)
        if not re.fullmatch(r"\w.+ \(\w[^()]+\)", found.description)
    ]
    assert not plain


def test_what_the_domain_has_once_is_single_valued(offline: Offline) -> None:
    single = {
        found.name for found in definitions(offline, "olcAttributeTypes") if "SINGLE-VALUE" in found.text
    }
    assert single == SINGLE_VALUED


def test_every_attribute_belongs_to_a_class(offline: Offline) -> None:
    classes = " ".join(found.text for found in definitions(offline, "olcObjectClasses"))
    names = {found.name for found in definitions(offline, "olcAttributeTypes")}
    assert not names - set(re.findall(r"[A-Za-z]+", classes))


def test_base_and_catalogue_fill_the_tree(filled: Offline) -> None:
    expected = BASE.count(b"\ndn: ") + CATALOGUE.count(b"\ndn: ") + 1
    assert filled.slapcat("-n", "1").count(b"dn: ") == expected
    assert not filled.found("(userPassword=*)")
    assert len(filled.found("(objectClass=umCapacityDefinition)")) == 8
    assert len(filled.found("(objectClass=umDeclaration)")) == 17
    applications = filled.found(
        f"(&(objectClass=umApplication)(entryDN:dnSubtreeMatch:=ou=catalogue,{SUFFIX}))"
    )
    assert len(applications) >= 12
    assert filled.found("(objectClass=groupOfURLs)") == applications


@pytest.mark.parametrize("suffix", ["o=um", "ou=directory,dc=um,dc=org"])
def test_the_suffix_can_be_replaced_in_the_text(tmp_path: Path, suffix: str) -> None:
    kind, _, value = suffix.partition(",")[0].partition("=")
    top = f"dn: {suffix}\nobjectClass: organization{'alUnit' if kind == 'ou' else ''}\n{kind}: {value}\n\n"
    theirs = (BASE + b"\n" + CATALOGUE).replace(SUFFIX.encode(), suffix.encode())
    offline = Offline(tmp_path, suffix)
    outcome = offline.slapadd(top.encode() + theirs)
    assert (outcome.code, outcome.said) == (0, "")
    assert offline.found(
        f"(memberURL=ldap:///ou=enterprises,{suffix}??sub?\\28memberOf=cn=dmfa,ou=access,{suffix}\\29)"
    )
    assert SUFFIX.encode() not in offline.slapcat("-n", "1")


@pytest.mark.parametrize("name", GOOD_SAMPLES)
def test_a_sample_fits_the_schema(filled: Offline, name: str) -> None:
    before = filled.slapcat("-n", "1").count(b"dn: ")
    text = (SAMPLES / name).read_bytes()
    outcome = filled.slapadd(text)
    assert (outcome.code, outcome.said) == (0, "")
    assert filled.slapcat("-n", "1").count(b"dn: ") - before == len(blocks(SAMPLES / name))


def test_all_good_samples_fit_into_one_directory(filled: Offline) -> None:
    outcome = filled.slapadd(b"\n".join((SAMPLES / name).read_bytes() for name in GOOD_SAMPLES))
    assert (outcome.code, outcome.said) == (0, "")


def test_the_right_records_between_the_mistakes_fit_the_schema(filled: Offline) -> None:
    right = [
        block for block in blocks(SAMPLES / "90-mistakes.ldif") if not block.mistake and not block.is_change
    ]
    outcome = filled.slapadd(b"\n\n".join(block.text for block in right) + b"\n")
    assert (outcome.code, outcome.said) == (0, "")


@pytest.mark.parametrize(
    "block",
    [block for block in blocks(SAMPLES / "90-mistakes.ldif") if block.mistake == "schema"],
    ids=lambda block: block.text.split(b"\n")[0].decode()[2:],
)
def test_a_schema_mistake_is_refused(filled: Offline, block: Block) -> None:
    assert filled.slapadd(block.text + b"\n").code != 0


@pytest.mark.parametrize(
    "attributes",
    [
        "umEnterpriseNumber: 0403019261\no: A\numSsin: 85073003328",
        "umEnterpriseNumber: 0403019261",
        "umEnterpriseNumber: 0403019261\no: A\numNssoNumber: 10371521X",
        "umEnterpriseNumber: 0403019261\no: A\numNssoNumber: 103715212\numNssoNumber: 065231820",
        "umEnterpriseNumber: 0403019261\no: A\numBankrupt: no",
        "umEnterpriseNumber: 0403019261\no: A\numRelatedTo: o=b",
    ],
)
def test_the_schema_is_checked(filled: Offline, attributes: str) -> None:
    assert filled.slapadd(f"dn: {ENTERPRISE}\nobjectClass: umEnterprise\n{attributes}\n".encode()).code != 0


def test_a_search_for_any_relation_finds_every_kind(filled: Offline) -> None:
    relations = [
        "Employee",
        "Director",
        "ManagingDirector",
        "Manager",
        "Founder",
        "Associate",
        "Member",
        "ServiceProvider",
        "Trustee",
    ]
    persons = "".join(
        f"dn: umSsin={number},ou=register,{SUFFIX}\nobjectClass: umPerson\numSsin: {number}\nsn: X\n"
        f"um{relation}Of: {ENTERPRISE}\n\n"
        for number, relation in enumerate(relations)
    )
    assert filled.slapadd(persons.encode()).said == ""
    assert len(filled.found(f"(umRelatedTo={ENTERPRISE})")) == len(relations)
    assert filled.found(f"(umFounderOf={ENTERPRISE})") == {"umSsin=4"}


def test_quarters_are_compared_in_time_order(filled: Offline) -> None:
    mandate = (
        f"dn: cn=m1,ou=mandates,{SUFFIX}\nobjectClass: umMandate\ncn: m1\numPrincipal: {ENTERPRISE}\n"
        f"umMandatary: {ENTERPRISE}\numDeclarationGroup: wech\numDeclarationGroup: zima\n"
        "umFirstQuarter: 2026Q2\n"
    )
    assert filled.slapadd(mandate.encode()).said == ""
    assert filled.found("(umFirstQuarter<=2026Q2)") == {"cn=m1"}
    assert filled.found("(umFirstQuarter<=2027Q1)") == {"cn=m1"}
    assert not filled.found("(umFirstQuarter<=2026Q1)")


def test_the_large_sample_is_what_the_generator_makes(tmp_path: Path) -> None:
    sample = SAMPLES / "50-large.ldif"
    command = sample.read_text().partition("\n")[0]
    assert command.startswith("# um generate ")
    app = typer.Typer()
    app.command()(generate)
    made = tmp_path / "made.ldif"
    options = [*shlex.split(command)[3:], "--suffix", SUFFIX, "--output", str(made)]
    assert CliRunner().invoke(app, options).exit_code == 0
    assert made.read_bytes() == sample.read_bytes()
    assert len(blocks(sample)) > 4000
